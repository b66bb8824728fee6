// Given-when-then for the domains.
//
//   DomainSpec(org::Table())
//       .Given("p-hr", R"(create_unit { unit: "u-1" name: "Plant" kind: UNIT_KIND_SITE from:
//       "2026-01-01" })") .When("p-hr", R"(move_unit { unit: "u-1" new_parent: "u-1" from:
//       "2026-02-01" })") .ThenRejected("ORG_CYCLE");
//
// Commands and events are in protobuf text form. Given() takes commands that must be accepted, or
// events that are folded as they are (GivenEvent). Failures point at the caller's line.

#pragma once

#include <google/protobuf/text_format.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/commit/domains.h"
#include "engine/event/decision.h"
#include "engine/event/effective.h"
#include "engine/event/state.h"
#include "tests/support/memory_state.h"

namespace assay::testing {

template <typename Message>
Message FromText(std::string_view text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(text), &message)) {
    FAIL("no text form of " << message.GetTypeName() << ": " << text);
  }
  return message;
}

// Scores that a test states.
class StatedScores : public LockedScores {
 public:
  std::optional<LockedScore> Of(std::string_view cycle, std::string_view person) override {
    const auto found = scores.find({std::string(cycle), std::string(person)});
    if (found == scores.end()) return std::nullopt;
    return found->second;
  }
  bool HasRecord(std::string_view, std::string_view source,
                 const std::vector<std::string>& record_key) override {
    return records.contains({std::string(source), record_key});
  }
  Results ResultsOf(std::string_view) override { return results; }
  std::optional<std::vector<Cut>> CutsOf(std::string_view, int32_t, int64_t) override {
    return cuts;
  }
  std::vector<Cut> Heads() override { return heads; }

  std::optional<std::vector<Cut>> cuts;
  std::vector<Cut> heads;
  std::map<std::pair<std::string, std::string>, LockedScore> scores;
  std::set<std::pair<std::string, std::vector<std::string>>> records;
  Results results;
};

class DomainSpec {
 public:
  using DecideFunction = std::function<Decision(const DecideContext&, StateReader&)>;
  using EvolveFunction = std::function<void(const v1::Event&, const EventMeta&, StateStore&)>;

  // Decides and folds by the rows of a domain alone.
  explicit DomainSpec(const Domain& domain)
      : DomainSpec([domain](const DecideContext& context,
                            StateReader& state) { return DecideIn(domain, context, state); },
                   domain) {}
  // Decides by something else.
  DomainSpec(DecideFunction decide, const Domain& domain)
      : decide_(std::move(decide)),
        evolve_([domain](const v1::Event& event, const EventMeta& meta, StateStore& store) {
          EvolveIn(domain, event, meta, store);
        }) {}

  // The time of the next decisions, RFC 3339.
  DomainSpec& At(std::string_view instant) {
    now_ = Instant::Parse(instant).value();
    return *this;
  }

  // The command must be accepted; its events are folded.
  DomainSpec& Given(std::string_view actor, std::string_view command,
                    const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    When(actor, command);
    INFO(file << ":" << line << " given " << command);
    if (!IsAccepted(outcome_)) FAIL(std::get<Rejection>(outcome_).ToString());
    Fold(std::get<Accepted>(outcome_).events, std::string(actor));
    return *this;
  }

  // Folds an event as it is, for state that another domain owns.
  DomainSpec& GivenEvent(std::string_view event) {
    Fold({FromText<v1::Event>(event)}, "test");
    return *this;
  }

  // Puts a row as it is, for state that another domain owns.
  DomainSpec& GivenRow(std::string_view stream, const google::protobuf::MessageLite& row) {
    state.Put(stream, row);
    return *this;
  }
  DomainSpec& GivenMember(std::string_view set_stream, std::string_view member) {
    state.PutMember(set_stream, FromText<v1::Member>(member));
    return *this;
  }

  DomainSpec& When(std::string_view actor, std::string_view command) {
    command_ = FromText<v1::Command>(command);
    state.reads.clear();
    const DecideContext context{.command = command_,
                                .actor = std::string(actor),
                                .decided_at = now_,
                                .today = UtcDayOf(now_),
                                .scores = &scores};
    outcome_ = decide_(context, state);
    actor_ = std::string(actor);
    return *this;
  }

  // Exactly these events, in order; in protobuf text form.
  DomainSpec& Then(const std::vector<std::string_view>& events, const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
    INFO(file << ":" << line);
    if (!IsAccepted(outcome_)) FAIL(std::get<Rejection>(outcome_).ToString());
    const auto& given = std::get<Accepted>(outcome_).events;
    REQUIRE(given.size() == events.size());
    for (size_t i = 0; i < events.size(); ++i) {
      CHECK(given[i].DebugString() == FromText<v1::Event>(events[i]).DebugString());
    }
    return Fold(given, actor_);
  }

  // Accepted, whatever the events; they are folded.
  DomainSpec& ThenAccepted(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    INFO(file << ":" << line);
    if (!IsAccepted(outcome_)) FAIL(std::get<Rejection>(outcome_).ToString());
    return Fold(std::get<Accepted>(outcome_).events, actor_);
  }

  DomainSpec& ThenRejected(std::string_view code, std::string_view path = "",
                           const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    INFO(file << ":" << line);
    REQUIRE_FALSE(IsAccepted(outcome_));
    const auto& rejection = std::get<Rejection>(outcome_);
    INFO(rejection.ToString());
    CHECK(rejection.code == code);
    if (!path.empty()) CHECK(rejection.path == path);
    return *this;
  }

  [[nodiscard]] const Decision& Outcome() const { return outcome_; }
  template <typename State>
  State Row(std::string_view stream) {
    State row;
    REQUIRE(state.Get(stream, &row));
    return row;
  }

  MemoryState state;
  StatedScores scores;

 private:
  DomainSpec& Fold(const std::vector<v1::Event>& events, const std::string& actor) {
    ++position_;
    for (const v1::Event& event : events) {
      evolve_(event,
              {.position = position_, .recorded_at = now_, .decided_at = now_, .actor = actor},
              state);
      EvolveSets(event, state);
    }
    return *this;
  }

  DecideFunction decide_;
  EvolveFunction evolve_;
  v1::Command command_;
  std::string actor_;
  Decision outcome_ = Accepted{};
  Instant now_ = Instant::Parse("2026-06-01T08:00:00Z").value();
  int64_t position_ = 0;
};

}  // namespace assay::testing
