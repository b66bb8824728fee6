// How deciding and folding see the state of the decisions: rows by stream.
//
// A reader is one immutable snapshot at one decisions position. The recording reader of
// engine/commit notes every stream that was asked for, found or not: that list is the commit's
// `reads`, so domains must read what they decide on through it and nothing else.

#pragma once

#include <assay/v1/command.pb.h>
#include <assay/v1/state.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

// A read that fails (disk, damage) is kept in status() and answers as if absent; whoever owns the
// reader must look at status() before using any outcome, so that "cannot read" never becomes "is
// not there".
class StateReader {
 public:
  virtual ~StateReader() = default;

  // Parses the row of an aggregate's stream into `state`; false (and `state` cleared) when absent.
  virtual bool Get(std::string_view stream, google::protobuf::MessageLite* state) = 0;
  // The members of a set stream, by ascending id.
  virtual std::vector<v1::Member> Members(std::string_view set_stream) = 0;
  // The aggregates' streams whose names begin with `prefix` and that have a row, ascending. No set
  // stream stands for this list: whoever decides on it reads the rows too, so that a change of one
  // is a conflict; one that is new between basis and append is not noticed.
  virtual std::vector<std::string> Streams(std::string_view prefix) = 0;
  // The first failure, OK until then.
  [[nodiscard]] virtual absl::Status status() const = 0;

  // The same as Get, for use in expressions.
  template <typename State>
  [[nodiscard]] std::optional<State> Find(std::string_view stream) {
    std::optional<State> state(std::in_place);
    if (!Get(stream, &*state)) state.reset();
    return state;
  }
};

// Where folding puts rows. Reads see what was put.
class StateStore : public StateReader {
 public:
  virtual void Put(std::string_view stream, const google::protobuf::MessageLite& state) = 0;
  virtual void PutMember(std::string_view set_stream, const v1::Member& member) = 0;
  virtual void EraseMember(std::string_view set_stream, std::string_view id) = 0;
};

// Folding is total: an event that does not fit the state changes nothing and says so. Both give
// whether the row was put.
//
// The row of an aggregate that is there already, or could not be read, stays.
template <typename State>
bool PutNew(StateStore& store, std::string_view stream, const State& state) {
  State there;
  if (store.Get(stream, &there) || !store.status().ok()) return false;
  store.Put(stream, state);
  return true;
}
// `change` gives whether the event fits the row; a row that is not there fits none.
template <typename State, typename Change>
bool Update(StateStore& store, std::string_view stream, Change change) {
  State row;
  if (!store.Get(stream, &row) || !change(row)) return false;
  store.Put(stream, row);
  return true;
}

// What a commit tells about each of its events.
struct EventMeta {
  int64_t position = 0;
  Instant recorded_at;
  Instant decided_at;
  // A person's id, or "client:<id>".
  std::string actor;
};

// A score under a sealed cut, as deciding may read it. The total includes applied adjustments.
struct LockedScore {
  bool computable = false;
  std::string status;
  Decimal computed;
  Decimal adjustments;
  Decimal total;
  // Items of the score, so that an adjustment can name one.
  std::vector<std::string> items;
};

// Scores and facts under sealed cuts: all that deciding may know of the facts. Reading it makes the
// commit carry basis.facts. Declared here for the domains that use it; engine/commit hands it in.
class LockedScores {
 public:
  virtual ~LockedScores() = default;
  // Nothing when the person has no part in the cycle. REQUIRES: the cut of `cycle` is sealed.
  virtual std::optional<LockedScore> Of(std::string_view cycle, std::string_view person) = 0;
  // Whether the source record was there before the cut.
  virtual bool HasRecord(std::string_view cycle, std::string_view source,
                         const std::vector<std::string>& record_key) = 0;
  struct Results {
    Hash32 digest;
    int32_t subjects = 0;
  };
  // Digest over all results of the cycle as of the basis.
  virtual Results ResultsOf(std::string_view cycle) = 0;
  // The cuts of a lock as they were read, by facts partition, each with the root of the last record
  // before it. Nothing while a partition has none.
  struct Cut {
    int64_t position = 0;
    Hash32 root;
  };
  virtual std::optional<std::vector<Cut>> CutsOf(std::string_view cycle, int32_t generation,
                                                 int64_t lock_position) = 0;
  // The last folded record of every facts partition, with its root.
  virtual std::vector<Cut> Heads() = 0;
  // As StateReader::status().
  [[nodiscard]] virtual absl::Status status() const { return absl::OkStatus(); }
};

// Everything besides the state that a decision may depend on.
struct DecideContext {
  const v1::Command& command;
  // A person's id, or "client:<id>".
  std::string actor;
  // Decide's only now.
  Instant decided_at;
  // The UTC day of decided_at.
  Day today;
  // Never null.
  LockedScores* scores = nullptr;
  // Of the log: 1 where records are not authenticated. Events and fields of later versions are
  // written to logs of those only (engine/commit/domains.h).
  int32_t rules_version = 2;
  // The decisions' position that is decided on, and its root.
  LockedScores::Cut basis;
};

}  // namespace assay
