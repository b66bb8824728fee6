// Kills the whole program, signal 9, again and again while a company comes to be, and looks at what
// the next call finds.
//
// Most kills are placed: a tracer sees every change of a file before it is made, so the phase that
// was hit is known and not guessed. The others come after a time that is drawn.

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/environment.h"

namespace assay::testing {
namespace {

constexpr int kKillsDefault = 60;
constexpr int kDays = 6;

enum Phase : uint8_t { kStartUp, kKeys, kCommit, kIngest, kWriteBack, kAnswer, kRebuild, kByTime };
constexpr int kPhaseCount = 8;
constexpr std::array<const char*, kPhaseCount> kPhaseNames = {
    "start-up", "keys", "commit", "ingest", "write-back", "answer", "rebuild", "by time"};

// What must be hit often, and what "often" is.
constexpr std::array<Phase, 4> kWanted = {kStartUp, kCommit, kWriteBack, kRebuild};
constexpr int Share(int kills) { return kills / 12; }

// --- the work ---

// One call, which may be repeated until it ends by itself.
struct Step {
  std::string name;
  std::vector<std::string> words;
  // What the words read.
  std::string file;
  std::string text;
  // What a repetition answers when the killed call had come far enough, besides 0.
  std::string refused;
};

std::string InstantOfStep(size_t number) {
  return fmt::format("2026-07-02T{:02}:{:02}:00Z", number / 60, number % 60);
}

std::string DayFile(int day) {
  std::string text = "record,rev,day,emp,output\n";
  for (int i = 0; i < 24; ++i) {
    text += fmt::format("r-{0}-{1},1,2026-06-{0:02},E{2},{3}\n", day, i, i % kDays + 1, 3 + i % 5);
  }
  // The same record once more, and one that no contract can read.
  return text +
         fmt::format("r-{0}-0,1,2026-06-{0:02},E1,3\nr-{0}-x,1,2026-06-{0:02},E1,much\n", day);
}

std::string AgreementOf(int number) {
  const std::string person = fmt::format("p-{}", number);
  const std::string id = fmt::format("a-{}", number);
  return By("p-hr", fmt::format("openAgreement: {{agreement: {}, person: {}, position: pos-op, "
                                "cycle: 2026-06}}",
                                id, person)) +
         By("p-mgr", fmt::format("proposeTerms: {{agreement: {}, note: 请确认, items: {}}}", id,
                                 Items({{.item = "output", .target = "100"}}))) +
         By(person, fmt::format("acceptItems: {{agreement: {}}}", id)) +
         By("p-mgr", fmt::format("signAgreement: {{agreement: {}}}", id)) +
         By(person, fmt::format("signAgreement: {{agreement: {}}}", id));
}

class Work {
 public:
  Work() {
    steps_.push_back(
        {.name = "init",
         .words = {"init", "--company", "acme", "--admin", "p-admin", "--partitions", "3"},
         .refused = "is at home in"});
    AddRun("founding", Founding());
    steps_.push_back({.name = "source add",
                      .words = {"source", "add", "erp.yaml"},
                      .file = "erp.yaml",
                      .text = Contract("erp", {"output pcs"})});
    AddRun("definitions",
           Publish({.id = "output", .formula = "sum(erp.output)"}) + CurveAndBands() +
               Template("std@1", {{.item = "output", .target = "100"}}) + June("std@1"));
    for (int day = 1; day <= kDays; ++day) AddDay(day);
    AddRun("close",
           By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}"));
    AddIngest(kDays + 1);
    AddRun("adjust", By("p-ex",
                        "requestAdjustment: {adjustment: adj-1, person: p-1, "
                        "cycle: 2026-06, delta: \"5\", reasonCode: OUTPUT, "
                        "remark: 参考ERP}") +
                         By("p-ex2", "approveAdjustment: {adjustment: adj-1}"));
    AddRun("publish", By("p-hr", "publishResults: {cycle: 2026-06}"));
    AddRebuild();
  }

  [[nodiscard]] const std::vector<Step>& Steps() const { return steps_; }

