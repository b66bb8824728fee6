#include "tools/assay/asyncapi.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "connectors/kafka/publisher.h"
#include "connectors/kafka/topics.h"

namespace assay {
namespace {

constexpr const char* kBindingVersion = "0.5.0";

Json Reference(const std::string& path) { return Json::Object().Put("$ref", "#/" + path); }

Json TextSchema(const std::string& description) {
  return Json::Object().Put("type", "string").Put("description", description);
}

// The headers of a CloudEvent 1.0 in binary mode, with the two numbers of a version beside them.
Json HeadersSchema(const TopicSpec& spec, ValueFormat format) {
  Json properties = Json::Object();
  const auto constant = [](std::string_view value) {
    return Json::Object().Put("type", "string").Put("const", value);
  };
  properties.Put("ce_specversion", constant("1.0"))
      .Put("ce_type", constant(spec.event_type))
      .Put("ce_id", TextSchema("The same effect has the same id, however often it is sent."))
      .Put("ce_source", TextSchema("/companies/<company>"))
      .Put("ce_subject", TextSchema("The key of the record."))
      .Put("ce_time", TextSchema("When the last record that it follows from was recorded."))
      .Put("ce_epoch", TextSchema("First number of the version: the claim of the publisher."))
      .Put("ce_sum", TextSchema("Second number of the version: the sum of the positions."))
      .Put("content-type", constant(ContentType(format)));
  Json required = Json::Array();
  for (const auto& [name, schema] : properties.Entries()) {
    // A record without a value has none.
    if (name != "content-type") required.Add(name);
  }
  return Json::Object()
      .Put("type", "object")
      .Put("properties", std::move(properties))
      .Put("required", std::move(required));
}

Json MessageOfTopic(const TopicSpec& spec, ValueFormat format) {
  Json message = Json::Object();
  message.Put("name", spec.name)
      .Put("summary", spec.purpose)
      .Put("contentType", ContentType(format));
  if (!spec.event_type.empty()) message.Put("headers", HeadersSchema(spec, format));
  std::string description = fmt::format("The message {} of proto/assay/v1", spec.message);
  if (!spec.field.empty()) description += fmt::format(", with the field {}", spec.field);
  message.Put("payload", Json::Object()
                             .Put("description", description)
                             .Put("x-protobuf-message", spec.message)
                             .Put("x-protobuf-field", spec.field));
  Json kafka = Json::Object();
  if (!spec.key.empty()) kafka.Put("key", TextSchema(spec.key));
  kafka.Put("bindingVersion", kBindingVersion);
  message.Put("bindings", Json::Object().Put("kafka", std::move(kafka)));
  return message;
}

Json TopicConfiguration(const TopicSpec& spec) {
  Json configuration = Json::Object();
  for (const auto& [name, value] : spec.settings) {
    if (name == "cleanup.policy") {
      configuration.Put(name, Json::Array().Add(value));
    } else if (name == "retention.ms" || name == "retention.bytes" || name == "max.message.bytes") {
      configuration.Put(name, Json::Raw(value));
    }
  }
  return configuration;
}

Json ChannelOf(const TopicSpec& spec, const KafkaAddress& address) {
  Json kafka = Json::Object();
  kafka.Put("topic", address.Topic(spec.name));
  // 0 = as many as the company was founded with.
  if (spec.partitions > 0) kafka.Put("partitions", spec.partitions);
  kafka.Put("topicConfiguration", TopicConfiguration(spec)).Put("bindingVersion", kBindingVersion);
  Json messages = Json::Object();
  if (!spec.message.empty()) messages.Put(spec.name, Reference("components/messages/" + spec.name));
  return Json::Object()
      .Put("address", address.Topic(spec.name))
      .Put("description", spec.purpose)
      .Put("messages", std::move(messages))
      .Put("bindings", Json::Object().Put("kafka", std::move(kafka)));
}

}  // namespace

Json AsyncApiDocument(const AsyncApiOptions& options) {
  std::vector<TopicSpec> specs = JournalTopics(0, false);
  for (TopicSpec& spec : PublishedTopics()) specs.push_back(std::move(spec));
  Json channels = Json::Object();
  Json operations = Json::Object();
  Json messages = Json::Object();
  for (const TopicSpec& spec : specs) {
    const auto format = options.formats.find(spec.name);
    const bool is_json = format != options.formats.end() && format->second == "json";
    channels.Put(spec.name, ChannelOf(spec, options.address));
    if (spec.message.empty()) continue;
    messages.Put(spec.name,
                 MessageOfTopic(spec, is_json ? ValueFormat::kJson : ValueFormat::kProtobuf));
    operations.Put(
        "send-" + spec.name,
        Json::Object().Put("action", "send").Put("channel", Reference("channels/" + spec.name)));
  }
  Json servers = Json::Object();
  servers.Put("kafka",
              Json::Object().Put("host", options.address.brokers).Put("protocol", "kafka"));
  return Json::Object()
      .Put("asyncapi", "3.0.0")
      .Put("info", Json::Object()
                       .Put("title", "Assay")
                       .Put("version", options.version)
                       .Put("description",
                            "The topics of a company. A reader that keeps the highest version "
                            "(epoch, sum) of a key sees every effect once."))
      .Put("servers", std::move(servers))
      .Put("channels", std::move(channels))
      .Put("operations", std::move(operations))
      .Put("components", Json::Object().Put("messages", std::move(messages)));
}

}  // namespace assay
