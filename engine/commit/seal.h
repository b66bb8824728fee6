// Sealing a command before it is decided: nothing personal stands on the log in clear.

#pragma once

#include <assay/v1/command.pb.h>

#include <string>

#include "engine/base/status.h"
#include "engine/commit/ports.h"
#include "engine/event/state.h"

namespace assay {

// Whom the texts of the command concern, by its domain's table. The actor while what it names does
// not exist: the command is refused then.
[[nodiscard]] std::string SubjectOf(const v1::Command& command, StateReader& state);

// Whether it concerns somebody, and what it names does not exist (yet).
[[nodiscard]] bool NamesUnknown(const v1::Command& command, StateReader& state);

// The keys that are there: a missing one is neither made nor an error, a stand-in is given. What
// was sealed with a stand-in can be decided on a trial and must never be appended.
class KeysAtHand : public KeyStore {
 public:
  // `keys` must outlive this.
  explicit KeysAtHand(KeyStore& keys) : keys_(keys) {}
  absl::StatusOr<std::string> Key(std::string_view key_id, bool create) override;
  // Whether a stand-in was given.
  [[nodiscard]] bool Missed() const { return missed_; }

 private:
  KeyStore& keys_;
  bool missed_ = false;
};

// Replaces every clear text by its sealed bytes under the subject's key, and the entity key of a
// binding by its pseudonym. The same command gives the same bytes. An empty text is removed. The
// key is made when it is missing, and only when there is a text to seal.
//
// REQUIRES: CheckGivenForm of engine/commit/command_form.h has passed.
// To be called once: an entity key that is already a pseudonym would be taken for clear text.
// `state` is only read to find the subject; what is read is no part of the commit.
// UNAVAILABLE or DATA_LOSS from the key store; nothing was changed then.
[[nodiscard]] absl::Status SealCommand(StateReader& state, KeyStore& keys, v1::Command& command);

}  // namespace assay
