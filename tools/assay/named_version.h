// Which version an acceptance or a signature means, when its command does not say so.
//
// Somebody binds himself to what he was shown. A command that names no version means the one that
// the same call made, or the only one there is; anything else is asked for, and without a person at
// a terminal the domain refuses it (VERSION_REQUIRED).

#pragma once

#include <assay/v1/command.pb.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "engine/event/decision.h"
#include "tools/assay/session.h"

namespace assay {

// Of one call: the versions that its commands made. One thread.
class NamedVersions {
 public:
  // Fills the version in where it is missing and can be told; gives it then. The same command run
  // again gets the version that it had when it was applied.
  // DATA_LOSS when the state or the log cannot be read.
  absl::StatusOr<std::optional<int32_t>> Fill(Home& home, v1::Command& command) const;
  // Notes what the command made, which was applied at `position`.
  absl::Status Note(Home& home, const v1::Command& command, int64_t position);

 private:
  // The newest version that this call made, by stream.
  std::map<std::string, int32_t> made_;
};

// Asks on the terminal whether the newest version is meant, which the refusal names; gives it if
// so. Nothing when the refusal is another one, or nobody is at a terminal.
[[nodiscard]] std::optional<int32_t> AskForVersion(const Session& session,
                                                   const Rejection& refusal);

// Sets the version that an acceptance or signature means; commands of other kinds stay.
void SetVersion(v1::Command& command, int32_t version);

}  // namespace assay
