#include "engine/adjustment/request.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/engine/adjustment/fixture.h"

namespace assay {
namespace {

using testing::DomainSpec;
using testing::GivenJune;
using testing::GivenScore;
using testing::kAddFive;
using testing::SealedJune;

std::string Request(std::string_view fields) {
  return fmt::format("request_adjustment {{ {} }}", fields);
}

// Everything but the fields given, which come last and so must not repeat one.
std::string RequestOf(std::string_view id, std::string_view item, std::string_view delta) {
  return Request(fmt::format(R"(adjustment: "{}" person: "p-1" cycle: "2026-06" item: "{}"
      delta: "{}" reason_code: "r" remark {{ bytes: "r" }})",
                             id, item, delta));
}

TEST_CASE("a remark is mandatory, and evidence names a record", "[adjustment][unit][ADJ-02]") {
  DomainSpec spec = SealedJune();
  spec.When("p-ceo", Request(R"(adjustment: "x-1" person: "p-1" cycle: "2026-06" delta: "5"
                                reason_code: "over-target")"))
      .ThenRejected("REASON_REQUIRED", "requestAdjustment.remark")
      .When("p-ceo", Request(R"(adjustment: "x-1" person: "p-1" cycle: "2026-06" delta: "5"
                                reason_code: "over-target" remark { bytes: "r" }
                                evidence { source: "erp" record: "999" record: "1" })"))
      .ThenRejected("EVIDENCE_NOT_FOUND", "requestAdjustment.evidence[0]")
      .When("p-ceo", kAddFive)
      .ThenAccepted();
  const auto row = spec.Row<v1::AdjustmentState>("adjustment/x-1");
  CHECK(row.evidence(0).source() == "erp");
  CHECK(row.evidence(0).record(0) == "881");
  CHECK(row.remark().bytes() == "sealed remark");
}

TEST_CASE("a request keeps what the requester saw", "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  GivenScore(spec, "80", "2.5", "82.5");
  spec.When("p-ceo", RequestOf("x-1", "", "+05.50")).Then({R"(stream: "adjustment/x-1"
      adjustment_requested { adjustment: "x-1" person: "p-1" cycle: "2026-06" delta: "5.5"
      reason_code: "r" remark { bytes: "r" } requested_by: "p-ceo"
      seen { computed: "80" total: "82.5" } levels: 2 })"});
}

TEST_CASE("a request is refused for the first thing that is wrong", "[adjustment][unit]") {
  struct Row {
    std::string_view actor;
    std::string command;
    std::string_view code;
    std::string_view path;
  };
  const std::string rest = R"(reason_code: "r" remark { bytes: "r" } )";
  const std::string valid = R"(adjustment: "x-1" person: "p-1" cycle: "2026-06" delta: "1" )";
  std::string many;
  for (int i = 0; i < 17; ++i) many += R"(evidence { source: "erp" record: "1" } )";
  const std::vector<Row> rows = {
      {"p-1", Request(""), "INVALID_ID", "adjustment"},
      {"p-1", Request(R"(adjustment: "x")"), "INVALID_ID", "person"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1")"), "INVALID_ID", "cycle"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1" cycle: "c" item: " ")"), "INVALID_ID",
       "item"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1" cycle: "c" delta: "five")"),
       "INVALID_DECIMAL", "delta"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1" cycle: "c" delta: "0.0")"),
       "VALUE_OUT_OF_RANGE", "delta"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1" cycle: "c" delta: "-0.00001")"), "PRECISION",
       "delta"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1" cycle: "c" delta: "1")"), "INVALID_ID",
       "reasonCode"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1" cycle: "c" delta: "1" reason_code: "r"
                  remark { })"),
       "REASON_REQUIRED", "remark"},
      {"p-1", Request(valid + rest + many), "INVALID_COUNT", "evidence"},
      {"p-1", Request(valid + rest + R"(evidence { source: "" })"), "INVALID_ID",
       "evidence[0].source"},
      {"p-1", Request(valid + rest + R"(evidence { source: "erp" })"), "INVALID_COUNT",
       "evidence[0].record"},
      {"p-1", Request(R"(adjustment: "x" person: "p-1" cycle: "c" delta: "1" )" + rest),
       "NOT_FOUND", "cycle"},
      {"p-ceo", Request(R"(adjustment: "x" person: "p-9" cycle: "2026-06" delta: "1" )" + rest),
       "NOT_FOUND", "person"},
      {"p-ceo", Request(valid + rest + R"(item: "cost")"), "NOT_FOUND", "item"},
      {"p-1", Request(valid + rest), "SELF_ADJUSTMENT", "person"},
      {"p-aide", R"(actor { person: "p-aide" on_behalf_of: "p-1" } )" + Request(valid + rest),
       "SELF_ADJUSTMENT", "person"},
  };
  for (const Row& row : rows) {
    INFO(row.command);
    SealedJune()
        .When(row.actor, row.command)
        .ThenRejected(row.code, fmt::format("requestAdjustment.{}", row.path));
  }
}

