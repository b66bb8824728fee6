#include "tools/assay/demo.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "projections/digest/query.h"
#include "projections/ledger/query.h"
#include "projections/score_table/query.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tools/assay/demo_company.h"
#include "tools/assay/demo_story.h"

namespace assay::demo {
namespace {

using assay::testing::ScratchDirectory;

constexpr int kPeople = 40;
constexpr const char* kChildHome = "ASSAY_TEST_DEMO_HOME";

std::unique_ptr<Home> MakeAt(const std::string& directory, const Options& options) {
  HomeOptions home;
  home.directory = directory;
  auto made = Make(home, options);
  INFO(made.status().ToString());
  REQUIRE(made.ok());
  return *std::move(made);
}

std::unique_ptr<Home> MakeAt(const std::string& directory) {
  return MakeAt(directory, {.people = kPeople});
}

// What must not depend on how the demo came to be.
struct Outcome {
  std::string digest;
  std::string ledger;

  bool operator==(const Outcome&) const = default;
};

std::string LedgerOf(Home& home) {
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const auto counts = ledger::Counts(home.Rows(), state);
  REQUIRE(counts.ok());
  std::string text;
  for (const auto& [source, count] : *counts) {
    text += fmt::format("{} {}={}+{}+{}+{}+{} unattributed {}\n", source, count.Received(),
                        count.applied, count.duplicate, count.stale, count.rejected, count.held,
                        count.unattributed);
  }
  return text;
}

Outcome OutcomeOf(Home& home) {
  const auto digest = digest::CompanyDigest(home.Rows());
  REQUIRE(digest.ok());
  return {digest->Hex(), LedgerOf(home)};
}

// Of a demo that nothing disturbed, made once for all tests.
const Outcome& Undisturbed() {
  static const Outcome kOutcome = [] {
    const ScratchDirectory scratch;
    return OutcomeOf(*MakeAt(scratch.Path("home")));
  }();
  return kOutcome;
}

int CountCommands(const std::vector<Step>& steps, v1::Command::BodyCase body) {
  return static_cast<int>(std::count_if(steps.begin(), steps.end(), [&](const Step& step) {
    const auto* command = std::get_if<v1::Command>(&step.what);
    return command != nullptr && command->body_case() == body;
  }));
}

std::string TextOf(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    text += step.at.ToString();
    if (const auto* command = std::get_if<v1::Command>(&step.what)) {
      text += command->SerializeAsString();
    } else {
      text += std::get<Delivery>(step.what).name + std::get<Delivery>(step.what).text;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("the demo is a company of 500 people with 20 middle managers, by seed",
          "[tools][demo][SCO-10]") {
  const Company company = DrawCompany(500, 1);
  CHECK(company.people.size() == 500);
  CHECK(std::count_if(company.people.begin(), company.people.end(),
                      [](const Person& person) { return person.kind == Kind::kManager; }) == 20);
  std::set<std::string> ids;
  std::set<std::string> employee_numbers;
  for (const Person& person : company.people) {
    ids.insert(person.id);
    employee_numbers.insert(person.employee_no);
  }
  CHECK(ids.size() == 500);
  CHECK(employee_numbers.size() == 500);

  const std::vector<Step> steps = TellStory(company);
  CHECK(CountCommands(steps, v1::Command::kPublishMetric) == 5);
  CHECK(CountCommands(steps, v1::Command::kRegisterSource) == 6);
  CHECK(CountCommands(steps, v1::Command::kCounterTerms) >= 30);
  CHECK(CountCommands(steps, v1::Command::kRequestAdjustment) == 12);
  CHECK(CountCommands(steps, v1::Command::kRevokeAdjustment) == 2);
  CHECK(std::is_sorted(steps.begin(), steps.end(),
                       [](const Step& a, const Step& b) { return a.at < b.at; }));

  const std::string text = TextOf(steps);
  CHECK(TextOf(TellStory(DrawCompany(500, 1))) == text);
  CHECK(TextOf(TellStory(DrawCompany(500, 2))) != text);
}

TEST_CASE("every count of the demo's ledger is above zero and as expected",
          "[tools][demo][SCO-10]") {
  // Received = applied + duplicate + stale + rejected + held.
  const std::string golden =
      "attendance 1257=1218+8+4+24+3 unattributed 12\n"
      "crm 213=151+8+4+48+2 unattributed 12\n"
      "erp 1040=976+9+4+48+3 unattributed 12\n"
      "mes 1028=965+8+4+48+3 unattributed 12\n"
      "qms 1024=965+8+4+44+3 unattributed 12\n"
      "review 140=122+2+1+11+4 unattributed 3\n";
  CHECK(Undisturbed().ledger == golden);
}

TEST_CASE("making the demo again changes nothing", "[tools][demo]") {
  const ScratchDirectory scratch;
  std::string moment;
  {
    const auto home = MakeAt(scratch.Path("home"));
    moment = home->Views().Now().ToString();
    CHECK(OutcomeOf(*home) == Undisturbed());
  }
  const auto home = MakeAt(scratch.Path("home"));
  CHECK(home->Views().Now().ToString() == moment);
  CHECK(OutcomeOf(*home) == Undisturbed());
}

TEST_CASE("a demo that was stopped after any step goes on to the same end", "[tools][demo]") {
  const auto steps = static_cast<int64_t>(TellStory(DrawCompany(kPeople, 1)).size());
  for (const int64_t stop : {int64_t{1}, steps / 3, steps * 4 / 5, steps - 1}) {
    INFO("stopped after step " << stop);
    const ScratchDirectory scratch;
    std::string moment;
    {
      const auto home = MakeAt(scratch.Path("home"), {.people = kPeople, .steps_max = stop});
      moment = home->Views().Now().ToString();
    }
    const auto home = MakeAt(scratch.Path("home"));
    CHECK(home->Views().Now().ToString() != moment);
    CHECK(OutcomeOf(*home) == Undisturbed());
  }
}

// Run by the next test in a process of its own.
TEST_CASE("child: makes the demo until it is killed", "[.child]") {
  const char* directory = std::getenv(kChildHome);
  REQUIRE(directory != nullptr);
  MakeAt(directory);
}

TEST_CASE("a demo that was killed at any moment goes on to the same end",
          "[tools][demo][campaign]") {
  const char* seed = std::getenv("ASSAY_SEED");
  const char* count = std::getenv("ASSAY_DEMO_KILLS");
  Draw draw(seed == nullptr ? 1 : std::atoll(seed), "kills");
  const int kills = count == nullptr ? 4 : std::atoi(count);
  const ScratchDirectory scratch;
  const std::string directory = scratch.Path("home");
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    const int64_t wait_ms = draw.Between(50, 600);
    const pid_t child = fork();
    if (child == 0) {
      setenv(kChildHome, directory.c_str(), 1);
      execl("/proc/self/exe", "tools_assay_tests", "[.child]", nullptr);
      _exit(127);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) ++killed;
    CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  }
  CHECK(killed > 0);
  CHECK(OutcomeOf(*MakeAt(directory)) == Undisturbed());
}

TEST_CASE("the demo leaves another company's home as it is", "[tools][demo]") {
  const ScratchDirectory scratch;
  HomeOptions options;
  options.directory = scratch.Path("home");
  REQUIRE(Home::Init(options, {.company = "acme", .admins = {"p-1"}}, false).ok());
  CHECK(Make(options, {.people = kPeople}).status().code() == absl::StatusCode::kAlreadyExists);
  CHECK_FALSE(std::filesystem::exists(options.directory + "/keys/SEED"));

  options.directory = scratch.Path("demo");
  MakeAt(options.directory, {.people = kPeople, .steps_max = 1});
  CHECK(Make(options, {.people = kPeople, .seed = 2}).status().code() ==
        absl::StatusCode::kAlreadyExists);
  CHECK(Make(options, {.people = kPeople - 1}).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("June is published, with adjustments, and July is open with scores", "[tools][demo]") {
  const ScratchDirectory scratch;
  const auto home = MakeAt(scratch.Path("home"));
  decisions::StateAt state(home->Rows(), decisions::kNewest);
  v1::CycleState june;
  v1::CycleState july;
  REQUIRE(state.Get(streams::Cycle("2026-06"), &june));
  REQUIRE(state.Get(streams::Cycle("2026-07"), &july));
  CHECK(june.stage() == v1::CYCLE_STAGE_PUBLISHED);
  CHECK(june.subjects() == kPeople);
  CHECK(july.stage() == v1::CYCLE_STAGE_OPEN);

  std::map<std::string, int> stages;
  for (const v1::Member& member : state.Members(streams::CycleAdjustments("2026-06"))) {
    ++stages[member.state()];
  }
  // The twelfth was refused: the supervisor may adjust the output alone.
  CHECK(stages == std::map<std::string, int>{{"APPLIED", 9}, {"REVOKED", 2}});

  for (const char* cycle : {"2026-06", "2026-07"}) {
    const auto scores = score_table::StoredScores(home->Rows(), cycle);
    REQUIRE(scores.ok());
    CHECK(scores->size() == kPeople);
    for (const v1::ScoreRecord& score : *scores) {
      INFO(cycle << " " << score.person());
      CHECK(score.status() == "OK");
      CHECK_FALSE(score.band().empty());
    }
  }
  // What came late is held and would change something.
  const auto held = ledger::Held(home->Rows(), june);
  REQUIRE(held.ok());
  CHECK(held->size() > 6);
}

namespace {

// Everything that is written: both journals, every row of the views, the files of the views.
std::string EverythingWritten(const std::string& directory) {
  std::string bytes;
  {
    const auto home = MakeAt(directory);
    for (int32_t i = -1; i < home->Identity().facts_partitions; ++i) {
      const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
      for (Cursor cursor;;) {
        const auto records = home->Log().Read(partition, cursor, 1'000, 1 << 20);
        REQUIRE(records.ok());
        if (records->empty()) break;
        for (const StoredRecord& record : *records) bytes += record.value + "\n";
        cursor = records->back().Next();
      }
    }
    for (int table = 0; table < kTableCount; ++table) {
      const auto scan = home->Views().Tables().NewScan(static_cast<Table>(table), "");
      for (scan->Seek(""); scan->Valid(); scan->Next()) {
        bytes += std::string(scan->Key()) + "\n" + std::string(scan->Value()) + "\n";
      }
      REQUIRE(scan->status().ok());
    }
  }
  for (const char* part : {"/journal", "/views"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory + part)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      std::stringstream content;
      content << file.rdbuf();
      bytes += content.str();
    }
  }
  return bytes;
}

// Texts that must stand nowhere in clear.
std::set<std::string> PersonalTexts() {
  std::set<std::string> texts;
  const Company company = DrawCompany(kPeople, 1);
  for (const Person& person : company.people) {
    texts.insert(person.name);
    texts.insert(person.employee_no);
  }
  for (const Step& step : TellStory(company)) {
    if (const auto* command = std::get_if<v1::Command>(&step.what)) {
      texts.insert(command->reason().clear());
      texts.insert(command->counter_terms().note().clear());
      texts.insert(command->propose_amendment().note().clear());
      texts.insert(command->request_adjustment().remark().clear());
      continue;
    }
    std::stringstream lines(std::get<Delivery>(step.what).text);
    std::string line;
    std::getline(lines, line);
    for (int i = 0; std::getline(lines, line); ++i) {
      // Every kind of record, and all the bad ones at the end of a file.
      if (i % 40 == 0 ||
          lines.tellg() > std::streamoff(std::get<Delivery>(step.what).text.size()) - 2'000) {
        texts.insert(line);
      }
    }
  }
  texts.erase("");
  return texts;
}

}  // namespace

TEST_CASE("no name, remark or raw record of the demo stands in clear on a journal or in a view",
          "[tools][demo][privacy]") {
  const ScratchDirectory scratch;
  const std::string home = scratch.Path("home");
  // Made and closed again: what is searched is what stays.
  MakeAt(home).reset();
  const std::string written = EverythingWritten(home);
  // It is there to be found: what is not personal stands in clear.
  CHECK(written.find("pos-d01-op") != std::string::npos);
  const std::set<std::string> texts = PersonalTexts();
  CHECK(texts.size() > 200);
  for (const std::string& text : texts) {
    INFO(text);
    const bool found = written.find(text) != std::string::npos;
    CHECK_FALSE(found);
  }
}

}  // namespace assay::demo
