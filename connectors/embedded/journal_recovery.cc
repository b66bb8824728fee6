#include "connectors/embedded/journal_recovery.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/write_batch.h>

#include <utility>
#include <vector>

#include "connectors/embedded/rocksdb_status.h"
#include "engine/base/check.h"

namespace assay {
namespace {

// A restart replays at most one of these from the write-ahead log; it bounds the time to ready.
constexpr size_t kWriteBufferBytes = 16 << 20;
constexpr int kWriteBuffersMax = 4;
// Long scans win with large blocks; a single record costs one decompression.
constexpr size_t kBlockBytes = 16 << 10;
constexpr size_t kBlockCacheBytes = 16 << 20;
constexpr size_t kTableFileBytes = 64 << 20;
constexpr size_t kFirstLevelBytes = 256 << 20;
// Every opening starts a log file and, so that it works on a full disk, keeps the older ones; this
// many are replayed quickly.
constexpr size_t kLogFilesMax = 8;
// Far below the usual limit of 1,024 descriptors of a process.
constexpr int kOpenFilesMax = 400;

// RocksDB's own log file aborts the process when the disk is full, and says nothing that its
// statuses do not say; read-only opening must not leave a file behind either.
class SilentLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

std::string EndPath(const std::string& dir) { return dir + "/END"; }

rocksdb::Options DatabaseOptions(const JournalPlace& place) {
  rocksdb::Options options;
  options.env = place.env;
  options.paranoid_checks = true;
  options.force_consistency_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // A full disk must not keep a journal from being opened and read.
  options.avoid_flush_during_recovery = true;
  options.max_bgerror_resume_count = 0;
  options.max_background_jobs = 2;
  options.max_open_files = kOpenFilesMax;
  options.write_buffer_size = kWriteBufferBytes;
  options.max_write_buffer_number = kWriteBuffersMax;
  options.target_file_size_base = kTableFileBytes;
  options.max_bytes_for_level_base = kFirstLevelBytes;
  options.compression = rocksdb::kLZ4Compression;
  options.bytes_per_sync = 1 << 20;
  options.info_log = std::make_shared<SilentLog>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  if (place.listener) options.listeners.push_back(place.listener);

  rocksdb::BlockBasedTableOptions table;
  table.block_size = kBlockBytes;
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  table.format_version = 5;
  table.max_auto_readahead_size = 1 << 20;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

absl::Status SyncDirectory(rocksdb::Env* env, const std::string& dir) {
  std::unique_ptr<rocksdb::Directory> directory;
  ASSAY_RETURN_IF_ERROR(FromRocksdb(env->NewDirectory(dir, &directory), "open " + dir));
  return FromRocksdb(directory->Fsync(), "sync " + dir);
}

std::string ParentOf(const std::string& dir) {
  const size_t slash = dir.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : dir.substr(0, slash);
}

absl::StatusOr<bool> Exists(rocksdb::Env* env, const std::string& path) {
  const rocksdb::Status status = env->FileExists(path);
  if (status.IsNotFound()) return false;
  ASSAY_RETURN_IF_ERROR(FromRocksdb(status, "look for " + path));
  return true;
}

absl::StatusOr<bool> IsEmptyOrAbsent(rocksdb::Env* env, const std::string& dir) {
  ASSAY_ASSIGN_OR_RETURN(const bool there, Exists(env, dir));
  if (!there) return true;
  std::vector<std::string> names;
  ASSAY_RETURN_IF_ERROR(FromRocksdb(env->GetChildren(dir, &names), "list " + dir));
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  return names.empty();
}

absl::Status RemoveDirectory(rocksdb::Env* env, const std::string& dir) {
  std::vector<std::string> names;
  ASSAY_RETURN_IF_ERROR(FromRocksdb(env->GetChildren(dir, &names), "list " + dir));
  for (const std::string& name : names) {
    if (name == "." || name == "..") continue;
    ASSAY_RETURN_IF_ERROR(FromRocksdb(env->DeleteFile(dir + "/" + name), "delete " + name));
  }
  return FromRocksdb(env->DeleteDir(dir), "delete " + dir);
}

absl::Status WriteFirstRows(const JournalPlace& place, const std::string& dir,
                            const EndMark& mark) {
  rocksdb::Options options = DatabaseOptions(place);
  options.create_if_missing = true;
  options.error_if_exists = true;
  rocksdb::DB* raw = nullptr;
  ASSAY_RETURN_IF_ERROR(FromRocksdb(rocksdb::DB::Open(options, dir, &raw), "create " + dir));
  const std::unique_ptr<rocksdb::DB> db(raw);
  rocksdb::WriteBatch batch;
  batch.Put(DirectoryKey(), EncodeDirectory(mark.identity));
  for (size_t slot = 0; slot < mark.tails.size(); ++slot) {
    std::string row;
    AppendTail(row, mark.tails[slot]);
    batch.Put(TailKey(PartitionOfSlot(slot)), row);
  }
  rocksdb::WriteOptions write;
  write.sync = true;
  ASSAY_RETURN_IF_ERROR(FromRocksdb(db->Write(write, &batch), "write " + dir));
  return FromRocksdb(db->Close(), "close " + dir);
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenDatabase(const rocksdb::Options& options,
                                                          const std::string& dir, bool read_only) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = read_only ? rocksdb::DB::OpenForReadOnly(options, dir, &db)
                                           : rocksdb::DB::Open(options, dir, &db);
  ASSAY_RETURN_IF_ERROR(FromRocksdb(status, "open " + dir));
  return std::unique_ptr<rocksdb::DB>(db);
}

absl::StatusOr<std::string> GetRow(rocksdb::DB& db, const std::string& key, std::string_view what) {
  std::string row;
  ASSAY_RETURN_IF_ERROR(FromRocksdb(db.Get(JournalReadOptions(), key, &row), what));
  return row;
}

absl::Status Lost(PartitionId partition, int64_t position, std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "{} position {}: {}", PartitionName(partition),
                    position, what);
}

absl::Status CheckLastRecord(rocksdb::DB& db, PartitionId partition, const Tail& tail) {
  std::string row;
  const rocksdb::Status behind = db.Get(JournalReadOptions(), RecordKey(partition, tail.end), &row);
  if (behind.ok()) return Lost(partition, tail.end, "a record stands behind the end of the log");
  if (!behind.IsNotFound()) return FromRocksdb(behind, "read behind the end");
  if (tail.end == 0) return absl::OkStatus();
  const rocksdb::Status last =
      db.Get(JournalReadOptions(), RecordKey(partition, tail.end - 1), &row);
  if (last.IsNotFound()) return Lost(partition, tail.end - 1, "the last record is missing");
  ASSAY_RETURN_IF_ERROR(FromRocksdb(last, "read the last record"));
  const auto view = DecodeRecord(row);
  if (!view || view->ms != tail.last_ms || !TagMatches(*view, tail)) {
    return Lost(partition, tail.end - 1, "the last record is not the one that was appended");
  }
  return absl::OkStatus();
}

// The tail that the log holds, which `marked` must be a beginning of.
absl::StatusOr<Tail> CheckTail(rocksdb::DB& db, PartitionId partition, const Tail& marked) {
  ASSAY_ASSIGN_OR_RETURN(
      const std::string row,
      GetRow(db, TailKey(partition), "read the tail of " + PartitionName(partition)));
  std::string_view in = row;
  Tail tail;
  if (!TakeTail(in, tail) || !in.empty()) {
    return Lost(partition, marked.end, "the tail row cannot be read");
  }
  if (tail.end < marked.end) {
    return Lost(partition, tail.end,
                fmt::format("acknowledged records are missing: the log ends here, its end mark "
                            "counts {}; restore the journal from a copy",
                            marked.end));
  }
  ASSAY_ASSIGN_OR_RETURN(const Tail chained, ChainRecords(db, partition, marked, tail.end));
  if (chained != tail) {
    return Lost(partition, tail.end - 1,
                "the log is not the one that its end mark was written for: its hash chain differs");
  }
  ASSAY_RETURN_IF_ERROR(CheckLastRecord(db, partition, tail));
  return tail;
}

// The mark that fits what the log holds, when `marked` is a beginning of it.
absl::StatusOr<EndMark> CheckAgainstMark(rocksdb::DB& db, const EndMark& marked) {
  auto directory = GetRow(db, DirectoryKey(), "read the directory row");
  if (absl::IsNotFound(directory.status()) ||
      (directory.ok() && DecodeDirectory(*directory) != marked.identity)) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "END and the log belong to different journals; restore both from one copy");
  }
  ASSAY_RETURN_IF_ERROR(directory.status());
  EndMark mark = marked;
  for (size_t slot = 0; slot < mark.tails.size(); ++slot) {
    auto tail = CheckTail(db, PartitionOfSlot(slot), marked.tails[slot]);
    // A row that must be there: its absence is damage, not an answer.
    if (absl::IsNotFound(tail.status())) {
      return Lost(PartitionOfSlot(slot), marked.tails[slot].end, MessageOf(tail.status()));
    }
    ASSAY_RETURN_IF_ERROR(tail.status());
    mark.tails[slot] = *std::move(tail);
  }
  if (mark.tails != marked.tails) ++mark.sequence;
  return mark;
}

