// Folds both journals into the views and keeps their positions.
//
// Rows and positions of a batch are written in one piece, so a crash repeats work but never half of
// it. A batch holds any number of records of any partitions; the rows depend on the positions alone
// and not on how the partitions were interleaved.

#pragma once

#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/limits.h"
#include "engine/commit/ports.h"
#include "engine/commit/submit.h"
#include "projections/decisions/projector.h"
#include "projections/facts/projector.h"
#include "projections/runner/awaited.h"
#include "projections/runner/view.h"
#include "projections/store/overlay.h"
#include "projections/store/store.h"

namespace assay {

// The identity of the log in `journal`, from the Genesis of every partition.
// FAILED_PRECONDITION when the journal is empty; DATA_LOSS when a partition lost its Genesis or
// begins with another log's.
[[nodiscard]] absl::StatusOr<LogIdentity> ReadIdentity(Journal& journal);

// What views stand on: the log, and of each partition the last record that was folded.
struct Footing {
  LogIdentity identity;
  // By slot: behind the last record, and the hash of that.
  std::vector<Cursor> next;
  std::vector<std::string> last_hashes;
};
// Whether the journal has it still. DATA_LOSS when it does not; UNAVAILABLE when nobody knows.
[[nodiscard]] absl::Status CheckFooting(Journal& journal, const Footing& footing);

// Where the time of the folding thread went since opening, in microseconds; reading and writing are
// its waits where other threads do them.
struct FoldTimes {
  int64_t reading_us = 0;
  int64_t folding_us = 0;
  int64_t writing_us = 0;
};

// The root of a partition at a position.
struct PinnedRoot {
  int64_t position = 0;
  Hash32 root;
};

// One thread.
//
// Invariants:
//  (1) head positions are those of the rows in the store whenever no call is running.
//  (2) no record is folded twice or out of the order of its partition.
class Runner : public Replica {
 public:
  struct Options {
    // Whose commits' outcomes are kept for OutcomeOf.
    std::string writer;
    // Records folded between two write-backs.
    int32_t batch_records = limits::kFoldRecordsMax;
    // The same while folding from nothing, when a batch is loaded: few files, and two batches whose
    // rows fit half a GiB of memory.
    int32_t replay_batch_records = 10 * limits::kFoldRecordsMax;
    // Threads that fold facts while folding from nothing; 0 = as many as there are processors, up
    // to four.
    int32_t lanes = 0;
    // The log keys that this node has.
    LogKeys log_keys;
    // Reads them again: a partition names one that was made after this runner was opened.
    std::function<LogKeys()> reload_keys;
    // By slot: what the key store says that the log of these keys has there, nothing where it says
    // nothing. A log that has another root there is refused.
    std::vector<std::optional<PinnedRoot>> pinned;
    // Called with the keys that count in a partition when it was opened, and when they changed.
    std::function<void(const LogIdentity&, PartitionId, const PartitionKeys&)> on_keys;
    // Facts before decisions, for the test that the order does not matter.
    bool facts_first = false;
    // Of a runner that only reads.
    int64_t memory_records_max = 0;
    bool from_nothing = false;
    // Called after every write-back with records folded so far and records there were at the start.
    std::function<void(int64_t done, int64_t total)> progress;
  };

  // Opens the views in `directory` (made when absent) of the log in `journal`. Views of an older
  // layout are wiped. `journal` must outlive this.
  //
  // FAILED_PRECONDITION when the views belong to another log. DATA_LOSS when they are ahead of the
  // journal, or the record they stood on is not the one the journal has there.
  static absl::StatusOr<std::unique_ptr<Runner>> Open(Journal& journal,
                                                      const std::string& directory,
                                                      Options options);
  // As Open, but asks nothing of the journal: the log's identity is the one that the views keep.
  // CheckJournal is to be called before anything is folded or appended. NOT_FOUND while the first
  // fold into `directory` has not ended.
  static absl::StatusOr<std::unique_ptr<Runner>> OpenStored(Journal& journal,
                                                            const std::string& directory,
                                                            Options options);
  // As Open for who may only read: nothing in `directory` is changed, and what is folded stays in
  // memory. `options.memory_records_max` bounds how much that may be, and `options.from_nothing`
  // says whether missing views, or those of an older layout, are folded so as well.
  // RESOURCE_EXHAUSTED when there is more to fold than that: Open is to do it first.
  static absl::StatusOr<std::unique_ptr<Runner>> OpenToRead(Journal& journal,
                                                            const std::string& directory,
                                                            Options options);
  // Whether the journal holds the log of the views, and the records that they stand on. As Open.
  absl::Status CheckJournal();
  // For CheckFooting, which needs not to have the runner to itself.
  [[nodiscard]] Footing StandsOn() const;
  // Folds and writes nothing more: the log is not as it must be. Keeps the first `why`.
  void Stop(const absl::Status& why);

  // Records that are on their way to the facts, to be told of those that were folded. `awaited`
  // must outlive the pair of calls.
  void Await(Awaited& awaited) { awaited_.push_back(&awaited); }
  void Forget(Awaited& awaited) { std::erase(awaited_, &awaited); }

