// The form of a commit: what can be said of its bytes without the state.
//
// A fold relies on days, decimals and enumerators being what they are called, on every event
// standing on the stream of its kind, and on bounded texts. A commit of another form is malformed
// and void. Version 1 of the rules checks days and decimals alone: what older releases took
// otherwise keeps its verdict.

#pragma once

#include <assay/v1/log.pb.h>

#include <optional>
#include <string>

namespace assay {

// "events[0].adjustmentRequested.delta: expected a decimal, found \"NaN\""; nothing when the commit
// has the form of its rules version.
[[nodiscard]] std::optional<std::string> FaultOf(const v1::Commit& commit);

// Whether an event is of a kind that this release does not know.
[[nodiscard]] bool HoldsUnknownEvent(const v1::Commit& commit);

}  // namespace assay
