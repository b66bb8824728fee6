// Keys of the decisions' rows. Every version of a row is kept: its key ends in the inverted
// position, so that the row as of any position is one seek.
//
//   table    key                                        value
//   state    text(stream) ~position                     state message of the stream
//   members  text(set stream) text(member id) ~position  1 Member, or 0 when it left
//   commits  commit id (32 bytes)                       position (8), command hash (32)
//   heads    stream                                     position of its last change (8)
//   marks    position (8)                               root (32), verdict (1), recorded ms (8),
//                                                       address (8)
//
// text(x) is AppendKeyText: ordered, and no text is a prefix of another.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/commit/fold.h"

namespace assay::decisions {

[[nodiscard]] std::string StatePrefix(std::string_view stream);
// Of all streams whose names begin so.
[[nodiscard]] std::string StatePrefixOfAll(std::string_view begin);
[[nodiscard]] std::string StateKey(std::string_view stream, int64_t position);
[[nodiscard]] std::string MembersPrefix(std::string_view set_stream);
[[nodiscard]] std::string MemberPrefix(std::string_view set_stream, std::string_view id);
[[nodiscard]] std::string MemberKey(std::string_view set_stream, std::string_view id,
                                    int64_t position);
// The inverted position at the end of a state or member key.
[[nodiscard]] int64_t PositionAtEnd(std::string_view key);

[[nodiscard]] std::string MarkKey(int64_t position);
[[nodiscard]] std::string MarkValue(const DecisionMark& mark);
[[nodiscard]] std::optional<DecisionMark> ParseMark(std::string_view value);

// In the table of names: an event of the applied commit there that does not fit the state.
[[nodiscard]] std::string MisfitPrefix();
[[nodiscard]] std::string MisfitKey(int64_t position, int event);

[[nodiscard]] std::string AppliedValue(const AppliedCommand& applied);
[[nodiscard]] std::optional<AppliedCommand> ParseApplied(std::string_view value);

}  // namespace assay::decisions
