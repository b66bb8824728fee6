#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/limits.h"
#include "engine/event/effective.h"
#include "engine/event/org_reading.h"
#include "engine/event/streams.h"
#include "tools/assay/message_json.h"
#include "tools/assay/show.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

struct PersonHere {
  std::string person;
  Json name;
  int32_t allocation_bp = 0;
  v1::Span span;
};

struct PositionHere {
  std::string position;
  std::string title;
  int32_t headcount = 0;
  std::vector<PersonHere> people;
};

struct UnitHere {
  std::string unit;
  std::string name;
  std::string kind;
  std::vector<UnitHere> children;
  std::vector<PositionHere> positions;
};

// The organisation on the day of the view.
class ChartReader {
 public:
  explicit ChartReader(const View& view) : view_(view), state_(view.State()) {}

  [[nodiscard]] std::vector<UnitHere> Roots() { return Below(streams::RootUnits(), "", 0); }

  // REQUIRES: the unit is active on the day.
  [[nodiscard]] UnitHere Read(const std::string& unit, const UnitReading& reading, int depth) {
    UnitHere here{.unit = unit, .name = reading.name, .kind = EnumText(reading.kind)};
    if (depth >= limits::kUnitDepthMax) return here;
    // What was merged into a unit brings its positions and the units below it.
    for (const std::string& counted : UnitsCountedTo(state_, unit, view_.day)) {
      for (UnitHere& child : Below(streams::UnitChildren(counted), unit, depth + 1)) {
        here.children.push_back(std::move(child));
      }
      ReadPositions(counted, here.positions);
    }
    const auto by_unit = [](const UnitHere& a, const UnitHere& b) { return a.unit < b.unit; };
    std::sort(here.children.begin(), here.children.end(), by_unit);
    const auto same = [](const UnitHere& a, const UnitHere& b) { return a.unit == b.unit; };
    here.children.erase(std::unique(here.children.begin(), here.children.end(), same),
                        here.children.end());
    std::sort(here.positions.begin(), here.positions.end(),
              [](const PositionHere& a, const PositionHere& b) { return a.position < b.position; });
    return here;
  }

  [[nodiscard]] std::optional<UnitReading> Find(const std::string& unit) {
    return UnitOn(state_, unit, view_.day);
  }
  [[nodiscard]] absl::Status status() const { return state_.status(); }

 private:
  // A set keeps a unit that moved away: only those that hang below `parent` today.
  std::vector<UnitHere> Below(const std::string& set_stream, const std::string& parent, int depth) {
    std::vector<UnitHere> units;
    for (const v1::Member& member : state_.Members(set_stream)) {
      const auto reading = Find(member.id());
      if (!reading.has_value() || !reading->active || reading->parent != parent) continue;
      units.push_back(Read(member.id(), *reading, depth));
    }
    return units;
  }

  void ReadPositions(const std::string& unit, std::vector<PositionHere>& out) {
    for (const v1::Member& member : state_.Members(streams::UnitPositions(unit))) {
      const auto row = state_.Find<v1::PositionState>(streams::Position(member.id()));
      if (!row.has_value()) continue;
      PositionHere here{.position = member.id(),
                        .title = row->title(),
                        .headcount = HeadcountOn(*row, view_.day)};
      for (const v1::AssignmentState& assignment : AssignmentsOfPosition(state_, member.id())) {
        if (!ActiveOn(assignment, view_.day)) continue;
        here.people.push_back({.person = assignment.person(),
                               .name = PersonName(view_, state_, assignment.person()),
                               .allocation_bp = AllocationOn(assignment, view_.day),
                               .span = assignment.span()});
      }
      if (ActiveOn(*row, view_.day) || !here.people.empty()) out.push_back(std::move(here));
    }
  }

  const View& view_;
  decisions::StateAt state_;
};

Json UnitJson(const UnitHere& unit) {
  Json children = Json::Array();
  for (const UnitHere& child : unit.children) children.Add(UnitJson(child));
  Json positions = Json::Array();
  for (const PositionHere& position : unit.positions) {
    Json people = Json::Array();
    for (const PersonHere& person : position.people) {
      Json object = Json::Object();
      object.Put("person", person.person)
          .Put("name", person.name)
          .Put("allocationBp", person.allocation_bp)
          .Put("span", SpanJson(person.span));
      people.Add(std::move(object));
    }
    Json object = Json::Object();
    object.Put("position", position.position)
        .Put("title", position.title)
        .Put("headcount", position.headcount)
        .Put("people", std::move(people));
    positions.Add(std::move(object));
  }
  Json object = Json::Object();
  object.Put("unit", unit.unit)
      .Put("name", unit.name)
      .Put("kind", unit.kind)
      .Put("children", std::move(children))
      .Put("positions", std::move(positions));
  return object;
}