 private:
  void AddDay(int day) {
    const std::string person = fmt::format("p-{}", day);
    AddRun(fmt::format("person-{}", day), Hire(person, fmt::format("E{}", day)));
    AddRun(fmt::format("agreement-{}", day), AgreementOf(day));
    AddIngest(day);
    if (day % 2 == 0) AddRebuild();
  }
  void AddRun(const std::string& name, const std::string& documents) {
    const std::string file = name + ".yaml";
    steps_.push_back(
        {.name = "run", .words = {"run", file}, .file = file, .text = WithIds(name, documents)});
  }
  void AddIngest(int day) {
    const std::string file = fmt::format("day-{}.csv", day);
    steps_.push_back(
        {.name = "ingest", .words = {"ingest", "erp", file}, .file = file, .text = DayFile(day)});
  }
  void AddRebuild() { steps_.push_back({.name = "rebuild", .words = {"rebuild"}}); }

  std::vector<Step> steps_;
};

// --- phases ---

// Tells the phase of one call from what it does to its files.
class PhaseFinder {
 public:
  explicit PhaseFinder(const Step& step) : step_(step) {}

  // Nothing for what says nothing: RocksDB's own notes.
  std::optional<Phase> Of(const Operation& operation) {
    const std::string& path = operation.path;
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name.starts_with("LOG") || name.starts_with("OPTIONS")) return std::nullopt;
    if (path == "stdout") return kAnswer;
    if (path.starts_with("home/keys/")) return kKeys;
    if (path.starts_with("home/views")) {
      if (step_.name == "rebuild") return kRebuild;
      return has_appended_ ? kWriteBack : kStartUp;
    }
    // Opening the journal makes a log file; only appending writes into it.
    const bool is_log = path.starts_with("home/journal/") && path.ends_with(".log");
    has_appended_ = has_appended_ || (is_log && operation.what == "write");
    if (!has_appended_ || !path.starts_with("home/journal/")) return kStartUp;
    return step_.name == "ingest" ? kIngest : kCommit;
  }

 private:
  const Step& step_;
  bool has_appended_ = false;
};

using Counts = std::array<int, kPhaseCount>;

// --- a company's home ---

class Life {
 public:
  explicit Life(const Work& work) : work_(work), program_(scratch_.path()) {
    // Keys follow from it, so that two homes of the same work hold the same rows.
    std::filesystem::create_directories(scratch_.Path("home/keys"));
    std::filesystem::permissions(scratch_.Path("home/keys"), std::filesystem::perms::owner_all);
    program_.Write("home/keys/SEED", std::string(64, '5') + "\n");
    for (const Step& step : work.Steps()) {
      if (!step.file.empty()) program_.Write(step.file, step.text);
    }
  }

  [[nodiscard]] std::vector<std::string> WordsOf(size_t number) const {
    std::vector<std::string> words = {"--home", "home", "--now", InstantOfStep(number)};
    const Step& step = work_.Steps()[number];
    words.insert(words.end(), step.words.begin(), step.words.end());
    return words;
  }

  // Runs a step to its end.
  void Finish(size_t number) {
    const Ended ended = program_.Run(WordsOf(number));
    const Step& step = work_.Steps()[number];
    INFO(step.file << ": " << ended.out << ended.err);
    const bool is_repeated =
        !step.refused.empty() && ended.err.find(step.refused) != std::string::npos;
    REQUIRE((ended.code == 0 || is_repeated));
    Note(number, ended.out);
  }

  // Kills the step at the `nth` operation of the phase. False when it ended before.
  std::optional<bool> KillAt(size_t number, Phase phase, int nth) {
    PhaseFinder finder(work_.Steps()[number]);
    const auto ended = program_.RunWatched(WordsOf(number), [&](const Operation& operation) {
      return finder.Of(operation) == phase && --nth == 0;
    });
    if (!ended.has_value()) return std::nullopt;
    Note(number, ended->out);
    return ended->Killed();
  }

  bool KillAfter(size_t number, int64_t after_us) {
    const Ended ended = program_.RunAndKill(WordsOf(number), after_us);
    Note(number, ended.out);
    return ended.Killed();
  }

  // How many operations of each phase the step has; runs it to its end.
  std::optional<Counts> Measure(size_t number) {
    PhaseFinder finder(work_.Steps()[number]);
    Counts counts{};
    const auto ended = program_.RunWatched(WordsOf(number), [&](const Operation& operation) {
      if (const auto phase = finder.Of(operation)) ++counts[*phase];
      return false;
    });
    if (!ended.has_value()) return std::nullopt;
    INFO(work_.Steps()[number].file << ": " << ended->err);
    REQUIRE(ended->code == 0);
    return counts;
  }

