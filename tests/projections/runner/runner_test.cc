// The fold over a whole company: the demo company's log is the history.

#include "projections/runner/runner.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "engine/base/limits.h"
#include "projections/digest/query.h"
#include "projections/score_table/projector.h"
#include "tests/support/scratch_store.h"
#include "tools/assay/home.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

// One small demo company, made once for all cases of this program.
const std::string& DemoHome() {
  static testing::Directory directory;
  static const std::string home = [] {
    const std::string path = directory.Sub("home");
    Session session;
    session.home.directory = path;
    session.format = OutputFormat::kJson;
    REQUIRE(RunDemo(session, 40, 1) == kExitOk);
    return path;
  }();
  return home;
}

struct Folded {
  Hash32 company;
  Hash32 state;
  Moment moment;
  int64_t evaluated = 0;
};

// Folds the demo's journal into a directory of its own.
Folded FoldDemo(Runner::Options options, const std::string& views) {
  auto home = Home::Open({.directory = DemoHome()});
  REQUIRE(home.ok());
  options.log_keys = (*home)->KnownLogKeys();
  auto runner = Runner::Open((*home)->Log(), views, std::move(options));
  REQUIRE(runner.ok());
  score_table::Evaluator evaluator((*runner)->Rows());
  score_table::Projector scores(evaluator, {.publish = false});
  (*runner)->Attach(scores);
  REQUIRE((*runner)->CatchUp().ok());
  Folded folded;
  folded.company = *digest::CompanyDigest((*runner)->Rows());
  folded.state = *digest::StateDigest((*runner)->Rows());
  folded.moment = (*runner)->Now();
  folded.evaluated = evaluator.Evaluated();
  return folded;
}

Folded LiveDigests() {
  auto home = Home::Open({.directory = DemoHome()});
  REQUIRE(home.ok());
  Folded live;
  live.company = *digest::CompanyDigest((*home)->Rows());
  live.state = *digest::StateDigest((*home)->Rows());
  live.moment = (*home)->Views().Now();
  return live;
}

// A journal whose reads of facts fail, or give what does not follow, after so many.
class Ailing : public Journal {
 public:
  explicit Ailing(Journal& journal) : journal_(journal) {}
  absl::Status Append(PartitionId partition, std::span<const std::string> values) override {
    return journal_.Append(partition, values);
  }
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override {
    if (partition.kind == PartitionId::Kind::kFacts && reads_left_-- <= 0) {
      if (!diverges_) return MakeStatus(absl::StatusCode::kUnavailable, "out of reach");
      auto records = journal_.Read(partition, from, records_max, bytes_max);
      if (records.ok() && !records->empty()) ++records->back().position;
      return records;
    }
    return journal_.Read(partition, from, records_max, bytes_max);
  }
  absl::StatusOr<int64_t> End(PartitionId partition) override { return journal_.End(partition); }
  int64_t KnownEnd(PartitionId partition) override { return journal_.KnownEnd(partition); }
  [[nodiscard]] std::string Identity() const override { return journal_.Identity(); }
  [[nodiscard]] int32_t FactsPartitions() const override { return journal_.FactsPartitions(); }
  void Allow(int reads) { reads_left_ = reads; }
  void Diverge(int reads) {
    diverges_ = true;
    Allow(reads);
  }

 private:
  Journal& journal_;
  std::atomic<int> reads_left_ = 1'000;
  std::atomic<bool> diverges_ = false;
};

}  // namespace

