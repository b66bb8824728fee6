#include "engine/cycle/decide.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/engine/cycle/fixture.h"
#include "tests/support/aborts.h"

namespace assay {
namespace {

using testing::CycleSpec;
using testing::DomainSpec;
using testing::FromText;
using testing::IntakeClosed;
using testing::kPlanJune;
using testing::kSealJune;
using testing::LockedJune;

v1::CycleState RowOf(DomainSpec& spec) { return spec.Row<v1::CycleState>("cycle/2026-06"); }

const Rejection& RefusalOf(const DomainSpec& spec) { return std::get<Rejection>(spec.Outcome()); }

TEST_CASE("a cycle walks from plan to published results", "[cycle][unit]") {
  DomainSpec spec = CycleSpec();
  spec.scores.results = {.digest = Sha256("results"), .subjects = 20};
  spec.Given("p-hr", kPlanJune);
  CHECK(RowOf(spec).stage() == v1::CYCLE_STAGE_PLANNED);
  spec.Given("p-hr", R"(open_cycle { cycle: "2026-06" })");
  CHECK(RowOf(spec).stage() == v1::CYCLE_STAGE_OPEN);
  spec.Given("p-hr", R"(close_intake { cycle: "2026-06" })");
  CHECK(RowOf(spec).stage() == v1::CYCLE_STAGE_INTAKE_CLOSED);
  spec.GivenMember("cycle/2026-06/agreements", R"(id: "a-1" person: "p-1" state: "SIGNED")")
      .When("p-hr", R"(lock_cycle { cycle: "2026-06" })")
      .Then({R"(stream: "cycle/2026-06" cycle_locked { cycle: "2026-06" generation: 1 })"});
  CHECK(RowOf(spec).lock_position() == 4);
  spec.scores.cuts = testing::CutsOfJune();
  v1::Event sealed = FromText<v1::Event>(R"(stream: "cycle/2026-06" cut_sealed { cycle: "2026-06"
      generation: 1 cut: 10 cut: 0 cut: 7 lock_position: 4 })");
  for (const auto& cut : testing::CutsOfJune()) {
    sealed.mutable_cut_sealed()->add_roots(cut.root.ToString());
  }
  spec.When("p-hr", kSealJune).Then({sealed.DebugString()});
  CHECK(RowOf(spec).sealed());
  spec.When("p-hr", R"(publish_results { cycle: "2026-06" })").ThenAccepted();
  const auto row = RowOf(spec);
  CHECK(row.stage() == v1::CYCLE_STAGE_PUBLISHED);
  CHECK(row.result_digest() == Sha256("results").View());
  CHECK(row.subjects() == 20);
  CHECK(row.published_position() == 6);
  CHECK(row.generation() == 1);
}

TEST_CASE("a plan is refused for the first thing that is wrong", "[cycle][unit]") {
  struct Row {
    std::string_view fields;
    std::string_view code;
    std::string_view path;
  };
  const std::vector<Row> rows = {
      {R"(cycle: "")", "INVALID_ID", "planCycle.cycle"},
      {R"(cycle: "c" period { from: "June" })", "INVALID_DAY", "planCycle.period.from"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-06-01" })", "INVALID_SPAN",
       "planCycle.period"},
      {R"(cycle: "c" period { from: "2026-06-01" })", "FIELD_REQUIRED", "planCycle.period.to"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" })", "INVALID_ENUM",
       "planCycle.grain"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          template: "t")",
       "INVALID_ID", "planCycle.template"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          two_approvers_above: "few")",
       "INVALID_DECIMAL", "planCycle.twoApproversAbove"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          two_approvers_above: "0")",
       "VALUE_OUT_OF_RANGE", "planCycle.twoApproversAbove"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          budgets { per_requester: "0" })",
       "VALUE_OUT_OF_RANGE", "planCycle.budgets.perRequester"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          budgets { per_approver: "few" })",
       "INVALID_DECIMAL", "planCycle.budgets.perApprover"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          budgets { per_unit: "-1" })",
       "VALUE_OUT_OF_RANGE", "planCycle.budgets.perUnit"},
      {R"(cycle: "c" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          adjustments_max: -1)",
       "VALUE_OUT_OF_RANGE", "planCycle.adjustmentsMax"},
      {R"(cycle: "2026-06" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH
          template: "t@1")",
       "NOT_FOUND", "planCycle.template"},
      {R"(cycle: "2026-06" period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH)",
       "ALREADY_EXISTS", "planCycle.cycle"},
      {R"(cycle: "c" period { from: "2026-06-30" to: "2026-07-30" } grain: GRAIN_MONTH)",
       "CYCLE_OVERLAP", "planCycle.period"},
  };
  DomainSpec spec = CycleSpec();
  spec.Given("p-hr", kPlanJune);
  for (const Row& row : rows) {
    INFO(row.fields);
    spec.When("p-hr", fmt::format("plan_cycle {{ {} }}", row.fields))
        .ThenRejected(row.code, row.path);
  }
}

