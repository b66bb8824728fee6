// Records that no node writes, by the million: judged and folded by the code that a node folds
// with, on the log of a company, before and after it became authentic; and the state that results
// is used.

#include <fmt/core.h>
#include <google/protobuf/stubs/logging.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <map>

#include "engine/commit/decide.h"
#include "engine/commit/form.h"
#include "engine/event/streams.h"
#include "projections/digest/query.h"
#include "projections/ledger/query.h"
#include "projections/runner/runner.h"
#include "tests/attack/record_maker.h"
#include "tests/scenario/program.h"
#include "tests/support/environment.h"
#include "tests/support/kept_home.h"
#include "tests/support/scratch_store.h"

namespace assay::testing {
namespace {

constexpr int kRecordsPerRound = 240;
constexpr int kForeignPerRound = 30;
constexpr int kCommandsPerRound = 12;
constexpr int kRoundsPerRunner = 100;

struct Figures {
  std::map<Verdict, int64_t> verdicts;
  int64_t records = 0;
  int64_t rounds = 0;
  int64_t halts = 0;
  int64_t misfits = 0;
  int64_t accepted = 0;
  int64_t rejected = 0;
  int64_t scores = 0;
  int64_t runners = 0;

  [[nodiscard]] std::string ToString() const {
    std::string text = fmt::format(
        "{} records in {} rounds: {} halt, {} events do not fit, {} commands accepted, {} refused, "
        "{} scores, {} folds of a node",
        records, rounds, halts, misfits, accepted, rejected, scores, runners);
    for (const auto& [verdict, count] : verdicts) {
      text += fmt::format("; {} {}", VerdictName(verdict), count);
    }
    return text;
  }
};

// The home of the first release, with its log as it was or upgraded.
KeptLog LogOfKeptHome(bool upgraded) {
  const ScratchDirectory scratch;
  CopyKeptHome("home_0.1", scratch.Path("home"));
  if (upgraded) {
    const Ended ended = Program(scratch.path())
                            .Run({"--home", "home", "--now", "2026-07-03T09:00:00Z", "--as",
                                  "p-admin", "log", "upgrade", "--halt-older"});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
  }
  return ReadLogOf(scratch.Path("home"));
}

// A record may halt a node by what only a node can write: a later version, and a key.
bool MayHalt(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) ||
         (absl::IsDataLoss(status) && status.message().find("KEY_MISSING") == 0);
}

// A journal that holds these records with their times, and takes no others.
class KeptJournal final : public Journal {
 public:
  explicit KeptJournal(std::vector<std::vector<StoredRecord>> records)
      : records_(std::move(records)) {}

  void Add(const MadeRecord& made) {
    auto& partition = records_[SlotOf(made.partition)];
    const auto next = static_cast<int64_t>(partition.size());
    partition.push_back({next, next, made.at, made.value});
  }
  absl::Status Append(PartitionId /*partition*/, std::span<const std::string> /*values*/) override {
    return absl::UnimplementedError("it is only read");
  }
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max,
                                                 int64_t /*bytes_max*/) override {
    const auto& all = records_[SlotOf(partition)];
    const auto begin = all.begin() + from.position;
    const auto count = std::min<int64_t>(all.end() - begin, records_max);
    return std::vector<StoredRecord>(begin, begin + count);
  }
  absl::StatusOr<int64_t> End(PartitionId partition) override { return KnownEnd(partition); }
  [[nodiscard]] int64_t KnownEnd(PartitionId partition) override {
    return static_cast<int64_t>(records_[SlotOf(partition)].size());
  }
  [[nodiscard]] std::string Identity() const override { return "kept"; }
  [[nodiscard]] int32_t FactsPartitions() const override {
    return static_cast<int32_t>(records_.size()) - 1;
  }

 private:
  std::vector<std::vector<StoredRecord>> records_;
};

using TableRows = std::map<std::string, std::string>;

TableRows RowsIn(Overlay& overlay, Table table) {
  TableRows rows;
  overlay.Visit(table, "", [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  });
  return rows;
}

// Of every table that the state digest counts, but for `left_out`.
void CheckSameRows(Overlay& one, Overlay& other, std::optional<Table> left_out) {
  for (int i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    if (!digest::CountsInState(table) || table == left_out) continue;
    const TableRows rows = RowsIn(one, table);
    TableRows others = RowsIn(other, table);
    if (rows == others) continue;
    std::string text;
    for (const auto& [key, value] : rows) {
      if (others[key] != value) text += fmt::format("{}: {}\n", ToHex(key), ToHex(value));
    }
    FAIL(TableName(table) << " has other rows, or more:\n" << text);
  }
}

class Campaign {
 public:
  Campaign(KeptLog log, uint64_t seed) : log_(std::move(log)), maker_(log_.Log()), seed_(seed) {}

