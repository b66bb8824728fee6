#include "tests/attack/record_maker.h"

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "engine/commit/domains.h"
#include "engine/commit/fold.h"
#include "engine/commit/form.h"
#include "engine/event/effective.h"

namespace assay::testing {

RecordMaker::RecordMaker(const KeptLog& log) : log_(log), mutator_(1) {
  for (const auto& records : log.records) {
    for (const StoredRecord& stored : records) {
      v1::Record record;
      REQUIRE(record.ParseFromString(stored.value));
      record.clear_auth();
      mutator_.Learn(record);
      for (const v1::Event& event : record.commit().events()) {
        events_.emplace_back(event, record.commit().command());
      }
      if (record.has_commit()) commands_.push_back(record.commit().command());
      const bool is_decision = &records == &log.records.front();
      (is_decision ? decisions_ : facts_).push_back(std::move(record));
    }
  }
}

void RecordMaker::Reseed(uint64_t seed) {
  mutator_.Reseed(seed);
  number_ = 0;
  const auto* body = v1::Event::descriptor()->FindOneofByName("body");
  const auto count = static_cast<size_t>(body->field_count());
  focus_ = body->field(static_cast<int>(mutator_.Below(count)))->number();
}

const std::pair<v1::Event, v1::Command>* RecordMaker::InFocus() {
  const size_t begin = mutator_.Below(events_.size());
  for (size_t i = 0; i < events_.size(); ++i) {
    const auto& candidate = events_[(begin + i) % events_.size()];
    if (candidate.first.body_case() == focus_) return &candidate;
  }
  return nullptr;
}

v1::Record RecordMaker::Frame() {
  v1::Record record;
  record.set_company(log_.identity.company);
  record.set_log_id(log_.identity.log_id);
  return record;
}

v1::Event RecordMaker::Event() {
  v1::Event event;
  const bool is_in_focus = mutator_.OneIn(2);
  const auto* const known = is_in_focus ? InFocus() : &events_[mutator_.Below(events_.size())];
  if (known != nullptr && mutator_.OneIn(2)) {
    event = known->first;
    for (size_t i = mutator_.Below(4); i > 0; --i) mutator_.Mutate(event);
  } else if (is_in_focus) {
    mutator_.Fill(*event.GetReflection()->MutableMessage(
        &event, v1::Event::descriptor()->FindFieldByNumber(focus_)));
  } else {
    mutator_.Fill(event);
  }
  if (!mutator_.OneIn(40)) event.set_schema(1);
  if (!mutator_.OneIn(20)) event.set_stream(StreamOf(event).value_or("company"));
  return event;
}

void RecordMaker::Fit(v1::Commit& commit, const DecisionsHead& head, Instant at) {
  const bool is_engine = commit.actor().via() == v1::AUTHENTICATION_ENGINE;
  commit.set_command_id(is_engine ? fmt::format("engine:{:024x}", ++number_)
                                  : fmt::format("made-{}", ++number_));
  commit.mutable_command()->set_command_id(commit.command_id());
  commit.set_rules_version(RulesVersionAt(head));
  *commit.mutable_decided_at() = TimestampOf(at);
  commit.mutable_basis()->set_position(head.next.position - 1);
  commit.mutable_basis()->set_root(head.root.ToString());
  commit.clear_origin();
  commit.clear_reads();
  std::set<std::string> writes;
  std::set<std::string> touches;
  for (const v1::Event& event : commit.events()) {
    writes.insert(event.stream());
    for (const SetChange& change : SetsTouchedBy(event)) touches.insert(change.set_stream);
  }
  commit.mutable_writes()->Assign(writes.begin(), writes.end());
  commit.mutable_touches()->Assign(touches.begin(), touches.end());
}

v1::Record RecordMaker::Decision(const DecisionsHead& head, Instant at) {
  v1::Record record = decisions_[mutator_.Below(decisions_.size())];
  switch (mutator_.Below(10)) {
    case 0:
      for (size_t i = mutator_.Below(3) + 1; i > 0; --i) mutator_.Mutate(record);
      return record;
    case 1:
      // What it says is on the log already, decided on what was before.
      if (record.has_commit()) Fit(*record.mutable_commit(), head, at);
      return record;
    case 2:
      record = Frame();
      if (mutator_.OneIn(2)) {
        mutator_.Fill(record);
      } else {
        mutator_.Fill(*record.mutable_commit());
        Fit(*record.mutable_commit(), head, at);
      }
      return record;
    default:
      break;
  }
  record = Frame();
  v1::Commit& commit = *record.mutable_commit();
  *commit.mutable_command() = commands_[mutator_.Below(commands_.size())];
  commit.mutable_actor()->set_person("p-admin");
  commit.mutable_actor()->set_via(mutator_.OneIn(5) ? v1::AUTHENTICATION_ENGINE
                                                    : v1::AUTHENTICATION_HOME_ACCESS);
  for (size_t i = mutator_.Below(3) + 1; i > 0; --i) *commit.add_events() = Event();
  Fit(commit, head, at);
  if (mutator_.OneIn(8)) mutator_.Mutate(commit);
  return record;
}

v1::Record RecordMaker::Fact(const facts::PartitionHead& head) {
  v1::Record record = facts_[mutator_.Below(facts_.size())];
  if (mutator_.OneIn(4)) {
    record = Frame();
    if (mutator_.OneIn(2)) {
      mutator_.Fill(record);
      record.set_company(log_.identity.company);
      record.set_log_id(log_.identity.log_id);
    } else {
      mutator_.Fill(*record.mutable_intake());
    }
  } else {
    for (size_t i = mutator_.Below(5); i > 0; --i) mutator_.Mutate(record);
  }
  if (record.has_intake() && !mutator_.OneIn(8)) {
    // Else most were read before.
    record.mutable_intake()->mutable_src()->set_offset(1'000 + head.next.position);
  }
  return record;
}

std::string RecordMaker::Untagged(PartitionId partition, const LogHeads& heads, Instant at) {
  if (mutator_.OneIn(50)) return mutator_.Noise(mutator_.Below(200));
  const bool decides = partition.kind == PartitionId::Kind::kDecisions;
  // Records of the other journal too.
  const bool makes_decision = mutator_.OneIn(30) ? !decides : decides;
  const v1::Record record =
      makes_decision ? Decision(heads.decisions, at)
                     : Fact(heads.facts[static_cast<size_t>(std::max(partition.index, 0))]);
  std::string value = record.SerializeAsString();
  if (mutator_.OneIn(10)) mutator_.Damage(value);
  return value;
}

void RecordMaker::Tag(PartitionId partition, std::string& value) {
  log_.keys.Newest()->Sign(log_.identity.log_id, partition, value);
}

void RecordMaker::TagWrongly(PartitionId partition, std::string& value) {
  switch (mutator_.Below(5)) {
    case 0:
      return;
    case 1:
      // Of another partition.
      return Tag(FactsPartition(partition.index + 1), value);
    case 2:
      return LogKey(std::string(32, 'k')).Sign(log_.identity.log_id, partition, value);
    case 3:
      // Where no field can be read, none stands there twice.
      if (!v1::Record().ParseFromString(value)) return;
      Tag(partition, value);
      return Tag(partition, value);
    default:
      Tag(partition, value);
      const size_t from = value.size() - kAuthBytes;
      value[from + mutator_.Below(kAuthBytes)] ^= static_cast<char>(1 << mutator_.Below(8));
  }
}

Instant RecordMaker::TimeAfter(const LogHeads& heads) {
  Instant last = heads.decisions.recorded_at;
  for (const auto& head : heads.facts) last = std::max(last, head.recorded_at);
  last.ms += static_cast<int64_t>(mutator_.Below(2'000));
  return last;
}

MadeRecord RecordMaker::Next(const LogHeads& heads) {
  const size_t slot = mutator_.OneIn(3) ? 1 + mutator_.Below(heads.facts.size()) : 0;
  MadeRecord made{PartitionOfSlot(slot), "", TimeAfter(heads)};
  made.value = Untagged(made.partition, heads, made.at);
  if (!IsAuthentic()) {
    if (mutator_.OneIn(30)) made.value.append(mutator_.Noise(kAuthBytes));
  } else if (mutator_.OneIn(12)) {
    TagWrongly(made.partition, made.value);
  } else {
    Tag(made.partition, made.value);
  }
  return made;
}

MadeRecord RecordMaker::NextForeign(const LogHeads& heads) {
  const size_t slot = mutator_.Below(heads.facts.size() + 1);
  MadeRecord made{PartitionOfSlot(slot), "", TimeAfter(heads)};
  made.value = Untagged(made.partition, heads, made.at);
  TagWrongly(made.partition, made.value);
  return made;
}

v1::Command RecordMaker::Command() {
  const auto* const known = mutator_.OneIn(2) ? InFocus() : nullptr;
  v1::Command command =
      known != nullptr ? known->second : commands_[mutator_.Below(commands_.size())];
  if (mutator_.OneIn(4)) {
    command.Clear();
    mutator_.Fill(command);
  }
  for (size_t i = mutator_.Below(3); i > 0; --i) mutator_.Mutate(command);
  command.set_command_id(fmt::format("asked-{}", ++number_));
  static constexpr const char* kActors[] = {"p-admin", "p-hr", "p-ex", "p-ex2", "p-mgr", "p-1"};
  if (!mutator_.OneIn(10)) {
    command.mutable_actor()->Clear();
    command.mutable_actor()->set_person(kActors[mutator_.Below(std::size(kActors))]);
    command.mutable_actor()->set_via(mutator_.OneIn(6) ? v1::AUTHENTICATION_ENGINE
                                                       : v1::AUTHENTICATION_HOME_ACCESS);
  }
  return command;
}

}  // namespace assay::testing
