#include "tools/assay/late_journal.h"

#include <catch2/catch.hpp>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/scratch_directory.h"

namespace assay {
namespace {

absl::Status Nobody(const std::string& who) {
  return MakeStatus(absl::StatusCode::kUnavailable, "nobody answers at {}", who);
}

TEST_CASE("a journal that is not there yet answers with why, and then as itself") {
  const testing::ScratchDirectory scratch;
  SystemClock clock;
  bool is_there = false;
  int attempts = 0;
  LateJournal journal(
      [&]() -> absl::StatusOr<std::unique_ptr<Journal>> {
        if (++attempts; !is_there) return Nobody("the second address");
        ASSAY_ASSIGN_OR_RETURN(
            auto opened, EmbeddedJournal::Create(scratch.Path("journal"), 2, {.clock = &clock}));
        return opened;
      },
      Nobody("the first address"));
  const std::string value = "a record";
  CHECK(journal.Ends().status() == Nobody("the first address"));
  CHECK(journal.Append(FactsPartition(0), {&value, 1}) == Nobody("the first address"));
  CHECK(journal.Reach() == Nobody("the second address"));
  CHECK(journal.Read(FactsPartition(0), {}, 1, 1).status() == Nobody("the second address"));
  CHECK(journal.Use() == Nobody("the second address"));
  CHECK(journal.KnownEnd(FactsPartition(0)) == 0);
  CHECK(journal.FactsPartitions() == 0);

  is_there = true;
  CHECK(journal.Reach().ok());
  // Nobody has looked yet whether it is the right one.
  CHECK(journal.End(FactsPartition(0)).status() == Nobody("the second address"));
  CHECK(journal.Use().ok());
  CHECK(journal.Append(FactsPartition(1), {&value, 1}).ok());
  CHECK(journal.End(FactsPartition(1)).value() == 1);
  CHECK(journal.FactsPartitions() == 2);
  CHECK(journal.Reach().ok());
  CHECK(attempts == 2);

  journal.Drop(MakeStatus(absl::StatusCode::kDataLoss, "another log"));
  CHECK(journal.Ends().status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace assay
