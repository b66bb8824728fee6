// Heads of the log in a file outside of the home (`heads: {file: ...}`): whoever puts a whole home
// back to an earlier state does not put that file back too.

#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "engine/base/status.h"
#include "projections/runner/runner.h"

namespace assay {

// Thread-compatible.
class HeadsFile {
 public:
  // `path` empty = none is kept. Lines are appended at most once in `pause`.
  explicit HeadsFile(std::string path, std::chrono::milliseconds pause = std::chrono::minutes(10))
      : path_(std::move(path)), pause_(pause) {}

  // Appends a line as `assay -o ndjson digest` gives it, without the digests, when the heads are
  // others than those of the last line, and it is time. Before the first one it compares the log
  // with the file's last line. Costs nothing while it is not time; the answer is then the last one.
  //
  // DATA_LOSS when the log is shorter or other than the file says: nothing is appended.
  // INVALID_ARGUMENT when its last line holds no heads. UNAVAILABLE or NOT_FOUND when it cannot be
  // read or written. After a failure it tries again in 5 s.
  //
  // REQUIRES: `views` has folded everything that the journal had a moment ago.
  absl::Status Keep(Runner& views);

 private:
  absl::Status Look(Runner& views);

  const std::string path_;
  const std::chrono::milliseconds pause_;
  bool has_compared_ = false;
  std::string written_;
  std::chrono::steady_clock::time_point due_;
  absl::Status last_;
};

}  // namespace assay
