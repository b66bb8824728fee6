// The tables are whole, and every set that deciding reads has a race here that fails without it:
// two commits drafted on one basis whose only common stream is the set.

#include "engine/commit/domains.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "connectors/simulated/simulated_journal.h"
#include "engine/commit/checkers.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "tests/support/memory_replica.h"

namespace assay {
namespace {

using testing::FromText;
using testing::MemoryReplica;

const LogIdentity kSetsLog{"acme", "log-1", 1};

class Race {
 public:
  Race() : medium_({.seed = 5, .facts_partitions = 1}), replica_(medium_, kSetsLog) {
    const std::string genesis = GenesisValue(kSetsLog, kDecisionsPartition);
    REQUIRE(medium_.Append(kDecisionsPartition, {&genesis, 1}).ok());
    Given("p-admin", R"(found_company { company: "acme" admins: "p-admin" })");
    Given("p-admin",
          R"(give_grant { grant: "g-hr" to { person: "p-hr" } role: ROLE_HR span { from:
            "2020-01-01" } })");
    Given("p-admin",
          R"(give_grant { grant: "g-ex" to { person: "p-ex" } role: ROLE_EXECUTIVE span { from:
            "2020-01-01" } })");
    Given("p-admin",
          R"(give_grant { grant: "g-fin" to { person: "p-fin" } role: ROLE_FINANCE span { from:
            "2020-01-01" } })");
    Given("p-admin",
          R"(give_grant { grant: "g-head" to { person: "p-head" } role: ROLE_DEPARTMENT_HEAD span {
            from: "2020-01-01" } })");
  }

  Race& Given(const std::string& actor, const std::string& body) {
    const Drafted drafted = Draft(actor, body);
    INFO(body);
    if (const auto* refused = std::get_if<Rejection>(&drafted.decision)) {
      FAIL(refused->ToString());
    }
    REQUIRE(Append(drafted) == Verdict::kApplied);
    return *this;
  }
  // Folds an event that no command of this test makes.
  Race& GivenEvent(const std::string& text) {
    v1::Commit commit;
    *commit.add_events() = FromText<v1::Event>(text);
    commit.add_writes(commit.events(0).stream());
    for (const SetChange& change : SetsTouchedBy(commit.events(0))) {
      commit.add_touches(change.set_stream);
    }
    std::sort(commit.mutable_touches()->begin(), commit.mutable_touches()->end());
    commit.set_command_id("event-" + std::to_string(++number_));
    commit.mutable_command()->set_command_id(commit.command_id());
    commit.set_rules_version(1);
    const auto snapshot = replica_.Snapshot();
    commit.mutable_basis()->set_position(snapshot->position);
    commit.mutable_basis()->set_root(snapshot->root.ToString());
    *commit.mutable_decided_at() = TimestampOf(medium_.Clock().Now());
    REQUIRE(Append({Accepted{}, commit}) == Verdict::kApplied);
    return *this;
  }

  // Both are accepted on one basis; the second must be judged a conflict, because of `set` alone.
  void Expect(const std::string& set, const std::string& first_actor, const std::string& first,
              const std::string& second_actor, const std::string& second) {
    const Drafted changes = Draft(first_actor, first);
    const Drafted reads = Draft(second_actor, second);
    for (const Drafted* drafted : {&changes, &reads}) {
      if (const auto* refused = std::get_if<Rejection>(&drafted->decision)) {
        FAIL(refused->ToString());
      }
    }
    std::set<std::string> common;
    for (const auto* changed : {&changes.commit.writes(), &changes.commit.touches()}) {
      for (const std::string& stream : *changed) {
        const auto& read = reads.commit.reads();
        const auto& written = reads.commit.writes();
        if (std::find(read.begin(), read.end(), stream) != read.end() ||
            std::find(written.begin(), written.end(), stream) != written.end()) {
          common.insert(stream);
        }
      }
    }
    CHECK(common == std::set<std::string>{set});
    CHECK(Append(changes) == Verdict::kApplied);
    CHECK(Append(reads) == Verdict::kConflict);
  }

  testing::StatedScores& Scores() { return replica_.scores; }

 private:
  Drafted Draft(const std::string& actor, const std::string& body) {
    auto command = FromText<v1::Command>(body);
    command.set_command_id("c-" + std::to_string(++number_));
    command.mutable_actor()->set_person(actor);
    REQUIRE(replica_.CatchUp().ok());
    auto snapshot = replica_.Snapshot();
    REQUIRE(snapshot.ok());
    auto drafted = DraftCommit(command, medium_.Clock().Now(), *snapshot);
    REQUIRE(drafted.ok());
    return *std::move(drafted);
  }
  Verdict Append(const Drafted& drafted) {
    v1::Record record;
    record.set_company(kSetsLog.company);
    record.set_log_id(kSetsLog.log_id);
    *record.mutable_commit() = drafted.commit;
    const std::string value = record.SerializeAsString();
    REQUIRE(medium_.Append(kDecisionsPartition, {&value, 1}).ok());
    REQUIRE(replica_.CatchUp().ok());
    return replica_.history.back().verdict;
  }

  SimulatedJournal medium_;
  MemoryReplica replica_;
  int number_ = 0;
};