TEST_CASE("an id is taken once", "[adjustment][unit]") {
  SealedJune()
      .Given("p-ceo", kAddFive)
      .When("p-ceo", kAddFive)
      .ThenRejected("ALREADY_EXISTS", "requestAdjustment.adjustment");
}

TEST_CASE("scores are adjusted between the sealed lock and the publishing", "[adjustment][unit]") {
  struct Row {
    std::string_view cycle;
    std::string_view code;
  };
  const std::vector<Row> rows = {{"stage: CYCLE_STAGE_PLANNED", "CYCLE_NOT_LOCKED"},
                                 {"stage: CYCLE_STAGE_OPEN", "CYCLE_NOT_LOCKED"},
                                 {"stage: CYCLE_STAGE_INTAKE_CLOSED", "CYCLE_NOT_LOCKED"},
                                 {"stage: CYCLE_STAGE_LOCKED", "CUT_INCOMPLETE"},
                                 {"stage: CYCLE_STAGE_PUBLISHED sealed: true", "CYCLE_LOCKED"}};
  DomainSpec spec = SealedJune();
  for (const Row& row : rows) {
    INFO(row.cycle);
    GivenJune(spec, row.cycle);
    spec.When("p-ceo", kAddFive).ThenRejected(row.code, "requestAdjustment.cycle");
  }
}

TEST_CASE("a line stands on a total", "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.scores.scores[{"2026-06", "p-1"}].computable = false;
  spec.scores.scores[{"2026-06", "p-1"}].status = "DIV_ZERO";
  spec.When("p-ceo", kAddFive).ThenRejected("SCORE_NOT_COMPUTABLE", "requestAdjustment.person");
  CHECK(std::get<Rejection>(spec.Outcome()).actual == "DIV_ZERO");
  GivenScore(spec, "100000000000000000000000000", "0", "100");
  spec.When("p-ceo", RequestOf("x-1", "", "100000000000000000000000000"))
      .ThenRejected("VALUE_OUT_OF_RANGE");
}

TEST_CASE("adjustments are counted per person and item, without those taken back",
          "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  spec.Given("p-ceo", RequestOf("x-1", "output", "1"))
      .Given("p-ceo", RequestOf("x-2", "output", "1"))
      .When("p-ceo", RequestOf("x-3", "output", "1"))
      .ThenRejected("ADJUSTMENT_LIMIT", "requestAdjustment.item")
      .When("p-ceo", RequestOf("x-3", "quality", "1"))
      .ThenAccepted()
      .When("p-ceo", RequestOf("x-4", "", "1"))
      .ThenAccepted()
      .Given("p-hr", R"(reason { bytes: "r" } reject_adjustment { adjustment: "x-1" })")
      .When("p-ceo", RequestOf("x-5", "output", "1"))
      .ThenAccepted();
  CHECK(spec.state.reads.contains("cycle/2026-06/person/p-1/adjustments"));
}

TEST_CASE("the cycle says how often an item is adjusted and when one approval is enough",
          "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  GivenJune(spec, "stage: CYCLE_STAGE_LOCKED sealed: true adjustments_max: 1");
  spec.Given("p-ceo", RequestOf("x-1", "output", "-500"))
      .When("p-ceo", RequestOf("x-2", "output", "1"))
      .ThenRejected("ADJUSTMENT_LIMIT");
  CHECK(spec.Row<v1::AdjustmentState>("adjustment/x-1").levels() == 1);
}

TEST_CASE("two approve what in sum is more than one may, whoever requested the pieces",
          "[adjustment][unit]") {
  DomainSpec spec = SealedJune();
  const auto levels = [&](std::string_view by, std::string_view id, std::string_view item,
                          std::string_view delta) {
    spec.Given(by, RequestOf(id, item, delta));
    return spec.Row<v1::AdjustmentState>(fmt::format("adjustment/{}", id)).levels();
  };
  // Above 5.
  CHECK(levels("p-ceo", "x-1", "output", "3") == 1);
  CHECK(levels("p-cfo", "x-2", "quality", "2") == 1);
  CHECK(levels("p-coo", "x-3", "", "0.0001") == 2);
  CHECK(levels("p-ceo", "x-4", "output", "-5") == 1);
  CHECK(levels("p-cfo", "x-5", "quality", "-0.0001") == 2);
  // What was taken back leaves room.
  for (const char* id : {"x-2", "x-3"}) {
    spec.Given("p-hr", fmt::format(R"(reason {{ bytes: "r" }}
                                      reject_adjustment {{ adjustment: "{}" }})",
                                   id));
  }
  CHECK(levels("p-coo", "x-6", "quality", "2") == 1);
}

}  // namespace
}  // namespace assay