TEST_CASE(
    "a fold from nothing gives the digests of the live views, in any batches, lanes and order",
    "[runner][property]") {
  const Folded live = LiveDigests();
  struct Shape {
    int32_t batch;
    bool facts_first;
    int32_t lanes;
  };
  for (const Shape& shape :
       {Shape{limits::kFoldRecordsMax, false, 1}, Shape{limits::kFoldRecordsMax, true, 2},
        Shape{5'000, false, 5}, Shape{500, false, 12}, Shape{137, true, 3}, Shape{29, false, 4}}) {
    testing::Directory directory;
    const Folded folded = FoldDemo({.batch_records = shape.batch,
                                    .replay_batch_records = std::max(2 * shape.batch, 137),
                                    .lanes = shape.lanes,
                                    .facts_first = shape.facts_first},
                                   directory.Sub("views"));
    INFO("batch " << shape.batch << " facts first " << shape.facts_first << " lanes "
                  << shape.lanes);
    CHECK(folded.company == live.company);
    CHECK(folded.state == live.state);
    CHECK(folded.moment == live.moment);
  }
}

TEST_CASE("who only reads folds the tail in memory, and comes to the same rows", "[runner][unit]") {
  const Folded live = LiveDigests();
  testing::Directory directory;
  const std::string views = directory.Sub("views");
  auto home = Home::Open({.directory = DemoHome()});
  REQUIRE(home.ok());
  Journal& log = (*home)->Log();
  const LogKeys keys = (*home)->KnownLogKeys();
  // Nothing is there yet: only what may be folded from nothing is.
  CHECK(absl::IsResourceExhausted(
      Runner::OpenToRead(log, views, {.log_keys = keys, .memory_records_max = 1'000'000})
          .status()));
  CHECK(absl::IsResourceExhausted(
      Runner::OpenToRead(log, views,
                         {.log_keys = keys, .memory_records_max = 10, .from_nothing = true})
          .status()));
  {
    // Views that stand somewhere in the middle.
    auto runner = Runner::Open(
        log, views, {.batch_records = 100, .replay_batch_records = 100, .log_keys = keys});
    REQUIRE(runner.ok());
    std::vector<int64_t> ends = *log.Ends();
    for (int64_t& end : ends) end = end * 2 / 3;
    score_table::Evaluator evaluator((*runner)->Rows());
    score_table::Projector scores(evaluator, {.publish = false});
    (*runner)->Attach(scores);
    REQUIRE((*runner)->CatchUpTo(ends).ok());
  }
  const auto names = [&] {
    std::set<std::string> found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(views)) {
      found.insert(file.path().string() +
                   std::to_string(file.is_directory() ? 0 : file.file_size()));
    }
    return found;
  };
  const auto before = names();
  for (const std::string& place : {views, directory.Sub("none")}) {
    for (const int32_t batch : {100'000, 97}) {
      auto reader = Runner::OpenToRead(log, place,
                                       {.batch_records = batch,
                                        .log_keys = keys,
                                        .memory_records_max = 1'000'000,
                                        .from_nothing = place != views});
      REQUIRE(reader.ok());
      score_table::Evaluator evaluator((*reader)->Rows());
      score_table::Projector scores(evaluator, {.publish = false});
      (*reader)->Attach(scores);
      REQUIRE((*reader)->CatchUp().ok());
      REQUIRE((*reader)->WriteRows().ok());
      CHECK(*digest::CompanyDigest((*reader)->Rows()) == live.company);
      CHECK(*digest::StateDigest((*reader)->Rows()) == live.state);
      CHECK((*reader)->Now() == live.moment);
    }
  }
  CHECK(names() == before);
  CHECK_FALSE(std::filesystem::exists(directory.Sub("none")));
}

TEST_CASE("a fold that goes on where it stopped gives the same rows", "[runner][unit]") {
  const Folded live = LiveDigests();
  testing::Directory directory;
  // Twice over the same views: the second opening folds nothing again.
  (void)FoldDemo({.batch_records = 300}, directory.Sub("views"));
  const Folded again = FoldDemo({.batch_records = 300}, directory.Sub("views"));
  CHECK(again.state == live.state);
  CHECK(again.evaluated == 0);
}

TEST_CASE("a read ahead that fails ends the catching up, and the next one goes on from there",
          "[runner][unit]") {
  const Folded live = LiveDigests();
  auto home = Home::Open({.directory = DemoHome()});
  REQUIRE(home.ok());
  Ailing journal((*home)->Log());
  testing::Directory directory;
  auto runner = Runner::Open(
      journal, directory.Sub("views"),
      {.batch_records = 50, .replay_batch_records = 200, .log_keys = (*home)->KnownLogKeys()});
  REQUIRE(runner.ok());
  for (const int reads : {3, 1, 7}) {
    journal.Allow(reads);
    const absl::Status status = (*runner)->CatchUp();
    CHECK(MessageOf(status) == "out of reach");
  }
  journal.Allow(100'000);
  REQUIRE((*runner)->CatchUp().ok());
  CHECK((*runner)->Now() == live.moment);
  // What was stopped and went on gives what an undisturbed fold without scores gives.
  auto other =
      Runner::Open((*home)->Log(), directory.Sub("other"), {.log_keys = (*home)->KnownLogKeys()});
  REQUIRE(other.ok());
  REQUIRE((*other)->CatchUp().ok());
  CHECK(*digest::StateDigest((*runner)->Rows()) == *digest::StateDigest((*other)->Rows()));
}

TEST_CASE("a runner that is dropped in the middle of a replay leaves whole batches",
          "[runner][unit]") {
  const Folded live = LiveDigests();
  testing::Directory directory;
  {
    auto home = Home::Open({.directory = DemoHome()});
    REQUIRE(home.ok());
    Ailing journal((*home)->Log());
    auto runner = Runner::Open(
        journal, directory.Sub("views"),
        {.batch_records = 50, .replay_batch_records = 100, .log_keys = (*home)->KnownLogKeys()});
    REQUIRE(runner.ok());
    journal.Allow(9);
    REQUIRE_FALSE((*runner)->CatchUp().ok());
  }
  const Folded again = FoldDemo({}, directory.Sub("views"));
  CHECK(again.company == live.company);
  CHECK(again.moment == live.moment);
}

TEST_CASE("a log that does not follow stops the fold, and nothing of that batch is ever written",
          "[runner][unit]") {
  const Folded live = LiveDigests();
  // Diverges at once, in the first batches, and behind some that were written.
  for (const int reads : {0, 5, 14}) {
    INFO("reads " << reads);
    testing::Directory directory;
    auto home = Home::Open({.directory = DemoHome()});
    REQUIRE(home.ok());
    Moment written;
    {
      Ailing journal((*home)->Log());
      auto runner = Runner::Open(journal, directory.Sub("views"),
                                 {.batch_records = 50,
                                  .replay_batch_records = 200,
                                  .lanes = 3,
                                  .log_keys = (*home)->KnownLogKeys()});
      REQUIRE(runner.ok());
      journal.Diverge(reads);
      const absl::Status stopped = (*runner)->CatchUp();
      CHECK(stopped.code() == absl::StatusCode::kDataLoss);
      CHECK((*runner)->Failure().ok());
      // Neither by another catching up nor along with a row of something else.
      journal.Allow(100'000);
      CHECK((*runner)->CatchUp() == stopped);
      CHECK((*runner)->CatchUpDecisions(1'000'000) == stopped);
      (*runner)->Rows().Put(Table::kMeta, "other", "row");
      CHECK((*runner)->WriteRows() == stopped);
      written = (*runner)->Now();
      CHECK(written.decisions < live.moment.decisions);
    }
    auto stored = Store::Open(directory.Sub("views"));
    REQUIRE(stored.ok());
    CHECK_FALSE((*stored)->Get(Table::kMeta, "other")->has_value());
    stored->reset();
    home->reset();
    const Folded again = FoldDemo({}, directory.Sub("views"));
    CHECK(again.company == live.company);
    CHECK(again.moment == live.moment);
  }
}

TEST_CASE("what a view could not finish is not written by the next who writes", "[runner][unit]") {
  struct Stumbling : DerivedView {
    void OnCommit(const FoldedDecision&, Overlay&) override {}
    void OnFacts(const facts::TouchedDays&, const std::vector<facts::Refused>&, Overlay&) override {
    }
    // It has forgotten what was touched when it is asked again.
    absl::Status Finish(const Moment&, Instant, Overlay&) override {
      if (++finished > 1) return absl::OkStatus();
      return MakeStatus(absl::StatusCode::kDataLoss, "a row is damaged");
    }
    int finished = 0;
  };
  testing::Directory directory;
  auto home = Home::Open({.directory = DemoHome()});
  REQUIRE(home.ok());
  auto runner =
      Runner::Open((*home)->Log(), directory.Sub("views"), {.log_keys = (*home)->KnownLogKeys()});
  REQUIRE(runner.ok());
  Stumbling view;
  (*runner)->Attach(view);
  CHECK(MessageOf((*runner)->CatchUp()) == "a row is damaged");
  CHECK(MessageOf((*runner)->WriteRows()) == "a row is damaged");
  CHECK(MessageOf((*runner)->Broken()) == "a row is damaged");
  CHECK((*runner)->Now().decisions == -1);
  CHECK(view.finished == 1);
}

TEST_CASE("the first fold is told from news however often it is interrupted", "[runner][unit]") {
  testing::Directory directory;
  auto home = Home::Open({.directory = DemoHome()});
  REQUIRE(home.ok());
  Ailing journal((*home)->Log());
  const Runner::Options options{
      .batch_records = 50, .replay_batch_records = 100, .log_keys = (*home)->KnownLogKeys()};
  for (const int reads : {0, 9, 5}) {
    journal.Allow(1'000);
    auto runner = Runner::Open(journal, directory.Sub("views"), options);
    REQUIRE(runner.ok());
    journal.Allow(reads);
    REQUIRE_FALSE((*runner)->CatchUp().ok());
    CHECK((*runner)->IsFirstFold());
    runner->reset();
    // Half of it answers nobody.
    const auto stored = Runner::OpenStored(journal, directory.Sub("views"), options);
    CHECK(stored.status().code() == absl::StatusCode::kNotFound);
  }
  journal.Allow(100'000);
  {
    auto runner = Runner::Open(journal, directory.Sub("views"), options);
    REQUIRE(runner.ok());
    CHECK((*runner)->IsFirstFold());
    REQUIRE((*runner)->CatchUp().ok());
    CHECK_FALSE((*runner)->IsFirstFold());
    REQUIRE((*runner)->WriteRows().ok());
  }
  auto runner = Runner::OpenStored(journal, directory.Sub("views"), options);
  REQUIRE(runner.ok());
  CHECK_FALSE((*runner)->IsFirstFold());
}

TEST_CASE("views of another log are refused with a sentence", "[runner][unit]") {
  testing::Directory directory;
  (void)FoldDemo({}, directory.Sub("views"));
  auto other = Home::Init({.directory = directory.Sub("other")},
                          {.company = "other", .admins = {"p-admin"}}, false);
  REQUIRE(other.ok());
  const auto runner = Runner::Open((*other)->Log(), directory.Sub("views"), {});
  REQUIRE(runner.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(MessageOf(runner.status())).find("another log") != std::string::npos);
}

TEST_CASE("views that are ahead of their journal are refused", "[runner][unit]") {
  testing::Directory directory;
  const std::string home = directory.Sub("home");
  { REQUIRE(Home::Init({.directory = home}, {.company = "c", .admins = {"p-a"}}, false).ok()); }
  const std::string backup = directory.Sub("backup");
  std::filesystem::copy(home + "/journal", backup, std::filesystem::copy_options::recursive);
  {
    auto opened = Home::Open({.directory = home});
    REQUIRE(opened.ok());
    v1::Command command;
    command.mutable_actor()->set_person("p-a");
    command.mutable_give_grant()->set_grant("g");
    command.mutable_give_grant()->mutable_to()->set_person("p-hr");
    command.mutable_give_grant()->set_role(v1::ROLE_HR);
    command.mutable_give_grant()->mutable_span()->set_from("2026-01-01");
    const auto answer = (*opened)->Submit(command);
    REQUIRE(answer.ok());
    REQUIRE(std::holds_alternative<Committed>(*answer));
  }
  std::filesystem::remove_all(home + "/journal");
  std::filesystem::copy(backup, home + "/journal", std::filesystem::copy_options::recursive);
  const auto opened = Home::Open({.directory = home});
  REQUIRE_FALSE(opened.ok());
  INFO(Describe(opened.status()));
  const auto code = opened.status().code();
  CHECK((code == absl::StatusCode::kFailedPrecondition || code == absl::StatusCode::kDataLoss));
}

TEST_CASE("a changed row in any view is found by verify, which names the view",
          "[runner][unit][ADJ-12]") {
  for (const Table table : {Table::kState, Table::kMembers, Table::kCommits, Table::kHeads,
                            Table::kMarks, Table::kIdentities, Table::kFacts, Table::kIntakes,
                            Table::kInputs, Table::kLedger, Table::kScores}) {
    testing::Directory directory;
    const std::string copy = directory.Sub("home");
    std::filesystem::copy(DemoHome(), copy, std::filesystem::copy_options::recursive);
    {
      auto store = Store::Open(copy + "/views");
      REQUIRE(store.ok());
      auto scan = (*store)->NewScan(table, "");
      REQUIRE(scan->Valid());
      // The last row: of the state it is not the one that opening reads.
      std::string key;
      std::string value;
      for (; scan->Valid(); scan->Next()) {
        key = scan->Key();
        value = scan->Value();
      }
      value.back() = static_cast<char>(value.back() ^ 1);
      Batch batch(**store);
      batch.Put(table, key, value);
      REQUIRE((*store)->Write(batch).ok());
    }
    Session session;
    session.home.directory = copy;
    session.format = OutputFormat::kJson;
    INFO("view " << TableName(table));
    CHECK(RunVerify(session, {}) == kExitVerification);
  }
}

TEST_CASE("a fact or a decision evaluates the scores that it touches and no others",
          "[runner][unit]") {
  testing::Directory directory;
  const std::string copy = directory.Sub("home");
  std::filesystem::copy(DemoHome(), copy, std::filesystem::copy_options::recursive);
  auto home = Home::Open({.directory = copy});
  REQUIRE(home.ok());
  const int64_t before = (*home)->Scores().Evaluated();
  v1::Command command;
  command.mutable_actor()->set_person("p-hr-01");
  command.mutable_bind_source_key()->set_person("p-0003");
  command.mutable_bind_source_key()->set_entity_type("employee");
  command.mutable_bind_source_key()->set_key("E-new");
  command.mutable_bind_source_key()->mutable_span()->set_from("2026-07-01");
  const auto answer = (*home)->Submit(command);
  REQUIRE(answer.ok());
  INFO((std::holds_alternative<Rejection>(*answer) ? std::get<Rejection>(*answer).ToString() : ""));
  REQUIRE(std::holds_alternative<Committed>(*answer));
  // The one live cycle of the one person: June is sealed.
  CHECK((*home)->Scores().Evaluated() - before == 1);
}

TEST_CASE("an alert that a node raises waits once in the outbox, under an id that others give too",
          "[runner][unit]") {
  const score_table::Alert alert = {.code = "SOURCE_PAUSED",
                                    .subject = "source/erp",
                                    .occasion = "facts/0 17",
                                    .text = "too many records of erp are refused",
                                    .node = "n-1"};
  const auto raise = [](const score_table::Alert& raised, int64_t position, int times) {
    testing::ScratchStore scratch;
    score_table::Evaluator evaluator(*scratch.rows);
    score_table::Projector scores(evaluator, {.company = "acme", .node = raised.node});
    for (int i = 0; i < times; ++i) {
      scores.PublishAlert({.decisions = position, .facts = {3}}, {1'000}, raised, *scratch.rows);
    }
    const score_table::OutboxFigures figures = score_table::FiguresOfOutbox(*scratch.rows);
    const auto outputs = score_table::Outputs(*scratch.rows, 0);
    CHECK(figures.records == static_cast<int64_t>(outputs.size()));
    CHECK(figures.oldest == Instant{1'000});
    REQUIRE(outputs.size() == 1);
    return outputs.front().record;
  };
  const v1::OutputRecord record = raise(alert, 40, 2);
  CHECK(record.topic() == "alerts");
  CHECK(record.key() == "acme/SOURCE_PAUSED/source/erp");
  CHECK(record.version().sum() == 43);
  CHECK(record.alert().node() == "n-1");
  score_table::Alert of_another = alert;
  of_another.node = "n-2";
  CHECK(raise(of_another, 44, 1).id() == record.id());
  score_table::Alert later = alert;
  later.occasion = "facts/0 99";
  CHECK(raise(later, 40, 1).id() != record.id());
}

}  // namespace assay