std::string Assign(const std::string& id, const std::string& person, const std::string& position) {
  return fmt::format(
      R"(start_assignment {{ assignment: "{}" person: "{}" position: "{}" allocation_bp: 6000
         kind: ASSIGNMENT_KIND_CONCURRENT span {{ from: "2026-01-01" }} }})",
      id, person, position);
}

void GivenPlant(Race& race) {
  race.Given(
      "p-hr",
      R"(create_unit { unit: "u-1" name: "Plant" kind: UNIT_KIND_SITE from: "2026-01-01" })");
  race.Given(
      "p-hr",
      R"(create_unit { unit: "u-2" name: "Other" kind: UNIT_KIND_SITE from: "2026-01-01" })");
  for (const char* position : {"q-1", "q-2"}) {
    race.Given("p-hr",
               fmt::format(
                   R"(create_position {{ position: "{}" unit: "u-2" title: "T" headcount: 1 from:
            "2026-01-01" }})",
                   position));
  }
  for (const char* person : {"p-1", "p-2"}) {
    race.Given("p-hr", fmt::format(R"(add_person {{ person: "{}" }})", person));
  }
}

// A cycle with one template that needs nothing but itself; its rows are folded as they are.
void GivenCycle(Race& race) {
  GivenPlant(race);
  race.GivenEvent(R"(stream: "template/t@1" template_published { template: "t@1" definition {
      name: "T" score_unsigned: true
      items { item: "i" metric: "m@1" curve: "c@1" weight_bp: 10000 target: "1" unit: "1" } } })");
  race.GivenEvent(R"(stream: "metric/m@1" metric_drafted { metric: "m@1" definition {
      name: "M" kind: METRIC_KIND_QUANTITATIVE formula: "1" unit: "1" grain: GRAIN_MONTH } })");
  race.GivenEvent(R"(stream: "metric/m@1" metric_published { metric: "m@1" from: "2026-01-01" })");
  race.GivenEvent(
      R"(stream: "curve/c@1" curve_published { curve: "c@1" definition { kind:
            CURVE_KIND_PROPORTIONAL } })");
  race.Given("p-hr", Assign("a-1", "p-1", "q-1"));
  race.Given("p-hr", Assign("a-2", "p-2", "q-2"));
  race.Given("p-hr",
             R"(plan_cycle { cycle: "2026-06" period { from: "2026-06-01" to: "2026-07-01" } grain:
            GRAIN_MONTH template: "t@1" })");
  race.Given("p-hr", R"(open_cycle { cycle: "2026-06" })");
}

std::string OpenAgreement(const std::string& id, const std::string& person,
                          const std::string& position) {
  return fmt::format(
      R"(open_agreement {{ agreement: "{}" person: "{}" position: "{}" cycle: "2026-06" template:
            "t@1" }})",
      id, person, position);
}

