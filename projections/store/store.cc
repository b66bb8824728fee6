#include "projections/store/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <array>
#include <filesystem>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/storage_fault.h"

namespace assay {
namespace {

// The one place that turns RocksDB's errors into ours.
absl::Status ToStatus(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  const std::string words = StorageFaultWords(text);
  // A file that is named and not there is damage as well; of a disk that refuses, nobody knows.
  if (status.IsCorruption() || status.IsPathNotFound() ||
      text.find("No such file") != std::string::npos) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "the views are damaged, as was seen {} them: {}; run `assay rebuild`", what,
                      words);
  }
  return MakeStatus(absl::StatusCode::kUnavailable, "the views cannot be used ({} them): {}", what,
                    words);
}

// Files of one table that were not merged yet: a read looks into the filter of each.
constexpr int kLevel0Files = 4;
constexpr int kLevel0FilesLoading = 64;

// RocksDB's own log file aborts the process when the disk is full, and says nothing that its
// statuses do not say.
class SilentLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::ColumnFamilyOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.block_size = 8 * 1024;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = 32 << 20;
  options.max_write_buffer_number = 3;
  options.level0_file_num_compaction_trigger = kLevel0Files;
  options.level0_slowdown_writes_trigger = 2 * kLevel0FilesLoading;
  options.level0_stop_writes_trigger = 3 * kLevel0FilesLoading;
  // Most rows that a fold looks for are not there yet: a filter says so without walking the list.
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.05;
  options.force_consistency_checks = true;
  return options;
}

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  options.info_log = std::make_shared<SilentLog>();
  options.max_background_jobs = 2;
  options.max_bgerror_resume_count = 0;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_total_wal_size = 128 << 20;
  options.max_open_files = 512;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Descriptors(
    const std::shared_ptr<rocksdb::Cache>& cache) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (int i = 0; i < kTableCount; ++i) {
    // RocksDB wants its first column family to be called "default".
    descriptors.emplace_back(
        i == 0 ? rocksdb::kDefaultColumnFamilyName : std::string(TableName(static_cast<Table>(i))),
        TableOptions(cache));
  }
  return descriptors;
}

// Log files of the directory, with their sizes.
std::vector<std::filesystem::directory_entry> LogFiles(const std::string& directory) {
  std::vector<std::filesystem::directory_entry> files;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
    if (file.path().extension() == ".log") files.push_back(file);
  }
  return files;
}

uintmax_t BytesOfLogs(const std::string& directory) {
  uintmax_t bytes = 0;
  std::error_code error;
  for (const auto& file : LogFiles(directory)) {
    const uintmax_t size = file.file_size(error);
    if (!error) bytes += size;
  }
  return bytes;
}

// RocksDB begins one at each opening and forgets those that nothing was written to.
void RemoveEmptyLogs(const std::string& directory) {
  std::error_code error;
  for (const auto& file : LogFiles(directory)) {
    if (file.file_size(error) == 0 && !error) std::filesystem::remove(file.path(), error);
  }
}

// Rows in log files are read again at each opening: more of them are put in order when a store that
// wrote them is closed.
constexpr uintmax_t kLogBytesLeft = 1 << 20;

// Where a loaded batch puts its files before the store takes them over.
std::string LoadDirectory(const std::string& directory) { return directory + "/load"; }

}  // namespace

