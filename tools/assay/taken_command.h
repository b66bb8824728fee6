// What a home looks at before it takes a command, whichever door it came through.
//
// Deciding is pure: it knows no keys and reads no contract's text. What needs either is looked at
// here, before the command is sealed, and again by `assay verify`, as far as the log shows it.

#pragma once

#include <assay/v1/command.pb.h>

#include <optional>

#include "engine/base/status.h"
#include "engine/commit/ports.h"
#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay {

// Why the command is not taken, or nothing. A contract that is missing beside its text is filled
// in.
//   what engine/commit/command_form.h says of its form
//   CONTRACT_INVALID     the text is no contract
//   CONTRACT_DIFFERS     the contract beside it says something else
//   REMARK_UNREADABLE    approving an adjustment whose remark nobody can read
// UNAVAILABLE when a key cannot be asked for.
[[nodiscard]] absl::StatusOr<std::optional<Rejection>> TakeCommand(StateReader& state,
                                                                   KeyStore& keys,
                                                                   v1::Command& command);

// How a contract differs from its text; nothing when it says the same. The version is no part of a
// text.
[[nodiscard]] std::optional<Rejection> CompareWithText(const v1::SourceContract& contract,
                                                       std::string_view text);

}  // namespace assay
