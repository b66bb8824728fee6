// The settings of a home, `assay.yaml`, and where the value of each setting comes from.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka/kafka_address.h"
#include "engine/base/status.h"

namespace assay {

inline constexpr std::string_view kEmbeddedJournal = "embedded:";
inline constexpr std::string_view kExpectedJournal =
    "embedded: or kafka://host:port[,host:port...][?prefix=assay]";
// "embedded:" or an address of Kafka.
[[nodiscard]] bool IsJournal(const std::string& url);

// Where topics of sources are read.
struct SourceCluster {
  // "host:port,host:port"
  std::string brokers;
  // As HomeSettings::kafka.
  KafkaSecurity kafka;
};

// What `assay.yaml` says; what it leaves out is empty.
struct HomeSettings {
  // "embedded:" or kafka://host:port[,host:port...][?prefix=assay]
  std::string journal;
  // The folder of the keys when it is not the home's own: nodes of one company share one.
  std::string keys;
  // How to reach the cluster: librdkafka's names, passwords already read from their files.
  KafkaSecurity kafka;
  // By source; "default" for those that are not named. Empty = the cluster of the journal.
  std::map<std::string, SourceCluster> sources;
  // "en" or "zh-CN": the language of who gives none on the command line.
  std::string lang;
  // "kafka" or "none": where the service publishes scores and what else follows from the log. Empty
  // = where the journal is.
  std::string publish;
  // "protobuf" or "json" by published topic ("scores"); those that are missing are protobuf.
  std::map<std::string, std::string> topics;
  // "debug", "info", "warn" or "error": what the service logs.
  std::string log_level;
  // Where the service appends the heads of the log, outside of the home; empty = nowhere.
  std::string heads_file;
  // "decisions": the service decides again what it folds, and reports what does not follow. Empty =
  // "none".
  std::string check;
};

// Reads `assay.yaml` of a home; a home that is not there has no settings. A setting of `kafka` may
// also come from the environment (ASSAY_KAFKA_SECURITY_PROTOCOL for security.protocol), which wins;
// one of `sources: default:` as ASSAY_SOURCES_KAFKA_SECURITY_PROTOCOL, its brokers as
// ASSAY_SOURCES_BROKERS; one of `topics` as ASSAY_TOPICS_SCORES.
//
// INVALID_ARGUMENT with file, line, key, value and expectation for an unknown key or a value that
// the key does not take. As ReadFile when the file is there and cannot be read.
[[nodiscard]] absl::StatusOr<HomeSettings> ReadSettings(const std::string& home);

// How to reach the cluster that an address names, by the environment alone: for an address that
// belongs to no home.
[[nodiscard]] absl::StatusOr<KafkaSecurity> SecurityOfEnvironment();

// Where the topic of a source is read; nothing when no setting says so.
[[nodiscard]] std::optional<SourceCluster> SourceClusterOf(const HomeSettings& settings,
                                                           const std::string& source);

// A setting as it holds for this call.
struct Setting {
  std::string key;
  std::string value;
  // "default", "assay.yaml", "environment ASSAY_HOME" or "option --home".
  std::string origin;
};

}  // namespace assay
