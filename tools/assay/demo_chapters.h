// The chapters of the demo story: each appends its steps to the script. What a chapter needs, an
// earlier one has made; demo_story.cc tells them in order.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "tools/assay/demo_company.h"
#include "tools/assay/demo_script.h"

namespace assay::demo {

// Who does what in the office.
inline constexpr std::string_view kAdmin = "p-admin-01";
inline constexpr std::string_view kHr = "p-hr-01";
inline constexpr std::string_view kFinance = "p-fin-01";
inline constexpr std::string_view kGeneralManager = "p-ex-01";
inline constexpr std::string_view kSupervisor = "p-ex-02";
inline constexpr std::string_view kOperations = "p-ex-03";

// --- demo_org.cc ---

void FoundOrganisation(const Company& company, Script& script);
// Every person of the fate leaves the position: upwards when promoted, else to the next department.
void MovePeople(const Company& company, Fate fate, Script& script);
void BindLate(const Company& company, Script& script);
// The last department goes up in the one before it on 1 July.
void MergeLastDepartment(const Company& company, Script& script);
// The first day on which a fate holds; the position and manager from then on.
[[nodiscard]] std::string_view DayOfFate(Fate fate);
[[nodiscard]] std::string NewPosition(const Company& company, const Person& person);
[[nodiscard]] std::string NewManager(const Company& company, const Person& person);

// --- demo_definitions.cc ---

struct SourceText {
  std::string_view source;
  // The contract, as its owner writes it.
  std::string_view text;
};
[[nodiscard]] const std::array<SourceText, 6>& SourceTexts();
void RegisterSources(Script& script);
void PublishDefinitions(Script& script);
void OpenJune(Script& script);
// With a template that scores by its own targets while nothing is signed.
void OpenJuly(Script& script);

// --- demo_agreements.cc ---

void NegotiateJune(const Company& company, Script& script);
// New terms for the new position, and less to sell under the old ones.
void NegotiateMoved(const Company& company, Fate fate, Script& script);
void OpenJulyAgreements(const Company& company, Script& script);
[[nodiscard]] std::string AgreementId(std::string_view cycle, const Person& person, int number);

// --- demo_adjustments.cc ---

void AdjustScores(const Company& company, Script& script);

// --- demo_records.cc ---

// What the sources deliver for the working days of a span: in `part` 1 to 3 a third of June, in
// part 4 the first days of July.
void DeliverPart(const Company& company, int part, Script& script);
// Records of June that come after its lock.
void DeliverLate(const Company& company, Script& script);
// The key fields of a person's order of a day.
[[nodiscard]] std::array<std::string, 2> OrderKey(int person, Day day);

}  // namespace assay::demo
