#include "connectors/kafka/topics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <thread>

namespace assay {
namespace {

// How long it takes at most to hear that one is turned away.
constexpr int kDoorTimeoutMs = 2'000;
constexpr int kReplicas = 3;
constexpr std::string_view kUnlimited = "-1";

using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using OptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;
using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using ResourceHandle =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;
using MetadataHandle =
    std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;

// Sends an admin request and waits for its answer. `send` is given the options and the queue.
template <typename Request>
absl::StatusOr<EventHandle> Ask(KafkaClient& client, rd_kafka_admin_op_t kind,
                                std::string_view context, const Request& send) {
  const QueueHandle queue(rd_kafka_queue_new(client.Handle()));
  const OptionsHandle options(rd_kafka_AdminOptions_new(client.Handle(), kind));
  std::array<char, 512> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kAdminTimeoutMs, text.data(),
                                            text.size());
  send(options.get(), queue.get());
  EventHandle event(rd_kafka_queue_poll(queue.get(), kAdminTimeoutMs + 1'000));
  if (event == nullptr) return client.Explain(RD_KAFKA_RESP_ERR__TIMED_OUT, context);
  if (const auto error = rd_kafka_event_error(event.get()); error != 0) {
    return client.Explain(error, context);
  }
  return event;
}

// The value of every setting of a topic; with `own_only` those that were given to it.
absl::StatusOr<std::map<std::string, std::string>> SettingsOf(KafkaClient& client,
                                                              const std::string& topic,
                                                              bool own_only) {
  const ResourceHandle resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  ASSAY_ASSIGN_OR_RETURN(const EventHandle event,
                         Ask(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                             fmt::format("settings of {}", topic), [&](auto* options, auto* queue) {
                               rd_kafka_DescribeConfigs(client.Handle(), resources, 1, options,
                                                        queue);
                             }));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** found = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  std::map<std::string, std::string> settings;
  for (size_t i = 0; i < count; ++i) {
    if (const auto error = rd_kafka_ConfigResource_error(found[i]); error != 0) {
      const bool needs_right = error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
      return client.Explain(
          error, fmt::format("{}settings of {}",
                             needs_right ? "the right DescribeConfigs shows the " : "", topic));
    }
    size_t entries = 0;
    const rd_kafka_ConfigEntry_t** entry = rd_kafka_ConfigResource_configs(found[i], &entries);
    for (size_t j = 0; j < entries; ++j) {
      const char* value = rd_kafka_ConfigEntry_value(entry[j]);
      const bool is_own =
          rd_kafka_ConfigEntry_source(entry[j]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
      if (value != nullptr && (is_own || !own_only)) {
        settings[rd_kafka_ConfigEntry_name(entry[j])] = value;
      }
    }
  }
  return settings;
}

std::optional<int64_t> NumberOf(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Settings of which more is as good.
bool IsAtLeast(std::string_view name) {
  return name == "max.message.bytes" || name == "min.insync.replicas";
}

bool Fits(const std::string& name, const std::string& expected, const std::string& found) {
  if (found == expected) return true;
  if (!IsAtLeast(name)) return false;
  const auto wanted = NumberOf(expected);
  const auto has = NumberOf(found);
  return wanted.has_value() && has.has_value() && *has >= *wanted;
}

int ReplicasOf(const ClusterView& cluster) { return std::min(kReplicas, cluster.brokers); }

// The catalogue's settings as this cluster can have them: one broker keeps one replica.
std::map<std::string, std::string> SettingsFor(const TopicSpec& spec, const ClusterView& cluster) {
  std::map<std::string, std::string> settings = spec.settings;
  settings["min.insync.replicas"] = ReplicasOf(cluster) >= kReplicas ? "2" : "1";
  return settings;
}

absl::Status MakeTopic(KafkaClient& client, const std::string& name, const TopicSpec& spec,
                       const ClusterView& cluster) {
  std::array<char, 512> text{};
  const NewTopicHandle topic(rd_kafka_NewTopic_new(name.c_str(), spec.partitions,
                                                   ReplicasOf(cluster), text.data(), text.size()));
  if (topic == nullptr) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "topic {}: {}", name, text.data());
  }
  for (const auto& [setting, value] : SettingsFor(spec, cluster)) {
    rd_kafka_NewTopic_set_config(topic.get(), setting.c_str(), value.c_str());
  }
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  ASSAY_ASSIGN_OR_RETURN(
      const EventHandle event,
      Ask(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, fmt::format("make the topic {}", name),
          [&](auto* options, auto* queue) {
            rd_kafka_CreateTopics(client.Handle(), topics, 1, options, queue);
          }));
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    const char* why = rd_kafka_topic_result_error_string(results[i]);
    return StatusOf(error, fmt::format("make the topic {}{}{}", name, why != nullptr ? ": " : "",
                                       why != nullptr ? why : ""));
  }
  return absl::OkStatus();
}

// A topic that was just made is not known to every node yet.
absl::StatusOr<std::map<std::string, std::string>> SettingsOnceKnown(KafkaClient& client,
                                                                     const std::string& topic) {
  using Steady = std::chrono::steady_clock;
  const auto deadline = Steady::now() + std::chrono::milliseconds(kAdminTimeoutMs);
  for (;;) {
    auto settings = SettingsOf(client, topic, false);
    if (!absl::IsUnavailable(settings.status()) || Steady::now() > deadline) return settings;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

absl::StatusOr<ClusterView> WaitForTopics(KafkaClient& client, const KafkaAddress& address,
                                          const std::vector<TopicSpec>& specs) {
  using Steady = std::chrono::steady_clock;
  const auto deadline = Steady::now() + std::chrono::milliseconds(kAdminTimeoutMs);
  for (;;) {
    ASSAY_ASSIGN_OR_RETURN(ClusterView view, LookAtCluster(client, address, kAdminTimeoutMs));
    const bool are_there = std::all_of(specs.begin(), specs.end(), [&](const TopicSpec& spec) {
      return view.partitions.contains(address.Topic(spec.name));
    });
    if (are_there) return view;
    if (Steady::now() > deadline) {
      return MakeStatus(absl::StatusCode::kUnavailable,
                        "the topics of {} were made and do not appear", address.ToString());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

std::vector<TopicSpec> JournalTopics(int32_t facts_partitions, bool copying) {
  std::map<std::string, std::string> settings = {
      {"cleanup.policy", "delete"},
      {"retention.ms", std::string(kUnlimited)},
      {"retention.bytes", std::string(kUnlimited)},
      {"message.timestamp.type", copying ? "CreateTime" : "LogAppendTime"},
      {"unclean.leader.election.enable", "false"},
      {"compression.type", "producer"},
      {"max.message.bytes", "2200000"}};
  return {{.name = "decisions",
           .partitions = 1,
           .settings = settings,
           .purpose = "What people decide, in one order: the journal of decisions.",
           .message = "assay.v1.Record"},
          {.name = "facts",
           .partitions = facts_partitions,
           .settings = settings,
           .purpose = "What machines and systems report: the journal of facts.",
           .key = "identity of the source record, binary",
           .message = "assay.v1.Record"}};
}

std::vector<TopicSpec> PublishedTopics() {
  constexpr int32_t kPartitions = 3;
  const auto with = [&](std::string policy, std::string retention) {
    return std::map<std::string, std::string>{{"cleanup.policy", std::move(policy)},
                                              {"retention.ms", std::move(retention)},
                                              {"message.timestamp.type", "LogAppendTime"},
                                              {"max.message.bytes", "2200000"}};
  };
  const auto spec = [&](std::string name, std::string policy, std::string purpose, std::string key,
                        std::string field, std::string event_type) {
    return TopicSpec{.name = std::move(name),
                     .partitions = kPartitions,
                     .settings = with(std::move(policy), std::string(kUnlimited)),
                     .purpose = std::move(purpose),
                     .key = std::move(key),
                     .message = field.empty() ? "" : "assay.v1.OutputRecord",
                     .field = std::move(field),
                     .event_type = std::move(event_type)};
  };
  return {
      spec("scores", "compact", "The current row of a score; without a value when it is gone.",
           "company/cycle/person", "score", "assay.score.v1"),
      spec("score-changes", "delete", "A score before and after, and what changed it.",
           "company/cycle/person", "scoreChange", "assay.score-change.v1"),
      spec("adjustments", "delete", "What became of an adjustment.", "company/cycle/adjustment",
           "adjustment", "assay.adjustment.v1"),
      spec("alerts", "delete", "Something that a person should look at.", "company/code/subject",
           "alert", "assay.alert.v1"),
      spec("rejections", "delete", "A source record that was refused, with its sealed original.",
           "company/source/partition/offset/input", "rejection", "assay.rejection.v1")};
}

absl::StatusOr<ClusterView> LookAtCluster(KafkaClient& client, const KafkaAddress& address,
                                          int timeout_ms) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto ask = [&](int ms) { return rd_kafka_metadata(client.Handle(), 1, nullptr, &raw, ms); };
  // Who is turned away at the only door need not wait on.
  const bool is_only_door = address.brokers.find(',') == std::string::npos;
  int waited_ms = is_only_door ? std::min(timeout_ms, kDoorTimeoutMs) : timeout_ms;
  auto error = ask(waited_ms);
  const bool may_answer = error != RD_KAFKA_RESP_ERR_NO_ERROR && waited_ms < timeout_ms;
  if (may_answer && !client.IsTurnedAway()) {
    error = ask(timeout_ms - waited_ms);
    waited_ms = timeout_ms;
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return client.Explain(error, fmt::format("no answer from Kafka at {} within {} s",
                                             address.brokers, waited_ms / 1000.0));
  }
  const MetadataHandle metadata(raw);
  ClusterView view;
  view.brokers = metadata->broker_cnt;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR) view.partitions[topic.topic] = topic.partition_cnt;
  }
  char* cluster_id = rd_kafka_clusterid(client.Handle(), timeout_ms);
  if (cluster_id != nullptr) {
    view.cluster_id = cluster_id;
    rd_kafka_mem_free(client.Handle(), cluster_id);
  }
  return view;
}

absl::StatusOr<ClusterView> MakeTopics(KafkaClient& client, const KafkaAddress& address,
                                       const std::vector<TopicSpec>& specs,
                                       const ClusterView& cluster) {
  bool has_made = false;
  for (const TopicSpec& spec : specs) {
    if (cluster.partitions.contains(address.Topic(spec.name))) continue;
    ASSAY_RETURN_IF_ERROR(MakeTopic(client, address.Topic(spec.name), spec, cluster));
    has_made = true;
  }
  if (!has_made) return cluster;
  return WaitForTopics(client, address, specs);
}

bool TopicDifference::HarmsLog() const {
  constexpr std::array<std::string_view, 6> kHarmful = {"",
                                                        "partitions",
                                                        "cleanup.policy",
                                                        "retention.ms",
                                                        "retention.bytes",
                                                        "message.timestamp.type"};
  return std::ranges::find(kHarmful, setting) != kHarmful.end();
}

std::string TextOf(const std::vector<TopicDifference>& differences) {
  std::string text;
  for (const TopicDifference& one : differences) text += (text.empty() ? "" : "; ") + one.text;
  return text;
}

absl::StatusOr<std::vector<TopicDifference>> TopicDifferences(KafkaClient& client,
                                                              const KafkaAddress& address,
                                                              const std::vector<TopicSpec>& specs,
                                                              const ClusterView& cluster) {
  std::vector<TopicDifference> differences;
  for (const TopicSpec& spec : specs) {
    const std::string name = address.Topic(spec.name);
    const auto present = cluster.partitions.find(name);
    if (present == cluster.partitions.end()) {
      differences.push_back({"", fmt::format("{}: is not there", name)});
      continue;
    }
    if (present->second != spec.partitions) {
      differences.push_back({"partitions", fmt::format("{}: partitions is {}, expected {}", name,
                                                       present->second, spec.partitions)});
    }
    ASSAY_ASSIGN_OR_RETURN(const auto found, SettingsOnceKnown(client, name));
    for (const auto& [setting, expected] : SettingsFor(spec, cluster)) {
      const auto has = found.find(setting);
      const std::string value = has == found.end() ? "" : has->second;
      if (Fits(setting, expected, value)) continue;
      differences.push_back({setting, fmt::format("{}: {} is {}, expected {}{}", name, setting,
                                                  value.empty() ? "not set" : value, expected,
                                                  IsAtLeast(setting) ? " or more" : "")});
    }
  }
  return differences;
}

absl::Status SetTopicSetting(KafkaClient& client, const std::string& topic, const std::string& name,
                             const std::string& value) {
  // The request replaces all settings of the topic, so those that it has go along.
  ASSAY_ASSIGN_OR_RETURN(auto settings, SettingsOf(client, topic, true));
  settings[name] = value;
  const ResourceHandle resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  for (const auto& [setting, text] : settings) {
    rd_kafka_ConfigResource_set_config(resource.get(), setting.c_str(), text.c_str());
  }
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  const std::string context = fmt::format("set {} of {}", name, topic);
  ASSAY_ASSIGN_OR_RETURN(
      const EventHandle event,
      Ask(client, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, context, [&](auto* options, auto* queue) {
        rd_kafka_AlterConfigs(client.Handle(), resources, 1, options, queue);
      }));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** answered = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    ASSAY_RETURN_IF_ERROR(StatusOf(rd_kafka_ConfigResource_error(answered[i]), context));
  }
  return absl::OkStatus();
}

}  // namespace assay
