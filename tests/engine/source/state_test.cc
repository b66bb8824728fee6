#include "engine/source/state.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>

#include "tests/support/domain_spec.h"

namespace assay {
namespace {

using testing::FromText;

TEST_CASE("the newest contract stands first and the earlier ones behind", "[source][unit]") {
  testing::MemoryState state;
  for (const std::string_view version : {"1", "2"}) {
    EvolveIn(testing::SourceTable(),
             FromText<v1::Event>(std::string(R"(stream: "source/erp"
                       source_contract_registered { source: "erp" contract { version: )") +
                                 std::string(version) + "} }"),
             {}, state);
  }
  const auto row = *state.Find<v1::SourceState>("source/erp");
  CHECK(row.source() == "erp");
  CHECK(row.contract().version() == 2);
  REQUIRE(row.versions_size() == 2);
  CHECK(row.versions(0).version() == 1);
}

TEST_CASE("the last claim of a partition stands, beside the pause of the source",
          "[source][unit]") {
  testing::MemoryState state;
  for (const char* event :
       {R"(source_claimed { source: "erp" input_log: "c/t/1" node: "a" epoch: 1 })",
        R"(source_claimed { source: "erp" input_log: "c/t/1" input_partition: 1 node: "a" })",
        R"(source_claimed { source: "erp" input_log: "c/t/1" node: "b" epoch: 2 })",
        R"(source_paused { source: "erp" code: "REFUSALS" contract_version: 1 })"}) {
    EvolveIn(testing::SourceTable(),
             FromText<v1::Event>(fmt::format(R"(stream: "reading/erp" {})", event)), {}, state);
  }
  auto row = *state.Find<v1::ReadingState>("reading/erp");
  REQUIRE(row.claims_size() == 2);
  CHECK(row.claims(0).node() == "b");
  CHECK(row.claims(1).node() == "a");
  CHECK(row.pause().code() == "REFUSALS");
  CHECK_FALSE(state.Find<v1::SourceState>("source/erp").has_value());
  EvolveIn(testing::SourceTable(),
           FromText<v1::Event>(R"(stream: "reading/erp" source_resumed { source: "erp" by: "p" })"),
           {}, state);
  CHECK_FALSE(state.Find<v1::ReadingState>("reading/erp")->has_pause());
}

}  // namespace
}  // namespace assay