TEST_CASE("cycles of one grain share no day, those of two grains may", "[cycle][unit]") {
  DomainSpec spec = CycleSpec();
  spec.Given("p-hr", kPlanJune)
      .When("p-hr", R"(plan_cycle { cycle: "2026-07"
          period { from: "2026-07-01" to: "2026-08-01" } grain: GRAIN_MONTH })")
      .ThenAccepted()
      .When("p-hr", R"(plan_cycle { cycle: "2026-q2"
          period { from: "2026-04-01" to: "2026-07-01" } grain: GRAIN_QUARTER })")
      .ThenAccepted();
  CHECK(spec.state.reads.contains("company/cycles"));
}

TEST_CASE("a plan keeps its limits, and its template fits the grain", "[cycle][unit]") {
  const auto plan = R"(plan_cycle { cycle: "2026-06"
      period { from: "2026-06-01" to: "2026-07-01" } grain: GRAIN_MONTH template: "t@1"
      two_approvers_above: "5" adjustments_max: 3 budgets { per_unit: "40" } })";
  DomainSpec spec = CycleSpec();
  spec.GivenRow("template/t@1",
                FromText<v1::TemplateState>(R"(definition { items { metric: "m@1" } })"))
      .GivenRow("metric/m@1", FromText<v1::MetricState>(R"(definition { grain: GRAIN_QUARTER })"))
      .When("p-hr", plan)
      .ThenRejected("GRAIN_MISMATCH", "planCycle.template")
      .GivenRow("metric/m@1", FromText<v1::MetricState>(R"(definition {
          grain: GRAIN_QUARTER grain_rule: "LAST_CLOSED_QUARTER" })"))
      .When("p-hr", plan)
      .ThenAccepted();
  CHECK(RowOf(spec).two_approvers_above() == "5");
  CHECK(RowOf(spec).adjustments_max() == 3);
  CHECK(RowOf(spec).budgets().per_unit() == "40");
  CHECK(RowOf(spec).template_() == "t@1");
}

TEST_CASE("a command in the wrong stage names the present and the needed one", "[cycle][unit]") {
  struct Row {
    std::string_view command;
    v1::CycleStage stage;
    std::string_view code;
    std::string_view expected;
    std::string_view actual;
  };
  const std::vector<Row> rows = {
      {R"(open_cycle { cycle: "2026-06" })", v1::CYCLE_STAGE_OPEN, "CYCLE_NOT_PLANNED", "PLANNED",
       "OPEN"},
      {R"(open_cycle { cycle: "2026-06" })", v1::CYCLE_STAGE_LOCKED, "CYCLE_LOCKED", "PLANNED",
       "LOCKED"},
      {R"(close_intake { cycle: "2026-06" })", v1::CYCLE_STAGE_PLANNED, "CYCLE_NOT_OPEN", "OPEN",
       "PLANNED"},
      {R"(close_intake { cycle: "2026-06" })", v1::CYCLE_STAGE_PUBLISHED, "CYCLE_LOCKED", "OPEN",
       "PUBLISHED"},
      {R"(lock_cycle { cycle: "2026-06" })", v1::CYCLE_STAGE_OPEN, "CYCLE_NOT_INTAKE_CLOSED",
       "INTAKE_CLOSED", "OPEN"},
      {R"(lock_cycle { cycle: "2026-06" })", v1::CYCLE_STAGE_LOCKED, "CYCLE_LOCKED",
       "INTAKE_CLOSED", "LOCKED"},
      {R"(seal_cut { cycle: "2026-06" cut: 1 })", v1::CYCLE_STAGE_INTAKE_CLOSED, "CYCLE_NOT_LOCKED",
       "LOCKED", "INTAKE_CLOSED"},
      {R"(seal_cut { cycle: "2026-06" cut: 1 })", v1::CYCLE_STAGE_PUBLISHED, "CYCLE_LOCKED",
       "LOCKED", "PUBLISHED"},
      {R"(publish_results { cycle: "2026-06" })", v1::CYCLE_STAGE_OPEN, "CYCLE_NOT_LOCKED",
       "LOCKED", "OPEN"},
      {R"(publish_results { cycle: "2026-06" })", v1::CYCLE_STAGE_PUBLISHED, "CYCLE_LOCKED",
       "LOCKED", "PUBLISHED"},
  };
  DomainSpec spec = CycleSpec();
  spec.Given("p-hr", kPlanJune);
  auto row_in_stage = RowOf(spec);
  for (const Row& row : rows) {
    INFO(row.command << " in " << row.actual);
    row_in_stage.set_stage(row.stage);
    spec.GivenRow("cycle/2026-06", row_in_stage).When("p-hr", row.command).ThenRejected(row.code);
    CHECK(RefusalOf(spec).rejection_class == RejectionClass::kState);
    CHECK(RefusalOf(spec).expected == row.expected);
    CHECK(RefusalOf(spec).actual == row.actual);
  }
}