// RocksDB begins a log file at each opening, and neither counts nor forgets those that nothing was
// written to.
void RemoveEmptyLogs(const JournalPlace& place) {
  std::vector<std::string> names;
  if (!place.env->GetChildren(place.dir, &names).ok()) return;
  for (const std::string& name : names) {
    const std::string path = place.dir + "/" + name;
    uint64_t bytes = 0;
    const bool is_empty =
        name.ends_with(".log") && place.env->GetFileSize(path, &bytes).ok() && bytes == 0;
    if (is_empty) place.env->DeleteFile(path).PermitUncheckedError();
  }
}

// Whether many restarts have left so many log files that a flush should retire them, and the disk
// has room for it.
bool ShouldRetireLogs(const JournalPlace& place, rocksdb::DB& db) {
  rocksdb::VectorLogPtr logs;
  uint64_t free_bytes = 0;
  return db.GetSortedWalFiles(logs).ok() && logs.size() > kLogFilesMax &&
         place.env->GetFreeSpace(place.dir, &free_bytes).ok() && free_bytes > 4 * kWriteBufferBytes;
}

// Makes what was found as durable as if it had just been acknowledged: it may so far be only in
// the page cache, left there by a process that was killed or whose sync failed.
absl::Status Settle(const JournalPlace& place, OpenedJournal& journal, const EndMark& marked) {
  const bool is_longer = journal.mark.sequence != marked.sequence;
  if (is_longer || ShouldRetireLogs(place, *journal.db)) {
    ASSAY_RETURN_IF_ERROR(FromRocksdb(journal.db->Flush(rocksdb::FlushOptions()), "flush"));
  }
  // The same bytes into the same slot, so that no cut of the power can tear them; only then may
  // the other slot be touched.
  ASSAY_RETURN_IF_ERROR(journal.mark_file->Write(marked, place.sync));
  if (!is_longer) return absl::OkStatus();
  return journal.mark_file->Write(journal.mark, place.sync);
}

