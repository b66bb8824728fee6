// What comes onto the published topics, whoever publishes it: how a node that does not publish sees
// whether another one does.

#pragma once

#include <assay/v1/output.pb.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/kafka/publisher.h"
#include "connectors/kafka/reader.h"

namespace assay {

// One thread.
class OutputTail {
 public:
  // From at most so many records before the end of every partition on. UNAVAILABLE when nobody
  // answers.
  static absl::StatusOr<std::unique_ptr<OutputTail>> Open(const KafkaAddress& address,
                                                          const KafkaSecurity& security,
                                                          const std::vector<std::string>& topics,
                                                          int64_t records_back);
  // From the first record on that was appended then or later. As Open.
  static absl::StatusOr<std::unique_ptr<OutputTail>> OpenSince(
      const KafkaAddress& address, const KafkaSecurity& security,
      const std::vector<std::string>& topics, Instant since);

  // What is here, without waiting; nothing while nobody answers. A tombstone is a record with an
  // empty score; of a value that cannot be read only topic, key and id are told.
  absl::StatusOr<std::vector<v1::OutputRecord>> Take();
  // Whether all was taken that was there at opening.
  [[nodiscard]] bool IsCaughtUp() const;

 private:
  struct Lane {
    std::string topic;
    int64_t end = 0;
    std::unique_ptr<PartitionReader> reader;
  };
  explicit OutputTail(std::unique_ptr<KafkaClient> client) : client_(std::move(client)) {}
  struct Partitions {
    // Of the catalogue, and at the address.
    std::vector<std::string> names;
    std::vector<std::pair<std::string, int32_t>> all;
  };
  static Partitions PartitionsOf(const KafkaAddress& address,
                                 const std::vector<std::string>& topics);
  absl::Status Start(const Partitions& partitions, const std::vector<int64_t>& offsets);

  std::unique_ptr<KafkaClient> client_;
  // Readers go before the client that they read from.
  std::vector<Lane> lanes_;
};

}  // namespace assay
