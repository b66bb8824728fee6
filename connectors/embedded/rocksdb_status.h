// The one place where RocksDB's errors become ours.

#pragma once

#include <string_view>

#include "engine/base/status.h"

namespace rocksdb {
class Status;
}

namespace assay {

// OK stays OK; `doing` is what was tried, for the text ("open journal/END"). RocksDB's own words do
// not get into it (engine/base/storage_fault.h).
//
//   NOT_FOUND          a key or name that is not there, and nothing else
//   DATA_LOSS          a checksum is wrong, or a file that the others count on is gone
//   UNAVAILABLE        the disk, its space or the lock of the directory is in trouble
//   DEADLINE_EXCEEDED  a time limit of RocksDB
//   INTERNAL           RocksDB was used in a way that it does not accept
[[nodiscard]] absl::Status FromRocksdb(const rocksdb::Status& status, std::string_view doing);

}  // namespace assay
