// Changes single bytes of a journal's files: whatever is still read must be what was written.

#include <rocksdb/env.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/journal_recovery.h"
#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/power_loss_fs.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/contract/journal_contract.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kChangesDefault = 400;

using Files = std::map<std::string, std::string>;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Files ReadFiles(const std::string& dir) {
  Files files;
  for (const auto& entry : fs::directory_iterator(dir)) {
    files[entry.path().filename().string()] = ReadFile(entry.path());
  }
  return files;
}

// Everything that Read returns, as text; or the first error.
absl::StatusOr<std::vector<std::string>> Describe(Journal& journal) {
  std::vector<std::string> all;
  for (const PartitionId partition : AllPartitions(journal)) {
    Cursor cursor;
    for (;;) {
      ASSAY_ASSIGN_OR_RETURN(const auto records, journal.Read(partition, cursor, 7, 1 << 20));
      if (records.empty()) break;
      for (const StoredRecord& record : records) {
        all.push_back(fmt::format("{}/{} {} {} {}", static_cast<int>(partition.kind),
                                  partition.index, record.position, record.appended_at.ms,
                                  record.value));
      }
      cursor = records.back().Next();
    }
  }
  return all;
}

class TamperedJournal {
 public:
  TamperedJournal() : clock_(Instant{1'767'225'600'000}) {}

  // A few dozen records; those of the first half in tables, if asked for.
  void Build(bool in_tables) {
    const std::unique_ptr<rocksdb::Env> env = NewEnv();
    const EmbeddedJournal::Options options{.clock = &clock_, .env = env.get()};
    REQUIRE(EmbeddedJournal::Create(dir_, 3, options).ok());
    Write(options, 0);
    if (in_tables) {
      const auto opened = OpenJournalDirectory({.dir = dir_, .env = env.get()});
      REQUIRE(opened.ok());
      REQUIRE(opened->db->Flush(rocksdb::FlushOptions()).ok());
    }
    Write(options, 1);
    files_ = ReadFiles(dir_);
    const auto journal = EmbeddedJournal::Open(dir_, options);
    REQUIRE(journal.ok());
    expected_ = Describe(**journal).value();
    REQUIRE(expected_.size() == 160);
  }

  [[nodiscard]] const Files& files() const { return files_; }

  // The text of the error, or nothing when everything is as it was; fails when records differ.
  std::string Look(const std::string& name, const std::string& content, bool read_only) {
    Restore(name, content);
    const std::unique_ptr<rocksdb::Env> env = NewEnv();
    const auto journal =
        EmbeddedJournal::Open(dir_, {.clock = &clock_, .env = env.get(), .read_only = read_only});
    if (!journal.ok()) return assay::Describe(journal.status());
    const absl::Status chain = (*journal)->VerifyChain();
    const auto found = Describe(**journal);
    if (found.ok() && *found != expected_) FAIL("other records in silence");
    if (!found.ok()) return assay::Describe(found.status());
    if (!chain.ok()) return assay::Describe(chain);
    const absl::Status mark = (*journal)->EndMarkStatus();
    return mark.ok() ? "" : assay::Describe(mark);
  }

 private:
  std::unique_ptr<rocksdb::Env> NewEnv() const {
    return rocksdb::NewCompositeEnv(std::make_shared<PowerLossFs>(home_.path(), 0, -1));
  }

  void Write(const EmbeddedJournal::Options& options, int writer) {
    const auto journal = EmbeddedJournal::Open(dir_, options);
    REQUIRE(journal.ok());
    for (int batch = 0; batch < 20; ++batch) {
      clock_.Advance(1000);
      const PartitionId partition = PartitionOfSlot(static_cast<size_t>(batch % 4));
      REQUIRE((*journal)->Append(partition, SomeValues(writer, batch, 4)).ok());
    }
  }

  void Restore(const std::string& changed, const std::string& content) {
    fs::remove_all(dir_);
    fs::create_directory(dir_);
    for (const auto& [name, original] : files_) {
      std::ofstream(dir_ + "/" + name, std::ios::binary) << (name == changed ? content : original);
    }
  }

  const ScratchDirectory home_;
  const std::string dir_ = home_.Path("journal");
  StoryClock clock_;
  Files files_;
  std::vector<std::string> expected_;
};

// These carry no record: text for people, and RocksDB's settings, which are not read back.
bool MayBeHarmless(const std::string& name) {
  return name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "IDENTITY" ||
         name == "LOCK";
}

