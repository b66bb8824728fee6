// The submit loop: decide on a snapshot, append, read the own commit back, answer.
//
// A client is answered only after the commit was read back with its verdict, so what was answered
// stands on the log. Losing a race means deciding again on the newer state, a bounded number of
// times.

#pragma once

#include <assay/v1/log.pb.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/commit/fold.h"
#include "engine/commit/ports.h"
#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay {

// One immutable moment of a replica to decide on.
struct DecideSnapshot {
  // Of the last folded decisions record.
  int64_t position = 0;
  Hash32 root;
  Instant recorded_at;
  // Of a commit that is decided here.
  int32_t rules_version = 1;
  // Last folded position of each facts partition.
  std::vector<int64_t> facts;
  std::unique_ptr<StateReader> state;
  std::unique_ptr<LockedScores> scores;
};

// Local state that trails the log. One thread at a time.
class Replica {
 public:
  virtual ~Replica() = default;
  // Folds what the journal has; returns when its end, as of the call, was reached.
  virtual absl::Status CatchUp() = 0;
  // Folds the decisions that stand before the address; it must be there.
  virtual absl::Status CatchUpDecisions(int64_t address) = 0;
  virtual absl::StatusOr<DecideSnapshot> Snapshot() = 0;
  virtual absl::StatusOr<std::optional<AppliedCommand>> FindApplied(const Hash32& commit_id) = 0;
  // The verdict over the given writer's attempt, once it was folded; told once.
  struct Outcome {
    int64_t position = 0;
    Verdict verdict = Verdict::kNotACommit;
  };
  virtual std::optional<Outcome> TakeOutcome(const std::string& writer,
                                             const std::string& command_id, int32_t attempt) = 0;
  [[nodiscard]] virtual const LogIdentity& Identity() const = 0;
};

// Notes the streams that deciding looks at; `reads` of a commit is this and never written by hand.
class RecordingReader : public StateReader {
 public:
  // `inner` must outlive this.
  explicit RecordingReader(StateReader& inner) : inner_(inner) {}

  bool Get(std::string_view stream, google::protobuf::MessageLite* state) override {
    reads_.emplace(stream);
    return inner_.Get(stream, state);
  }
  std::vector<v1::Member> Members(std::string_view set_stream) override {
    reads_.emplace(set_stream);
    return inner_.Members(set_stream);
  }
  std::vector<std::string> Streams(std::string_view prefix) override {
    return inner_.Streams(prefix);
  }
  [[nodiscard]] absl::Status status() const override { return inner_.status(); }
  // Sorted and unique.
  [[nodiscard]] const std::set<std::string>& Reads() const { return reads_; }

 private:
  StateReader& inner_;
  std::set<std::string> reads_;
};

// Answered once: the position at which the command was applied.
struct Committed {
  int64_t position = 0;
  // The command had been applied before; this is its first answer.
  bool repeated = false;
};

using SubmitAnswer = std::variant<Committed, Rejection>;

// Of the rules by which `Decide` decides; the next one whenever it decides otherwise.
inline constexpr int32_t kDecideVersion = 1;

// What deciding a command on a snapshot would append. Pure apart from reading the snapshot;
// `verify` uses it to decide an applied command again.
struct Drafted {
  Decision decision;
  // Filled when accepted: reads, writes, touches, events, basis; not writer, attempt and origin.
  v1::Commit commit;
};
[[nodiscard]] absl::StatusOr<Drafted> DraftCommit(const v1::Command& command, Instant decided_at,
                                                  DecideSnapshot& snapshot);

// SHA-256 of the sealed command, serialised deterministically.
[[nodiscard]] Hash32 CommandHash(const v1::Command& command);

class Submitter {
 public:
  struct Options {
    // Names this process in its commits.
    std::string writer;
  };

  // All must outlive this.
  Submitter(Journal& journal, Replica& replica, Clock& clock, Options options)
      : journal_(journal), replica_(replica), clock_(clock), options_(std::move(options)) {}

  // `command` is sealed (no clear text in it) and has a command_id.
  //
  // UNAVAILABLE with "outcome unknown" when the append was not answered and the commit was not
  // seen:
  //   the same command id may be submitted again and gives the first answer.
  // DATA_LOSS when the log contradicts this node's own past: halt.
  absl::StatusOr<SubmitAnswer> Submit(const v1::Command& command);

  // As Submit of each, answers by index; commands of many clients share what the journal costs.
  // Those that one another's changes would make void wait for each other, the earlier ones first.
  // `origins` has one for each command, or none: nothing is known of any.
  std::vector<absl::StatusOr<SubmitAnswer>> SubmitAll(
      std::span<const v1::Command> commands, std::span<const v1::CommandOrigin> origins = {});

 private:
  // A command on its way, and its commit in this round.
  struct Pending {
    const v1::Command* command = nullptr;
    const v1::CommandOrigin* origin = nullptr;
    Hash32 hash;
    int32_t attempts = 0;
    int32_t unknown_attempts = 0;
    bool is_sent = false;
    std::optional<absl::StatusOr<SubmitAnswer>> answer;
  };
  // Decides on one snapshot, appends in one piece, reads back. What is still without an answer goes
  // into the next round.
  absl::Status Round(std::vector<Pending>& all);
  // What the commits of a round would change; the next one must not stand on it.
  struct Taken {
    std::set<std::string> streams;
    std::set<std::string> command_ids;
  };
  // The commit to append, or none: it was answered, or has to wait for what is `taken`.
  absl::StatusOr<std::optional<v1::Commit>> Draft(Pending& pending, DecideSnapshot& snapshot,
                                                  Instant decided_at, Taken& taken);
  absl::StatusOr<std::optional<SubmitAnswer>> FirstAnswer(const v1::Command& command,
                                                          const Hash32& command_hash);
  absl::Status ReadBack(const absl::Status& appended);
  absl::Status Settle(Pending& pending, const absl::Status& appended);
  absl::StatusOr<std::optional<SubmitAnswer>> Judge(const Pending& pending,
                                                    const Replica::Outcome& outcome);

  Journal& journal_;
  Replica& replica_;
  Clock& clock_;
  Options options_;
};

}  // namespace assay
