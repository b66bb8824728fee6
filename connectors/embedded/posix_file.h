// A file descriptor that closes itself, and the few calls around it that locks and keys need.

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "engine/base/status.h"

namespace assay {

// Thread-compatible.
class PosixFile {
 public:
  PosixFile() = default;
  ~PosixFile() { Close(); }
  PosixFile(PosixFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  PosixFile& operator=(PosixFile&& other) noexcept;

  // open(2), not inherited by children. NOT_FOUND when there is no such file, ALREADY_EXISTS with
  // O_EXCL when there is one, UNAVAILABLE otherwise.
  static absl::StatusOr<PosixFile> Open(const std::string& path, int flags, int mode = 0);

  // Everything from the beginning. UNAVAILABLE when it cannot be read.
  [[nodiscard]] absl::StatusOr<std::string> ReadAll() const;
  // Replaces the content. UNAVAILABLE when the disk refuses; the content is then unknown.
  absl::Status Overwrite(std::string_view content);
  // Content and size, or the entries of a directory, are on the disk when it returns OK.
  absl::Status Sync();

  [[nodiscard]] int Descriptor() const { return descriptor_; }

 private:
  PosixFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  void Close();

  std::string path_;
  int descriptor_ = -1;
};

// The status for errno after `doing` failed.
[[nodiscard]] absl::Status ErrnoStatus(int error, std::string_view doing);

}  // namespace assay
