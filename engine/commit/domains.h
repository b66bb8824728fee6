// All domains of the company, and what the commit path asks of their tables (engine/domain).
//
// Touching a set makes a commit conflict with those who read the set after their basis, and with
// nobody else: two who add to one set conflict only if one of them looked at it. The fold keeps the
// rows of the sets by the same column, so a set that is missing there can neither be read nor
// raced.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/domain/domain.h"

namespace assay {

// In a fixed order. FaultsOf(Domains()) is empty: checked before the first use.
[[nodiscard]] std::span<const Domain> Domains();

// Null when no domain has a row: a case that is not set, or of a later release.
[[nodiscard]] const CommandRow* RowOf(v1::Command::BodyCase command);
[[nodiscard]] const EventRow* RowOf(v1::Event::BodyCase event);
// By the longest prefix.
[[nodiscard]] const StreamRow* StreamRowOf(std::string_view stream);

// The stream that an event belongs to, by what it names; nothing for an unknown kind.
[[nodiscard]] std::optional<std::string> StreamOf(const v1::Event& event);
// The first rules version whose readers know the event with the fields that it has (log.md 8):
// older releases fold an event that they do not know into nothing. 1 for an unknown kind.
[[nodiscard]] int32_t SinceVersion(const v1::Event& event);
// In the order of the table. Pure: everything is in the event.
[[nodiscard]] SetChanges SetsTouchedBy(const v1::Event& event);
// Puts the rows of SetsTouchedBy(event).
void EvolveSets(const v1::Event& event, StateStore& store);

// The first refusal of another domain that has something open.
[[nodiscard]] std::optional<Rejection> CheckBlocks(const v1::Command& command, StateReader& state);

}  // namespace assay