  // Ends with the same records and digests, whoever runs it.
  void Round(int64_t number) {
    INFO("ASSAY_SEED=" << seed_ << " ASSAY_RECORD_ROUND=" << number);
    maker_.Reseed(seed_ * 1'000'003 + static_cast<uint64_t>(number));
    LogBranch branch(log_);
    std::vector<MadeRecord> folded;
    for (int i = 0; i < kRecordsPerRound; ++i) Step(branch, folded);
    REQUIRE(branch.Finish() == absl::OkStatus());
    const auto digests = branch.DigestsNow();
    REQUIRE(digests.status() == absl::OkStatus());
    if (number % 4 == 0) FoldAgain(branch, folded);
    if (number % 8 == 1) FoldReordered(branch, folded);
    if (number % kRoundsPerRunner == 0) FoldByRunner(branch, folded);
    if (!log_.Log().keys.All().empty()) FoldForeign(branch, *digests);
    Use(branch);
    figures.misfits += branch.Rows().misfits;
    ++figures.rounds;
  }

  Figures figures;

 private:
  void Step(LogBranch& branch, std::vector<MadeRecord>& folded) {
    MadeRecord made = maker_.Next(branch.Heads());
    ++figures.records;
    const auto verdict = branch.Fold(made.partition, made.value, made.at);
    if (!verdict.ok()) {
      INFO(verdict.status().ToString());
      REQUIRE(MayHalt(verdict.status()));
      REQUIRE(branch.Tables().status() == absl::OkStatus());
      ++figures.halts;
      return;
    }
    ++figures.verdicts[*verdict];
    made.finishes = maker_.Chance().OneIn(60);
    if (made.finishes) REQUIRE(branch.Finish() == absl::OkStatus());
    folded.push_back(std::move(made));
  }

  // The same records in the same order, with the derived views at the same places: the same rows.
  void FoldAgain(LogBranch& first, const std::vector<MadeRecord>& folded) {
    LogBranch branch(log_);
    for (const MadeRecord& made : folded) {
      REQUIRE(branch.Fold(made.partition, made.value, made.at).ok());
      if (made.finishes) REQUIRE(branch.Finish() == absl::OkStatus());
    }
    REQUIRE(branch.Finish() == absl::OkStatus());
    CheckSameRows(first.Tables(), branch.Tables(), {});
  }

  // The partitions one after the other: all rows but the scores, which a decision that contradicts
  // the state may leave as they were.
  void FoldReordered(LogBranch& first, const std::vector<MadeRecord>& folded) {
    LogBranch branch(log_);
    for (size_t slot = log_.Log().records.size(); slot-- > 0;) {
      for (const MadeRecord& made : folded) {
        if (SlotOf(made.partition) != slot) continue;
        REQUIRE(branch.Fold(made.partition, made.value, made.at).ok());
      }
    }
    REQUIRE(branch.Finish() == absl::OkStatus());
    CheckSameRows(first.Tables(), branch.Tables(), Table::kScores);
  }

  // A foreign record changes neither digest.
  void FoldForeign(LogBranch& branch, const Digests& expected) {
    for (int i = 0; i < kForeignPerRound; ++i) {
      const MadeRecord made = maker_.NextForeign(branch.Heads());
      ++figures.records;
      const auto verdict = branch.Fold(made.partition, made.value, made.at);
      REQUIRE(verdict.ok());
      REQUIRE(*verdict == Verdict::kForeign);
      ++figures.verdicts[*verdict];
    }
    REQUIRE(branch.Finish() == absl::OkStatus());
    const auto digests = branch.DigestsNow();
    REQUIRE(digests.ok());
    REQUIRE(digests->company == expected.company);
    REQUIRE(digests->state == expected.state);
  }

  // The whole log by a node's runner, which also compares roots that decisions state.
  void FoldByRunner(LogBranch& first, const std::vector<MadeRecord>& folded) {
    const KeptLog& log = log_.Log();
    KeptJournal journal(log.records);
    for (const MadeRecord& made : folded) journal.Add(made);
    const Directory directory;
    auto runner = Runner::Open(journal, directory.Sub("views"), {.log_keys = log.keys});
    REQUIRE(runner.ok());
    score_table::Evaluator evaluator((*runner)->Rows());
    score_table::Projector scores(evaluator, {.company = log.identity.company, .publish = false});
    (*runner)->Attach(scores);
    const absl::Status caught_up = (*runner)->CatchUp();
    ++figures.runners;
    if (!caught_up.ok()) {
      INFO(caught_up.ToString());
      REQUIRE(caught_up.message().find("was changed at or before position") != std::string::npos);
      return;
    }
    CheckSameRows(first.Tables(), (*runner)->Rows(), Table::kScores);
  }

  // What a later reader would take for a day or a decimal is one.
  template <typename State>
  static void CheckTexts(StateReader& state, std::string_view prefix) {
    for (const std::string& stream : state.Streams(prefix)) {
      const auto row = state.Find<State>(stream);
      REQUIRE(row.has_value());
      INFO(stream);
      REQUIRE(UnusableText(*row) == "");
    }
  }