  // Every commit that was told to be there is there, and no command was applied twice.
  void CheckLog() {
    const Ended shown = program_.Run({"--home", "home", "log", "show", "decisions"});
    INFO(shown.err);
    REQUIRE(shown.code == 0);
    std::map<int64_t, std::string> commands;
    std::map<std::string, int> applied;
    simdjson::dom::parser parser;
    std::stringstream lines(shown.out);
    for (std::string line; std::getline(lines, line);) {
      const simdjson::dom::element row = parser.parse(line).value();
      if (std::string_view(row["verdict"]) != "applied") continue;
      const std::string command{std::string_view(row["commandId"])};
      commands[int64_t(row["position"])] = command;
      INFO(command);
      REQUIRE(++applied[command] == 1);
    }
    for (const auto& [position, command] : acknowledged_) {
      INFO("acknowledged at " << position << ": " << command);
      REQUIRE(commands[position] == command);
    }
  }

  void Verify(bool decisions) {
    std::vector<std::string> words = {"--home", "home", "verify"};
    if (decisions) words.emplace_back("--decisions");
    const Ended ended = program_.Run(words);
    INFO(ended.err);
    REQUIRE(ended.code == 0);
  }

  // One field of an object that the call prints as JSON; the whole text without a field.
  [[nodiscard]] std::string Tell(const std::vector<std::string>& words, const char* field) {
    std::vector<std::string> all = {"--home", "home", "-o", "json"};
    all.insert(all.end(), words.begin(), words.end());
    const Ended ended = program_.Run(all);
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    simdjson::dom::parser parser;
    const simdjson::dom::element object = parser.parse(ended.out).value();
    return simdjson::minify(object[field].value());
  }

  [[nodiscard]] size_t Acknowledged() const { return acknowledged_.size(); }

 private:
  // Each "ok POSITION" answers the next command of the file.
  void Note(size_t number, const std::string& out) {
    const Step& step = work_.Steps()[number];
    if (step.name != "run") return;
    const std::string prefix = step.file.substr(0, step.file.size() - std::string(".yaml").size());
    std::stringstream lines(out);
    int answered = 0;
    for (std::string line; std::getline(lines, line); ++answered) {
      // The last line may be torn.
      if (lines.eof()) break;
      REQUIRE(line.starts_with("ok "));
      const auto [known, is_new] =
          acknowledged_.emplace(std::stoll(line.substr(3)), fmt::format("{}-{}", prefix, answered));
      REQUIRE((is_new || known->second == fmt::format("{}-{}", prefix, answered)));
    }
  }

  const Work& work_;
  ScratchDirectory scratch_;
  Program program_;
  std::map<int64_t, std::string> acknowledged_;
};

// --- the campaign ---

class Campaign {
 public:
  Campaign(int kills, uint64_t seed) : kills_(kills), random_(seed) {
    Life undisturbed(work_);
    for (size_t i = 0; i < work_.Steps().size(); ++i) {
      const auto counts = undisturbed.Measure(i);
      can_watch_ = counts.has_value();
      if (!can_watch_) undisturbed.Finish(i);
      measured_.push_back(counts.value_or(Counts()));
    }
    digest_ = undisturbed.Tell({"digest"}, "digest");
    ledger_ = undisturbed.Tell({"status"}, "sources");
  }

  void Run() {
    while (Wants()) RunLife();
  }

  [[nodiscard]] bool CanWatch() const { return can_watch_; }
  [[nodiscard]] int Killed() const { return killed_; }
  [[nodiscard]] int Hits(Phase phase) const {
    int hits = 0;
    for (const auto& [verb, counts] : hits_) hits += counts[phase];
    return hits;
  }
  // One line per verb, one column per phase.
  [[nodiscard]] std::string Spread() const {
    std::string text = fmt::format("{:<12}", "kills in");
    for (const char* name : kPhaseNames) text += fmt::format("{:>11}", name);
    text += "\n";
    for (const auto& [verb, counts] : hits_) {
      text += fmt::format("{:<12}", verb);
      for (const int count : counts) text += fmt::format("{:>11}", count);
      text += "\n";
    }
    return text + fmt::format("{} kills, {} companies, {} commits acknowledged\n", killed_, lives_,
                              acknowledged_);
  }

