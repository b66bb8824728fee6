#include "engine/domain/domain.h"

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/base/check.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

// The name of a case in its JSON form; "" when the messages do not know it.
std::string NameOf(const OneofDescriptor& body, int number) {
  const FieldDescriptor* field = body.containing_type()->FindFieldByNumber(number);
  return field == nullptr || field->containing_oneof() != &body ? "" : field->json_name();
}

class Faults {
 public:
  void Add(std::string fault) { faults_.push_back(std::move(fault)); }
  void Need(bool is_there, const std::string& row, std::string_view column) {
    if (!is_there) Add(fmt::format("{}: {} is missing", row, column));
  }
  // Every case of the oneof once, and none that it does not have.
  void Cover(std::string_view kind, const OneofDescriptor& body, const std::map<int, int>& rows) {
    for (const auto& [number, count] : rows) {
      const std::string name = NameOf(body, number);
      if (name.empty()) Add(fmt::format("{} {}: the messages do not know it", kind, number));
      if (count > 1) Add(fmt::format("{} {}: {} rows", kind, name, count));
    }
    for (int i = 0; i < body.field_count(); ++i) {
      if (rows.contains(body.field(i)->number())) continue;
      Add(fmt::format("{} {}: no domain has a row", kind, body.field(i)->json_name()));
    }
  }
  std::vector<std::string> Take() { return std::move(faults_); }

 private:
  std::vector<std::string> faults_;
};

void CheckCommand(const CommandRow& row, const OneofDescriptor& body, Faults& faults) {
  const std::string name = "command " + NameOf(body, row.command);
  faults.Need(row.decide != nullptr, name, "decide");
  faults.Need(row.access.sender != SentBy::kNobody, name, "access");
  const bool by_people =
      row.access.sender == SentBy::kPeople || row.access.sender == SentBy::kPeopleAndEngine;
  faults.Need(!by_people || row.access.judge != nullptr || !row.access.roles.empty(), name,
              "a role or a judge");
  faults.Need(row.subject != nullptr, name, "subject");
}

void CheckEvent(const EventRow& row, const OneofDescriptor& body, Faults& faults) {
  const std::string name = "event " + NameOf(body, row.event);
  faults.Need(row.since != nullptr, name, "since");
  faults.Need(row.stream != nullptr, name, "stream");
  faults.Need(row.evolve != nullptr, name, "evolve");
  faults.Need(row.sets != nullptr, name, "sets");
  faults.Need(row.effect != nullptr, name, "effect");
  faults.Need(row.output != Output::kUndecided, name, "output");
}

}  // namespace

std::string OfTheSender(const v1::Command& command, StateReader& /*state*/) {
  return ActorName(command.actor());
}

v1::Member MemberOf(std::string id, std::string person, std::string state) {
  v1::Member member;
  member.set_id(std::move(id));
  member.set_person(std::move(person));
  member.set_state(std::move(state));
  return member;
}

SetChanges NoSets(const v1::Event& /*event*/) { return {}; }

ScoreEffect NoEffect(const v1::Event& /*event*/) { return {}; }

std::vector<std::string> FaultsOf(std::span<const Domain> domains) {
  const OneofDescriptor& commands = *v1::Command::descriptor()->FindOneofByName("body");
  const OneofDescriptor& events = *v1::Event::descriptor()->FindOneofByName("body");
  Faults faults;
  std::map<int, int> command_rows;
  std::map<int, int> event_rows;
  std::map<std::string_view, int> prefixes;
  for (const Domain& domain : domains) {
    for (const CommandRow& row : domain.commands) {
      ++command_rows[row.command];
      CheckCommand(row, commands, faults);
    }
    for (const EventRow& row : domain.events) {
      ++event_rows[row.event];
      CheckEvent(row, events, faults);
    }
    for (const StreamRow& row : domain.streams) {
      const std::string name = fmt::format("stream {}", row.prefix);
      if (++prefixes[row.prefix] > 1) faults.Add(name + ": two rows");
      faults.Need(row.make != nullptr, name, "message");
      faults.Need(row.in_digest != InDigest::kUndecided, name, "digest");
    }
    for (const BlockRow& row : domain.blocks) {
      const std::string name = NameOf(commands, row.command);
      faults.Need(!name.empty(), fmt::format("block of {}", domain.name), "a command");
      faults.Need(row.check != nullptr, "block of " + name, "check");
    }
  }
  faults.Cover("command", commands, command_rows);
  faults.Cover("event", events, event_rows);
  return faults.Take();
}

Decision DecideIn(const Domain& domain, const DecideContext& context, StateReader& state) {
  const auto row =
      std::ranges::find(domain.commands, context.command.body_case(), &CommandRow::command);
  ASSAY_REQUIRE(row != domain.commands.end(), "the domain {} has no command {}", domain.name,
                static_cast<int>(context.command.body_case()));
  return row->decide(context, state);
}

bool EvolveIn(const Domain& domain, const v1::Event& event, const EventMeta& meta,
              StateStore& store) {
  const auto row = std::ranges::find(domain.events, event.body_case(), &EventRow::event);
  return row == domain.events.end() || row->evolve(event, meta, store);
}

}  // namespace assay
