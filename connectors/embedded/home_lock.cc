#include "connectors/embedded/home_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace assay {
namespace {

std::string CommandName() {
  const auto file = PosixFile::Open("/proc/self/comm", O_RDONLY);
  const auto name = file.ok() ? file->ReadAll() : file.status();
  if (!name.ok() || name->empty()) return "unknown";
  return name->substr(0, name->find('\n'));
}

absl::Status Held(const std::string& home_dir, const PosixFile& file) {
  auto holder = file.ReadAll();
  // The holder writes who it is right after it has the lock.
  if (!holder.ok() || holder->empty()) holder = "another process";
  std::erase(*holder, '\n');
  return MakeStatus(absl::StatusCode::kUnavailable,
                    "the home {} is in use by {}; wait for it or stop it, or name another home",
                    home_dir, *holder);
}

// Whether `file` is still what `path` names; false when it was deleted in between.
bool IsStillAt(const std::string& path, const PosixFile& file) {
  struct stat opened {};
  struct stat named {};
  return fstat(file.Descriptor(), &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

absl::StatusOr<HomeLock> HomeLock::Acquire(const std::string& home_dir, Clock& clock) {
  const std::string path = home_dir + "/assay.lock";
  for (;;) {
    ASSAY_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path, O_RDWR | O_CREAT, 0644));
    if (flock(file.Descriptor(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return Held(home_dir, file);
      return ErrnoStatus(errno, "lock " + path);
    }
    if (!IsStillAt(path, file)) continue;
    ASSAY_RETURN_IF_ERROR(file.Overwrite(fmt::format("{} (process {}) since {}\n", CommandName(),
                                                     getpid(), clock.Now().ToString())));
    return HomeLock(std::move(file));
  }
}

}  // namespace assay
