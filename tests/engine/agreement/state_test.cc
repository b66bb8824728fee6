#include "engine/agreement/state.h"

#include <catch2/catch.hpp>

#include "tests/engine/agreement/fixture.h"

namespace assay {
namespace {

using testing::FromText;
using testing::MemoryState;

const EventMeta kMeta{.position = 7,
                      .recorded_at = {1'780'000'000'000},
                      .decided_at = {1'779'999'999'000},
                      .actor = "p-boss"};

bool Fold(MemoryState& state, std::string_view body) {
  return EvolveIn(agreement::Table(),
                  FromText<v1::Event>(fmt::format(R"(stream: "agreement/a-1" {})", body)), kMeta,
                  state);
}

TEST_CASE("a version keeps who proposed it, when and where on the log", "[agreement][unit]") {
  MemoryState state;
  Fold(state, R"(agreement_opened { agreement: "a-1" person: "p-1" position: "pos-1"
                 cycle: "c-1" template: "t@1" })");
  Fold(state, R"(terms_proposed { agreement: "a-1" version: 1 side: SIDE_MANAGER
                 items { item: "a" } note { bytes: "n" } })");
  const auto row = *state.Find<v1::AgreementState>("agreement/a-1");
  CHECK(row.template_() == "t@1");
  CHECK(row.versions(0).by() == "p-boss");
  CHECK(row.versions(0).at() == kMeta.recorded_at.ToString());
  CHECK(row.versions(0).position() == 7);
  CHECK(row.versions(0).confirmations(0).manager());
  CHECK_FALSE(row.versions(0).confirmations(0).employee());
}

TEST_CASE("an event changes the row of its stream and no other", "[agreement][unit]") {
  MemoryState state;
  Fold(state, R"(agreement_opened { agreement: "a-1" cycle: "c-1" })");
  CHECK(state.rows.size() == 1);
  CHECK(state.sets.empty());
}

TEST_CASE("an answer to a version or item that is not there fits nothing and changes nothing",
          "[agreement][unit]") {
  MemoryState state;
  Fold(state, R"(agreement_opened { agreement: "a-1" })");
  Fold(state, R"(terms_proposed { version: 1 side: SIDE_MANAGER items { item: "a" } })");
  const auto rows = state.rows;
  CHECK_FALSE(Fold(state, R"(item_accepted { version: 2 item: "a" })"));
  CHECK_FALSE(Fold(state, R"(item_accepted { version: 1 item: "b" })"));
  CHECK_FALSE(Fold(state, R"(item_rejected { version: 2 item: "a" })"));
  CHECK_FALSE(Fold(state, R"(signature_given { version: 3 })"));
  CHECK_FALSE(Fold(state, R"(agreement_signed { version: 0 })"));
  CHECK(state.rows == rows);
  // Nor does it make an agreement.
  MemoryState empty;
  CHECK_FALSE(Fold(empty, R"(agreement_withdrawn { agreement: "a-1" })"));
  CHECK(empty.rows.empty());
}

}  // namespace
}  // namespace assay
