// One process at a time works in a home. RocksDB's own lock is lost when its LOCK file is deleted
// (two processes can then open one directory); this one stands beside the journal.

#pragma once

#include <string>

#include "connectors/embedded/posix_file.h"
#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

// Held as long as it lives, and gone with the process however that ends. The file stays.
class HomeLock {
 public:
  // Locks `<home>/assay.lock` for this process; `clock` tells since when.
  //
  // UNAVAILABLE when another process, or another HomeLock of this one, holds it: the text says who
  // (process id, command, since when) and what to do; or when the disk refuses.
  // NOT_FOUND when there is no directory `home_dir`.
  static absl::StatusOr<HomeLock> Acquire(const std::string& home_dir, Clock& clock);

 private:
  explicit HomeLock(PosixFile file) : file_(std::move(file)) {}

  PosixFile file_;
};

}  // namespace assay
