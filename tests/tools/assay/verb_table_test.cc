#include "tools/assay/verb_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ranges>

#include "tools/assay/command_line.h"

namespace assay {

TEST_CASE("each verb stands once in the table, in order", "[verbs]") {
  const auto verbs = VerbTable() | std::views::transform(&VerbRow::verb);
  CHECK(std::ranges::is_sorted(verbs));
  CHECK(std::ranges::adjacent_find(verbs) == verbs.end());
}

TEST_CASE("only a verb that reads a home looks at its past", "[verbs]") {
  for (const VerbRow& row : VerbTable()) {
    INFO(row.verb);
    CHECK((row.use == HomeUse::kReads || (!row.at && !row.on)));
  }
}

TEST_CASE("a verb that is not known to read has the home to itself", "[verbs]") {
  CHECK(RowOf("score show").use == HomeUse::kReads);
  CHECK(RowOf("run").use == HomeUse::kWrites);
  CHECK(RowOf("something new").use == HomeUse::kChecks);
  CHECK_FALSE(RowOf("something new").at);
  for (const auto& [words, reads] :
       {std::pair<std::vector<std::string>, bool>{{"score", "list", "2026-06"}, true},
        {{"status"}, true},
        {{"verify"}, false},
        {{"rebuild"}, false}}) {
    CommandLine line({});
    REQUIRE_FALSE(line.Understand(words).has_value());
    CHECK(line.TheSession().reads == reads);
  }
}

}  // namespace assay