// Files weighed by their part in keeping records, then a byte of it.
std::pair<std::string, size_t> Draw(const Files& files, std::mt19937_64& random) {
  std::vector<std::string> names;
  for (const auto& [name, content] : files) {
    if (content.empty()) continue;
    names.insert(names.end(), MayBeHarmless(name) ? 1 : name == "CURRENT" ? 2 : 8, name);
  }
  const std::string& name = names[random() % names.size()];
  const size_t bytes = files.at(name).size();
  return {name, random() % bytes};
}

struct Tally {
  int noticed = 0;
  int harmless = 0;
};

void Change(TamperedJournal& journal, const std::string& name, size_t offset, char mask,
            bool read_only, std::map<std::string, Tally>& tallies) {
  std::string content = journal.files().at(name);
  content[offset] = static_cast<char>(content[offset] ^ mask);
  INFO(name << " byte " << offset << " xor " << static_cast<int>(static_cast<uint8_t>(mask)));
  const std::string error = journal.Look(name, content, read_only);
  if (name == "END") CHECK_FALSE(error.empty());
  Tally& tally = tallies[name.substr(name.find('.') + 1)];
  ++(error.empty() ? tally.harmless : tally.noticed);
}

void ChangeBytes(bool in_tables) {
  TamperedJournal journal;
  journal.Build(in_tables);
  const bool is_whole = std::getenv("ASSAY_TAMPER_ALL") != nullptr;
  const char* seed = std::getenv("ASSAY_SEED");
  std::mt19937_64 random(seed ? std::strtoull(seed, nullptr, 10) : 1);
  std::map<std::string, Tally> tallies;
  if (is_whole) {
    for (const auto& [name, content] : journal.files()) {
      for (size_t offset = 0; offset < content.size(); ++offset) {
        const char mask = static_cast<char>(1 << (offset % 8));
        Change(journal, name, offset, mask, offset % 2 == 0, tallies);
      }
    }
  } else {
    for (int i = 0; i < kChangesDefault / 2; ++i) {
      const auto [name, offset] = Draw(journal.files(), random);
      // Half of them a single bit, half of them any other byte.
      const uint64_t any = 1 + random() % 255;
      const char mask = static_cast<char>(i % 2 == 0 ? 1 << (any % 8) : any);
      Change(journal, name, offset, mask, i % 4 != 0, tallies);
    }
  }
  int noticed = 0;
  for (const auto& [kind, tally] : tallies) {
    noticed += tally.noticed;
    if (is_whole)
      WARN(kind << ": " << tally.noticed << " noticed, " << tally.harmless << " harmless");
  }
  // Most bytes matter; a test that notices nothing would look at the wrong files.
  CHECK(noticed > kChangesDefault / 8);
}

TEST_CASE("a changed byte in the log files is noticed or harmless", "[embedded][campaign]") {
  ChangeBytes(false);
}

TEST_CASE("a changed byte in the tables is noticed or harmless", "[embedded][campaign]") {
  ChangeBytes(true);
}

TEST_CASE("a file that is gone, cut short or empty is noticed or harmless",
          "[embedded][campaign]") {
  TamperedJournal journal;
  journal.Build(true);
  int noticed = 0;
  for (const auto& [name, content] : journal.files()) {
    if (content.empty()) continue;
    for (const size_t kept : {size_t{0}, size_t{1}, content.size() / 2, content.size() - 1}) {
      INFO(name << " cut to " << kept);
      const std::string error = journal.Look(name, content.substr(0, kept), kept % 2 == 0);
      noticed += error.empty() ? 0 : 1;
      const bool is_log_or_table = name.ends_with(".log") || name.ends_with(".sst");
      if (is_log_or_table || name == "END") CHECK_FALSE(error.empty());
    }
  }
  CHECK(noticed >= 10);
}

TEST_CASE("a lost end of the log is named by partition and position", "[embedded][integration]") {
  TamperedJournal journal;
  journal.Build(false);
  std::string last_error;
  for (const auto& [name, content] : journal.files()) {
    if (!name.ends_with(".log") || content.size() < 1000) continue;
    last_error = journal.Look(name, content.substr(0, content.size() - 100), false);
    CHECK_THAT(last_error, Catch::StartsWith("DATA_LOSS: "));
    CHECK_THAT(last_error, Catch::Contains(" position "));
  }
  // The last append was of 4 records to facts 2.
  CHECK_THAT(last_error, Catch::Contains("facts 2 position 36: acknowledged records are missing"));
}

}  // namespace
}  // namespace assay::testing
