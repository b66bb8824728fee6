#include "connectors/embedded/journal_files.h"

#include <rocksdb/db.h>
#include <rocksdb/transaction_log.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "connectors/embedded/posix_file.h"
#include "connectors/embedded/rocksdb_status.h"

namespace assay {
namespace {

absl::Status Gone(const std::string& path) {
  return MakeStatus(absl::StatusCode::kDataLoss, "{} was removed", path);
}

}  // namespace

JournalFiles::JournalFiles(std::string dir, rocksdb::DB& db) : dir_(std::move(dir)), db_(db) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir_, error)) {
    if (entry.path().extension() != ".log") continue;
    logs_[std::strtoull(entry.path().stem().c_str(), nullptr, 10)] = entry.path().string();
  }
  // Notes what is there; whether it can be looked at is seen again at each check.
  (void)CheckWritten();
}

absl::Status JournalFiles::CheckFile(const std::string& path, bool grows) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? Gone(path) : ErrnoStatus(errno, "look at " + path);
  }
  const Seen now{found.st_dev, found.st_ino, grows ? int64_t{found.st_size} : 0};
  const auto [known, is_new] = seen_.emplace(path, now);
  if (is_new) return absl::OkStatus();
  if (known->second.device != now.device || known->second.inode != now.inode) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{} was replaced by another one", path);
  }
  if (now.bytes < known->second.bytes) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{} has {} bytes and had {}", path, now.bytes,
                      known->second.bytes);
  }
  known->second.bytes = now.bytes;
  return absl::OkStatus();
}

absl::Status JournalFiles::CheckWritten() {
  std::unique_ptr<rocksdb::LogFile> log;
  rocksdb::Status found = db_.GetCurrentWalFile(&log);
  // Another one may have taken its place while it was looked at.
  if (!found.ok()) found = db_.GetCurrentWalFile(&log);
  const std::lock_guard lock(mutex_);
  ASSAY_RETURN_IF_ERROR(CheckFile(dir_, false));
  ASSAY_RETURN_IF_ERROR(CheckFile(dir_ + "/END", true));
  ASSAY_RETURN_IF_ERROR(CheckFile(dir_ + "/CURRENT", false));
  if (found.IsNotFound() || found.IsPathNotFound()) return Gone(dir_ + "'s log");
  ASSAY_RETURN_IF_ERROR(FromRocksdb(found, "look at the log of " + dir_));
  logs_[log->LogNumber()] = dir_ + log->PathName();
  return CheckLogs();
}

bool JournalFiles::NeedsLog(uint64_t number) {
  uint64_t first = 0;
  return !db_.GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &first) ||
         number >= first;
}

absl::Status JournalFiles::CheckLogs() {
  for (auto log = logs_.begin(); log != logs_.end();) {
    const auto& [number, path] = *log;
    const absl::Status there = NeedsLog(number) ? CheckFile(path, true) : absl::OkStatus();
    // It may have become needless meanwhile.
    if (NeedsLog(number)) {
      ASSAY_RETURN_IF_ERROR(there);
      ++log;
    } else {
      seen_.erase(path);
      log = logs_.erase(log);
    }
  }
  return absl::OkStatus();
}

absl::Status JournalFiles::CheckAll() {
  ASSAY_RETURN_IF_ERROR(CheckWritten());
  std::vector<rocksdb::LiveFileMetaData> tables;
  db_.GetLiveFilesMetaData(&tables);
  for (const rocksdb::LiveFileMetaData& table : tables) {
    const std::string path = dir_ + table.name;
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
      if (errno != ENOENT) return ErrnoStatus(errno, "look at " + path);
      // It may just have been merged into others.
      std::vector<rocksdb::LiveFileMetaData> now;
      db_.GetLiveFilesMetaData(&now);
      if (std::ranges::any_of(now, [&](const auto& one) { return one.name == table.name; })) {
        return Gone(path);
      }
    } else if (static_cast<uint64_t>(found.st_size) != table.size) {
      return MakeStatus(absl::StatusCode::kDataLoss, "{} has {} bytes and had {}", path,
                        int64_t{found.st_size}, table.size);
    }
  }
  return absl::OkStatus();
}

}  // namespace assay
