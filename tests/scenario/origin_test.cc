// Where commands came from: the login, the door, a given time. Two people who approve from one
// login are shown as that.

#include <fmt/core.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "connectors/embedded/system_clock.h"
#include "tests/scenario/scene.h"
#include "tests/support/kept_home.h"
#include "tools/assay/socket_user.h"

namespace assay::testing {
namespace {

Scene Adjusted() {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"order-1,1,2026-06-10,E1,80"});
  scene.At("2026-07-02T15:59:59Z")
      .Do(By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}"));
  scene.Do(By("p-ex",
              "requestAdjustment: {adjustment: adj-1, person: p-1, cycle: 2026-06, delta: \"5\", "
              "reasonCode: OUTPUT, remark: x}") +
           By("p-ex2", "approveAdjustment: {adjustment: adj-1}"));
  return scene;
}

// All bytes below a folder.
std::string BytesBelow(const std::string& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  return bytes;
}

}  // namespace

TEST_CASE("a request and its approval from one login are shown as that", "[scenario][origin]") {
  Scene scene = Adjusted();
  const std::string user = UserName(geteuid());
  REQUIRE_FALSE(user.empty());
  const simdjson::dom::array history = scene.Json({"adjustment", "show", "adj-1"})["history"];
  REQUIRE(history.size() == 3);
  for (const simdjson::dom::element line : history) {
    CHECK(TextIn(line, "door") == "HOME");
    CHECK(TextIn(line, "user") == user);
    const bool is_request = TextIn(line, "actor") == "p-ex";
    CHECK(TextIn(line, "oneLoginWith") == (is_request ? "[\"p-ex2\"]" : "[\"p-ex\"]"));
  }
  const std::string table = scene.Tell({"adjustment", "show", "adj-1"});
  INFO(table);
  CHECK(table.find("ONE LOGIN WITH") != std::string::npos);
  CHECK(table.ends_with(fmt::format("one login, {}, acted as p-ex, p-ex2\n", user)));
  CHECK(scene.Tell({"--lang", "zh-CN", "adjustment", "show", "adj-1"})
            .ends_with(fmt::format("同一登录 {} 以多人身份操作：p-ex, p-ex2\n", user)));
}

TEST_CASE("both sides of an agreement from one login are shown as that", "[scenario][origin]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Do(By("p-mgr", "proposeTerms: {agreement: a-1, items: " +
                           Items({{.item = "output", .target = "100", .unit = "pcs"}}) + "}") +
           By("p-1", "acceptItems: {agreement: a-1}") +
           By("p-mgr", "signAgreement: {agreement: a-1}") +
           By("p-1", "signAgreement: {agreement: a-1}"));
  const auto agreement = scene.Json({"agreement", "show", "a-1"});
  const simdjson::dom::array signatures = agreement["signatures"];
  REQUIRE(signatures.size() == 2);
  for (const simdjson::dom::element line : signatures) {
    CHECK(TextIn(line, "user") == UserName(geteuid()));
    CHECK(TextIn(line, "oneLoginWith") ==
          (TextIn(line, "by") == "p-1" ? "[\"p-mgr\"]" : "[\"p-1\"]"));
  }
  CHECK(simdjson::dom::array(agreement["versions"]).at(0)["door"].get_string().value() == "HOME");
  CHECK(scene.Tell({"agreement", "show", "a-1"})
            .ends_with(fmt::format("one login, {}, acted as p-1, p-mgr\n", UserName(geteuid()))));
}

TEST_CASE("a commit names the user by a pseudonym, and the time that it was given",
          "[scenario][origin]") {
  Scene scene = Adjusted();
  const std::string log = scene.Tell({"log", "show", "decisions"});
  CHECK(log.find("\"door\":\"HOME\"") != std::string::npos);
  CHECK(log.find("\"givenNow\":\"2026-07-02T15:59:59.000Z\",\"forced\":false") !=
        std::string::npos);
  // Its own steps come from nobody.
  CHECK(log.find("\"actor\":\"client:engine\",\"via\":\"ENGINE\",\"origin\":{\"door\":null,"
                 "\"user\":null,\"givenNow\":") != std::string::npos);
  scene.Do(By("p-hr", "addPerson: {person: p-z}"));
  const std::string needle = "\"user\":\"";
  const size_t at = log.find(needle);
  REQUIRE(at != std::string::npos);
  const std::string user = log.substr(at + needle.size(), 32);
  CHECK(user.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(user != UserName(geteuid()));
  CHECK(BytesBelow(scene.Files().Path("home/journal")).find(user) != std::string::npos);
  CHECK(scene.Try({"verify", "--decisions"}).code == 0);
}

TEST_CASE("a time that was insisted on is on the commit", "[scenario][origin]") {
  Scene scene("2026-07-01T08:00:00Z");
  const std::string ahead =
      Instant{SystemClock().Now().ms + int64_t{400} * 24 * 3'600'000}.ToString();
  scene.Files().Write("late.yaml", By("p-hr", "addPerson: {person: p-late}"));
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "home", "--now", ahead});
    return scene.Files().Run(words);
  };
  CHECK(run({"run", "late.yaml"}).code == 2);
  const Ended forced = run({"--force", "run", "late.yaml"});
  INFO(forced.err);
  REQUIRE(forced.code == 0);
  const std::string log = scene.Files().Out(
      {"--home", "home", "log", "show", "decisions", "--stream", "person/p-late"});
  INFO(log);
  CHECK(log.find(fmt::format("\"givenNow\":\"{}\",\"forced\":true", ahead)) != std::string::npos);
}

TEST_CASE("of a home that did not record origins nothing is said", "[scenario][origin]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", program.Path("home"));
  const std::string table = program.Out({"--home", "home", "adjustment", "show", "adj-1"});
  INFO(table);
  CHECK(table.find("p-ex2") != std::string::npos);
  CHECK(table.find("DOOR") == std::string::npos);
  CHECK(table.find("one login") == std::string::npos);
  const std::string json =
      program.Out({"--home", "home", "-o", "json", "adjustment", "show", "adj-1"});
  CHECK(json.find("\"door\": null") != std::string::npos);
  CHECK(program.Out({"--home", "home", "agreement", "show", "a-1"}).find("DOOR") ==
        std::string::npos);
  CHECK(program.Out({"--home", "home", "log", "show", "--to", "20"}).find("\"origin\":null") !=
        std::string::npos);
}

}  // namespace assay::testing