  static void CheckState(StateReader& state) {
    CheckTexts<v1::PersonState>(state, "person/");
    CheckTexts<v1::EntityState>(state, "entity/");
    CheckTexts<v1::GrantState>(state, "grant/");
    CheckTexts<v1::UnitState>(state, "unit/");
    CheckTexts<v1::PositionState>(state, "position/");
    CheckTexts<v1::AssignmentState>(state, "assignment/");
    CheckTexts<v1::MetricState>(state, "metric/");
    CheckTexts<v1::CurveState>(state, "curve/");
    CheckTexts<v1::TemplateState>(state, "template/");
    CheckTexts<v1::BandTableState>(state, "bands/");
    CheckTexts<v1::CycleState>(state, "cycle/");
    CheckTexts<v1::AgreementState>(state, "agreement/");
    CheckTexts<v1::AdjustmentState>(state, "adjustment/");
    CheckTexts<v1::SourceState>(state, "source/");
  }

  void Use(LogBranch& branch) {
    for (int i = 0; i < kCommandsPerRound; ++i) DecideOne(branch);
    decisions::StateAt state(branch.Tables(), decisions::kNewest);
    CheckState(state);
    REQUIRE(ledger::Counts(branch.Tables(), state).ok());
    for (const v1::Member& cycle : state.Members(streams::Cycles())) {
      const auto people = branch.Scores().People({}, cycle.id());
      REQUIRE(people.ok());
      for (const std::string& person : *people) {
        const auto explained = branch.Scores().Explain({}, cycle.id(), person, {});
        INFO(explained.status().ToString());
        REQUIRE(explained.ok());
        ++figures.scores;
      }
    }
  }

  void DecideOne(LogBranch& branch) {
    const v1::Command command = maker_.Command();
    const LogHeads& heads = branch.Heads();
    const int64_t position = heads.decisions.next.position - 1;
    decisions::StateAt state(branch.Tables(), position);
    score_table::LockedScoresAt scores(branch.Scores(), branch.Tables(), position,
                                       branch.Now().facts,
                                       [](int32_t, int64_t) { return Hash32{}; });
    const Instant now = branch.RecordedAt();
    const Decision decision = Decide({.command = command,
                                      .actor = ActorName(command.actor()),
                                      .decided_at = now,
                                      .today = UtcDayOf(now),
                                      .scores = &scores,
                                      .rules_version = RulesVersionAt(heads.decisions),
                                      .basis = {position, heads.decisions.root}},
                                     state);
    REQUIRE(state.status() == absl::OkStatus());
    if (!IsAccepted(decision)) {
      ++figures.rejected;
      return;
    }
    ++figures.accepted;
    v1::Commit commit;
    commit.set_command_id(command.command_id());
    commit.set_rules_version(RulesVersionAt(heads.decisions));
    for (const v1::Event& event : std::get<Accepted>(decision).events) {
      *commit.add_events() = event;
    }
    INFO(command.ShortDebugString());
    if (command.actor().via() != v1::AUTHENTICATION_ENGINE) {
      REQUIRE(FaultOf(commit).value_or("") == "");
    }
  }

  FoldedLog log_;
  RecordMaker maker_;
  uint64_t seed_;
};

void Run(bool upgraded) {
  // It says each text that is not UTF-8, which the verdict says too.
  google::protobuf::SetLogHandler(nullptr);
  const auto seed = static_cast<uint64_t>(NumberFrom("ASSAY_SEED", 20261201));
  const int64_t only = NumberFrom("ASSAY_RECORD_ROUND", -1);
  const int64_t records = NumberFrom("ASSAY_RECORD_FUZZ", 0) / 2;
  Campaign campaign(LogOfKeptHome(upgraded), seed);
  if (only >= 0) return campaign.Round(only);
  const auto begun = std::chrono::steady_clock::now();
  const auto until = begun + std::chrono::seconds(20);
  for (int64_t round = 0;
       records > 0 ? campaign.figures.records < records : std::chrono::steady_clock::now() < until;
       ++round) {
    campaign.Round(round);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  std::cout << campaign.figures.ToString() << "; "
            << campaign.figures.records * 1'000 / std::max<int64_t>(took.count(), 1)
            << " a second\n";
  CHECK(campaign.figures.verdicts[Verdict::kApplied] > campaign.figures.records / 20);
  CHECK(campaign.figures.verdicts[Verdict::kMalformed] > 0);
  CHECK(campaign.figures.accepted > 0);
}

}  // namespace

TEST_CASE("campaign: no record stops a node whose log is authentic", "[campaign][records]") {
  Run(true);
}

TEST_CASE("campaign: no record stops a node whose log is of the first release",
          "[campaign][records]") {
  Run(false);
}

}  // namespace assay::testing
