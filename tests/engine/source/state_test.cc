#include "engine/source/state.h"

#include <catch2/catch.hpp>

#include "tests/support/domain_spec.h"

namespace assay {
namespace {

using testing::FromText;

TEST_CASE("the newest contract stands first and the earlier ones behind", "[source][unit]") {
  testing::MemoryState state;
  for (const std::string_view version : {"1", "2"}) {
    source::Evolve(FromText<v1::Event>(std::string(R"(stream: "source/erp"
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

TEST_CASE("a claim on a source's input is no contract", "[source][unit]") {
  testing::MemoryState state;
  source::Evolve(
      FromText<v1::Event>(R"(stream: "source/erp" source_claimed { source: "erp" epoch: 1 })"), {},
      state);
  CHECK(state.rows.empty());
}

}  // namespace
}  // namespace assay
