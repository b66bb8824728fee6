"""Rebuilds the score table from the topic of scores alone; see tests/kafka/scores."""

import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from google.protobuf import json_format

from assay.v1 import output_pb2


def headers_of(message):
    return {name: value.decode() for name, value in message.headers() or []}


def version_of(headers):
    return int(headers["ce_epoch"]), int(headers["ce_sum"])


def messages(brokers, topic):
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": "nobody", "enable.partition.eof": True}
    )
    partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    ended = 0
    while ended < len(partitions):
        message = consumer.poll(20)
        if message is None:
            sys.exit(f"{topic} could not be read to its end")
        if message.error() is None:
            yield message
        elif message.error().code() == KafkaError._PARTITION_EOF:
            ended += 1
        else:
            sys.exit(str(message.error()))
    consumer.close()


def read_value(headers, value):
    record = output_pb2.OutputRecord()
    if headers["content-type"] == "application/json":
        return json_format.Parse(value, record)
    record.ParseFromString(value)
    return record


def main(brokers, prefix):
    newest = {}
    for message in messages(brokers, f"{prefix}.scores"):
        headers = headers_of(message)
        assert headers["ce_specversion"] == "1.0", headers
        assert headers["ce_type"] == "assay.score.v1", headers
        version = version_of(headers)
        held = newest.get(message.key())
        if held is not None and held[0] > version:
            continue
        score = None
        if message.value() is not None:
            record = read_value(headers, message.value())
            assert record.id == headers["ce_id"]
            assert (record.version.epoch, record.version.sum) == version
            assert record.key == message.key()
            score = record.score
        newest[message.key()] = version, score
    for _, score in sorted(newest.values(), key=lambda row: row[1].person if row[1] else ""):
        if score is None:
            continue
        row = [score.cycle, score.person, score.status, score.computed, score.adjustments]
        print("\t".join(row + [score.total, score.band]))


if __name__ == "__main__":
    main(*sys.argv[1:])
