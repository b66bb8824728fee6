// Facts that were forged by whoever owns the journal, with right tags, chains and content hashes;
// and homes that were put back to an earlier state.

#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/event/intake.h"
#include "tests/attack/rogue.h"
#include "tests/support/kept_home.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFedAt = "2026-07-01T08:00:00Z";

// The source mes keeps its originals.
struct Kept {
  Scene scene{kFedAt};
  Rogue rogue{scene.Files().Path("home")};

  explicit Kept(bool is_json = false) {
    std::string contract = Contract("mes", {"output pcs", "hours h"}) + "raw: keep\n";
    const std::string csv = "{format: csv}";
    if (is_json) contract.replace(contract.find(csv), csv.size(), "{format: ndjson}");
    scene.Files().Write("mes.yaml", contract);
    (void)scene.Tell({"source", "add", "mes.yaml"});
    if (!is_json) {
      (void)scene.Feed("output,hours",
                       {"order-1,1,2026-06-10,E1,80,8", "order-2,1,2026-06-11,E1,70,7",
                        "order-3,1,2026-06-12,E1,60,6"},
                       "mes");
      return;
    }
    scene.Files().Write(
        "mes.ndjson",
        R"({"record":"order-1","rev":1,"day":"2026-06-10","emp":"E1","output":80,"hours":8})"
        "\n"
        R"({"record":"order-2","rev":1,"day":"2026-06-11","emp":"E1","output":70,"hours":7})"
        "\n");
    (void)scene.Tell({"ingest", "mes", "mes.ndjson"});
  }
  Ended Call(std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "home", "-o", "json"});
    return scene.Files().Run(words);
  }
  // The record of order-2 as `change` makes it, with the company's tag.
  void Forge(const std::function<void(v1::Intake&)>& change) {
    rogue.Rewrite(
        [&](PartitionId partition, const std::string& value) {
          v1::Record record;
          REQUIRE(record.ParseFromString(value));
          if (!record.has_intake() || record.intake().record_key(0) != "order-2") return value;
          record.clear_auth();
          change(*record.mutable_intake());
          return rogue.Tagged(partition, record);
        },
        kFedAt);
  }
};

void StateAnew(v1::Intake& intake) {
  const Hash32 hash = ContentHash(intake);
  intake.set_content_hash(hash.ToString());
}

void SetOutput(v1::Intake& intake, const std::string& value) {
  intake.mutable_facts()->mutable_contributions(0)->set_value(value);
}

}  // namespace

TEST_CASE("an open month that is as it was ingested verifies, with and without originals",
          "[attack][self]") {
  for (const bool is_json : {false, true}) {
    Kept kept(is_json);
    const Ended verified = kept.Call({"verify"});
    INFO(verified.out << verified.err);
    CHECK(verified.code == 0);
    CHECK(verified.out.find(is_json ? "\"originals\": 2" : "\"originals\": 3") !=
          std::string::npos);
    const Ended quick = kept.Call({"verify", "--quick"});
    CHECK(quick.code == 0);
    CHECK(quick.out.find("\"originals\": \"not checked\"") != std::string::npos);
    // Written anew as it was, it is what it was: the changes below are what is found.
    kept.Forge([](v1::Intake&) {});
    fs::remove_all(kept.scene.Files().Path("home/views"));
    CHECK(kept.Call({"verify"}).code == 0);
  }
}

TEST_CASE("a forged fact contradicts its content hash, partition or original", "[attack]") {
  struct Forgery {
    std::string says;
    std::function<void(v1::Intake&)> change;
    bool is_json = false;
    bool is_seen_quickly = false;
  };
  const std::vector<Forgery> forgeries = {
      {.says = "content hash",
       .change = [](v1::Intake& intake) { SetOutput(intake, "700"); },
       .is_seen_quickly = true},
      {.says = "otherwise than the original",
       .change =
           [](v1::Intake& intake) {
             SetOutput(intake, "700");
             StateAnew(intake);
           }},
      // A number that stands in another column of the same row.
      {.says = "otherwise than the original",
       .change =
           [](v1::Intake& intake) {
             SetOutput(intake, "7");
             StateAnew(intake);
           }},
      {.says = "otherwise than the original",
       .change =
           [](v1::Intake& intake) {
             intake.set_day("2026-06-12");
             StateAnew(intake);
           }},
      {.says = "otherwise than the original",
       .change =
           [](v1::Intake& intake) {
             intake.mutable_facts()->mutable_contributions()->RemoveLast();
             StateAnew(intake);
           }},
      {.says = "is not what version 1 of the contract of mes makes",
       .change =
           [](v1::Intake& intake) {
             SetOutput(intake, "700");
             StateAnew(intake);
           },
       .is_json = true},
      {.says = "another hash",
       .change = [](v1::Intake& intake) { intake.mutable_src()->set_hash(std::string(32, 'x')); }},
      {.says = "does not open",
       .change =
           [](v1::Intake& intake) {
             std::string& bytes = *intake.mutable_raw()->mutable_bytes();
             bytes.back() = static_cast<char>(bytes.back() ^ 1);
           }},
  };
  for (const Forgery& forgery : forgeries) {
    Kept kept(forgery.is_json);
    kept.Forge(forgery.change);
    // Views that were kept are those of another journal.
    if (&forgery == &forgeries.front()) CHECK(kept.Call({"verify"}).code != 0);
    fs::remove_all(kept.scene.Files().Path("home/views"));
    const Ended verified = kept.Call({"verify"});
    INFO(forgery.says << "\n" << verified.out << verified.err);
    CHECK(verified.code == 5);
    CHECK(verified.err.find("facts ") != std::string::npos);
    CHECK(verified.err.find(forgery.says) != std::string::npos);
    CHECK(kept.Call({"verify", "--quick"}).code == (forgery.is_seen_quickly ? 5 : 0));
  }
}

