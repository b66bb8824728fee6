// Records that no node of the company wrote, and history that was written anew.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <utility>

#include "engine/event/intake.h"
#include "tests/attack/rogue.h"
#include "tests/support/kept_home.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDay = "2026-07-01T08:00:00Z";
// Of a person with no rights: an unlimited executive.
constexpr const char* kGrant =
    R"(stream: "grant/forged" grant_given { grant { grant: "forged" to { person: "p-1" }
       role: ROLE_EXECUTIVE span { from: "2026-01-01" } } by: "p-admin" })";

struct Attacked {
  Scene scene{kDay};
  Rogue rogue{scene.Files().Path("home")};

  Attacked() {
    scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
    scene.Feed("output", {"order-1,1,2026-06-10,E1,80"});
  }
  std::string Foreign() { return scene.Tell({"-o", "csv", "log", "foreign"}); }
  Ended Call(std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "home"});
    return scene.Files().Run(words);
  }
};

// A later version of order-1, which says 80 pcs, as the source would send it: 7 pcs; and where it
// stands.
std::pair<PartitionId, v1::Record> ForgedFact(const Rogue& rogue) {
  for (int32_t i = 0; i < 2; ++i) {
    for (const std::string& value : rogue.Values(FactsPartition(i))) {
      v1::Record record;
      REQUIRE(record.ParseFromString(value));
      if (!record.has_intake() || record.intake().record_key(0) != "order-1") continue;
      record.clear_auth();
      v1::Intake& intake = *record.mutable_intake();
      intake.set_version("99");
      intake.mutable_src()->set_input_log("forged");
      intake.mutable_facts()->mutable_contributions(0)->set_value("7");
      intake.set_content_hash(ContentHash(intake).ToString());
      return {FactsPartition(i), record};
    }
  }
  FAIL("order-1 is on no partition");
  return {};
}

std::string WithoutTag(const std::string& value) {
  v1::Record record;
  REQUIRE(record.ParseFromString(value));
  record.clear_auth();
  if (record.has_genesis()) record.mutable_genesis()->clear_auth();
  if (record.has_commit()) record.mutable_commit()->set_rules_version(1);
  return record.SerializeAsString();
}

}  // namespace

TEST_CASE("a commit in an admin's name that no node wrote is foreign and counts for nothing",
          "[attack]") {
  Attacked attacked;
  const v1::Record forged = attacked.rogue.Forge({kGrant}, 2, kDay);
  attacked.rogue.Append(kDecisionsPartition, forged.SerializeAsString(), kDay);
  CHECK(attacked.Foreign().find("decisions,") != std::string::npos);
  CHECK(attacked.Call({"-o", "json", "status"}).out.find("\"foreign\": 1") != std::string::npos);
  attacked.scene.Do(By("p-hr", "addPerson: {person: p-9}"));
  const std::string verified = attacked.scene.Tell({"-o", "json", "verify", "--decisions"});
  CHECK(verified.find("\"foreign\": 1") != std::string::npos);
  // Views that are made anew say the same.
  CHECK(attacked.Call({"rebuild"}).code == 0);
  CHECK(attacked.Call({"-o", "json", "status"}).out.find("\"foreign\": 1") != std::string::npos);
}

TEST_CASE("the same commit with the company's tag counts: the tag alone stopped it",
          "[attack][self]") {
  Attacked attacked;
  const v1::Record forged = attacked.rogue.Forge({kGrant}, 2, kDay);
  attacked.rogue.Append(kDecisionsPartition, attacked.rogue.Tagged(kDecisionsPartition, forged),
                        kDay);
  CHECK(attacked.Foreign() == "partition,position,recordedAt,hash\n");
  CHECK(attacked.Call({"-o", "json", "status"}).out.find("\"foreign\": 0") != std::string::npos);
  // What did not follow from its command is found by whoever asks.
  const Ended verified = attacked.Call({"verify", "--decisions"});
  INFO(verified.out << verified.err);
  CHECK((verified.code == 5 || verified.out.find("notDecidedAgain  1") != std::string::npos));
}

TEST_CASE("facts that no node wrote change no total, and those of a node do", "[attack]") {
  for (const bool is_tagged : {false, true}) {
    Attacked attacked;
    const auto [partition, record] = ForgedFact(attacked.rogue);
    attacked.rogue.Append(
        partition,
        is_tagged ? attacked.rogue.Tagged(partition, record) : record.SerializeAsString(), kDay);
    CHECK(attacked.scene.Total() ==
          (is_tagged ? "OK 7 + 0 - 0 = 7 待改进" : "OK 80 + 0 - 0 = 80 合格"));
    const std::string place = fmt::format("facts/{},", partition.index);
    CHECK((attacked.Foreign().find(place) == std::string::npos) == is_tagged);
  }
}

TEST_CASE("poison stops nobody, with and without a tag", "[attack]") {
  const std::vector<std::string> poison = {
      R"(stream: "adjustment/x" adjustment_requested { adjustment: "x" delta: "NaN" })",
      R"(stream: "agreement/a-1" item_accepted { agreement: "a-1" version: 99 item: "output" })",
      R"(stream: "grant/g" grant_given { grant { grant: "g" span { from: "not a day" } } })",
      R"(stream: "cycle/2026-06" person_added { person: "p-7" })"};
  Attacked attacked;
  for (const bool is_tagged : {false, true}) {
    for (const std::string& event : poison) {
      const v1::Record record = attacked.rogue.Forge({event}, 2, kDay);
      attacked.rogue.Append(kDecisionsPartition,
                            is_tagged ? attacked.rogue.Tagged(kDecisionsPartition, record)
                                      : record.SerializeAsString(),
                            kDay);
    }
  }
  v1::Record demand;
  demand.set_company("acme");
  demand.set_log_id(attacked.rogue.Forge({kGrant}, 2, kDay).log_id());
  demand.mutable_commit()->set_rules_version(99);
  attacked.rogue.Append(kDecisionsPartition, demand.SerializeAsString(), kDay);
  attacked.scene.Do(By("p-hr", "addPerson: {person: p-9}"));
  CHECK(attacked.scene.Total() == "OK 80 + 0 - 0 = 80 合格");
  // One of those with a tag has a good form and fits nothing: it changed nothing, and is told. The
  // next case has the same log without it, which verifies.
  const Ended verified = attacked.Call({"verify"});
  CHECK(verified.code == 5);
  CHECK(verified.err.find("does not fit the state") != std::string::npos);
}

