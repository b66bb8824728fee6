#include "connectors/embedded/embedded_journal.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "connectors/embedded/journal_format.h"
#include "connectors/embedded/journal_recovery.h"
#include "connectors/embedded/system_clock.h"
#include "engine/base/limits.h"
#include "tests/connectors/embedded/power_loss_fs.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/contract/journal_history.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

constexpr Instant kMorning{1'767'225'600'000};

class Desk {
 public:
  Desk() { Take(EmbeddedJournal::Create(dir(), 3, {.clock = &clock})); }

  absl::Status Open(EmbeddedJournal::Options options = {}) {
    journal_.reset();
    if (!options.read_only) options.clock = &clock;
    auto opened = EmbeddedJournal::Open(dir(), options);
    if (!opened.ok()) return opened.status();
    journal_ = *std::move(opened);
    return absl::OkStatus();
  }
  void Close() { journal_.reset(); }

  absl::Status Append(PartitionId partition, const std::vector<std::string>& values) {
    return journal_->Append(partition, values);
  }
  std::vector<std::string> Values(PartitionId partition) {
    std::vector<std::string> values;
    for (StoredRecord& record : ReadAll(*journal_, partition)) {
      values.push_back(std::move(record.value));
    }
    return values;
  }

  // Changes a row behind the journal's back, with every checksum of RocksDB in order.
  void ChangeRow(const std::string& key, const std::string* value) {
    Close();
    rocksdb::DB* raw = nullptr;
    REQUIRE(rocksdb::DB::Open(rocksdb::Options(), dir(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    REQUIRE((value ? db->Put({}, key, *value) : db->Delete({}, key)).ok());
  }

  [[nodiscard]] std::string dir() const { return home.Path("journal"); }
  EmbeddedJournal& journal() { return *journal_; }

  const ScratchDirectory home;
  StoryClock clock{kMorning};

 private:
  void Take(absl::StatusOr<std::unique_ptr<EmbeddedJournal>> journal) {
    REQUIRE(journal.status() == absl::OkStatus());
    journal_ = *std::move(journal);
  }

  std::unique_ptr<EmbeddedJournal> journal_;
};

TEST_CASE("records carry the clock's time, which never runs backwards", "[embedded][integration]") {
  Desk desk;
  REQUIRE(desk.Append(kDecisionsPartition, {"a"}).ok());
  desk.clock.Set({kMorning.ms - 60'000});
  REQUIRE(desk.Append(kDecisionsPartition, {"b"}).ok());
  // Another partition has seen nothing later.
  REQUIRE(desk.Append(FactsPartition(0), {"c"}).ok());
  REQUIRE(desk.Open().ok());
  REQUIRE(desk.Append(kDecisionsPartition, {"d"}).ok());
  desk.clock.Set({kMorning.ms + 1});
  REQUIRE(desk.Append(kDecisionsPartition, {"e"}).ok());
  std::vector<int64_t> times;
  for (const auto& record : ReadAll(desk.journal(), kDecisionsPartition)) {
    times.push_back(record.appended_at.ms - kMorning.ms);
  }
  CHECK(times == std::vector<int64_t>{0, 0, 0, 1});
  CHECK(ReadAll(desk.journal(), FactsPartition(0))[0].appended_at.ms == kMorning.ms - 60'000);
}

TEST_CASE("a journal is made once", "[embedded][integration]") {
  Desk desk;
  const std::string identity = desk.journal().Identity();
  CHECK(identity.starts_with("embedded:"));
  CHECK(identity.size() == 9 + 32);
  const auto again = EmbeddedJournal::Create(desk.dir(), 3, {.clock = &desk.clock});
  CHECK(absl::IsAlreadyExists(again.status()));
  const auto other = EmbeddedJournal::Create(desk.home.Path("other"), 1, {.clock = &desk.clock});
  REQUIRE(other.ok());
  CHECK((*other)->Identity() != identity);
  CHECK((*other)->FactsPartitions() == 1);
  for (const int32_t partitions : {0, -1, limits::kFactsPartitionsMax + 1}) {
    const auto bad =
        EmbeddedJournal::Create(desk.home.Path("bad"), partitions, {.clock = &desk.clock});
    CHECK(absl::IsInvalidArgument(bad.status()));
  }
  CHECK(absl::IsNotFound(
      EmbeddedJournal::Open(desk.home.Path("bad"), {.clock = &desk.clock}).status()));
  CHECK_FALSE(fs::exists(desk.home.Path("bad")));
}

TEST_CASE("a journal that is open cannot be opened again", "[embedded][integration]") {
  Desk desk;
  const auto second = EmbeddedJournal::Open(desk.dir(), {.clock = &desk.clock});
  CHECK(absl::IsUnavailable(second.status()));
}

TEST_CASE("copies keep their times and continue a partition or are refused",
          "[embedded][integration]") {
  Desk desk;
  Desk target;
  REQUIRE(desk.Append(FactsPartition(1), {"a"}).ok());
  desk.clock.Advance(5000);
  REQUIRE(desk.Append(FactsPartition(1), {"b", "c"}).ok());
  const std::vector<StoredRecord> records = ReadAll(desk.journal(), FactsPartition(1));
  const std::span<const StoredRecord> all(records);

  EmbeddedJournal& journal = target.journal();
  CHECK(absl::IsFailedPrecondition(journal.AppendCopies(FactsPartition(1), all.subspan(1))));
  REQUIRE(journal.AppendCopies(FactsPartition(1), all.first(1)).ok());
  CHECK(absl::IsFailedPrecondition(journal.AppendCopies(FactsPartition(1), all)));
  REQUIRE(journal.AppendCopies(FactsPartition(1), all.subspan(1)).ok());
  std::vector<StoredRecord> early = {records[0]};
  early[0].position = 3;
  CHECK(absl::IsFailedPrecondition(journal.AppendCopies(FactsPartition(1), early)));

  const std::vector<StoredRecord> copied = ReadAll(journal, FactsPartition(1));
  REQUIRE(copied.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(copied[i].value == records[i].value);
    CHECK(copied[i].appended_at == records[i].appended_at);
  }
  // A refusal stops nothing.
  CHECK(target.Append(FactsPartition(1), {"d"}).ok());
}

TEST_CASE("a journal that is read only stays as it is", "[embedded][integration]") {
  Desk desk;
  REQUIRE(desk.Append(kDecisionsPartition, {"a", "b"}).ok());
  desk.Close();
  const auto snapshot = [&] {
    std::vector<std::pair<std::string, uintmax_t>> files;
    for (const auto& entry : fs::directory_iterator(desk.dir())) {
      files.emplace_back(entry.path().filename(), entry.file_size());
    }
    std::sort(files.begin(), files.end());
    return files;
  };
  const auto before = snapshot();
  REQUIRE(desk.Open({.read_only = true}) == absl::OkStatus());
  CHECK(desk.Values(kDecisionsPartition) == std::vector<std::string>{"a", "b"});
  CHECK(desk.journal().VerifyChain().ok());
  CHECK(absl::IsFailedPrecondition(desk.Append(kDecisionsPartition, {"c"})));
  desk.Close();
  CHECK(snapshot() == before);
}

TEST_CASE("a record that was changed behind the journal is named", "[embedded][integration]") {
  Desk desk;
  std::vector<std::string> values;
  for (int i = 0; i < 20; ++i) values.push_back("value " + std::to_string(i));
  REQUIRE(desk.Append(FactsPartition(2), values).ok());
  REQUIRE(desk.journal().VerifyChain().ok());
  const Tail fifth = Chained(Tail(), kMorning.ms, "value 4");
  const auto header = RecordHeader(fifth);
  SECTION("its bytes") {
    const std::string row = std::string(header.data(), header.size()) + "other";
    desk.ChangeRow(RecordKey(FactsPartition(2), 4), &row);
    REQUIRE(desk.Open() == absl::OkStatus());
    const absl::Status chain = desk.journal().VerifyChain();
    CHECK(absl::IsDataLoss(chain));
    CHECK_THAT(std::string(MessageOf(chain)), Catch::StartsWith("facts 2 position 4: "));
  }
  SECTION("its presence") {
    desk.ChangeRow(RecordKey(FactsPartition(2), 4), nullptr);
    REQUIRE(desk.Open() == absl::OkStatus());
    const absl::Status chain = desk.journal().VerifyChain();
    CHECK(absl::IsDataLoss(chain));
    CHECK_THAT(std::string(MessageOf(chain)), Catch::StartsWith("facts 2 position 4: "));
    const auto read = desk.journal().Read(FactsPartition(2), {}, 100, 1 << 20);
    CHECK(absl::IsDataLoss(read.status()));
    CHECK_THAT(std::string(MessageOf(read.status())), Catch::StartsWith("facts 2 position 4: "));
    CHECK(desk.journal().Read(FactsPartition(2), {}, 4, 1 << 20).value().size() == 4);
  }
  SECTION("its time") {
    std::string row(header.data(), header.size());
    row[7] = static_cast<char>(row[7] ^ 1);
    row += "value 4";
    desk.ChangeRow(RecordKey(FactsPartition(2), 4), &row);
    REQUIRE(desk.Open() == absl::OkStatus());
    CHECK(absl::IsDataLoss(desk.journal().VerifyChain()));
  }
}

TEST_CASE("a log that does not fit its end mark is not opened", "[embedded][integration]") {
  Desk desk;
  REQUIRE(desk.Append(FactsPartition(0), {"a", "b", "c"}).ok());
  const auto text_of_opening = [&] {
    const absl::Status opened = desk.Open();
    CHECK(absl::IsDataLoss(opened));
    return std::string(MessageOf(opened));
  };
  std::string row;
  SECTION("an earlier tail") {
    AppendTail(row, Chained(Tail(), kMorning.ms, "a"));
    desk.ChangeRow(TailKey(FactsPartition(0)), &row);
    CHECK_THAT(text_of_opening(), Catch::StartsWith("facts 0 position 1: acknowledged records"));
  }
  SECTION("another history of the same length") {
    const Tail a = Chained(Tail(), kMorning.ms, "a");
    AppendTail(row, Chained(Chained(a, kMorning.ms, "B"), kMorning.ms, "c"));
    desk.ChangeRow(TailKey(FactsPartition(0)), &row);
    CHECK_THAT(text_of_opening(), Catch::StartsWith("facts 0 position 2: the log is not the one"));
  }
  SECTION("no tail") {
    desk.ChangeRow(TailKey(FactsPartition(0)), nullptr);
    CHECK_THAT(text_of_opening(), Catch::StartsWith("facts 0 position 3: "));
  }
  SECTION("no last record") {
    desk.ChangeRow(RecordKey(FactsPartition(0), 2), nullptr);
    CHECK_THAT(text_of_opening(), Catch::StartsWith("facts 0 position 2: the last record is"));
  }
  SECTION("a record too many") {
    row = "something";
    desk.ChangeRow(RecordKey(FactsPartition(0), 3), &row);
    CHECK_THAT(text_of_opening(), Catch::StartsWith("facts 0 position 3: a record stands behind"));
  }
  SECTION("a mark of another journal") {
    REQUIRE(EmbeddedJournal::Create(desk.home.Path("other"), 3, {.clock = &desk.clock}).ok());
    desk.Close();
    fs::copy_file(desk.home.Path("other/END"), desk.dir() + "/END",
                  fs::copy_options::overwrite_existing);
    CHECK_THAT(text_of_opening(), Catch::Contains("different journals"));
  }
  SECTION("no mark") {
    desk.Close();
    fs::remove(desk.dir() + "/END");
    CHECK_THAT(text_of_opening(), Catch::Contains("END is missing"));
  }
  SECTION("no database") {
    desk.Close();
    fs::remove(desk.dir() + "/CURRENT");
    CHECK_THAT(text_of_opening(), Catch::Contains("CURRENT is missing"));
  }
}

TEST_CASE("an older state of the log beside a newer mark is noticed", "[embedded][integration]") {
  Desk desk;
  REQUIRE(desk.Append(kDecisionsPartition, {"a", "b"}).ok());
  desk.Close();
  const std::string copy = desk.home.Path("copy");
  fs::copy(desk.dir(), copy, fs::copy_options::recursive);
  REQUIRE(desk.Open().ok());
  REQUIRE(desk.Append(kDecisionsPartition, {"c"}).ok());
  desk.Close();
  fs::copy_file(desk.dir() + "/END", copy + "/END", fs::copy_options::overwrite_existing);
  const auto opened = EmbeddedJournal::Open(copy, {.clock = &desk.clock});
  CHECK(absl::IsDataLoss(opened.status()));
  CHECK_THAT(std::string(MessageOf(opened.status())), Catch::StartsWith("decisions position 2: "));
}

TEST_CASE("a log that is longer than its mark is brought up", "[embedded][integration]") {
  Desk desk;
  REQUIRE(desk.Append(kDecisionsPartition, {"a", "b"}).ok());
  desk.Close();
  const std::string mark = desk.home.Path("mark");
  fs::copy_file(desk.dir() + "/END", mark);
  REQUIRE(desk.Open().ok());
  REQUIRE(desk.Append(kDecisionsPartition, {"c"}).ok());
  REQUIRE(desk.Append(FactsPartition(0), {"d", "e"}).ok());
  desk.Close();
  fs::copy_file(mark, desk.dir() + "/END", fs::copy_options::overwrite_existing);
  for (int opening = 0; opening < 2; ++opening) {
    REQUIRE(desk.Open() == absl::OkStatus());
    CHECK(desk.Values(kDecisionsPartition) == std::vector<std::string>{"a", "b", "c"});
    CHECK(desk.Values(FactsPartition(0)) == std::vector<std::string>{"d", "e"});
    CHECK(desk.journal().VerifyChain().ok());
  }
  desk.Close();
  EndMark now;
  REQUIRE(EndMarkFile::Open(rocksdb::Env::Default(), desk.dir() + "/END", true, now).ok());
  CHECK(now.tails[0].end == 3);
  CHECK(now.tails[1].end == 2);
}

TEST_CASE("after an error of the disk every call says unknown", "[embedded][integration]") {
  Desk desk;
  desk.Close();
  const auto disk = std::make_shared<PowerLossFs>(desk.home.path(), 1, -1);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  REQUIRE(desk.Open({.env = env.get()}) == absl::OkStatus());
  REQUIRE(desk.Append(kDecisionsPartition, {"before"}).ok());
  // The sync of the log, or that of the end mark.
  const int failing = GENERATE(0, 3);
  disk->FailSyncAfter(failing);
  const absl::Status failed = desk.Append(kDecisionsPartition, {"during"});
  CHECK(absl::IsUnavailable(failed));
  CHECK_THAT(std::string(MessageOf(failed)), Catch::Contains("may or may not be there: open it"));
  CHECK_THAT(std::string(MessageOf(failed)), !Catch::Contains("failed to append"));
  CHECK(absl::IsUnavailable(desk.Append(FactsPartition(0), {"after"})));
  CHECK(absl::IsUnavailable(desk.journal().Read(kDecisionsPartition, {}, 1, 1).status()));
  CHECK(absl::IsUnavailable(desk.journal().End(kDecisionsPartition).status()));
  CHECK(absl::IsUnavailable(desk.journal().VerifyChain()));
  // It was there after all.
  REQUIRE(desk.Open({.env = env.get()}) == absl::OkStatus());
  CHECK(desk.Values(kDecisionsPartition) == std::vector<std::string>{"before", "during"});
  CHECK(desk.Append(kDecisionsPartition, {"after"}).ok());
  // The journal must not outlive the disk that it stands on.
  desk.Close();
}

TEST_CASE("appends of many threads share the syncs", "[embedded][integration]") {
  Desk desk;
  desk.Close();
  REQUIRE(desk.Open() == absl::OkStatus());
  constexpr int kThreads = 16;
  constexpr int kAppends = 20;
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < kAppends; ++n) {
        const std::vector<std::string> values = {std::to_string(i) + "/" + std::to_string(n)};
        refused += desk.journal().Append(FactsPartition(i % 3), values).ok() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 0);
  size_t count = 0;
  for (int32_t i = 0; i < 3; ++i) count += desk.Values(FactsPartition(i)).size();
  CHECK(count == kThreads * kAppends);
  desk.Close();
  EndMark mark;
  REQUIRE(EndMarkFile::Open(rocksdb::Env::Default(), desk.dir() + "/END", true, mark).ok());
  // One mark per group.
  CHECK(mark.sequence < kThreads * kAppends / 2);
}

TEST_CASE("a reader that waits at the end sees what comes", "[embedded][integration]") {
  Desk desk;
  Cursor cursor;
  for (int i = 0; i < 50; ++i) {
    REQUIRE(desk.journal().Read(FactsPartition(0), cursor, 10, 1000).value().empty());
    REQUIRE(desk.Append(FactsPartition(0), {"a", "b", std::to_string(i)}).ok());
    // Half of them leave a scan open that does not see the next records.
    const int32_t page = i % 2 == 0 ? 2 : 10;
    for (int32_t got = 0; got < 3;) {
      const auto records = desk.journal().Read(FactsPartition(0), cursor, page, 1000).value();
      REQUIRE_FALSE(records.empty());
      got += static_cast<int32_t>(records.size());
      cursor = records.back().Next();
      if (got == 3) CHECK(records.back().value == std::to_string(i));
    }
  }
}

TEST_CASE("one read goes on behind a scan that was opened before the last append",
          "[embedded][integration]") {
  Desk desk;
  REQUIRE(desk.Append(FactsPartition(0), {"a", "b", "c"}).ok());
  const auto first = desk.journal().Read(FactsPartition(0), {}, 1, 1000).value();
  REQUIRE(desk.Append(FactsPartition(0), {"d", "e"}).ok());
  const auto rest = desk.journal().Read(FactsPartition(0), first.back().Next(), 100, 1000).value();
  REQUIRE(rest.size() == 4);
  CHECK(rest.back().value == "e");
}

TEST_CASE("many restarts leave few log files", "[embedded][integration]") {
  Desk desk;
  for (int i = 0; i < 30; ++i) {
    REQUIRE(desk.Append(kDecisionsPartition, {std::to_string(i)}).ok());
    REQUIRE(desk.Open() == absl::OkStatus());
  }
  int logs = 0;
  for (const auto& entry : fs::directory_iterator(desk.dir())) {
    logs += entry.path().extension() == ".log" ? 1 : 0;
  }
  CHECK(logs <= 10);
  CHECK(desk.Values(kDecisionsPartition).size() == 30);
}

}  // namespace
}  // namespace assay::testing
