#include "tools/assayd/journal_watch.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

TEST_CASE("a journal that was replaced where nobody writes ends the following") {
  const testing::ScratchDirectory scratch;
  const std::string home = scratch.Path("home");
  REQUIRE(Home::Init({.directory = home, .facts_partitions = 2},
                     {.company = "acme", .admins = {"p-admin"}}, false)
              .ok());
  Readiness readiness;
  Log log;
  log.SetLevel("error");
  HomeKeeper keeper({.directory = home}, readiness);
  REQUIRE(keeper.Follow() == absl::OkStatus());
  CHECK(keeper.CheckJournal().value().empty());
  REQUIRE(keeper.Follow() == absl::OkStatus());

  JournalWatch watch(keeper, log, {.pause = std::chrono::milliseconds(10)});
  std::filesystem::rename(home + "/journal", home + "/away");
  std::filesystem::copy(home + "/away", home + "/journal");
  absl::Status followed;
  for (int i = 0; i < 12'000 && followed.ok(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    followed = keeper.Follow();
  }
  CHECK(followed.code() == absl::StatusCode::kDataLoss);
  CHECK(MessageOf(followed).find("journal was replaced by another one") != std::string_view::npos);
  CHECK(keeper.Follow() == followed);
}

}  // namespace
}  // namespace assay
