// A small company for the tests of the organisation, in few words.

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "engine/org/domain.h"
#include "tests/support/domain_spec.h"
#include "tests/support/printing.h"

namespace assay::testing {

inline Day D(std::string_view text) { return Day::Parse(text).value(); }

inline std::string UnitCommand(std::string_view unit, std::string_view parent = "",
                               std::string_view from = "2026-01-01") {
  return fmt::format(
      R"(create_unit {{ unit: "{}" name: "Unit {}" kind: UNIT_KIND_DEPARTMENT
                       parent: "{}" from: "{}" }})",
      unit, unit, parent, from);
}

inline std::string PositionCommand(std::string_view position, std::string_view unit, int headcount,
                                   std::string_view from = "2026-01-01") {
  return fmt::format(
      R"(create_position {{ position: "{}" unit: "{}" title: "T" headcount: {} from: "{}" }})",
      position, unit, headcount, from);
}

inline std::string StartCommand(std::string_view assignment, std::string_view person,
                                std::string_view position, int allocation_bp,
                                std::string_view from = "2026-01-01", std::string_view to = "") {
  return fmt::format(
      R"(start_assignment {{ assignment: "{}" person: "{}" position: "{}" allocation_bp: {}
                             kind: ASSIGNMENT_KIND_PRIMARY span {{ from: "{}" to: "{}" }} }})",
      assignment, person, position, allocation_bp, from, to);
}

inline std::string MoveCommand(std::string_view unit, std::string_view parent,
                               std::string_view from) {
  return fmt::format(R"(move_unit {{ unit: "{}" new_parent: "{}" from: "{}" }})", unit, parent,
                     from);
}

inline std::string LineCommand(std::string_view person, std::string_view manager,
                               std::string_view from = "2026-01-01", std::string_view to = "",
                               std::string_view line = "REPORTING_LINE_SOLID") {
  return fmt::format(
      R"(set_reporting_line {{ person: "{}" manager: "{}" line: {}
                              span {{ from: "{}" to: "{}" }} }})",
      person, manager, line, from, to);
}

class OrgSpec : public DomainSpec {
 public:
  OrgSpec() : DomainSpec(org::Table()) {}

  // People p-1 to p-<count>.
  OrgSpec& WithPeople(int count) {
    for (int i = 1; i <= count; ++i) {
      v1::PersonState person;
      person.set_person(fmt::format("p-{}", i));
      GivenRow(streams::Person(person.person()), person);
    }
    return *this;
  }
  // co above d1 and d2, d11 below d1; all from 2026-01-01.
  OrgSpec& WithUnits() {
    Given("p-hr", UnitCommand("co"));
    Given("p-hr", UnitCommand("d1", "co"));
    Given("p-hr", UnitCommand("d2", "co"));
    Given("p-hr", UnitCommand("d11", "d1"));
    return *this;
  }
  [[nodiscard]] const Rejection& Refusal() const { return std::get<Rejection>(Outcome()); }
};

}  // namespace assay::testing
