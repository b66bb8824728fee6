// The processes that wrote decisions lately, by the release that they run.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "tools/assay/home.h"

namespace assay {

struct Writer {
  // As in its commits; processes of the command line are one each.
  std::string name;
  // "0.1" for a release that did not say.
  std::string release;
  int64_t commits = 0;
  Instant last;
};

// "assay/<release>-<process>-<drawn>": the name under which a process of this release commits.
[[nodiscard]] std::string WriterName(std::string_view drawn);

// Those of the last 1,000 decisions, by name.
[[nodiscard]] absl::StatusOr<std::vector<Writer>> WritersOf(Home& home);

// The names of those of another release which wrote within 24 hours before `now`.
[[nodiscard]] std::vector<std::string> OlderWriters(const std::vector<Writer>& writers,
                                                    Instant now);

}  // namespace assay
