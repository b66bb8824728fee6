// On which places a command works: the units that one grant of its sender must cover.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/access/actor.h"

namespace assay {

using Places = std::vector<Place>;

// Of the command, by what it names; nothing when that does not exist, which the domain says.
using PlacesFunction = std::optional<Places> (*)(const Authority& who);

// The units in which the person stands on any day of `span`, each on the first such day and, where
// it is one of them, today. One empty place when there is none: the whole company is needed.
[[nodiscard]] Places PlacesOfPerson(const Authority& who, std::string_view person,
                                    const v1::Span& span);
// Of a position on a day; an empty place when there is no such position.
[[nodiscard]] Places PlacesOfPosition(const Authority& who, std::string_view position, Day day);

}  // namespace assay
