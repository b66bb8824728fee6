#include "engine/event/walk.h"

#include <assay/v1/log.pb.h>

#include <catch2/catch.hpp>

#include "tests/support/domain_spec.h"

namespace assay {

TEST_CASE("a walk meets every message that is set, with its path, until it is told to end",
          "[event][unit]") {
  const auto commit = testing::FromText<v1::Commit>(R"(
      command { reason { clear: "r" } propose_terms { note { clear: "n" } items { item: "a" }
                items { item: "b" } } })");
  std::vector<std::string> paths;
  CHECK_FALSE(AnyMessage(commit, "", [&](const auto&, const std::string& path) {
    paths.push_back(path);
    return false;
  }));
  CHECK(paths == std::vector<std::string>{"", "command", "command.reason", "command.proposeTerms",
                                          "command.proposeTerms.items[0]",
                                          "command.proposeTerms.items[1]",
                                          "command.proposeTerms.note"});
  int met = 0;
  CHECK(AnyMessage(commit, "", [&](const google::protobuf::Message& message, const std::string&) {
    ++met;
    return message.GetDescriptor() == v1::Sealed::descriptor();
  }));
  CHECK(met == 3);
}

}  // namespace assay