TEST_CASE("a cycle that is not there is not visible", "[cycle][unit]") {
  for (const std::string_view command :
       {R"(open_cycle { cycle: "c" })", R"(close_intake { cycle: "c" })",
        R"(lock_cycle { cycle: "c" })", R"(seal_cut { cycle: "c" cut: 1 })",
        R"(publish_results { cycle: "c" })"}) {
    INFO(command);
    CycleSpec().When("p-hr", command).ThenRejected("NOT_FOUND");
  }
}

// --- locking ---

TEST_CASE("a former cycle of the same grain is locked first", "[cycle][unit]") {
  DomainSpec spec = LockedJune();
  spec.Given("p-hr", R"(plan_cycle { cycle: "2026-05"
          period { from: "2026-05-01" to: "2026-06-01" } grain: GRAIN_MONTH })")
      .Given("p-hr", R"(plan_cycle { cycle: "2026-q1"
          period { from: "2026-01-01" to: "2026-04-01" } grain: GRAIN_QUARTER })")
      .Given("p-hr", R"(plan_cycle { cycle: "2026-07"
          period { from: "2026-07-01" to: "2026-08-01" } grain: GRAIN_MONTH })")
      .Given("p-hr", R"(open_cycle { cycle: "2026-07" })")
      .Given("p-hr", R"(close_intake { cycle: "2026-07" })")
      .GivenMember("cycle/2026-07/agreements", R"(id: "a-7" person: "p-1" state: "SIGNED")")
      .When("p-hr", R"(lock_cycle { cycle: "2026-07" })")
      .ThenRejected("EARLIER_CYCLE_OPEN", "lockCycle.cycle");
  CHECK(RefusalOf(spec).expected == "2026-05 locked");
  CHECK(RefusalOf(spec).actual == "PLANNED");
  // Its rows hold the stage, so cycles that are locked need not be read.
  CHECK_FALSE(spec.state.reads.contains("cycle/2026-06"));
  auto may = spec.Row<v1::CycleState>("cycle/2026-05");
  may.set_grain(v1::GRAIN_WEEK);
  spec.GivenRow("cycle/2026-05", may)
      .Given("p-hr", R"(plan_cycle { cycle: "2026-08"
          period { from: "2026-08-01" to: "2026-09-01" } grain: GRAIN_MONTH })")
      .When("p-hr", R"(lock_cycle { cycle: "2026-07" })")
      .ThenAccepted();
}

TEST_CASE("a lock names whose agreements are not signed, and counts the rest", "[cycle][unit]") {
  DomainSpec spec = IntakeClosed();
  spec.When("p-hr", R"(lock_cycle { cycle: "2026-06" })")
      .ThenRejected("AGREEMENT_MISSING", "lockCycle.cycle");
  CHECK(RefusalOf(spec).expected == "at least one agreement");
  for (int i = 10; i < 33; ++i) {
    spec.GivenMember("cycle/2026-06/agreements",
                     fmt::format(R"(id: "a-{0}" person: "p-{0}" state: "OPEN")", i));
  }
  spec.GivenMember("cycle/2026-06/agreements", R"(id: "a-98" person: "p-98" state: "SIGNED")")
      .GivenMember("cycle/2026-06/agreements", R"(id: "a-99" person: "p-99" state: "WITHDRAWN")")
      .When("p-hr", R"(lock_cycle { cycle: "2026-06" })")
      .ThenRejected("AGREEMENT_MISSING", "lockCycle.cycle");
  CHECK(RefusalOf(spec).actual ==
        "23 not signed: p-10, p-11, p-12, p-13, p-14, p-15, p-16, p-17, p-18, p-19, p-20, p-21, "
        "p-22, p-23, p-24, p-25, p-26, p-27, p-28, p-29 and 3 more");
  CHECK(RefusalOf(spec).message == "23 of 24 agreements are not signed");
}

