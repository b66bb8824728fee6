// The files of an open journal, under the names that they had when it was opened.
//
// A process goes on writing to files that were removed or replaced, and what it syncs there nobody
// finds again. So before anyone is answered the names are looked at once more: whether they lead to
// the same files.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "engine/base/status.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace assay {

// Thread-safe.
class JournalFiles {
 public:
  // Of the journal in `dir`, whose files `db` has open; `db` must outlive this.
  JournalFiles(std::string dir, rocksdb::DB& db);

  // DATA_LOSS when the directory, END or a log that RocksDB needs is not there any more, is another
  // one, or became shorter. Some microseconds.
  absl::Status CheckWritten();
  // The same for all tables that are in use, too.
  absl::Status CheckAll();

 private:
  // What a name led to.
  struct Seen {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t bytes = 0;
  };
  // The first time it is noted what is there. Of a file that is appended to, `grows`.
  absl::Status CheckFile(const std::string& path, bool grows);
  // Of the logs that were seen, those whose records are not in tables yet.
  absl::Status CheckLogs();
  [[nodiscard]] bool NeedsLog(uint64_t number);

  const std::string dir_;
  rocksdb::DB& db_;
  std::mutex mutex_;
  std::map<std::string, Seen> seen_;
  // By number.
  std::map<uint64_t, std::string> logs_;
};

}  // namespace assay
