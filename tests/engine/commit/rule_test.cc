#include "engine/commit/rule.h"

#include <catch2/catch.hpp>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "tests/support/domain_spec.h"

namespace assay {
namespace {

const LogIdentity kRuleLog{"acme", "log-1", 4};

class StatedHistory : public CommitHistory {
 public:
  bool WasApplied(const Hash32& commit_id) override { return applied.contains(commit_id); }
  std::optional<int64_t> LastChanged(std::string_view stream) override {
    const auto found = changed.find(std::string(stream));
    if (found == changed.end()) return std::nullopt;
    return found->second;
  }
  std::optional<Hash32> RootAt(int64_t position) override {
    const auto found = roots.find(position);
    if (found == roots.end()) return std::nullopt;
    return found->second;
  }

  std::set<Hash32> applied;
  std::map<std::string, int64_t> changed;
  std::map<int64_t, Hash32> roots;
};

constexpr int64_t kBasis = 10;
const Instant kDecidedAt{1'767'225'600'000};

v1::Record GoodRecord() {
  v1::Record record;
  record.set_company(kRuleLog.company);
  record.set_log_id(kRuleLog.log_id);
  v1::Commit& commit = *record.mutable_commit();
  commit.set_command_id("c-1");
  commit.mutable_command()->set_command_id("c-1");
  commit.set_rules_version(1);
  *commit.mutable_decided_at() = TimestampOf(kDecidedAt);
  commit.mutable_basis()->set_position(kBasis);
  commit.mutable_basis()->set_root(Sha256("root").ToString());
  commit.add_reads("unit/u-1");
  commit.add_writes("unit/u-2");
  commit.add_touches("company/children");
  commit.add_events()->set_stream("unit/u-2");
  return record;
}

StatedHistory GoodHistory() {
  StatedHistory history;
  history.roots[kBasis] = Sha256("root");
  return history;
}

Verdict Judged(const v1::Record& record, StatedHistory& history, int64_t position = 20,
               int64_t recorded_after_ms = 5) {
  const auto verdict = JudgeDecision({.record = &record,
                                      .value_bytes = record.ByteSizeLong(),
                                      .position = position,
                                      .recorded_at = Instant{kDecidedAt.ms + recorded_after_ms}},
                                     kRuleLog, 1, history);
  REQUIRE(verdict.ok());
  return *verdict;
}

// As the 20th record.
absl::StatusOr<Verdict> JudgedWith(const v1::Record* record, size_t value_bytes,
                                   StatedHistory& history) {
  return JudgeDecision(
      {.record = record, .value_bytes = value_bytes, .position = 20, .recorded_at = kDecidedAt},
      kRuleLog, 1, history);
}

Verdict JudgedFact(const v1::Record* record) { return JudgeFact({.record = record}, kRuleLog); }

}  // namespace

TEST_CASE("a commit decided on what is still so is applied", "[commit][unit]") {
  StatedHistory history = GoodHistory();
  history.changed["unit/u-1"] = kBasis;
  history.changed["company/children"] = 19;  // touched, not read: no conflict
  CHECK(Judged(GoodRecord(), history) == Verdict::kApplied);
}

TEST_CASE("verdicts come in their order of precedence", "[commit][unit]") {
  StatedHistory history = GoodHistory();
  v1::Record record = GoodRecord();

  history.changed["unit/u-1"] = kBasis + 1;
  CHECK(Judged(record, history) == Verdict::kConflict);
  history.roots[kBasis] = Sha256("another");
  CHECK(Judged(record, history) == Verdict::kDiverged);
  *record.mutable_commit()->mutable_decided_at() =
      TimestampOf({kDecidedAt.ms + limits::kSkewLateMs + 100'000});
  CHECK(Judged(record, history) == Verdict::kSkewed);
  record.mutable_commit()->mutable_basis()->set_position(20);
  CHECK(Judged(record, history) == Verdict::kStale);
  history.applied.insert(CommitId("acme", "c-1"));
  CHECK(Judged(record, history) == Verdict::kDuplicate);
  record.set_company("other");
  CHECK(Judged(record, history) == Verdict::kMalformed);
}

TEST_CASE("a stream that was written after the basis conflicts, as one that was read",
          "[commit][unit]") {
  StatedHistory history = GoodHistory();
  history.changed["unit/u-2"] = kBasis + 1;
  CHECK(Judged(GoodRecord(), history) == Verdict::kConflict);
}

TEST_CASE("a basis exactly 65,536 positions back is accepted and one more is stale",
          "[commit][unit]") {
  StatedHistory history = GoodHistory();
  const v1::Record record = GoodRecord();
  CHECK(Judged(record, history, kBasis + limits::kBasisDistanceMax) == Verdict::kApplied);
  CHECK(Judged(record, history, kBasis + limits::kBasisDistanceMax + 1) == Verdict::kStale);
  CHECK(Judged(record, history, kBasis) == Verdict::kStale);
}

TEST_CASE("decided_at may be a minute ahead of and ten minutes behind the recorded time",
          "[commit][unit]") {
  StatedHistory history = GoodHistory();
  const v1::Record record = GoodRecord();
  CHECK(Judged(record, history, 20, limits::kSkewEarlyMs) == Verdict::kApplied);
  CHECK(Judged(record, history, 20, limits::kSkewEarlyMs - 1) == Verdict::kSkewed);
  CHECK(Judged(record, history, 20, limits::kSkewLateMs) == Verdict::kApplied);
  CHECK(Judged(record, history, 20, limits::kSkewLateMs + 1) == Verdict::kSkewed);
}

TEST_CASE("a commit has as many events and streams as a reader bears, and no more",
          "[commit][unit]") {
  StatedHistory history = GoodHistory();
  v1::Record record = GoodRecord();
  while (record.commit().events_size() < limits::kCommitEventsMax) {
    record.mutable_commit()->add_events()->set_stream("unit/u-2");
  }
  CHECK(Judged(record, history) == Verdict::kApplied);
  record.mutable_commit()->add_events()->set_stream("unit/u-2");
  CHECK(Judged(record, history) == Verdict::kMalformed);
  record = GoodRecord();
  v1::Commit& commit = *record.mutable_commit();
  commit.clear_reads();
  const int others = commit.writes_size() + commit.touches_size();
  for (int i = 0; i < limits::kCommitStreamsMax - others; ++i) {
    commit.add_reads(std::to_string(1'000'000 + i));
  }
  CHECK(Judged(record, history) == Verdict::kApplied);
  commit.add_reads("a");
  CHECK(Judged(record, history) == Verdict::kMalformed);
}

TEST_CASE("what is no commit of this log is malformed or has no effect", "[commit][unit]") {
  StatedHistory history = GoodHistory();
  v1::Record record = GoodRecord();
  record.mutable_genesis();
  CHECK(Judged(record, history) == Verdict::kNotACommit);
  record.mutable_intake();
  CHECK(Judged(record, history) == Verdict::kMalformed);
  record = GoodRecord();
  record.mutable_commit()->clear_events();
  CHECK(Judged(record, history) == Verdict::kMalformed);
  const auto unparsable = JudgedWith(nullptr, 3, history);
  REQUIRE(unparsable.ok());
  CHECK(*unparsable == Verdict::kMalformed);
  record = GoodRecord();
  const auto huge = JudgedWith(&record, limits::kCommitBytesMax + 1, history);
  REQUIRE(huge.ok());
  CHECK(*huge == Verdict::kMalformed);
}

TEST_CASE("an unknown rules version is no verdict: the reader halts and names it",
          "[commit][unit]") {
  StatedHistory history = GoodHistory();
  v1::Record record = GoodRecord();
  record.mutable_commit()->set_rules_version(kRulesVersionMax + 1);
  const auto verdict = JudgedWith(&record, 100, history);
  REQUIRE(verdict.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(MessageOf(verdict.status())).find("rules version 3") != std::string::npos);
}

TEST_CASE("facts partitions take intakes, cuts and marks of their log and nothing else",
          "[commit][unit]") {
  v1::Record record;
  record.set_company(kRuleLog.company);
  record.set_log_id(kRuleLog.log_id);
  CHECK(JudgedFact(&record) == Verdict::kMalformed);
  record.mutable_intake();
  CHECK(JudgedFact(&record) == Verdict::kNotACommit);
  record.mutable_cycle_cut();
  CHECK(JudgedFact(&record) == Verdict::kNotACommit);
  record.mutable_source_mark();
  CHECK(JudgedFact(&record) == Verdict::kNotACommit);
  record.mutable_commit();
  CHECK(JudgedFact(&record) == Verdict::kMalformed);
  record.mutable_intake();
  record.set_log_id("log-2");
  CHECK(JudgedFact(&record) == Verdict::kMalformed);
  CHECK(JudgedFact(nullptr) == Verdict::kMalformed);
}

TEST_CASE("a commit of an earlier rules version is void after one of a later version",
          "[commit][unit]") {
  StatedHistory history = GoodHistory();
  const v1::Record record = GoodRecord();
  const JudgedRecord judged{.record = &record,
                            .value_bytes = record.ByteSizeLong(),
                            .position = 20,
                            .recorded_at = kDecidedAt};
  CHECK(JudgeDecision(judged, kRuleLog, 1, history).value() == Verdict::kApplied);
  CHECK(JudgeDecision(judged, kRuleLog, 2, history).value() == Verdict::kMalformed);
}

TEST_CASE("a record without a right tag is foreign, whatever it says", "[commit][unit]") {
  StatedHistory history = GoodHistory();
  v1::Record record = GoodRecord();
  // A demand for a later reader is no reason to halt unless a node made it.
  record.mutable_commit()->set_rules_version(99);
  JudgedRecord judged{.record = &record, .value_bytes = 100, .position = 20, .needs_tag = true};
  judged.authenticity.is_foreign = true;
  CHECK(JudgeDecision(judged, kRuleLog, 1, history).value() == Verdict::kForeign);
  CHECK(JudgeFact(judged, kRuleLog) == Verdict::kForeign);
  judged.needs_tag = false;
  CHECK(JudgeDecision(judged, kRuleLog, 1, history).value() == Verdict::kMalformed);
  CHECK(JudgeFact(judged, kRuleLog) == Verdict::kMalformed);
}

TEST_CASE("roots follow from values and verdicts as the golden vectors say", "[commit][golden]") {
  struct Row {
    std::string value;
    Verdict verdict;
    const char* root;
  };
  const Row rows[] = {
      {"Genesis", Verdict::kNotACommit,
       "d5a836ad6f4a477d6175b691012745f72e81fea7135177492e58db4fc627ebb9"},
      {std::string(1, '\0'), Verdict::kApplied,
       "74d21ba83a3fef061ae582a9fd4d94b0dae2be32e0608000f20380520b01d2b6"},
      {"", Verdict::kMalformed, "e8f6b0612ac59e1ae3baaff2150b0913757bc0ba49925e9abb01db93372dd70e"},
      {"\xff\xff", Verdict::kConflict,
       "d48f88939724311cb9bc4eee2cb1fc431486f2b945b4a7e9c01eb1717abee9df"},
      {std::string(1, '\0'), Verdict::kDuplicate,
       "0799d51035d7f3c35ff45389373a0ec9577a1694c614940de0620362a49cf10c"},
  };
  Hash32 root;
  for (const Row& row : rows) {
    root = NextRoot(root, Sha256(row.value), row.verdict);
    CHECK(root.Hex() == row.root);
  }
}

TEST_CASE("every partition begins with a Genesis that names its log and itself", "[commit][unit]") {
  const std::string value = GenesisValue(kRuleLog, FactsPartition(2));
  const auto identity = IdentityOf(value, FactsPartition(2));
  REQUIRE(identity.ok());
  CHECK(*identity == kRuleLog);
  CHECK(IdentityOf(value, FactsPartition(3)).status().code() == absl::StatusCode::kDataLoss);
  CHECK(IdentityOf("noise", kDecisionsPartition).status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace assay