TEST_CASE("a fact in a partition of another record is found", "[attack]") {
  Kept kept;
  kept.Forge([](v1::Intake& intake) {
    // Until another partition would be its own.
    const int32_t own = PartitionOfIntake(intake, 2);
    for (int i = 0; PartitionOfIntake(intake, 2) == own; ++i) {
      intake.set_record_key(0, fmt::format("moved-{}", i));
    }
  });
  fs::remove_all(kept.scene.Files().Path("home/views"));
  const Ended verified = kept.Call({"verify", "--quick"});
  INFO(verified.err);
  CHECK(verified.code == 5);
  CHECK(verified.err.find("belongs to partition") != std::string::npos);
}

TEST_CASE("a forged fact of a log without tags is found", "[attack]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", scratch.Path("home"));
  REQUIRE(program.Run({"--home", "home", "verify"}).code == 0);
  const Rogue rogue(scratch.Path("home"));
  int forged = 0;
  rogue.Rewrite(
      [&](PartitionId, const std::string& value) {
        v1::Record record;
        REQUIRE(record.ParseFromString(value));
        if (!record.has_intake() || record.intake().facts().contributions().empty()) return value;
        if (forged++ > 0) return value;
        SetOutput(*record.mutable_intake(), "999");
        return record.SerializeAsString();
      },
      kFedAt);
  REQUIRE(forged > 0);
  fs::remove_all(scratch.Path("home/views"));
  const Ended verified = program.Run({"--home", "home", "verify"});
  INFO(verified.out << verified.err);
  CHECK(verified.code == 5);
  CHECK(verified.err.find("content hash") != std::string::npos);
}

TEST_CASE("a fact that says nothing of itself is held by the heads that were noted", "[attack]") {
  Kept kept;
  kept.scene.At("2026-07-02T08:00:00Z").Do(By("p-hr", "addPerson: {person: p-9}"));
  const std::string noted = kept.scene.Tell({"-o", "json", "verify"});
  INFO(noted);
  CHECK(noted.find("\"statedRoots\": 3") != std::string::npos);
  kept.Forge([](v1::Intake& intake) { intake.clear_raw(); });
  fs::remove_all(kept.scene.Files().Path("home/views"));
  // Whoever folds both halts, and again.
  for (int i = 0; i < 2; ++i) {
    const Ended halted = kept.Call({"status"});
    INFO(halted.err);
    CHECK(halted.code == 5);
    CHECK(halted.err.find("its root there is not the one that") != std::string::npos);
  }
  const Ended verified = kept.Call({"verify"});
  INFO(verified.err);
  CHECK(verified.code == 5);
  CHECK(verified.err.find("was changed at or before position") != std::string::npos);
}

TEST_CASE("heads that were kept elsewhere show a home that was put back, or went on otherwise",
          "[attack]") {
  Kept kept;
  const Program& files = kept.scene.Files();
  fs::copy(files.Path("home"), files.Path("earlier"), fs::copy_options::recursive);
  fs::permissions(files.Path("earlier/keys"), fs::perms::owner_all);
  kept.scene.Do(By("p-hr", "addPerson: {person: p-9}"));
  const Ended heads = kept.Call({"digest"});
  REQUIRE(heads.code == 0);
  files.Write("heads.json", heads.out);
  CHECK(kept.Call({"verify", "--against", "heads.json"}).code == 0);
  // The log goes on: older heads hold.
  kept.scene.Do(By("p-hr", "addPerson: {person: p-10}"));
  CHECK(kept.Call({"verify", "--against", "heads.json"}).code == 0);
  const auto earlier = [&] {
    return files.Run({"--home", "earlier", "--now", kFedAt, "verify", "--against", "heads.json"});
  };
  const Ended shorter = earlier();
  INFO(shorter.err);
  CHECK(shorter.code == 5);
  CHECK(shorter.err.find("decisions is shorter than it was") != std::string::npos);
  files.Write("other.yaml",
              By("p-hr", "addPerson: {person: p-11}") + By("p-hr", "addPerson: {person: p-12}"));
  REQUIRE(files.Run({"--home", "earlier", "--now", kFedAt, "run", "other.yaml"}).code == 0);
  const Ended other = earlier();
  INFO(other.err);
  CHECK(other.code == 5);
  CHECK(other.err.find("decisions has other records than it had") != std::string::npos);
  // What has no heads proves nothing.
  files.Write("heads.json", "{}");
  CHECK(kept.Call({"verify", "--against", "heads.json"}).code == 2);
}

}  // namespace assay::testing