TEST_CASE("withdrawn agreements are none", "[cycle][unit]") {
  IntakeClosed()
      .GivenMember("cycle/2026-06/agreements", R"(id: "a-1" person: "p-1" state: "WITHDRAWN")")
      .When("p-hr", R"(lock_cycle { cycle: "2026-06" })")
      .ThenRejected("AGREEMENT_MISSING");
}

TEST_CASE("a lock reads the set of agreements and none of its members", "[cycle][unit]") {
  DomainSpec spec = IntakeClosed();
  for (int i = 0; i < 1000; ++i) {
    spec.GivenMember("cycle/2026-06/agreements",
                     fmt::format(R"(id: "a-{0}" person: "p-{0}" state: "SIGNED")", i));
  }
  spec.When("p-hr", R"(lock_cycle { cycle: "2026-06" })").ThenAccepted();
  CHECK(spec.state.reads ==
        std::set<std::string>{"company/cycles", "cycle/2026-06", "cycle/2026-06/agreements"});
}

TEST_CASE("a template may say that unsigned agreements are scored", "[cycle][unit]") {
  DomainSpec spec = IntakeClosed();
  auto row = RowOf(spec);
  row.set_template_("t@1");
  spec.GivenRow("cycle/2026-06", row)
      .GivenMember("cycle/2026-06/agreements", R"(id: "a-1" person: "p-1" state: "OPEN")")
      .GivenRow("template/t@1", v1::TemplateState())
      .When("p-hr", R"(lock_cycle { cycle: "2026-06" })")
      .ThenRejected("AGREEMENT_MISSING")
      .GivenRow("template/t@1",
                FromText<v1::TemplateState>(R"(definition { score_unsigned: true })"))
      .When("p-hr", R"(lock_cycle { cycle: "2026-06" })")
      .ThenAccepted();
}

// --- sealing and publishing ---

TEST_CASE("a seal fits the lock and is given once", "[cycle][unit]") {
  DomainSpec spec = LockedJune();
  spec.When("p-hr", R"(seal_cut { cycle: "2026-06" generation: 1 })")
      .ThenRejected("CUT_MISMATCH", "sealCut.cut")
      .When("p-hr", R"(seal_cut { cycle: "2026-06" generation: 1 cut: 1 cut: 1 cut: 1 })")
      .ThenRejected("CUT_MISMATCH", "sealCut.cut")
      .When("p-hr", R"(seal_cut { cycle: "2026-06" generation: 1 cut: 999999 cut: 0 cut: 7 })")
      .ThenRejected("CUT_MISMATCH", "sealCut.cut")
      .When("p-hr", R"(seal_cut { cycle: "2026-06" generation: 2 cut: 3 })")
      .ThenRejected("CUT_MISMATCH", "sealCut.generation")
      .When("p-hr", R"(seal_cut { cycle: "2026-06" generation: 1 scope: "u-1" cut: 3 })")
      .ThenRejected("CUT_MISMATCH", "sealCut.scope")
      .Given("p-hr", kSealJune)
      .When("p-hr", kSealJune)
      .ThenRejected("ALREADY_SEALED", "sealCut.cycle");
  const auto row = RowOf(spec);
  CHECK(std::vector<int64_t>(row.cut().begin(), row.cut().end()) == std::vector<int64_t>{10, 0, 7});
}

TEST_CASE("nothing is sealed before every partition has its cut", "[cycle][unit]") {
  DomainSpec spec = LockedJune();
  spec.scores.cuts.reset();
  spec.When("", kSealJune).ThenRejected("CUT_INCOMPLETE", "sealCut.cycle");
}

TEST_CASE("results are published on a sealed cut", "[cycle][unit]") {
  DomainSpec spec = LockedJune();
  spec.When("p-hr", R"(publish_results { cycle: "2026-06" })")
      .ThenRejected("CUT_INCOMPLETE", "publishResults.cycle")
      .Given("p-hr", kSealJune)
      .When("p-hr", R"(publish_results { cycle: "2026-06" })")
      .ThenAccepted();
}

TEST_CASE("a command of another domain is the caller's fault", "[cycle][unit]") {
  CHECK(testing::Aborts([] { CycleSpec().When("p-hr", R"(submit_metric { metric: "m@1" })"); }));
}

}  // namespace
}  // namespace assay
