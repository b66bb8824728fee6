// One process at a time writes in a home, or several read in it. RocksDB's own lock is lost when
// its LOCK file is deleted (two processes can then open one directory); this one stands beside the
// journal.
//
// The file is its owner's alone, since whoever may open a file may lock it.

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
  // (process id, command, since when) and what to do, as the system knows it and never in the words
  // of a process that has ended; or when the disk refuses.
  // NOT_FOUND when there is no directory `home_dir`.
  static absl::StatusOr<HomeLock> Acquire(const std::string& home_dir, Clock& clock);
  // Beside others who read; nothing is written. As Acquire while somebody writes.
  static absl::StatusOr<HomeLock> AcquireToRead(const std::string& home_dir);

 private:
  // Waits for nobody.
  static absl::StatusOr<PosixFile> Lock(const std::string& home_dir, int operation);
  explicit HomeLock(PosixFile file) : file_(std::move(file)) {}

  PosixFile file_;
};

}  // namespace assay
