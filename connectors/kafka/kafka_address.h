// Where a company's journal is on Kafka, as --journal and assay.yaml say it.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

// kafka://host:port[,host:port...][?prefix=assay]
struct KafkaAddress {
  // "host:port,host:port"
  std::string brokers;
  // Topics are "<prefix>.decisions", "<prefix>.facts" and so on.
  std::string prefix = "assay";

  // INVALID_ARGUMENT with what was expected and what was found.
  static absl::StatusOr<KafkaAddress> Parse(std::string_view url);
  [[nodiscard]] static bool IsOne(std::string_view url) { return url.starts_with("kafka:"); }
  [[nodiscard]] std::string ToString() const;
  [[nodiscard]] std::string Topic(std::string_view name) const;
  [[nodiscard]] std::string TopicOf(PartitionId partition) const {
    return Topic(partition.kind == PartitionId::Kind::kDecisions ? "decisions" : "facts");
  }

  bool operator==(const KafkaAddress&) const = default;
};

// How to reach a cluster beyond its address: librdkafka's settings for TLS and SASL, by name.
using KafkaSecurity = std::vector<std::pair<std::string, std::string>>;

}  // namespace assay