void AddPeople(const UnitHere& unit, std::set<std::string>& people) {
  for (const PositionHere& position : unit.positions) {
    for (const PersonHere& person : position.people) people.insert(person.person);
  }
  for (const UnitHere& child : unit.children) AddPeople(child, people);
}

void PrintUnit(const Session& session, const UnitHere& unit, int depth) {
  std::set<std::string> people;
  AddPeople(unit, people);
  PrintPlain(Out(), "{:{}}{} {} [{}] {} {}\n", "", depth * 2, unit.unit, unit.name, unit.kind,
             people.size(), session.Say(people.size() == 1 ? "person" : "people", "人"));
  for (const PositionHere& position : unit.positions) {
    PrintPlain(Out(), "{:{}}- {} {} {}/{}\n", "", depth * 2 + 2, position.position, position.title,
               position.people.size(), position.headcount);
    for (const PersonHere& person : position.people) {
      const auto percent = Decimal::FromInt(person.allocation_bp)
                               .DividedBy(Decimal::FromInt(100))
                               .value_or(Decimal());
      PrintPlain(Out(), "{:{}}{} {} {} % [{}, {})\n", "", depth * 2 + 6, person.person,
                 person.name.Cell(), percent.ToString(), person.span.from(), person.span.to());
    }
  }
  for (const UnitHere& child : unit.children) PrintUnit(session, child, depth + 1);
}

// One row per person and position, also of positions that nobody holds.
void AddRows(const UnitHere& unit, const std::string& parent, std::vector<Json>& rows) {
  const auto add = [&](const PositionHere& position, const PersonHere& person) {
    Json row = Json::Object();
    row.Put("unit", unit.unit)
        .Put("unitName", unit.name)
        .Put("kind", unit.kind)
        .Put("parent", Json::TextOrNull(parent))
        .Put("position", Json::TextOrNull(position.position))
        .Put("title", position.title)
        .Put("headcount", position.headcount)
        .Put("person", Json::TextOrNull(person.person))
        .Put("name", person.name)
        .Put("allocationBp", person.allocation_bp)
        .Put("from", Json::TextOrNull(person.span.from()))
        .Put("to", Json::TextOrNull(person.span.to()));
    rows.push_back(std::move(row));
  };
  if (unit.positions.empty()) add({}, {});
  for (const PositionHere& position : unit.positions) {
    if (position.people.empty()) add(position, {});
    for (const PersonHere& person : position.people) add(position, person);
  }
  for (const UnitHere& child : unit.children) AddRows(child, unit.unit, rows);
}

void PrintChart(const Session& session, const std::vector<UnitHere>& units, bool is_one) {
  if (session.format == OutputFormat::kTable) {
    for (const UnitHere& unit : units) PrintUnit(session, unit, 0);
    return;
  }
  std::vector<Json> rows;
  if (session.format == OutputFormat::kCsv) {
    for (const UnitHere& unit : units) AddRows(unit, "", rows);
  } else {
    for (const UnitHere& unit : units) rows.push_back(UnitJson(unit));
  }
  if (is_one && session.format == OutputFormat::kJson) return PrintObject(session.format, rows[0]);
  PrintRows(session.format, {}, rows);
}

// Why a unit is not shown.
Rejection NoUnit(const std::string& unit, const std::optional<UnitReading>& reading, Day day) {
  Rejection rejection = NotVisible("unit", "unit", unit);
  if (!reading.has_value()) return rejection;
  rejection.expected = fmt::format("a unit that exists on {}", day.ToString());
  if (reading->merged_into.empty()) {
    rejection.message = fmt::format("the unit \"{}\" does not exist on {}", unit, day.ToString());
    rejection.hint = "choose another day with --on";
  } else {
    rejection.message = fmt::format("the unit \"{}\" counts to \"{}\" on {}", unit,
                                    reading->merged_into, day.ToString());
    rejection.hint =
        fmt::format("assay org show {}, or an earlier day with --on", reading->merged_into);
  }
  return rejection;
}

}  // namespace

int RunOrgShow(const Session& session, const std::string& unit) {
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  ChartReader reader(view);
  std::vector<UnitHere> units;
  if (unit.empty()) {
    units = reader.Roots();
  } else {
    const auto reading = reader.Find(unit);
    if (!reader.status().ok()) return Fail(session, reader.status());
    if (!reading.has_value() || !reading->active) {
      return Fail(session, NoUnit(unit, reading, view.day));
    }
    units.push_back(reader.Read(unit, *reading, 0));
  }
  if (!reader.status().ok()) return Fail(session, reader.status());
  PrintChart(session, units, !unit.empty());
  return kExitOk;
}

}  // namespace assay
