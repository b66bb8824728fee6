#include "connectors/http/socket_path.h"

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace assay {
namespace {

constexpr size_t kAddressBytesMax = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

absl::StatusOr<SocketPath> SocketPath::Of(const std::string& path) {
  if (path.size() <= kAddressBytesMax) return SocketPath(path, -1);
  const std::filesystem::path whole(path);
  const int folder = ::open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) {
    return MakeStatus(absl::StatusCode::kNotFound, "{}: {}", whole.parent_path().string(),
                      std::strerror(errno));
  }
  SocketPath found(fmt::format("/proc/self/fd/{}/{}", folder, whole.filename().string()), folder);
  if (found.short_.size() <= kAddressBytesMax) return found;
  return MakeStatus(absl::StatusCode::kInvalidArgument, "{}: too long a name for a socket", path);
}

SocketPath::SocketPath(SocketPath&& other) noexcept
    : short_(std::move(other.short_)), folder_(std::exchange(other.folder_, -1)) {}

SocketPath::~SocketPath() {
  if (folder_ >= 0) ::close(folder_);
}

}  // namespace assay
