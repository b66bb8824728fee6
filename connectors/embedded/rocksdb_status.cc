#include "connectors/embedded/rocksdb_status.h"

#include <rocksdb/status.h>

#include "engine/base/storage_fault.h"

namespace assay {
namespace {

absl::StatusCode CodeOf(const rocksdb::Status& status) {
  // A missing file is an I/O error to RocksDB, but retrying does not bring it back.
  if (status.IsPathNotFound()) return absl::StatusCode::kDataLoss;
  switch (status.code()) {
    case rocksdb::Status::kNotFound:
      return absl::StatusCode::kNotFound;
    case rocksdb::Status::kCorruption:
      return absl::StatusCode::kDataLoss;
    case rocksdb::Status::kTimedOut:
      return absl::StatusCode::kDeadlineExceeded;
    case rocksdb::Status::kIOError:
    case rocksdb::Status::kShutdownInProgress:
    case rocksdb::Status::kAborted:
    case rocksdb::Status::kBusy:
    case rocksdb::Status::kTryAgain:
    case rocksdb::Status::kIncomplete:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status FromRocksdb(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const absl::StatusCode code = CodeOf(status);
  return MakeStatus(code, "{}: {}{}", doing, StorageFaultWords(status.ToString()),
                    code == absl::StatusCode::kDataLoss ? "; restore the journal from a copy" : "");
}

}  // namespace assay
