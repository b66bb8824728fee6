// Output records on the published topics, as CloudEvents 1.0 in binary mode.
//
// The value is the whole OutputRecord, so that a record says everything also where headers are
// lost; the headers let a reader route it without knowing the message. A record of the compacted
// topic that says that its row is gone has no value, and its version stands in the headers alone.

#pragma once

#include <assay/v1/output.pb.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/kafka/producer.h"
#include "connectors/kafka/reader.h"
#include "connectors/kafka/topics.h"

namespace assay {

// How the values of a topic are written.
enum class ValueFormat : uint8_t { kProtobuf, kJson };
[[nodiscard]] std::string_view ContentType(ValueFormat format);

// One record as it goes onto a topic.
struct PublishedRecord {
  std::string topic;
  int32_t partition = 0;
  std::string key;
  // None = a tombstone.
  std::optional<std::string> value;
  std::vector<KafkaProducer::Header> headers;
};

// The same record always becomes the same bytes. REQUIRES: `spec` is the one of output.topic().
[[nodiscard]] PublishedRecord PublishedFrom(const v1::OutputRecord& output, const TopicSpec& spec,
                                            ValueFormat format);

// What the record says, in whichever format: all, or topic, key and id where it cannot be read. A
// tombstone is an empty score.
[[nodiscard]] v1::OutputRecord OutputFrom(const KafkaRecord& record, const std::string& topic);

// One thread.
class KafkaPublisher {
 public:
  // Formats by topic; those that are missing are protobuf.
  using Formats = std::map<std::string, ValueFormat>;

  // Makes the topics that are missing. FAILED_PRECONDITION when they are there with other
  // partitions or settings, with a line for each difference; UNAVAILABLE when nobody answers.
  static absl::StatusOr<std::unique_ptr<KafkaPublisher>> Open(const KafkaAddress& address,
                                                              const KafkaSecurity& security,
                                                              Formats formats);

  // Sends the records, those of a key in their order, and waits until all replicas in sync have
  // them. After an error any part of them may be there: send the same ones again.
  absl::Status Send(std::span<const v1::OutputRecord> outputs);

  // As the producer's.
  [[nodiscard]] int64_t Queued() { return producer_.Queued(); }
  [[nodiscard]] int64_t Failures() const { return producer_.Failures(); }

  // The last record of every key of the topic of scores, up to its end of now; tombstones are left
  // out. What cannot be read comes as an empty record; so does, unless any format is as good, what
  // is written in another one than it would be now.
  using Scores = std::map<std::string, v1::ScoreRecord>;
  enum class Format : uint8_t { kOwn, kAny };
  absl::StatusOr<Scores> ReadScores(Format format);

 private:
  KafkaPublisher(KafkaAddress address, KafkaSecurity security, Formats formats);
  absl::Status ReadPartition(KafkaClient& client, int32_t partition, int64_t begin, int64_t end,
                             Format format, Scores& scores);
  [[nodiscard]] ValueFormat FormatOf(const std::string& topic) const;

  const KafkaAddress address_;
  const KafkaSecurity security_;
  const Formats formats_;
  std::map<std::string, TopicSpec> specs_;
  KafkaProducer producer_;
};

}  // namespace assay