// A write-ahead log with a damaged record. A cut of the power may leave that behind the last sync;
// such a record was never acknowledged, and the log may end before it. Anything else is reported
// without changing a file.
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenUpToDamage(const JournalPlace& place,
                                                            rocksdb::Options options,
                                                            const EndMark& marked,
                                                            const absl::Status& damage) {
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  auto db = OpenDatabase(options, place.dir, true);
  // Not only the write-ahead log is damaged: the first error says it best.
  if (!db.ok()) return damage;
  const auto checked = CheckAgainstMark(**db, marked);
  if (!checked.ok()) return Annotate(checked.status(), MessageOf(damage));
  if (place.read_only) return db;
  db->reset();
  // The damaged file must not be replayed a second time, when it is no longer the last one.
  options.avoid_flush_during_recovery = false;
  return OpenDatabase(options, place.dir, false);
}

absl::Status CheckThatAJournalIsThere(const JournalPlace& place) {
  ASSAY_ASSIGN_OR_RETURN(const bool marked, Exists(place.env, EndPath(place.dir)));
  ASSAY_ASSIGN_OR_RETURN(const bool database, Exists(place.env, place.dir + "/CURRENT"));
  if (marked && database) return absl::OkStatus();
  if (!marked && !database) {
    return MakeStatus(absl::StatusCode::kNotFound, "there is no journal in {}", place.dir);
  }
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{}/{} is missing; restore the journal from a copy", place.dir,
                    marked ? "CURRENT" : "END");
}

}  // namespace

