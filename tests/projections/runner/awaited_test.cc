#include "projections/runner/awaited.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/commit/authentic.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

StoredRecord Record(const std::string& value) { return {.value = value}; }

TEST_CASE("what was awaited is missing until the fold met it, each as often as it was sent",
          "[runner][unit]") {
  Awaited awaited(2);
  CHECK(awaited.Missing() == absl::OkStatus());
  awaited.Add(0, "a");
  awaited.Add(1, "a");
  awaited.Add(1, "a");
  awaited.Add(1, "b");
  awaited.Meet(0, {Record("of another"), Record("a"), Record("a")});
  // One partition's record is not another one's.
  CHECK(awaited.Missing() ==
        MakeStatus(absl::StatusCode::kDataLoss,
                   "3 records that facts/1 acknowledged are not on it: the journal was made anew "
                   "or lost records"));
  awaited.Meet(1, {Record("a"), Record("b")});
  CHECK(awaited.Missing().code() == absl::StatusCode::kDataLoss);
  // With the tag that the journal puts behind it.
  awaited.Meet(1, {Record("a" + std::string(kAuthBytes, '#'))});
  CHECK(awaited.Missing() == absl::OkStatus());
}

}  // namespace
}  // namespace assay
