"""Asks a broker what it knows, in milliseconds where Kafka's own tools need a JVM of their own.

    ask.py node HOST:PORT ID    says what node ID answers; exit code 1 if it does not answer, or
                                does not count itself among the brokers that are there
    ask.py topics HOST:PORT...  a table of the topics, from the first broker that answers

Speaks two requests of Kafka's protocol in versions that 3.9 and 4.1 know: Metadata 4 and
DescribeConfigs 1.
"""

import socket
import struct
import sys

TIMEOUT_S = 5
METADATA = (3, 4)
DESCRIBE_CONFIGS = (32, 1)
TOPIC = 2
SET_ON_THE_TOPIC = 1


class Answer:
    """Reads the fields of an answer one after another."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self, form):
        (value,) = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(form)
        return value

    def text(self):
        size = self.number("h")
        if size < 0:
            return None
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def many(self, read):
        return [read() for _ in range(self.number("i"))]


def text(value):
    return struct.pack(">h", len(value.encode())) + value.encode()


def receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise OSError("the connection was closed before the answer was complete")
        data += part
    return data


def ask(address, request, body):
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
        connection.settimeout(TIMEOUT_S)
        message = struct.pack(">hhi", *request, 1) + text("assay-ask") + body
        connection.sendall(struct.pack(">i", len(message)) + message)
        (size,) = struct.unpack(">i", receive(connection, 4))
        answer = Answer(receive(connection, size))
    answer.number("i")  # the number of the request, given back
    answer.number("i")  # for how long the broker throttles
    return answer


def metadata(address):
    """The brokers that are there by id, the controller's id, the topics by name."""
    answer = ask(address, METADATA, struct.pack(">i?", -1, False))

    def broker():
        node, host, port, _ = answer.number("i"), answer.text(), answer.number("i"), answer.text()
        return node, f"{host}:{port}"

    def partition():
        answer.number("h"), answer.number("i"), answer.number("i")
        return len(answer.many(lambda: answer.number("i"))), answer.many(lambda: answer.number("i"))

    def topic():
        answer.number("h")
        name = answer.text()
        answer.number("?")
        return name, answer.many(partition)

    brokers = dict(answer.many(broker))
    answer.text()  # the id of the cluster
    controller = answer.number("i")
    return brokers, controller, dict(answer.many(topic))


def own_settings(address, names):
    """By topic the settings that somebody gave it: "name=value", in order."""
    body = struct.pack(">i", len(names))
    for name in names:
        body += struct.pack(">b", TOPIC) + text(name) + struct.pack(">i", -1)
    answer = ask(address, DESCRIBE_CONFIGS, body + b"\0")

    def synonym():
        answer.text(), answer.text(), answer.number("b")

    def setting():
        name, value = answer.text(), answer.text()
        answer.number("?")
        source = answer.number("b")
        answer.number("?")
        answer.many(synonym)
        return f"{name}={value}" if source == SET_ON_THE_TOPIC else None

    def topic():
        answer.number("h"), answer.text(), answer.number("b")
        return answer.text(), sorted(filter(None, answer.many(setting)))

    return dict(answer.many(topic))


def print_node(address, node):
    brokers, _, _ = metadata(address)
    if brokers.get(node) != address:
        raise OSError("it answers, but does not serve yet")
    print(f"answers, brokers there: {len(brokers)}")


def print_topics(addresses):
    for address in addresses:
        try:
            brokers, _, topics = metadata(address)
            settings = own_settings(address, sorted(topics)) if topics else {}
            break
        except OSError as error:
            problem = error
    else:
        raise problem
    rows = [("topic", "partitions", "replicas", "in sync", "settings of its own")]
    for name, partitions in sorted(topics.items()):
        replicas = min((count for count, _ in partitions), default=0)
        in_sync = min((len(ids) for _, ids in partitions), default=0)
        rows.append((name, str(len(partitions)), str(replicas), str(in_sync),
                     " ".join(settings.get(name, [])) or "-"))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]))


def main(arguments):
    try:
        if len(arguments) == 3 and arguments[0] == "node":
            print_node(arguments[1], int(arguments[2]))
        elif len(arguments) > 1 and arguments[0] == "topics":
            print_topics(arguments[1:])
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except (OSError, struct.error, UnicodeDecodeError) as error:
        print(f"does not answer: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