rocksdb::ReadOptions JournalReadOptions() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

absl::StatusOr<Tail> ChainRecords(rocksdb::DB& db, PartitionId partition, const Tail& from,
                                  int64_t end) {
  Tail tail = from;
  if (from.end >= end) return tail;
  rocksdb::ReadOptions options = JournalReadOptions();
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(db.NewIterator(options));
  for (rows->Seek(RecordKey(partition, from.end)); tail.end < end; rows->Next()) {
    if (!rows->status().ok()) {
      return Annotate(FromRocksdb(rows->status(), "read"),
                      fmt::format("{} position {}", PartitionName(partition), tail.end));
    }
    if (!rows->Valid() || rows->key() != rocksdb::Slice(RecordKey(partition, tail.end))) {
      return Lost(partition, tail.end, "the record is missing");
    }
    const auto view = DecodeRecord(rows->value().ToStringView());
    if (!view || view->ms < tail.last_ms) {
      return Lost(partition, tail.end, "the record cannot be read");
    }
    tail = Chained(tail, view->ms, view->bytes);
    if (!TagMatches(*view, tail)) {
      return Lost(partition, tail.end - 1, "the record is not the one that was appended");
    }
  }
  return tail;
}

absl::Status CreateJournalDirectory(const JournalPlace& place, const JournalIdentity& identity) {
  rocksdb::Env* env = place.env;
  ASSAY_ASSIGN_OR_RETURN(const bool is_free, IsEmptyOrAbsent(env, place.dir));
  if (!is_free) {
    return MakeStatus(absl::StatusCode::kAlreadyExists, "{} is not empty", place.dir);
  }
  // What an earlier attempt left there never held a record.
  const std::string staging = place.dir + ".new";
  ASSAY_ASSIGN_OR_RETURN(const bool left_over, Exists(env, staging));
  if (left_over) ASSAY_RETURN_IF_ERROR(RemoveDirectory(env, staging));
  ASSAY_RETURN_IF_ERROR(FromRocksdb(env->CreateDir(staging), "create " + staging));

  EndMark mark{.identity = identity};
  mark.tails.resize(static_cast<size_t>(identity.facts_partitions) + 1);
  ASSAY_RETURN_IF_ERROR(WriteFirstRows(place, staging, mark));
  ASSAY_RETURN_IF_ERROR(EndMarkFile::Create(env, EndPath(staging), mark));
  ASSAY_RETURN_IF_ERROR(SyncDirectory(env, staging));
  ASSAY_RETURN_IF_ERROR(FromRocksdb(env->RenameFile(staging, place.dir), "create " + place.dir));
  return SyncDirectory(env, ParentOf(place.dir));
}

absl::StatusOr<OpenedJournal> OpenJournalDirectory(const JournalPlace& place) {
  ASSAY_RETURN_IF_ERROR(CheckThatAJournalIsThere(place));
  OpenedJournal journal;
  EndMark marked;
  ASSAY_ASSIGN_OR_RETURN(journal.mark_file,
                         EndMarkFile::Open(place.env, EndPath(place.dir), place.read_only, marked));
  const rocksdb::Options options = DatabaseOptions(place);
  if (!place.read_only) RemoveEmptyLogs(place);
  auto db = OpenDatabase(options, place.dir, place.read_only);
  if (absl::IsDataLoss(db.status())) db = OpenUpToDamage(place, options, marked, db.status());
  ASSAY_RETURN_IF_ERROR(db.status());
  journal.db = *std::move(db);
  ASSAY_ASSIGN_OR_RETURN(journal.mark, CheckAgainstMark(*journal.db, marked));
  if (!place.read_only) ASSAY_RETURN_IF_ERROR(Settle(place, journal, marked));
  return journal;
}

}  // namespace assay