std::string_view TableName(Table table) {
  static constexpr std::string_view kNames[kTableCount] = {
      "meta",  "state",   "members", "commits", "heads",  "marks", "identities",
      "facts", "intakes", "inputs",  "ledger",  "scores", "outbox"};
  return kNames[static_cast<int>(table)];
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

Scan::Scan(std::unique_ptr<rocksdb::Iterator> iterator, std::string upper)
    : iterator_(std::move(iterator)), upper_(std::move(upper)) {}
Scan::~Scan() = default;

bool Scan::Valid() const {
  return iterator_->Valid() && (upper_.empty() || Key() < std::string_view(upper_));
}
void Scan::Next() { iterator_->Next(); }
void Scan::Seek(std::string_view key) { iterator_->Seek(key); }
std::string_view Scan::Key() const { return {iterator_->key().data(), iterator_->key().size()}; }
std::string_view Scan::Value() const {
  return {iterator_->value().data(), iterator_->value().size()};
}
absl::Status Scan::status() const { return ToStatus(iterator_->status(), "scanning"); }

struct Store::Impl {
  std::string directory;
  // Files of loaded batches so far, for their names.
  mutable int64_t files = 0;
  std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(256 << 20);
  // Where the files are, if not on a disk.
  std::unique_ptr<rocksdb::Env> memory;
  std::unique_ptr<rocksdb::DB> database;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  bool writes = false;

  ~Impl() {
    // What is not flushed is in the log files all the same.
    if (writes && BytesOfLogs(directory) > kLogBytesLeft) {
      (void)database->Flush(rocksdb::FlushOptions(), families);
    }
    for (rocksdb::ColumnFamilyHandle* family : families) {
      database->DestroyColumnFamilyHandle(family);
    }
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* Family(Table table) const {
    return families[static_cast<int>(table)];
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return MakeStatus(absl::StatusCode::kUnavailable, "cannot make the directory {}: {}", directory,
                      error.message());
  }
  auto impl = std::make_unique<Impl>();
  impl->directory = directory;
  // What a load left that did not come to its end.
  std::filesystem::remove_all(LoadDirectory(directory), error);
  RemoveEmptyLogs(directory);
  rocksdb::DB* database = nullptr;
  ASSAY_RETURN_IF_ERROR(
      ToStatus(rocksdb::DB::Open(DatabaseOptions(), directory, Descriptors(impl->cache),
                                 &impl->families, &database),
               "opening"));
  impl->database.reset(database);
  impl->writes = true;
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

absl::StatusOr<std::unique_ptr<Store>> Store::OpenToRead(const std::string& directory,
                                                         uintmax_t log_bytes_max) {
  const auto nothing = [&] {
    return MakeStatus(absl::StatusCode::kNotFound, "there are no views of this version in {}",
                      directory);
  };
  if (!std::filesystem::exists(directory + "/CURRENT")) return nothing();
  if (BytesOfLogs(directory) > log_bytes_max) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "the views in {} were not put in order when they were left", directory);
  }
  auto impl = std::make_unique<Impl>();
  impl->directory = directory;
  rocksdb::DBOptions options = DatabaseOptions();
  options.create_if_missing = false;
  options.create_missing_column_families = false;
  rocksdb::DB* database = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(
      options, directory, Descriptors(impl->cache), &impl->families, &database);
  if (opened.IsInvalidArgument()) return nothing();
  ASSAY_RETURN_IF_ERROR(ToStatus(opened, "opening"));
  impl->database.reset(database);
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

absl::StatusOr<std::unique_ptr<Store>> Store::OpenInMemory() {
  auto impl = std::make_unique<Impl>();
  impl->memory.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  rocksdb::DBOptions options = DatabaseOptions();
  options.env = impl->memory.get();
  rocksdb::DB* database = nullptr;
  ASSAY_RETURN_IF_ERROR(ToStatus(
      rocksdb::DB::Open(options, "/views", Descriptors(impl->cache), &impl->families, &database),
      "opening"));
  impl->database.reset(database);
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

absl::Status Store::Destroy(const std::string& directory) {
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  if (!error) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "cannot remove {}: {}", directory,
                    error.message());
}

absl::StatusOr<std::optional<std::string>> Store::Get(Table table, std::string_view key) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      impl_->database->Get(rocksdb::ReadOptions(), impl_->Family(table), key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  ASSAY_RETURN_IF_ERROR(ToStatus(status, "reading"));
  return std::optional<std::string>(value.ToString());
}

absl::StatusOr<std::vector<std::optional<std::string>>> Store::MultiGet(
    Table table, const std::vector<std::string>& keys) const {
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  impl_->database->MultiGet(rocksdb::ReadOptions(), impl_->Family(table), keys.size(),
                            slices.data(), values.data(), statuses.data(), true);
  std::vector<std::optional<std::string>> found(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    ASSAY_RETURN_IF_ERROR(ToStatus(statuses[i], "reading"));
    found[i] = values[i].ToString();
  }
  return found;
}

std::unique_ptr<Scan> Store::NewScan(Table table, std::string_view prefix,
                                     std::string_view first) const {
  std::unique_ptr<rocksdb::Iterator> iterator(
      impl_->database->NewIterator(rocksdb::ReadOptions(), impl_->Family(table)));
  iterator->Seek(first);
  return std::make_unique<Scan>(std::move(iterator), PrefixEnd(prefix));
}

absl::Status Store::Write(Batch& batch) {
  ASSAY_RETURN_IF_ERROR(batch.status_);
  if (batch.files_ != nullptr) return Load(batch);
  return ToStatus(impl_->database->Write(rocksdb::WriteOptions(), batch.changes_.get()), "writing");
}

// RocksDB 7.8 may lose an option that is set while it runs: this one then costs time alone.
absl::Status Store::SetLoading(bool is_loading) {
  const std::string files = std::to_string(is_loading ? kLevel0FilesLoading : kLevel0Files);
  for (const Table table : {Table::kIdentities, Table::kFacts, Table::kIntakes}) {
    ASSAY_RETURN_IF_ERROR(
        ToStatus(impl_->database->SetOptions(impl_->Family(table),
                                             {{"level0_file_num_compaction_trigger", files}}),
                 "setting up"));
  }
  return absl::OkStatus();
}

StoreFigures Store::Figures() const {
  const auto all_tables = [this](const std::string& property) {
    uint64_t bytes = 0;
    return impl_->database->GetAggregatedIntProperty(property, &bytes) ? bytes : 0;
  };
  return {.table_bytes = all_tables(rocksdb::DB::Properties::kTotalSstFilesSize),
          .memory_bytes = all_tables(rocksdb::DB::Properties::kCurSizeAllMemTables),
          .cache_bytes = impl_->cache->GetUsage(),
          .pending_bytes = all_tables(rocksdb::DB::Properties::kEstimatePendingCompactionBytes)};
}

// One file for each table that has rows, opened by its first.
struct Batch::Files {
  std::array<std::unique_ptr<rocksdb::SstFileWriter>, kTableCount> writers;
  std::array<std::string, kTableCount> paths;
};

Batch::Batch(const Store& store, Kind kind) : store_(store) {
  if (kind == Kind::kLogged) {
    changes_ = std::make_unique<rocksdb::WriteBatch>();
  } else {
    files_ = std::make_unique<Files>();
  }
}
Batch::~Batch() = default;

rocksdb::SstFileWriter* Batch::FileOf(Table table) {
  const auto index = static_cast<size_t>(table);
  auto& writer = files_->writers[index];
  if (writer == nullptr) {
    const Store::Impl& store = *store_.impl_;
    const std::string folder = LoadDirectory(store.directory);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    files_->paths[index] = fmt::format("{}/{}.sst", folder, store.files++);
    writer = std::make_unique<rocksdb::SstFileWriter>(
        rocksdb::EnvOptions(), store.database->GetOptions(store.Family(table)),
        store.Family(table));
    Keep(writer->Open(files_->paths[index]));
  }
  return writer.get();
}

void Batch::Put(Table table, std::string_view key, std::string_view value) {
  if (!status_.ok()) return;
  Keep(files_ != nullptr ? FileOf(table)->Put(key, value)
                         : changes_->Put(store_.impl_->Family(table), key, value));
}

void Batch::Delete(Table table, std::string_view key) {
  if (!status_.ok()) return;
  Keep(files_ != nullptr ? FileOf(table)->Delete(key)
                         : changes_->Delete(store_.impl_->Family(table), key));
}

// One step for all tables: what a crash leaves is all of it or nothing.
absl::Status Store::Load(Batch& batch) {
  std::vector<rocksdb::IngestExternalFileArg> files;
  for (size_t i = 0; i < kTableCount; ++i) {
    if (batch.files_->writers[i] == nullptr) continue;
    ASSAY_RETURN_IF_ERROR(ToStatus(batch.files_->writers[i]->Finish(), "writing"));
    rocksdb::IngestExternalFileArg file;
    file.column_family = impl_->families[i];
    file.external_files = {batch.files_->paths[i]};
    file.options.move_files = true;
    file.options.write_global_seqno = false;
    files.push_back(std::move(file));
  }
  if (files.empty()) return absl::OkStatus();
  return ToStatus(impl_->database->IngestExternalFiles(files), "writing");
}

void Batch::Keep(const rocksdb::Status& status) {
  if (status_.ok() && !status.ok()) status_ = ToStatus(status, "writing");
}

}  // namespace assay
