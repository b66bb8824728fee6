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
                                                          KafkaPublisher::Formats formats,
                                                          const std::vector<std::string>& topics,
                                                          int64_t records_back);

  // What is here, without waiting; nothing while nobody answers. A tombstone is a record with an
  // empty score; of a value that cannot be read only topic, key and id are told.
  absl::StatusOr<std::vector<v1::OutputRecord>> Take();

 private:
  struct Lane {
    std::string topic;
    std::unique_ptr<PartitionReader> reader;
  };
  OutputTail(std::unique_ptr<KafkaClient> client, KafkaPublisher::Formats formats)
      : client_(std::move(client)), formats_(std::move(formats)) {}

  std::unique_ptr<KafkaClient> client_;
  const KafkaPublisher::Formats formats_;
  // Readers go before the client that they read from.
  std::vector<Lane> lanes_;
};

}  // namespace assay