TEST_CASE("what is foreign or malformed alone lets verify end well", "[attack][self]") {
  Attacked attacked;
  const v1::Record record = attacked.rogue.Forge(
      {R"(stream: "adjustment/x" adjustment_requested { adjustment: "x" delta: "NaN" })"}, 2, kDay);
  attacked.rogue.Append(kDecisionsPartition, record.SerializeAsString(), kDay);
  attacked.rogue.Append(kDecisionsPartition, attacked.rogue.Tagged(kDecisionsPartition, record),
                        kDay);
  const Ended verified = attacked.Call({"-o", "json", "verify"});
  INFO(verified.out << verified.err);
  CHECK(verified.code == 0);
  CHECK(verified.out.find("\"foreign\": 1") != std::string::npos);
}

TEST_CASE("history that was written anew is refused, with views and without", "[attack]") {
  for (const bool has_views : {true, false}) {
    for (const bool is_changed : {true, false}) {
      Attacked attacked;
      attacked.rogue.Rewrite(
          [&](PartitionId, const std::string& value) {
            return is_changed ? WithoutTag(value) : value;
          },
          kDay);
      if (!has_views) fs::remove_all(attacked.scene.Files().Path("home/views"));
      const Ended ended = attacked.Call({"status"});
      INFO(ended.err);
      // Views know the journal that they were folded from, whatever it holds.
      if (has_views) {
        CHECK(ended.err.find("these views belong to another log") != std::string::npos);
        continue;
      }
      // The same bytes in other files are the same log.
      CHECK(ended.code == (is_changed ? 5 : 0));
      CHECK((ended.err.find("LOG_NOT_AUTHENTIC") != std::string::npos) == is_changed);
    }
  }
}

TEST_CASE("a log key that is missing halts and forks nothing", "[attack]") {
  Attacked attacked;
  const std::string name = Sha256("assay-key-file" + std::string(1, '\0') + "log/1").Hex();
  const std::string key = attacked.scene.Files().Path("home/keys/" + name.substr(0, 32) + ".key");
  const std::string aside = attacked.scene.Files().Path("aside");
  fs::rename(key, aside);
  fs::remove_all(attacked.scene.Files().Path("home/views"));
  const Ended ended = attacked.Call({"status"});
  INFO(ended.err);
  CHECK(ended.code == 5);
  CHECK(ended.err.find("KEY_MISSING") != std::string::npos);
  // The key alone was missing.
  fs::rename(aside, key);
  CHECK(attacked.Call({"status"}).code == 0);
  CHECK(attacked.scene.Total() == "OK 80 + 0 - 0 = 80 合格");
}

TEST_CASE("an older log is authentic from its upgrade on, and its keys are replaced", "[attack]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", scratch.Path("home"));
  const Rogue rogue(scratch.Path("home"));
  const std::string day = "2026-07-03T09:00:00Z";
  const auto call = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "home", "--now", day, "-o", "json"});
    return program.Run(words);
  };
  // What made a fold of the first release abort is void now, and the log goes on.
  const v1::Record poison = rogue.Forge(
      {R"(stream: "adjustment/x" adjustment_requested { adjustment: "x" delta: "NaN" })"}, 1, day);
  rogue.Append(kDecisionsPartition, poison.SerializeAsString(), day);
  // Processes of the first release wrote within the day before.
  const Ended asked = call({"--as", "p-admin", "log", "upgrade"});
  CHECK(asked.code == 1);
  CHECK(asked.err.find("OLDER_NODES") != std::string::npos);
  const Ended upgraded = call({"--as", "p-admin", "log", "upgrade", "--halt-older"});
  INFO(upgraded.err);
  REQUIRE(upgraded.code == 0);
  CHECK(call({"status"}).out.find("\"rulesVersion\": 2") != std::string::npos);

  const v1::Record forged = rogue.Forge({kGrant}, 2, day);
  rogue.Append(kDecisionsPartition, forged.SerializeAsString(), day);
  CHECK(call({"status"}).out.find("\"foreign\": 1") != std::string::npos);
  REQUIRE(call({"--as", "p-admin", "log", "rotate-key"}).code == 0);
  program.Write("add.yaml", By("p-hr", "addPerson: {person: p-9}"));
  REQUIRE(call({"run", "add.yaml"}).code == 0);
  const Ended verified = call({"verify", "--decisions"});
  INFO(verified.out << verified.err);
  CHECK(verified.code == 0);
  // The same bytes are the log that the key store knows, and without tags they are not.
  rogue.Rewrite([](PartitionId, const std::string& value) { return value; }, day);
  fs::remove_all(scratch.Path("home/views"));
  CHECK(call({"status"}).code == 0);
  rogue.Rewrite([](PartitionId, const std::string& value) { return WithoutTag(value); }, day);
  fs::remove_all(scratch.Path("home/views"));
  const Ended anew = call({"status"});
  CHECK(anew.code == 5);
  CHECK(anew.err.find("LOG_NOT_AUTHENTIC") != std::string::npos);
}

}  // namespace assay::testing
