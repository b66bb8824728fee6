// The topics: what the catalogue makes, checks and describes.

#include <fmt/core.h>

#include "connectors/kafka/topics.h"
#include "tools/assay/asyncapi.h"
#include "tools/assay/output.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

AsyncApiOptions OptionsOf(const Session& session) {
  constexpr std::string_view kTopics = "topics.";
  AsyncApiOptions options{.address = {.brokers = "localhost:9092"}};
  for (const Setting& setting : session.settings) {
    if (setting.key == "journal" && KafkaAddress::IsOne(setting.value)) {
      if (auto address = KafkaAddress::Parse(setting.value); address.ok()) {
        options.address = *std::move(address);
      }
    } else if (setting.key.starts_with(kTopics)) {
      options.formats[setting.key.substr(kTopics.size())] = setting.value;
    }
  }
  return options;
}

}  // namespace

int RunTopicList(const Session& session) {
  const AsyncApiOptions options = OptionsOf(session);
  std::vector<Json> rows;
  for (const TopicSpec& spec : PublishedTopics()) {
    const auto format = options.formats.find(spec.name);
    Json row = Json::Object();
    row.Put("topic", options.address.Topic(spec.name))
        .Put("partitions", spec.partitions)
        .Put("cleanup", spec.settings.at("cleanup.policy"))
        .Put("format", format == options.formats.end() ? "protobuf" : format->second)
        .Put("key", Json::TextOrNull(spec.key))
        .Put("eventType", Json::TextOrNull(spec.event_type))
        .Put("purpose", spec.purpose);
    rows.push_back(std::move(row));
  }
  PrintRows(session.format,
            {{"topic", session.Say("TOPIC", "主题")},
             {"partitions", session.Say("PARTITIONS", "分区"), true},
             {"cleanup", session.Say("CLEANUP", "清理")},
             {"format", session.Say("FORMAT", "格式")},
             {"key", session.Say("KEY", "键")},
             {"eventType", session.Say("EVENT TYPE", "事件类型")}},
            rows);
  return kExitOk;
}

int RunTopicAsyncApi(const Session& session, const std::string& version) {
  AsyncApiOptions options = OptionsOf(session);
  options.version = version;
  PrintReady(Out(), AsyncApiDocument(options).Pretty() + "\n");
  return kExitOk;
}

}  // namespace assay
