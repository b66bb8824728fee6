#include "tools/assay/asyncapi.h"

#include <simdjson.h>

#include <catch2/catch.hpp>
#include <string>

#include "connectors/kafka/topics.h"

namespace assay::testing {
namespace {

simdjson::dom::element Parsed(simdjson::dom::parser& parser, const AsyncApiOptions& options) {
  return parser.parse(AsyncApiDocument(options).Pretty()).value();
}

TEST_CASE("the document has every topic of the catalogue, as it is made", "[asyncapi][unit]") {
  simdjson::dom::parser parser;
  const auto document = Parsed(parser, {.address = {.brokers = "b:9092", .prefix = "acme"},
                                        .version = "1",
                                        .formats = {{"scores", "json"}}});
  CHECK(document["asyncapi"].get_c_str().value() == std::string("3.0.0"));
  std::vector<TopicSpec> specs = PublishedTopics();
  for (TopicSpec& spec : JournalTopics(0, false)) specs.push_back(std::move(spec));
  CHECK(document["channels"].get_object().value().size() == specs.size());
  for (const TopicSpec& spec : specs) {
    INFO(spec.name);
    const auto channel = document["channels"][spec.name].value();
    CHECK(std::string(channel["address"]) == "acme." + spec.name);
    const auto kafka = channel["bindings"]["kafka"].value();
    CHECK(std::string(kafka["topicConfiguration"]["cleanup.policy"].at(0)) ==
          spec.settings.at("cleanup.policy"));
    if (spec.name != "facts") CHECK(int64_t(kafka["partitions"]) == spec.partitions);
    for (const auto& message : channel["messages"].get_object()) {
      const auto body = document.at_pointer("/components/messages/" + std::string(message.key));
      CHECK(std::string(body["payload"]["x-protobuf-message"]) == spec.message);
    }
  }
  const auto messages = document["components"]["messages"].value();
  CHECK(std::string(messages["scores"]["contentType"]) == "application/json");
  CHECK(std::string(messages["adjustments"]["contentType"]) == "application/protobuf");
  CHECK(std::string(messages["scores"]["headers"]["properties"]["ce_type"]["const"]) ==
        "assay.score.v1");
}

}  // namespace
}  // namespace assay::testing
