#include "tools/assayd/heads_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "connectors/embedded/posix_file.h"
#include "tools/assay/heads.h"
#include "tools/assay/json.h"

namespace assay {
namespace {

constexpr std::chrono::seconds kRetryPause{5};
// Longer than any line: 1,024 partitions of 130 bytes.
constexpr off_t kTailBytesMax = 256 * 1024;

absl::StatusOr<std::string> TailOf(const PosixFile& file, const std::string& path) {
  struct stat found = {};
  if (fstat(file.Descriptor(), &found) != 0) return ErrnoStatus(errno, "reading " + path);
  const off_t begin = std::max<off_t>(0, found.st_size - kTailBytesMax);
  std::string tail(static_cast<size_t>(found.st_size - begin), '\0');
  for (size_t got = 0; got < tail.size();) {
    const ssize_t more = pread(file.Descriptor(), tail.data() + got, tail.size() - got,
                               begin + static_cast<off_t>(got));
    if (more < 0) return ErrnoStatus(errno, "reading " + path);
    if (more == 0) tail.resize(got);
    got += static_cast<size_t>(more);
  }
  return tail;
}

// The last line that ends; what follows was not written to its end.
std::string LastLine(const std::string& tail) {
  const size_t end = tail.rfind('\n');
  if (end == std::string::npos || end == 0) return "";
  const size_t before = tail.rfind('\n', end - 1);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  return tail.substr(begin, end - begin);
}

absl::Status Append(PosixFile& file, const std::string& path, const std::string& line) {
  const ssize_t written = write(file.Descriptor(), line.data(), line.size());
  if (written < 0) return ErrnoStatus(errno, "writing " + path);
  if (static_cast<size_t>(written) != line.size()) {
    return MakeStatus(absl::StatusCode::kUnavailable, "writing {}: it took {} of {} bytes", path,
                      written, line.size());
  }
  return file.Sync();
}

}  // namespace

absl::Status HeadsFile::Keep(Runner& views) {
  if (path_.empty()) return absl::OkStatus();
  const auto now = std::chrono::steady_clock::now();
  if (now < due_) return last_;
  last_ = Look(views);
  due_ = now + (last_.ok() ? pause_ : std::chrono::milliseconds(kRetryPause));
  return last_;
}

absl::Status HeadsFile::Look(Runner& views) {
  Json heads = HeadsJson(views);
  std::string text = heads.Dump();
  if (text == written_) return absl::OkStatus();
  ASSAY_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path_, O_RDWR | O_CREAT | O_APPEND, 0600));
  ASSAY_ASSIGN_OR_RETURN(const std::string tail, TailOf(file, path_));
  if (!has_compared_) {
    const std::string last = LastLine(tail);
    if (!last.empty()) ASSAY_RETURN_IF_ERROR(CompareWithHeads(views, last, path_).status());
    has_compared_ = true;
    if (last.find(text) != std::string::npos) {
      written_ = std::move(text);
      return absl::OkStatus();
    }
  }
  Json object = Json::Object();
  object.Put("moment", views.Now().ToString())
      .Put("logId", views.Identity().log_id)
      .Put("heads", std::move(heads));
  const bool is_torn = !tail.empty() && tail.back() != '\n';
  ASSAY_RETURN_IF_ERROR(Append(file, path_, (is_torn ? "\n" : "") + object.Dump() + "\n"));
  written_ = std::move(text);
  return absl::OkStatus();
}

}  // namespace assay
