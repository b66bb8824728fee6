// What a command must be before anybody asks what it means: lengths of its texts and ids, and that
// what is encrypted was encrypted by the engine.

#pragma once

#include <assay/v1/command.pb.h>

#include <optional>

#include "engine/event/decision.h"

namespace assay {

// Of a command as a caller gives it, before it is sealed: TEXT_TOO_LONG, INVALID_ID for the id of
// the command, and SEALED_BY_CALLER for a text that comes with bytes, a key, a nonce or an
// algorithm: only clear text is taken.
[[nodiscard]] std::optional<Rejection> CheckGivenForm(const v1::Command& command);

// Of a sealed command, as it is decided: TEXT_TOO_LONG and INVALID_ID as above.
[[nodiscard]] std::optional<Rejection> CheckTexts(const v1::Command& command);
// SEALED_FORM for a text that the engine cannot have sealed: clear, another algorithm, a nonce of
// another length, no bytes or too many, a key that is no person's.
[[nodiscard]] std::optional<Rejection> CheckSealedTexts(const v1::Command& command);

}  // namespace assay
