// On which places a command works: the units that one grant of its sender must cover.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/access/actor.h"

namespace assay {

// The units in which the person stands on any day of `span`, each on the first such day and, where
// it is one of them, today. One empty place when there is none: the whole company is needed.
[[nodiscard]] std::vector<Place> PlacesOfPerson(const Authority& who, std::string_view person,
                                                const v1::Span& span);
// Of a position on a day; an empty place when there is no such position.
[[nodiscard]] std::vector<Place> PlacesOfPosition(const Authority& who, std::string_view position,
                                                  Day day);

// --- of the command, by what it names ---

using Places = std::vector<Place>;

// Nothing when what it names is not there, which the domain says.
using PlacesFunction = std::optional<Places> (*)(const Authority& who);

[[nodiscard]] std::optional<Places> PlacesOfUnitCommand(const Authority& who);
[[nodiscard]] std::optional<Places> PlacesOfPositionCommand(const Authority& who);
// An assignment of an admin is a matter of the whole company, since ending it ends the grant; so is
// the first one of somebody who holds a grant.
[[nodiscard]] std::optional<Places> PlacesOfAssignmentCommand(const Authority& who);
[[nodiscard]] std::optional<Places> PlacesOfReportingLine(const Authority& who);
[[nodiscard]] std::optional<Places> PlacesOfNewAgreement(const Authority& who);
// The units that own the metric, as it is and as it would be.
[[nodiscard]] std::optional<Places> PlacesOfMetricDraft(const Authority& who);
[[nodiscard]] std::optional<Places> PlacesOfMetric(const Authority& who);

}  // namespace assay
