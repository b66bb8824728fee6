#include "connectors/embedded/random_bytes.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

#include "engine/base/check.h"

namespace assay {

absl::StatusOr<std::string> RandomBytes(size_t count) {
  ASSAY_REQUIRE(count <= 256, "{} bytes", count);
  std::string bytes(count, '\0');
  ssize_t got = 0;
  do {
    got = getrandom(bytes.data(), count, 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(count)) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the system gives no random bytes: {}",
                      std::generic_category().message(errno));
  }
  return bytes;
}

}  // namespace assay
