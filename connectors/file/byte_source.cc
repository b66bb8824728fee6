#include "connectors/file/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/hash_stream.h"

namespace assay {
namespace {

constexpr size_t kHashChunkBytes = 256 * 1024;

absl::Status FromErrno(int error, std::string_view path) {
  const auto code = error == ENOENT || error == ENOTDIR ? absl::StatusCode::kNotFound
                    : error == EACCES || error == EPERM || error == EISDIR || error == ELOOP
                        ? absl::StatusCode::kFailedPrecondition
                        : absl::StatusCode::kUnavailable;
  return MakeStatus(code, "{}: {}", path, std::strerror(error));
}

class FileBytes : public HashedBytes {
 public:
  FileBytes(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~FileBytes() override { close(descriptor_); }

  static absl::StatusOr<std::unique_ptr<FileBytes>> Open(const std::string& path,
                                                         const std::string& named) {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return FromErrno(errno, named);
    auto bytes = std::make_unique<FileBytes>(descriptor, named);
    if (fstat(descriptor, &bytes->opened_) != 0) return FromErrno(errno, named);
    if (!S_ISREG(bytes->opened_.st_mode)) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition, "{}: not a regular file", named);
    }
    return bytes;
  }

  // Before the first Read.
  absl::Status TakeHash() {
    Sha256Stream stream;
    std::string chunk(kHashChunkBytes, '\0');
    while (true) {
      ASSAY_ASSIGN_OR_RETURN(const size_t count, Read(chunk.data(), chunk.size()));
      stream.Update(std::string_view(chunk).substr(0, count));
      if (count < chunk.size()) break;
    }
    offset_ = 0;
    hash_ = stream.Finish();
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    size_t count = 0;
    while (count < size) {
      const ssize_t read = pread(descriptor_, out + count, size - count, offset_);
      if (read < 0 && errno == EINTR) continue;
      if (read < 0) return FromErrno(errno, path_);
      if (read == 0) break;
      count += static_cast<size_t>(read);
      offset_ += read;
    }
    ASSAY_RETURN_IF_ERROR(CheckUnchanged());
    return count;
  }

  const Hash32& Hash() const override { return hash_; }

 private:
  // After the bytes were taken, so that no change between the check and the reading is missed.
  absl::Status CheckUnchanged() const {
    struct stat now {};
    if (fstat(descriptor_, &now) != 0) return FromErrno(errno, path_);
    if (now.st_size == opened_.st_size && now.st_mtim.tv_sec == opened_.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == opened_.st_mtim.tv_nsec) {
      return absl::OkStatus();
    }
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "{}: the file changed while it was read; hand in a finished file", path_);
  }

  const int descriptor_;
  const std::string path_;
  struct stat opened_ {};
  off_t offset_ = 0;
  Hash32 hash_;
};

class TextBytes : public HashedBytes {
 public:
  explicit TextBytes(std::string text) : text_(std::move(text)), hash_(Sha256(text_)) {}

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    const size_t count = std::min(size, text_.size() - offset_);
    std::copy_n(text_.data() + offset_, count, out);
    offset_ += count;
    return count;
  }

  const Hash32& Hash() const override { return hash_; }

 private:
  const std::string text_;
  const Hash32 hash_;
  size_t offset_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HashedBytes>> OpenBytes(const std::string& path) {
  return OpenBytes(path, path);
}

absl::StatusOr<std::unique_ptr<HashedBytes>> OpenBytes(const std::string& path,
                                                       const std::string& named) {
  ASSAY_ASSIGN_OR_RETURN(auto bytes, FileBytes::Open(path, named));
  ASSAY_RETURN_IF_ERROR(bytes->TakeHash());
  return bytes;
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenUnhashed(const std::string& path,
                                                         const std::string& named) {
  return FileBytes::Open(path, named);
}

std::unique_ptr<HashedBytes> BytesOf(std::string text) {
  return std::make_unique<TextBytes>(std::move(text));
}

}  // namespace assay
