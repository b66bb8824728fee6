// Which version an answer or a signature means, when its command does not say so.
//
// Somebody answers what he was shown, and the domain takes no answer without its version. A command
// file may leave it out where the same call made it, or there is only one; anything else is asked
// for, and without a person at a terminal it is refused (VERSION_REQUIRED). A program that calls
// the service has shown what it knows: it leaves out only what the same call made.

#pragma once

#include <assay/v1/command.pb.h>
#include <assay/v1/service.pb.h>

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
  // For a run that goes on in another call.
  void Save(v1::RunPlace& place) const;
  void Restore(const v1::RunPlace& place);

 private:
  // The newest version that this call made, by stream.
  std::map<std::string, int32_t> made_;
};

// The newest version, which a refusal for want of one names; nothing when it is another refusal.
[[nodiscard]] std::optional<int32_t> NewestIn(const Rejection& refusal);
// Whether a person is at a terminal of this process, and wants to be asked.
[[nodiscard]] bool CanAsk(const Session& session);
// Shows what the newest version changed, and asks whether it is meant.
[[nodiscard]] bool AskForVersion(const Session& session, const std::string& shown, int32_t version);

// Sets the version that an answer or signature means; commands of other kinds stay.
void SetVersion(v1::Command& command, int32_t version);

}  // namespace assay