  // A view is called from the next batch on. `view` must outlive this.
  void Attach(DerivedView& view) { views_.push_back(&view); }
  // Makes the scores that deciding may read, over a snapshot's state.
  using ScoresFactory = std::function<std::unique_ptr<LockedScores>(
      Overlay& overlay, int64_t decisions_position, const std::vector<int64_t>& facts)>;
  void SetScores(ScoresFactory factory) { scores_factory_ = std::move(factory); }

  absl::Status CatchUp() override;
  absl::Status CatchUpDecisions(int64_t address) override;
  // Folds up to these ends, which Journal::Ends gave.
  absl::Status CatchUpTo(const std::vector<int64_t>& ends);
  absl::StatusOr<DecideSnapshot> Snapshot() override;
  // As Snapshot(), at an earlier decisions position and, where they are given, facts positions.
  absl::StatusOr<DecideSnapshot> SnapshotAt(int64_t position,
                                            std::optional<std::vector<int64_t>> facts = {});
  // The root of a facts partition at a folded position, or before its first.
  // NOT_FOUND when the position was not folded yet.
  absl::StatusOr<Hash32> FactsRootAt(int32_t partition, int64_t position);
  // The position of the last applied commit that wrote or touched the stream.
  std::optional<int64_t> LastChanged(std::string_view stream) {
    return decisions_.LastChanged(stream);
  }
  absl::StatusOr<std::optional<AppliedCommand>> FindApplied(const Hash32& commit_id) override;
  std::optional<Outcome> TakeOutcome(const std::string& writer, const std::string& command_id,
                                     int32_t attempt) override;
  // Where a folded record is read again.
  [[nodiscard]] Cursor CursorAt(PartitionId partition, int64_t position) const;
  [[nodiscard]] const LogIdentity& Identity() const override { return identity_; }

  [[nodiscard]] Moment Now() const;
  // The latest time that a folded record was recorded at.
  [[nodiscard]] Instant RecordedAt() const;
  // When the medium stamped the last record of the partition; 0 before one was read since opening.
  [[nodiscard]] Instant StampedAt(PartitionId partition) const {
    return stamped_at_[SlotOf(partition)];
  }
  // The last folded record of a partition, and the log keys that count after it.
  struct FoldedPartition {
    int64_t position = -1;
    Hash32 root;
    PartitionKeys keys;
  };
  [[nodiscard]] FoldedPartition Folded(PartitionId partition) const;
  [[nodiscard]] const DecisionsHead& Decisions() const { return decisions_head_; }
  [[nodiscard]] const std::vector<facts::PartitionHead>& Facts() const { return facts_heads_; }
  // Reads of rows; nothing is pending between calls.
  [[nodiscard]] Overlay& Rows() { return overlay_; }
  [[nodiscard]] Store& Tables() { return *store_; }
  // Whether these views were never yet at the end of their journal, however often they were opened.
  [[nodiscard]] bool IsFirstFold() const { return is_first_fold_; }
  // Writes rows that were changed outside of a fold: of the outbox, and names of this node. Nothing
  // while this one only reads.
  absl::Status WriteRows();
  // Why the disk of the views cannot be written or read any more; OK while it can. From then on
  // nothing is folded, and what was written can be read; who opens them again goes on behind it.
  [[nodiscard]] absl::Status Failure() const;
  // Why nothing is folded and written any more: the disk, or a log or rows that are not as they
  // must be.
  [[nodiscard]] absl::Status Broken() const;
  // This node has these log keys from now on.
  void UseLogKeys(LogKeys keys) { options_.log_keys = std::move(keys); }
  // How many records of the log no node of the company wrote.
  [[nodiscard]] int64_t ForeignRecords();
  // Void commits by verdict, since opening.
  [[nodiscard]] const std::map<Verdict, int64_t>& Verdicts() const { return verdicts_; }
  [[nodiscard]] const FoldTimes& Times() const { return times_; }

 private:
  Runner(Journal& journal, std::unique_ptr<Store> store, LogIdentity identity, Options options);

