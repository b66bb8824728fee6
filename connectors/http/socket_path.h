// Unix sockets at paths of any length.
//
// A socket's address holds 107 bytes, and homes lie deeper than that. A longer path is spoken of
// through its folder, which is held open meanwhile: /proc/self/fd/N/name.

#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace assay {

// Valid while it lives.
class SocketPath {
 public:
  // NOT_FOUND when the folder of a long path cannot be opened; INVALID_ARGUMENT when its last part
  // alone is too long.
  static absl::StatusOr<SocketPath> Of(const std::string& path);
  ~SocketPath();
  SocketPath(SocketPath&& other) noexcept;
  SocketPath& operator=(SocketPath&&) = delete;

  // What fits into an address.
  [[nodiscard]] const std::string& Short() const { return short_; }

 private:
  SocketPath(std::string text, int folder) : short_(std::move(text)), folder_(folder) {}
  std::string short_;
  int folder_;
};

}  // namespace assay
