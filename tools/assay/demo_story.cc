#include "tools/assay/demo_story.h"

#include "tools/assay/demo_chapters.h"

namespace assay::demo {
namespace {

void Prepare(const Company& company, Script& script) {
  FoundOrganisation(company, script);
  script.Chapter("sources, metrics, curves, template");
  script.At("2026-05-21 09:00");
  RegisterSources(script);
  script.At("2026-05-22 09:00");
  PublishDefinitions(script);
  script.At("2026-05-25 09:00");
  OpenJune(script);
  NegotiateJune(company, script);
}

void LiveThroughJune(const Company& company, Script& script) {
  script.Chapter("facts of June, part 1");
  script.At("2026-06-11 09:00");
  DeliverPart(company, 1, script);
  script.Chapter("changes in June: promotions, transfers, late bindings");
  script.At("2026-06-12 09:00");
  MovePeople(company, Fate::kPromoted, script);
  script.At("2026-06-15 09:00");
  BindLate(company, script);
  script.At("2026-06-16 10:00");
  NegotiateMoved(company, Fate::kPromoted, script);
  script.At("2026-06-18 09:00");
  MovePeople(company, Fate::kTransferred, script);
  script.Chapter("facts of June, part 2");
  script.At("2026-06-21 09:00");
  DeliverPart(company, 2, script);
  script.Chapter("changes in June: a back-dated transfer, a merge");
  script.At("2026-06-22 10:00");
  NegotiateMoved(company, Fate::kTransferred, script);
  script.At("2026-06-24 09:00");
  MovePeople(company, Fate::kBackdated, script);
  NegotiateMoved(company, Fate::kBackdated, script);
  script.At("2026-06-25 09:00");
  MergeLastDepartment(company, script);
  script.Chapter("facts of June, part 3");
  script.At("2026-07-01 09:00");
  DeliverPart(company, 3, script);
}

void CloseJune(const Company& company, Script& script) {
  script.Chapter("June: lock, late records, adjustments, publication");
  script.At("2026-07-02 18:00");
  script.By(kHr).mutable_close_intake()->set_cycle("2026-06");
  script.At("2026-07-02 20:00");
  script.By(kHr).mutable_lock_cycle()->set_cycle("2026-06");
  script.At("2026-07-03 09:00");
  DeliverLate(company, script);
  AdjustScores(company, script);
  script.At("2026-07-08 10:00");
  script.By(kHr).mutable_publish_results()->set_cycle("2026-06");
}

void BeginJuly(const Company& company, Script& script) {
  script.Chapter("July: agreements, ten days of facts");
  script.At("2026-07-08 14:00");
  OpenJuly(script);
  OpenJulyAgreements(company, script);
  script.At("2026-07-11 09:00");
  DeliverPart(company, 4, script);
}

// An auditor may look at it all, and this is the end.
void End(Script& script) {
  script.At("2026-07-13 09:00");
  v1::Command& command = script.By(kAdmin);
  command.set_command_id(std::string(kLastCommandId));
  v1::GiveGrant& grant = *command.mutable_give_grant();
  grant.set_grant("g-fin-02-audit");
  grant.mutable_to()->set_person("p-fin-02");
  grant.set_role(v1::ROLE_AUDITOR);
  grant.mutable_span()->set_from("2026-07-13");
}

}  // namespace

std::vector<Step> TellStory(const Company& company) {
  Script script(kStoryStart);
  Prepare(company, script);
  LiveThroughJune(company, script);
  CloseJune(company, script);
  BeginJuly(company, script);
  End(script);
  return script.Take();
}

}  // namespace assay::demo