  // What stands in the store, and whether that goes with the journal.
  absl::Status Load();
  [[nodiscard]] absl::StatusOr<int64_t> RecordsBehind();
  absl::Status LoadHeads();
  void AnnounceKeys();
  // Whether there are keys now that there were not.
  bool ReloadKeys();
  // LOG_NOT_AUTHENTIC when the partition has another root where the key store names one.
  absl::Status CheckPinned(PartitionId partition, Cursor next, const Hash32& root) const;
  // Roots of facts that an applied commit of an authentic log states: those of folded positions are
  // compared, the others are kept until they are. DATA_LOSS where a root is another one.
  absl::Status TakeStated(const FoldedDecision& folded);
  absl::Status TakeStated(int32_t partition, int64_t position, const std::string& root,
                          int64_t decision);
  // Compares what is kept of the head's position.
  [[nodiscard]] absl::Status CheckStated(int32_t partition, const facts::PartitionHead& head) const;
  absl::Status LoadStated();
  void NoteForeign(const facts::Foreign& foreign);
  absl::Status CheckLastRecords();
  absl::Status FoldUpTo(const std::vector<int64_t>& ends);
  absl::Status FoldTo(const std::vector<int64_t>& ends);
  // A batch was not folded to its end: none of it, and nothing behind it, is to be written. A store
  // that cannot be read is another matter (Failure). Gives `why`.
  absl::Status Halt(const absl::Status& why);
  // After a failed write, or a fold that failed, rows and heads are those of the store again; gives
  // why, or else `done`.
  absl::Status FallBack(const absl::Status& done);
  // What was folded before the journal went away is written; gives `folded`.
  absl::Status Keep(const absl::Status& folded);
  void Count(const std::vector<StoredRecord>& records);
  absl::Status WriteWhenFull();
  absl::StatusOr<bool> FoldDecisions(int64_t end_address);
  // Records of one partition that are folded together.
  struct FactsBatch {
    int32_t partition = 0;
    std::vector<StoredRecord> records;
  };
  using FactsBatches = std::vector<FactsBatch>;
  // Folds a batch of each lane, beside each other in a replay; false when there was none.
  absl::StatusOr<bool> FoldFacts(const std::vector<int64_t>& ends);
  // The next batches, of different lanes: what was read ahead, or else read now.
  absl::StatusOr<FactsBatches> NextFacts(const std::vector<int64_t>& ends);
  absl::StatusOr<FactsBatches> ReadFacts(const std::vector<int64_t>& ends);
  // How many records to read there: up to the end of a window, behind which no row is looked for.
  [[nodiscard]] int32_t BatchAt(int64_t position) const;
  absl::Status FoldBatch(const FactsBatch& batch);
  // Behind how many of `records` something is compared, ascending.
  [[nodiscard]] std::vector<size_t> StopsIn(const FactsBatch& batch) const;
  absl::Status FoldPart(int32_t partition, std::span<const StoredRecord> records);
  absl::Status WriteBack();
  absl::Status NoteWritten();
  // While a replay folds on, its batch before is written by another thread; this waits for it.
  absl::Status FinishWriting();
  absl::Status EndReplay();
  [[nodiscard]] int64_t UnwrittenMax() const {
    return replays_ ? options_.replay_batch_records : options_.batch_records;
  }
  // Addresses may run ahead of positions: from which position on by how much.
  void NoteGaps(PartitionId partition, const std::vector<StoredRecord>& records);
  absl::Status LoadGaps();
  void PutHead(PartitionId partition, Cursor next, const Hash32& root, Instant recorded_at,
               const PartitionKeys& keys);

  Journal& journal_;
  std::unique_ptr<Store> store_;
  // False = what is folded stays in the overlay.
  bool writes_ = true;
  LogIdentity identity_;
  Options options_;
  Overlay overlay_;
  decisions::Projector decisions_;
  // A root that a decision states of a facts position that was not folded yet.
  struct StatedRoot {
    Hash32 root;
    int64_t decision = 0;
  };
  // By facts partition: by position.
  std::vector<std::map<int64_t, StatedRoot>> stated_;
  // By lane; a partition's lane is its number modulo theirs.
  std::deque<facts::Projector> facts_;
  DecisionsHead decisions_head_;
  std::vector<facts::PartitionHead> facts_heads_;
  // Of the decisions, then of each facts partition: the hash of the last record, and the head
  // position that the store has.
  std::vector<std::string> last_hashes_;
  // As they were announced.
  std::vector<PartitionKeys> announced_keys_;
  std::vector<int64_t> stored_heads_;
  // By slot.
  std::vector<Instant> stamped_at_;
  // By slot: address minus position, from each position at which that changes.
  std::vector<std::map<int64_t, int64_t>> gaps_;
  std::vector<DerivedView*> views_;
  std::vector<Awaited*> awaited_;
  ScoresFactory scores_factory_;
  std::map<std::tuple<std::string, std::string, int32_t>, Outcome> outcomes_;
  std::map<Verdict, int64_t> verdicts_;
  FoldTimes times_;
  // The store holds nothing but what was loaded since opening: the first catching up of new views.
  bool replays_ = false;
  bool is_first_fold_ = false;
  bool is_loading_ = false;
  int64_t unwritten_ = 0;
  int64_t unwritten_bytes_ = 0;
  int64_t folded_ = 0;
  int64_t expected_ = 0;
  // Rows are lost that the positions in memory count: nothing may be written any more.
  absl::Status write_failure_;
  // The log is not as it must be.
  absl::Status halted_;
  bool has_fallen_back_ = false;
  // Where each facts partition is read next, and which one of each lane; of the reading thread
  // while `ahead_` is valid.
  std::vector<Cursor> reading_;
  std::vector<size_t> turns_;
  // The threads end before what they use: their futures wait.
  std::future<absl::StatusOr<FactsBatches>> ahead_;
  std::future<absl::Status> writing_;
  std::future<void> destroying_;
};

}  // namespace assay