void GivenSealedCycle(Race& race) {
  GivenCycle(race);
  race.Given("p-hr", OpenAgreement("g-1", "p-1", "q-1"));
  race.Given("p-hr", R"(close_intake { cycle: "2026-06" })");
  race.Given("p-hr", R"(lock_cycle { cycle: "2026-06" })");
  race.GivenEvent(
      R"(stream: "cycle/2026-06" cut_sealed { cycle: "2026-06" generation: 1 cut: 5 })");
  race.Scores().scores[{"2026-06", "p-1"}] = {.computable = true, .status = "OK", .items = {"i"}};
}

std::string Adjust(const std::string& id) {
  return fmt::format(
      R"(request_adjustment {{ adjustment: "{}" person: "p-1" cycle: "2026-06" delta: "1"
         reason_code: "r" remark {{ key_id: "person/p-1" alg: "AES-256-GCM" nonce: "twelve bytes"
         bytes: "a text, encrypted" }} }})",
      id);
}

}  // namespace

TEST_CASE("race on grants/<actor>: a grant given against a command that it would judge",
          "[commit][unit]") {
  Race race;
  race.Given(
      "p-admin",
      R"(give_grant { grant: "g-x" to { person: "p-x" } role: ROLE_HR span { from: "2020-01-01" }
            })");
  race.Expect("grants/p-x", "p-admin",
              R"(give_grant { grant: "g-y" to { person: "p-x" } role: ROLE_AUDITOR span { from:
            "2020-01-01" } })",
              "p-x", R"(add_person { person: "p-9" })");
}

TEST_CASE("race on company/admins: a second admin against a grant by one", "[commit][unit]") {
  Race race;
  race.Expect(
      "company/admins", "p-admin",
      R"(give_grant { grant: "g-2" to { person: "p-2" } role: ROLE_ADMIN span { from: "2020-01-01"
            } })",
      "p-admin",
      R"(give_grant { grant: "g-3" to { person: "p-3" } role: ROLE_HR span { from: "2020-01-01" }
            })");
}

TEST_CASE("race on unit/U/children: a new child against retiring the unit", "[commit][unit]") {
  Race race;
  GivenPlant(race);
  race.Expect(
      "unit/u-1/children", "p-hr",
      R"(create_unit { unit: "u-3" name: "C" kind: UNIT_KIND_TEAM parent: "u-1" from: "2026-01-01"
            })",
      "p-hr", R"(retire_unit { unit: "u-1" from: "2026-05-01" })");
}

TEST_CASE("race on unit/U/positions: a new position against retiring the unit", "[commit][unit]") {
  Race race;
  GivenPlant(race);
  race.Expect(
      "unit/u-1/positions", "p-hr",
      R"(create_position { position: "q-9" unit: "u-1" title: "T" headcount: 1 from: "2026-01-01"
            })",
      "p-hr", R"(retire_unit { unit: "u-1" from: "2026-05-01" })");
}

TEST_CASE("race on position/Q/assignments: two people for the last place", "[commit][unit]") {
  Race race;
  GivenPlant(race);
  race.Expect("position/q-1/assignments", "p-hr", Assign("a-1", "p-1", "q-1"), "p-hr",
              Assign("a-2", "p-2", "q-1"));
}

TEST_CASE("race on person/P/assignments: two places for one person", "[commit][unit]") {
  Race race;
  GivenPlant(race);
  race.Expect("person/p-1/assignments", "p-hr", Assign("a-1", "p-1", "q-1"), "p-hr",
              Assign("a-2", "p-1", "q-2"));
}

TEST_CASE("race on name/metric/N: two metrics of one name", "[commit][unit]") {
  Race race;
  GivenPlant(race);
  const auto draft = [](const char* id) {
    return fmt::format(R"(draft_metric {{ metric: "{}@1" definition {{ name: "N" owner_unit: "u-1"
        kind: METRIC_KIND_QUANTITATIVE formula: "1" unit: "1" }} }})",
                       id);
  };
  race.Expect("name/metric/N", "p-hr", draft("m1"), "p-hr", draft("m2"));
}

TEST_CASE("race on company/cycles: two cycles over one month", "[commit][unit]") {
  Race race;
  GivenCycle(race);
  const auto plan = [](const char* id) {
    return fmt::format(R"(plan_cycle {{ cycle: "{}" period {{ from: "2026-07-01" to: "2026-08-01" }}
        grain: GRAIN_MONTH template: "t@1" }})",
                       id);
  };
  race.Expect("company/cycles", "p-hr", plan("x"), "p-hr", plan("y"));
}

