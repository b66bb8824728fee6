#include "connectors/embedded/journal_files.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/printing.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

constexpr Instant kFilesMorning{1'767'225'600'000};

// The newest one.
fs::path FileOf(const fs::path& directory, const std::string& extension) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == extension) newest = std::max(newest, entry.path());
  }
  REQUIRE_FALSE(newest.empty());
  return newest;
}

std::string ReadWhole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What another hand does to the files of a journal that is in use.
struct Deed {
  std::string name;
  std::function<void(const fs::path& journal, const fs::path& older)> act;
  std::string said;
};

// `older` is a copy of the journal as it was before its last records.
std::vector<Deed> Deeds() {
  return {
      {"removed", [](const auto& journal, const auto&) { fs::remove_all(journal); },
       "journal was removed"},
      {"emptied",
       [](const auto& journal, const auto&) {
         for (const auto& entry : fs::directory_iterator(journal)) fs::remove(entry.path());
       },
       "was removed"},
      {"removed and made anew, empty",
       [](const auto& journal, const auto&) {
         fs::rename(journal, journal.string() + ".away");
         fs::create_directory(journal);
       },
       "journal was replaced by another one"},
      {"replaced by a copy",
       [](const auto& journal, const auto&) {
         fs::rename(journal, journal.string() + ".away");
         fs::copy(journal.string() + ".away", journal);
       },
       "journal was replaced by another one"},
      {"filled with an older copy, file by file",
       [](const auto& journal, const auto& older) {
         // Into the files that are there, as cp does.
         for (const auto& entry : fs::directory_iterator(older)) {
           std::ofstream(journal / entry.path().filename(), std::ios::trunc | std::ios::binary)
               << ReadWhole(entry.path());
         }
       },
       ""},
      {"without its end mark",
       [](const auto& journal, const auto&) { fs::remove(journal / "END"); }, "END was removed"},
      {"with an older end mark",
       [](const auto& journal, const auto& older) {
         std::ofstream(journal / "END", std::ios::in | std::ios::binary)
             << ReadWhole(older / "END");
       },
       "END was written by another hand"},
      {"without its log",
       [](const auto& journal, const auto&) { fs::remove(FileOf(journal, ".log")); },
       "log was removed"},
      {"with a log that was cut",
       [](const auto& journal, const auto&) { fs::resize_file(FileOf(journal, ".log"), 10); }, ""},
  };
}

class Used {
 public:
  Used() {
    auto made = EmbeddedJournal::Create(Dir(), 1, {.clock = &clock_});
    REQUIRE(made.status() == absl::OkStatus());
    journal_ = *std::move(made);
    REQUIRE(Append() == absl::OkStatus());
    fs::copy(Dir(), scratch_.Path("older"));
    REQUIRE(Append() == absl::OkStatus());
    REQUIRE(journal_->CheckMedium().status() == absl::OkStatus());
  }
  absl::Status Append() {
    const std::string value = "a record";
    return journal_->Append(FactsPartition(0), {&value, 1});
  }
  void Suffer(const Deed& deed) { deed.act(Dir(), scratch_.Path("older")); }
  EmbeddedJournal& Journal() { return *journal_; }

 private:
  [[nodiscard]] std::string Dir() const { return scratch_.Path("journal"); }

  const ScratchDirectory scratch_;
  StoryClock clock_{kFilesMorning};
  std::unique_ptr<EmbeddedJournal> journal_;
};

TEST_CASE("what another hand does to a journal in use is noticed before the next answer",
          "[embedded][integration]") {
  for (const Deed& deed : Deeds()) {
    INFO(deed.name);
    Used used;
    used.Suffer(deed);
    const absl::Status appended = used.Append();
    INFO(appended);
    CHECK(appended.code() == absl::StatusCode::kDataLoss);
    CHECK(MessageOf(appended).find("was changed by another hand while it was in use (") !=
          std::string_view::npos);
    CHECK(MessageOf(appended).find(deed.said) != std::string_view::npos);
    // And it stays so.
    CHECK(used.Append() == appended);
    CHECK(used.Journal().End(kDecisionsPartition).status() == appended);
  }
}

TEST_CASE("and it is noticed where nothing is appended", "[embedded][integration]") {
  for (const Deed& deed : Deeds()) {
    INFO(deed.name);
    Used used;
    used.Suffer(deed);
    const absl::Status looked = used.Journal().CheckMedium().status();
    INFO(looked);
    CHECK(looked.code() == absl::StatusCode::kDataLoss);
    CHECK(used.Append() == looked);
  }
}

TEST_CASE("logs and tables that RocksDB makes and drops by itself are no other hand's",
          "[embedded][integration]") {
  const ScratchDirectory scratch;
  StoryClock clock{kFilesMorning};
  auto journal = EmbeddedJournal::Create(scratch.Path("journal"), 1, {.clock = &clock});
  REQUIRE(journal.status() == absl::OkStatus());
  // Enough for several logs and merged tables.
  const std::vector<std::string> values(64, std::string(64 << 10, 'x'));
  for (int i = 0; i < 80; ++i) {
    REQUIRE((*journal)->Append(FactsPartition(0), values) == absl::OkStatus());
    REQUIRE((*journal)->CheckMedium().status() == absl::OkStatus());
  }
  // A table that is in use may go as little as the log.
  fs::remove(FileOf(scratch.Path("journal"), ".sst"));
  CHECK((*journal)->CheckMedium().status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace assay::testing
