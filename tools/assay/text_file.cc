#include "tools/assay/text_file.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

#include "tools/assay/call.h"

namespace assay {
namespace {

// Where the service finds what the caller calls `path`.
std::string PlaceOf(const std::string& path) {
  const ServedCall* const call = CallAtHand();
  if (call == nullptr || path.starts_with('/')) return path;
  return call->folder + "/" + path;
}

absl::StatusOr<std::string> BroughtFile(const ServedCall& call, const std::string& path) {
  const auto file = call.files.find(path);
  if (file != call.files.end()) return file->second;
  return MakeStatus(absl::StatusCode::kNotFound, "there is no readable file {}", path);
}

absl::Status TooLarge(const std::string& path, size_t bytes_max) {
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    "{}: expected at most {} bytes, found more; divide it into several files",
                    path == "-" ? "standard input" : path, bytes_max);
}

// Fills `out` as far as there are bytes.
absl::StatusOr<size_t> ReadInput(char* out, size_t size) {
  size_t count = 0;
  while (count < size) {
    const ssize_t read = ::read(STDIN_FILENO, out + count, size - count);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) {
      return MakeStatus(absl::StatusCode::kUnavailable, "standard input cannot be read: {}",
                        std::strerror(errno));
    }
    if (read == 0) break;
    count += static_cast<size_t>(read);
  }
  return count;
}

// All that `read` gives, in pieces, so that a small text takes little memory.
absl::StatusOr<std::string> ReadAll(
    const std::string& path, size_t bytes_max,
    const std::function<absl::StatusOr<size_t>(char* out, size_t size)>& read) {
  constexpr size_t kPieceBytes = 64 * 1024;
  std::string text;
  while (text.size() <= bytes_max) {
    const size_t begin = text.size();
    text.resize(begin + kPieceBytes);
    ASSAY_ASSIGN_OR_RETURN(const size_t count, read(text.data() + begin, kPieceBytes));
    text.resize(begin + count);
    if (count < kPieceBytes) break;
  }
  if (text.size() > bytes_max) return TooLarge(path, bytes_max);
  return text;
}

}  // namespace

absl::StatusOr<std::string> ReadText(const std::string& path, size_t bytes_max) {
  const ServedCall* const call = CallAtHand();
  const bool is_brought = call != nullptr && (path == "-" || call->only_brought);
  if (is_brought) {
    ASSAY_ASSIGN_OR_RETURN(std::string text, path == "-" ? absl::StatusOr<std::string>(call->input)
                                                         : BroughtFile(*call, path));
    if (text.size() > bytes_max) return TooLarge(path, bytes_max);
    return text;
  }
  if (path == "-") return ReadAll(path, bytes_max, ReadInput);
  return ReadFile(PlaceOf(path), path, bytes_max);
}

absl::StatusOr<std::string> ReadFile(const std::string& path, const std::string& named,
                                     size_t bytes_max) {
  auto file = OpenUnhashed(path, named);
  if (absl::IsNotFound(file.status())) {
    return MakeStatus(absl::StatusCode::kNotFound, "there is no readable file {}", named);
  }
  ASSAY_RETURN_IF_ERROR(file.status());
  return ReadAll(named, bytes_max,
                 [&](char* out, size_t size) { return (*file)->Read(out, size); });
}

Rejection InFile(Rejection rejection, std::string_view path) {
  rejection.message = fmt::format("{}: {}", path, rejection.message);
  return rejection;
}

absl::StatusOr<std::unique_ptr<HashedBytes>> OpenFile(const std::string& path) {
  const ServedCall* const call = CallAtHand();
  if (call == nullptr) return OpenBytes(path);
  if (!call->only_brought) return OpenBytes(PlaceOf(path), path);
  ASSAY_ASSIGN_OR_RETURN(std::string text, BroughtFile(*call, path));
  return BytesOf(std::move(text));
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenUnhashedFile(const std::string& path) {
  const ServedCall* const call = CallAtHand();
  if (call != nullptr && call->only_brought) return OpenFile(path);
  return OpenUnhashed(call == nullptr ? path : PlaceOf(path), path);
}

}  // namespace assay
