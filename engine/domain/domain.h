// The table of a domain: everything that the rest of the engine knows of its commands, events and
// rows.
//
// A domain is added by a folder engine/<domain> with a table, and its line in
// engine/commit/domains.cc. No column has a default: FaultsOf names what a table leaves out, at the
// start of every program and in a test over the descriptors of the messages.

#pragma once

#include <assay/v1/command.pb.h>
#include <assay/v1/event.pb.h>
#include <assay/v1/state.pb.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/access/rule.h"
#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay {

// --- commands ---

using DecideFunction = std::function<Decision(const DecideContext&, StateReader&)>;

// The person whose data the texts of the command are: their key encrypts them. Empty when what the
// command names does not exist (yet).
using SubjectFunction = std::string (*)(const v1::Command&, StateReader&);

struct CommandRow {
  v1::Command::BodyCase command = v1::Command::BODY_NOT_SET;
  DecideFunction decide = nullptr;
  AccessRule access = {};
  SubjectFunction subject = nullptr;
};

// Texts of the sender's own: nobody else is concerned.
[[nodiscard]] std::string OfTheSender(const v1::Command& command, StateReader& state);

// `Function` over the body of the command, which `Body` gets.
template <auto Function, auto Body>
Decision DecideBody(const DecideContext& context, StateReader& state) {
  return Function((context.command.*Body)(), state);
}

// The person that the body names.
template <auto Body>
std::string PersonIn(const v1::Command& command, StateReader& /*state*/) {
  return (command.*Body)().person();
}

// Refuses a command of another domain while something of this domain is open.
struct BlockRow {
  v1::Command::BodyCase command = v1::Command::BODY_NOT_SET;
  std::optional<Rejection> (*check)(const v1::Command&, StateReader&) = nullptr;
};

// --- events ---

// Folds one event into the rows. False when it does not fit them: nothing was changed then.
using EvolveFunction = bool (*)(const v1::Event&, const EventMeta&, StateStore&);

// `Change` of the row of the event's stream, which must exist: bool(body, meta, row).
template <typename State, auto Change, auto Body>
bool ChangeRow(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  return Update<State>(store, event.stream(),
                       [&](State& row) { return Change((event.*Body)(), meta, row); });
}
// A new row of the event's stream: void(body, meta, row).
template <typename State, auto Make, auto Body>
bool NewRow(const v1::Event& event, const EventMeta& meta, StateStore& store) {
  State row;
  Make((event.*Body)(), meta, row);
  return PutNew(store, event.stream(), row);
}

struct SetChange {
  std::string set_stream;
  v1::Member member;
  // The member leaves the set; only its id counts.
  bool erase = false;
};
using SetChanges = std::vector<SetChange>;
using SetsFunction = SetChanges (*)(const v1::Event&);

[[nodiscard]] v1::Member MemberOf(std::string id, std::string person = "", std::string state = "");
[[nodiscard]] SetChanges NoSets(const v1::Event& event);

// Which scores an event may change.
struct ScoreEffect {
  enum class Of : uint8_t { kNobody, kScore, kPerson, kCycle, kEverybody };
  Of of = Of::kNobody;
  // Of kScore and kCycle.
  std::string cycle = "";
  // Of kScore and kPerson.
  std::string person = "";
};
using EffectFunction = ScoreEffect (*)(const v1::Event&);

[[nodiscard]] ScoreEffect NoEffect(const v1::Event& event);
// On the score, person or cycle that the body names.
template <auto Body>
ScoreEffect OnScore(const v1::Event& event) {
  return {ScoreEffect::Of::kScore, (event.*Body)().cycle(), (event.*Body)().person()};
}
template <auto Body>
ScoreEffect OnPerson(const v1::Event& event) {
  return {ScoreEffect::Of::kPerson, "", (event.*Body)().person()};
}
template <auto Body>
ScoreEffect OnCycle(const v1::Event& event) {
  return {ScoreEffect::Of::kCycle, (event.*Body)().cycle()};
}

// What is published of an event itself; scores follow from ScoreEffect.
enum class Output : uint8_t {
  kUndecided,
  kNothing,
  kAdjustment,
  kAlert,
};

struct EventRow {
  v1::Event::BodyCase event = v1::Event::BODY_NOT_SET;
  // The first rules version whose readers know it, with the fields that it has.
  int32_t (*since)(const v1::Event&) = nullptr;
  // The stream that it belongs to, from its own fields.
  std::string (*stream)(const v1::Event&) = nullptr;
  EvolveFunction evolve = nullptr;
  SetsFunction sets = nullptr;
  EffectFunction effect = nullptr;
  Output output = Output::kUndecided;
};

template <int32_t Version>
int32_t Since(const v1::Event& /*event*/) {
  return Version;
}

// --- rows ---

enum class InDigest : uint8_t {
  kUndecided,
  kYes,
  // Which node does something, and how the log is bound: no part of what the company is.
  kNo,
};

struct StreamRow {
  // What the names begin with; the whole name where there is one such stream only.
  std::string_view prefix;
  std::unique_ptr<google::protobuf::Message> (*make)() = nullptr;
  InDigest in_digest = InDigest::kUndecided;
};

template <typename State>
std::unique_ptr<google::protobuf::Message> MakeRow() {
  return std::make_unique<State>();
}

// --- the table ---

struct Domain {
  std::string_view name;
  std::vector<CommandRow> commands;
  std::vector<EventRow> events;
  std::vector<StreamRow> streams;
  std::vector<BlockRow> blocks = {};
};

// What these tables leave out of all commands and events that the messages know, or say twice: one
// line each, "command openCycle: subject is missing". Empty when they are whole.
[[nodiscard]] std::vector<std::string> FaultsOf(std::span<const Domain> domains);

// By the rows of one domain. REQUIRES: it has a row for the command.
[[nodiscard]] Decision DecideIn(const Domain& domain, const DecideContext& context,
                                StateReader& state);
// An event without a row fits and changes nothing.
bool EvolveIn(const Domain& domain, const v1::Event& event, const EventMeta& meta,
              StateStore& store);

}  // namespace assay