 private:
  // Until there are enough, and every phase had its share; a phase that is never hit ends it too.
  [[nodiscard]] bool Wants() const {
    if (killed_ < kills_ || !can_watch_) return killed_ < kills_;
    return killed_ < 2 * kills_ && std::any_of(kWanted.begin(), kWanted.end(), [&](Phase phase) {
             return Hits(phase) < Share(kills_);
           });
  }

  void RunLife() {
    ++lives_;
    Life life(work_);
    for (size_t step = 0; step < work_.Steps().size(); ++step) {
      INFO("company " << lives_ << ", step " << step << " " << work_.Steps()[step].file);
      // Twice in a row now and then: the second hits what the first left behind.
      const bool was_killed = Kill(life, step);
      const bool is_rare = work_.Steps()[step].name == "rebuild";
      if (was_killed && (is_rare || Draw(1, 3) == 1)) Kill(life, step);
      life.Finish(step);
      if (!was_killed) continue;
      life.CheckLog();
      life.Verify(false);
    }
    CheckEnd(life);
    acknowledged_ += life.Acknowledged();
  }

  void CheckEnd(Life& life) {
    life.CheckLog();
    life.Verify(true);
    CHECK(life.Tell({"digest"}, "digest") == digest_);
    CHECK(life.Tell({"status"}, "sources") == ledger_);
    const std::string state = life.Tell({"digest"}, "stateDigest");
    CHECK(life.Tell({"rebuild"}, "moment") == life.Tell({"digest"}, "moment"));
    CHECK(life.Tell({"digest"}, "stateDigest") == state);
    CHECK(life.Tell({"digest"}, "digest") == digest_);
  }

  bool Kill(Life& life, size_t step) {
    if (!Wants()) return false;
    const std::string& verb = work_.Steps()[step].name;
    Phase phase = DrawPhase(step);
    bool was_killed = false;
    if (phase == kByTime) {
      was_killed = life.KillAfter(step, Draw(1'000, 90'000));
    } else {
      was_killed = life.KillAt(step, phase, static_cast<int>(Draw(1, measured_[step][phase])))
                       .value_or(false);
    }
    if (was_killed) ++hits_[verb][phase];
    killed_ += was_killed ? 1 : 0;
    return was_killed;
  }

  // A phase that the step has, however short it is; those that change rows are
  // drawn more often, and that of the rare verb most.
  Phase DrawPhase(size_t step) {
    std::vector<Phase> phases = {kByTime};
    for (int i = 0; can_watch_ && i < kByTime; ++i) {
      const auto phase = static_cast<Phase>(i);
      if (measured_[step][phase] == 0) continue;
      const size_t tickets = phase == kRebuild ? 6 : phase == kKeys || phase == kAnswer ? 1 : 2;
      phases.insert(phases.end(), tickets, phase);
    }
    const auto draw = [&] {
      return phases[static_cast<size_t>(Draw(0, static_cast<int64_t>(phases.size()) - 1))];
    };
    // Of two, the one that was hit less: the spread evens out.
    const Phase first = draw();
    const Phase second = draw();
    return Hits(second) < Hits(first) ? second : first;
  }

  int64_t Draw(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random_() % static_cast<uint64_t>(most - least + 1));
  }

  const Work work_;
  const int kills_;
  std::mt19937_64 random_;
  bool can_watch_ = false;
  std::vector<Counts> measured_;
  std::string digest_;
  std::string ledger_;
  std::map<std::string, Counts> hits_;
  int killed_ = 0;
  int lives_ = 0;
  size_t acknowledged_ = 0;
};

}  // namespace

TEST_CASE("kill -9 in any phase of any verb loses no commit and applies none twice",
          "[scenario][campaign][OPS-01]") {
  const auto kills = static_cast<int>(NumberFrom("ASSAY_KILLS", kKillsDefault));
  const auto seed = static_cast<uint64_t>(NumberFrom("ASSAY_SEED", 1));
  INFO("ASSAY_SEED=" << seed);
  PreferMemory();
  Campaign campaign(kills, seed);
  campaign.Run();
  fmt::print("{}", campaign.Spread());
  CHECK(campaign.Killed() >= kills);
  if (!campaign.CanWatch()) {
    WARN("this machine lets no process trace its child: every kill came by time");
    return;
  }
  for (const Phase phase : kWanted) {
    INFO(kPhaseNames[phase]);
    CHECK(campaign.Hits(phase) >= Share(kills));
  }
}

}  // namespace assay::testing
