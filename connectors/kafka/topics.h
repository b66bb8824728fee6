// The topics of a company: which there are, with which settings, and whether a cluster has them so.
//
// One catalogue makes the topics, checks them and describes them to others.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka/client.h"
#include "connectors/kafka/kafka_address.h"

namespace assay {

// How long the cluster may take to answer about its topics.
inline constexpr int kAdminTimeoutMs = 10'000;

struct TopicSpec {
  // Behind the prefix: "decisions".
  std::string name;
  int32_t partitions = 1;
  // What a topic must have; a number stands for "at least" where TopicDifferences says so.
  std::map<std::string, std::string> settings;
  // For its readers: what a record is, its key, the message of its value, the field of that message
  // that is set, and the type in the header of a CloudEvent.
  std::string purpose;
  std::string key;
  std::string message;
  std::string field;
  std::string event_type;
};

// The journals' topics. While a log is copied onto them they keep the times that the copies state.
[[nodiscard]] std::vector<TopicSpec> JournalTopics(int32_t facts_partitions, bool copying);
// The topics that others read, which may be made anew from the journals.
[[nodiscard]] std::vector<TopicSpec> PublishedTopics();

struct ClusterView {
  std::string cluster_id;
  int brokers = 0;
  // Partitions by topic; topics that are not there are missing.
  std::map<std::string, int32_t> partitions;
};

// UNAVAILABLE when nobody answers, with who was asked; FAILED_PRECONDITION when we are refused.
[[nodiscard]] absl::StatusOr<ClusterView> LookAtCluster(KafkaClient& client,
                                                        const KafkaAddress& address,
                                                        int timeout_ms);

// Makes the topics that are missing, on three replicas where the cluster has so many. One that is
// made by somebody else meanwhile is fine. Gives the cluster with all of them.
[[nodiscard]] absl::StatusOr<ClusterView> MakeTopics(KafkaClient& client,
                                                     const KafkaAddress& address,
                                                     const std::vector<TopicSpec>& specs,
                                                     const ClusterView& cluster);

// Something that a cluster has otherwise than the catalogue says.
struct TopicDifference {
  // "partitions", or the setting; empty when the topic is not there.
  std::string setting;
  // "assay.facts: message.timestamp.type is CreateTime, expected LogAppendTime"
  std::string text;

  // Whether a log loses records, or their times, where it is so.
  [[nodiscard]] bool HarmsLog() const;
};

// All of them; nothing is changed.
[[nodiscard]] absl::StatusOr<std::vector<TopicDifference>> TopicDifferences(
    KafkaClient& client, const KafkaAddress& address, const std::vector<TopicSpec>& specs,
    const ClusterView& cluster);
// Their texts, in one line.
[[nodiscard]] std::string TextOf(const std::vector<TopicDifference>& differences);

// Sets one setting of a topic and keeps all its others.
[[nodiscard]] absl::Status SetTopicSetting(KafkaClient& client, const std::string& topic,
                                           const std::string& name, const std::string& value);

}  // namespace assay