TEST_CASE("race on cycle/X/person/P/agreements: two agreements for one position",
          "[commit][unit]") {
  Race race;
  GivenCycle(race);
  race.Expect("cycle/2026-06/person/p-1/agreements", "p-hr", OpenAgreement("g-1", "p-1", "q-1"),
              "p-hr", OpenAgreement("g-2", "p-1", "q-1"));
}

TEST_CASE("race on cycle/X/agreements: a new agreement against the lock", "[commit][unit]") {
  Race race;
  GivenCycle(race);
  race.Given("p-hr", OpenAgreement("g-1", "p-1", "q-1"));
  race.Given("p-hr", R"(close_intake { cycle: "2026-06" })");
  race.GivenEvent(R"(stream: "other/x" intake_closed { cycle: "none" })");
  const auto withdraw = R"(withdraw_agreement { agreement: "g-1" })";
  race.Expect("cycle/2026-06/agreements", "p-hr", withdraw, "p-hr",
              R"(lock_cycle { cycle: "2026-06" })");
}

TEST_CASE("race on cycle/X/adjustments: a request against publishing", "[commit][unit]") {
  Race race;
  GivenSealedCycle(race);
  race.Expect("cycle/2026-06/adjustments", "p-hr", Adjust("j-1"), "p-hr",
              R"(publish_results { cycle: "2026-06" })");
}

TEST_CASE("race on cycle/X/person/P/adjustments: two requests for the last one allowed",
          "[commit][unit]") {
  Race race;
  GivenSealedCycle(race);
  race.Given("p-hr", Adjust("j-1"));
  race.Expect("cycle/2026-06/person/p-1/adjustments", "p-hr", Adjust("j-2"), "p-hr", Adjust("j-3"));
}

TEST_CASE("every set that an event touches stands in the table once", "[commit][unit]") {
  const auto touched = SetsTouchedBy(FromText<v1::Event>(
      R"(stream: "assignment/a" assignment_started { assignment: "a" person: "p" position: "q"
            })"));
  REQUIRE(touched.size() == 2);
  CHECK(touched[0].set_stream == "person/p/assignments");
  CHECK(touched[1].set_stream == "position/q/assignments");
}

TEST_CASE("events of later kinds are for logs of version 2", "[commit][unit]") {
  v1::Event event;
  event.mutable_person_added();
  CHECK(SinceVersion(event) == 1);
  event.mutable_heads_noted();
  CHECK(SinceVersion(event) == 2);
  event.mutable_log_authenticated();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_contract_registered();
  CHECK(SinceVersion(event) == 1);
  event.mutable_source_contract_proposed();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_contract_signed();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_contract_rejected();
  CHECK(SinceVersion(event) == 2);
  event.mutable_grant_revocation_proposed();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_key_proposed();
  CHECK(SinceVersion(event) == 2);
}

TEST_CASE("a later field of an older event is for logs of version 2", "[commit][unit]") {
  v1::Event event;
  event.mutable_company_founded();
  CHECK(SinceVersion(event) == 1);
  event.mutable_company_founded()->mutable_grants()->set_known(true);
  CHECK(SinceVersion(event) == 2);
  event.mutable_cycle_planned();
  CHECK(SinceVersion(event) == 1);
  event.mutable_cycle_planned()->mutable_budgets()->set_per_unit("5");
  CHECK(SinceVersion(event) == 2);
}

TEST_CASE("every command, event and stream has exactly one row, and every row all columns",
          "[commit][unit]") {
  CHECK(FaultsOf(Domains()) == std::vector<std::string>{});
  CHECK(RowOf(v1::Command::BODY_NOT_SET) == nullptr);
  CHECK(RowOf(v1::Event::BODY_NOT_SET) == nullptr);
}

// What a row that is forgotten, or not filled, is told.
std::vector<std::string> After(const std::function<void(std::vector<Domain>&)>& sabotage) {
  std::vector<Domain> domains(Domains().begin(), Domains().end());
  sabotage(domains);
  return FaultsOf(domains);
}

