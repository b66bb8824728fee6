#include "connectors/embedded/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace assay {

absl::Status ErrnoStatus(int error, std::string_view doing) {
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  if (error == ENOENT) code = absl::StatusCode::kNotFound;
  if (error == EEXIST) code = absl::StatusCode::kAlreadyExists;
  return MakeStatus(code, "{}: {}", doing, std::generic_category().message(error));
}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  Close();
  path_ = std::move(other.path_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  return *this;
}

void PosixFile::Close() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

absl::StatusOr<PosixFile> PosixFile::Open(const std::string& path, int flags, int mode) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (descriptor < 0) return ErrnoStatus(errno, "open " + path);
  return PosixFile(path, descriptor);
}

absl::StatusOr<std::string> PosixFile::ReadAll() const {
  std::string content;
  char buffer[4096];
  for (;;) {
    const ssize_t got =
        pread(descriptor_, buffer, sizeof(buffer), static_cast<off_t>(content.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read " + path_);
    if (got == 0) return content;
    content.append(buffer, static_cast<size_t>(got));
  }
}

absl::Status PosixFile::Overwrite(std::string_view content) {
  if (ftruncate(descriptor_, 0) != 0) return ErrnoStatus(errno, "truncate " + path_);
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t put =
        pwrite(descriptor_, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoStatus(errno, "write " + path_);
    done += static_cast<size_t>(put);
  }
  return absl::OkStatus();
}

absl::Status PosixFile::Sync() {
  if (fsync(descriptor_) != 0) return ErrnoStatus(errno, "sync " + path_);
  return absl::OkStatus();
}

}  // namespace assay
