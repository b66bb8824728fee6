#include <fmt/core.h>

#include "engine/base/check.h"
#include "tools/assay/demo_chapters.h"

namespace assay::demo {
namespace {

constexpr const char* kFoundedOn = "2026-01-01";
constexpr const char* kGrantedFrom = "2026-05-18";

struct GrantTexts {
  std::string id;
  std::string_view to;
  v1::Role role;
  std::vector<std::string> units;
  std::vector<std::string> metrics;
  std::string limit;
};

void Give(const GrantTexts& texts, Script& script) {
  v1::GiveGrant& grant = *script.By(kAdmin).mutable_give_grant();
  grant.set_grant(texts.id);
  grant.mutable_to()->set_person(std::string(texts.to));
  grant.set_role(texts.role);
  for (const std::string& unit : texts.units) grant.add_units(unit);
  for (const std::string& metric : texts.metrics) grant.add_metrics(metric);
  grant.set_limit(texts.limit);
  grant.mutable_span()->set_from(kGrantedFrom);
}

void Create(const std::string& unit, const std::string& name, v1::UnitKind kind,
            const std::string& parent, Script& script) {
  v1::CreateUnit& create = *script.By(kHr).mutable_create_unit();
  create.set_unit(unit);
  create.set_name(name);
  create.set_kind(kind);
  create.set_parent(parent);
  create.set_from(kFoundedOn);
}

void Place(const std::string& position, const std::string& unit, const std::string& title,
           int headcount, Script& script) {
  v1::CreatePosition& create = *script.By(kHr).mutable_create_position();
  create.set_position(position);
  create.set_unit(unit);
  create.set_title(title);
  create.set_headcount(headcount);
  create.set_from(kFoundedOn);
}

void Assign(const std::string& assignment, const std::string& person, const std::string& position,
            int32_t allocation_bp, std::string_view from, Script& script) {
  v1::StartAssignment& start = *script.By(kHr).mutable_start_assignment();
  start.set_assignment(assignment);
  start.set_person(person);
  start.set_position(position);
  start.set_allocation_bp(allocation_bp);
  start.set_kind(assignment.ends_with("-2") && allocation_bp < 10'000
                     ? v1::ASSIGNMENT_KIND_CONCURRENT
                     : v1::ASSIGNMENT_KIND_PRIMARY);
  start.mutable_span()->set_from(std::string(from));
}

void Report(const std::string& person, const std::string& manager, std::string_view from,
            Script& script) {
  v1::SetReportingLine& line = *script.By(kHr).mutable_set_reporting_line();
  line.set_person(person);
  line.set_manager(manager);
  line.set_line(v1::REPORTING_LINE_SOLID);
  line.mutable_span()->set_from(std::string(from));
}

void Bind(const Person& person, Script& script) {
  v1::BindSourceKey& bind = *script.By(kHr).mutable_bind_source_key();
  bind.set_person(person.id);
  bind.set_entity_type("employee");
  bind.set_key(person.employee_no);
  bind.mutable_span()->set_from("2026-06-01");
}

void CreateUnits(const Company& company, Script& script) {
  Create("u-demo", "示范制造有限公司 Demo Manufacturing", v1::UNIT_KIND_LEGAL, "", script);
  Create("u-hq", "总部 Headquarters", v1::UNIT_KIND_SITE, "u-demo", script);
  Create("u-plant-1", "苏州工厂 Suzhou Plant", v1::UNIT_KIND_SITE, "u-demo", script);
  Create("u-plant-2", "成都工厂 Chengdu Plant", v1::UNIT_KIND_SITE, "u-demo", script);
  for (const Department& department : company.departments) {
    Create(department.unit, department.name, v1::UNIT_KIND_DEPARTMENT, department.plant, script);
  }
}

void CreatePositions(const Company& company, Script& script) {
  Place("pos-hq-general-manager", "u-hq", "总经理 General Manager", 1, script);
  Place("pos-hq-supervisor", "u-hq", "监事会主席 Chair of Supervisors", 1, script);
  Place("pos-hq-operations", "u-hq", "运营副总 Head of Operations", 1, script);
  Place("pos-hq-hr", "u-hq", "人力资源经理 HR Partner", 3, script);
  Place("pos-hq-finance", "u-hq", "财务经理 Finance Partner", 3, script);
  Place("pos-hq-it", "u-hq", "系统管理员 Administrator", 1, script);
  // Room for those who come from the next department.
  constexpr int kSpare = 20;
  const auto seats = static_cast<int>(company.people.size() / company.departments.size());
  for (const Department& department : company.departments) {
    Place(department.ManagerPosition(), department.unit, "部门经理 Department Manager", 1, script);
    Place(department.LeaderPosition(), department.unit, "班组长 Team Leader", 5, script);
    Place(department.OperatorPosition(), department.unit, "操作员 Operator", seats + kSpare,
          script);
  }
}

void AddPeople(const Company& company, Script& script) {
  for (const Person& person : company.people) {
    v1::AddPerson& add = *script.By(kHr).mutable_add_person();
    add.set_person(person.id);
    add.mutable_name()->set_clear(person.name);
  }
}

void AssignPeople(const Company& company, Script& script) {
  for (const Person& person : company.people) {
    const bool two = person.fate == Fate::kTwoPositions;
    Assign("as-" + person.id, person.id, person.position, two ? 6'000 : 10'000, kFoundedOn, script);
    if (!two) continue;
    Assign("as-" + person.id + "-2", person.id, NewPosition(company, person), 4'000, kFoundedOn,
           script);
  }
  for (const Person& person : company.people) {
    if (person.id == kGeneralManager) continue;
    Report(person.id, person.manager, kFoundedOn, script);
  }
}

void GiveScopedGrants(const Company& company, Script& script) {
  Give({.id = "g-ex-01", .to = kGeneralManager, .role = v1::ROLE_EXECUTIVE, .limit = "10"}, script);
  Give({.id = "g-ex-02",
        .to = kSupervisor,
        .role = v1::ROLE_EXECUTIVE,
        .metrics = {"output"},
        .limit = "8"},
       script);
  Give({.id = "g-ex-03",
        .to = kOperations,
        .role = v1::ROLE_EXECUTIVE,
        .units = {"u-plant-1", "u-plant-2"},
        .limit = "5"},
       script);
  Give({.id = "g-ex-02-head",
        .to = kSupervisor,
        .role = v1::ROLE_DEPARTMENT_HEAD,
        .units = {"u-demo"}},
       script);
  for (const Department& department : company.departments) {
    const Person& manager = company.people[static_cast<size_t>(department.manager)];
    Give({.id = "g-" + manager.id,
          .to = manager.id,
          .role = v1::ROLE_DEPARTMENT_HEAD,
          .units = {department.unit}},
         script);
  }
}

}  // namespace

void FoundOrganisation(const Company& company, Script& script) {
  script.Chapter("founding: grants, units, positions");
  script.At("2026-05-18 09:30");
  Give({.id = "g-hr-01", .to = kHr, .role = v1::ROLE_HR}, script);
  Give({.id = "g-hr-02", .to = "p-hr-02", .role = v1::ROLE_HR}, script);
  Give({.id = "g-fin-01", .to = kFinance, .role = v1::ROLE_FINANCE}, script);
  CreateUnits(company, script);
  CreatePositions(company, script);
  GiveScopedGrants(company, script);
  script.Chapter("people, assignments, reporting lines");
  script.At("2026-05-19 09:00");
  AddPeople(company, script);
  script.At("2026-05-20 09:00");
  AssignPeople(company, script);
  script.At("2026-05-20 15:00");
  for (const Person& person : company.people) {
    if (person.fate != Fate::kBoundLate) Bind(person, script);
  }
}

std::string_view DayOfFate(Fate fate) {
  switch (fate) {
    case Fate::kPromoted:
      return "2026-06-16";
    case Fate::kTransferred:
      return "2026-06-22";
    case Fate::kBackdated:
      return "2026-06-10";
    default:
      break;
  }
  ASSAY_REQUIRE(false, "fate {} has no day", static_cast<int>(fate));
  return "";
}

std::string NewPosition(const Company& company, const Person& person) {
  if (person.fate == Fate::kPromoted) return company.DepartmentOf(person).LeaderPosition();
  return company.NextDepartment(person).OperatorPosition();
}

std::string NewManager(const Company& company, const Person& person) {
  const bool stays = person.fate == Fate::kPromoted || person.fate == Fate::kTwoPositions;
  if (stays) return person.manager;
  return company.people[static_cast<size_t>(company.NextDepartment(person).manager)].id;
}

void MovePeople(const Company& company, Fate fate, Script& script) {
  const std::string_view day = DayOfFate(fate);
  for (const int index : company.PeopleWith(fate)) {
    const Person& person = company.people[static_cast<size_t>(index)];
    v1::EndAssignment& end = *script.By(kHr).mutable_end_assignment();
    end.set_assignment("as-" + person.id);
    end.set_to(std::string(day));
    Assign("as-" + person.id + "-2", person.id, NewPosition(company, person), 10'000, day, script);
    const std::string manager = NewManager(company, person);
    if (manager != person.manager) Report(person.id, manager, day, script);
  }
}

void BindLate(const Company& company, Script& script) {
  for (const int index : company.PeopleWith(Fate::kBoundLate)) {
    Bind(company.people[static_cast<size_t>(index)], script);
  }
}

void MergeLastDepartment(const Company& company, Script& script) {
  const size_t count = company.departments.size();
  v1::MergeUnits& merge = *script.By(kHr).mutable_merge_units();
  merge.add_sources(company.departments[count - 1].unit);
  merge.set_target(company.departments[count - 2].unit);
  merge.set_from("2026-07-01");
}

}  // namespace assay::demo