TEST_CASE("whatever a table leaves out is named", "[commit][unit]") {
  using Names = std::vector<std::string>;
  using Tables = std::vector<Domain>;
  const auto command = [](Tables& domains) -> CommandRow& { return domains[0].commands[1]; };
  const auto event = [](Tables& domains) -> EventRow& { return domains[0].events[1]; };
  CHECK(After([](Tables& domains) { domains[0].commands.erase(domains[0].commands.begin()); }) ==
        Names{"command foundCompany: no domain has a row"});
  CHECK(After([](Tables& domains) { domains[0].events.erase(domains[0].events.begin()); }) ==
        Names{"event companyFounded: no domain has a row"});
  CHECK(After([](Tables& domains) { domains[0].commands.push_back(domains[1].commands[0]); }) ==
        Names{"command createUnit: 2 rows"});
  CHECK(After([](Tables& domains) { domains[0].streams.push_back(domains[1].streams[0]); }) ==
        Names{"stream unit/: two rows"});
  CHECK(After([&](Tables& domains) { command(domains).subject = nullptr; }) ==
        Names{"command addPerson: subject is missing"});
  CHECK(After([&](Tables& domains) { command(domains).access = {}; }) ==
        Names{"command addPerson: access is missing"});
  CHECK(After([&](Tables& domains) { command(domains).access.roles.clear(); }) ==
        Names{"command addPerson: a role or a judge is missing"});
  CHECK(After([&](Tables& domains) { command(domains).decide = nullptr; }) ==
        Names{"command addPerson: decide is missing"});
  CHECK(After([&](Tables& domains) { event(domains) = {.event = v1::Event::kPersonAdded}; }) ==
        Names{"event personAdded: since is missing", "event personAdded: stream is missing",
              "event personAdded: evolve is missing", "event personAdded: sets is missing",
              "event personAdded: effect is missing", "event personAdded: output is missing"});
  CHECK(After([&](Tables& domains) { domains[0].streams[0] = {.prefix = "company"}; }) ==
        Names{"stream company: message is missing", "stream company: digest is missing"});
}

TEST_CASE("a row says who may, by roles or by a function, and never by both", "[commit][unit]") {
  std::set<std::string> of_the_engine;
  for (const Domain& domain : Domains()) {
    for (const CommandRow& row : domain.commands) {
      const AccessRule& rule = row.access;
      const auto* field = v1::Command::descriptor()->FindFieldByNumber(row.command);
      INFO(field->name());
      const bool by_people =
          rule.sender == SentBy::kPeople || rule.sender == SentBy::kPeopleAndEngine;
      CHECK((rule.roles.empty() != (rule.judge == nullptr)) == by_people);
      if (rule.places != nullptr) CHECK(!rule.roles.empty());
      if (rule.sender == SentBy::kEngine) of_the_engine.insert(field->name());
    }
  }
  // A list that grows on purpose.
  CHECK(of_the_engine ==
        std::set<std::string>{"claim_publisher", "claim_source", "note_heads", "seal_cut"});
}

TEST_CASE("a stream's row is that of the longest prefix", "[commit][unit]") {
  const auto name = [](std::string_view stream) {
    const StreamRow* row = StreamRowOf(stream);
    return row == nullptr ? "" : row->make()->GetTypeName();
  };
  CHECK(name("company") == "assay.v1.CompanyState");
  CHECK(name("unit/u-1") == "assay.v1.UnitState");
  CHECK(name("publisher") == "assay.v1.PublisherState");
  CHECK(name("dispute/d-1").empty());
}

TEST_CASE("a command of another domain waits for what is open", "[commit][unit]") {
  testing::MemoryState state;
  const auto publish = FromText<v1::Command>(R"(publish_results { cycle: "2026-06" })");
  CHECK_FALSE(CheckBlocks(publish, state).has_value());
  state.PutMember("cycle/2026-06/adjustments", MemberOf("x-1", "p-1", "REQUESTED"));
  CHECK(CheckBlocks(publish, state)->code == "PENDING_ADJUSTMENTS");
  CHECK_FALSE(
      CheckBlocks(FromText<v1::Command>(R"(lock_cycle { cycle: "2026-06" })"), state).has_value());
}

}  // namespace assay
