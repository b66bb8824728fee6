#include "projections/runner/runner.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <sstream>
#include <thread>
#include <utility>

#include "engine/base/check.h"
#include "projections/decisions/query.h"

namespace assay {
namespace {

// A change of any key or row layout gets the next number; older views are wiped.
constexpr std::string_view kLayout = "5";
// In the view "meta" from when views are made until they were once folded to the journal's end.
constexpr std::string_view kFirstFold = "first-fold";
constexpr int64_t kReadBytesMax = 16 << 20;
// A record makes rows of several times its size, and two batches may be in memory.
constexpr int64_t kUnwrittenBytesMax = 64 << 20;

constexpr size_t kLanesMax = 4;
// With more, files are merged when all were loaded.
constexpr int64_t kLoadingBatches = 8;

// Threads fold in lanes, and each partition needs one lane.
size_t LanesOf(int32_t wanted, int32_t partitions) {
  const size_t lanes = wanted > 0
                           ? static_cast<size_t>(wanted)
                           : std::min<size_t>(std::thread::hardware_concurrency(), kLanesMax);
  return std::clamp<size_t>(lanes, 1, static_cast<size_t>(partitions));
}

// Adds the time of its life to `sum_us`.
class Stopwatch {
 public:
  explicit Stopwatch(int64_t& sum_us) : sum_us_(sum_us) {}
  ~Stopwatch() {
    sum_us_ +=
        std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Steady = std::chrono::steady_clock;
  int64_t& sum_us_;
  const Steady::time_point begin_ = Steady::now();
};

std::string HeadName(PartitionId partition) {
  return fmt::format("head/{}", NameOfPartition(partition));
}

std::string GapsName(size_t slot) { return fmt::format("gaps/{}", slot); }

std::string IdentityText(const LogIdentity& identity, const Journal& journal) {
  return fmt::format("{}\n{}\n{}\n{}", identity.company, identity.log_id, identity.facts_partitions,
                     journal.Identity());
}

absl::StatusOr<LogIdentity> ReadGenesis(Journal& journal, PartitionId partition) {
  ASSAY_ASSIGN_OR_RETURN(const auto records, journal.Read(partition, {}, 1, 1));
  if (records.empty()) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "the journal holds no company yet");
  }
  return IdentityOf(records.front().value, partition);
}

// The part of IdentityText that says which log it is.
std::optional<LogIdentity> IdentityIn(const std::string& text) {
  std::istringstream lines(text);
  LogIdentity identity;
  const bool is_whole = std::getline(lines, identity.company) &&
                        std::getline(lines, identity.log_id) && lines >> identity.facts_partitions;
  if (!is_whole || identity.facts_partitions < 1) return std::nullopt;
  return identity;
}

// Whether the store holds rows of this log in this layout; FAILED_PRECONDITION when of another log.
absl::StatusOr<bool> HoldsThisLog(const Store& store, const std::string& identity_text) {
  ASSAY_ASSIGN_OR_RETURN(const auto layout, store.Get(Table::kMeta, "layout"));
  if (!layout.has_value() || *layout != kLayout) return false;
  ASSAY_ASSIGN_OR_RETURN(const auto stored, store.Get(Table::kMeta, "identity"));
  if (stored.has_value() && *stored == identity_text) return true;
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "these views belong to another log: give them a directory of their own, or "
                    "delete them");
}

// Gives when it was stamped.
absl::StatusOr<Instant> CheckLastRecord(Journal& journal, PartitionId partition, Cursor next,
                                        const std::string& last_hash) {
  if (next.position == 0) return Instant();
  const Cursor last{next.position - 1, next.address - 1};
  ASSAY_ASSIGN_OR_RETURN(const auto records, journal.Read(partition, last, 1, 1));
  if (records.empty()) {
    return MakeStatus(
        absl::StatusCode::kDataLoss,
        "the views are ahead of the journal: {} ends before position {}. Records that "
        "were acknowledged are gone: restore the newest copy of the journal, and keep "
        "these views until you have it, since they prove that there was more",
        NameOfPartition(partition), last.position);
  }
  if (Sha256(records.front().value).View() == last_hash) return records.front().appended_at;
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{} position {} is not the record that was folded: the log diverged. Find out "
                    "why before `assay rebuild`",
                    NameOfPartition(partition), last.position);
}

// Gives their stamps, by slot.
absl::StatusOr<std::vector<Instant>> CheckLastRecordsOf(Journal& journal, const Footing& footing) {
  std::vector<Instant> stamped_at;
  for (size_t slot = 0; slot < footing.next.size(); ++slot) {
    const PartitionId partition =
        slot == 0 ? kDecisionsPartition : FactsPartition(static_cast<int32_t>(slot) - 1);
    ASSAY_ASSIGN_OR_RETURN(
        stamped_at.emplace_back(),
        CheckLastRecord(journal, partition, footing.next[slot], footing.last_hashes[slot]));
  }
  return stamped_at;
}

}  // namespace

absl::Status CheckFooting(Journal& journal, const Footing& footing) {
  ASSAY_ASSIGN_OR_RETURN(const LogIdentity identity, ReadIdentity(journal));
  if (identity != footing.identity) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "the journal begins with the Genesis of another log ({} of {})",
                      identity.log_id, identity.company);
  }
  return CheckLastRecordsOf(journal, footing).status();
}

absl::StatusOr<LogIdentity> ReadIdentity(Journal& journal) {
  ASSAY_ASSIGN_OR_RETURN(const LogIdentity identity, ReadGenesis(journal, kDecisionsPartition));
  for (int32_t i = 0; i < identity.facts_partitions; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const LogIdentity other, ReadGenesis(journal, FactsPartition(i)));
    if (other != identity) {
      return MakeStatus(absl::StatusCode::kDataLoss,
                        "facts partition {} begins with the Genesis of another log ({} of {})", i,
                        other.log_id, other.company);
    }
  }
  return identity;
}

Runner::Runner(Journal& journal, std::unique_ptr<Store> store, LogIdentity identity,
               Options options)
    : journal_(journal),
      store_(std::move(store)),
      identity_(std::move(identity)),
      options_(std::move(options)),
      overlay_(*store_, LanesOf(options_.lanes, identity_.facts_partitions)),
      decisions_(overlay_),
      facts_heads_(static_cast<size_t>(identity_.facts_partitions)),
      last_hashes_(static_cast<size_t>(identity_.facts_partitions) + 1),
      announced_keys_(last_hashes_.size()),
      stored_heads_(last_hashes_.size()),
      stamped_at_(last_hashes_.size()),
      gaps_(last_hashes_.size()) {
  const size_t lanes = LanesOf(options_.lanes, identity_.facts_partitions);
  for (size_t lane = 0; lane < lanes; ++lane)
    facts_.emplace_back(overlay_, lane, options_.log_keys);
}

absl::StatusOr<std::unique_ptr<Runner>> Runner::Open(Journal& journal, const std::string& directory,
                                                     Options options) {
  ASSAY_ASSIGN_OR_RETURN(LogIdentity identity, ReadIdentity(journal));
  const std::string identity_text = IdentityText(identity, journal);
  ASSAY_ASSIGN_OR_RETURN(auto store, Store::Open(directory));
  ASSAY_ASSIGN_OR_RETURN(const bool holds, HoldsThisLog(*store, identity_text));
  if (!holds) {
    store.reset();
    ASSAY_RETURN_IF_ERROR(Store::Destroy(directory));
    ASSAY_ASSIGN_OR_RETURN(store, Store::Open(directory));
    Batch batch(*store, Batch::Kind::kLoaded);
    // In their order.
    batch.Put(Table::kMeta, kFirstFold, "");
    batch.Put(Table::kMeta, "identity", identity_text);
    batch.Put(Table::kMeta, "layout", kLayout);
    ASSAY_RETURN_IF_ERROR(store->Write(batch));
  }
  std::unique_ptr<Runner> runner(
      new Runner(journal, std::move(store), std::move(identity), std::move(options)));
  ASSAY_RETURN_IF_ERROR(runner->Load());
  runner->replays_ =
      runner->Now() ==
      Moment{.decisions = -1, .facts = std::vector<int64_t>(runner->facts_heads_.size(), -1)};
  return runner;
}

absl::StatusOr<std::unique_ptr<Runner>> Runner::OpenToRead(Journal& journal,
                                                           const std::string& directory,
                                                           Options options) {
  ASSAY_ASSIGN_OR_RETURN(LogIdentity identity, ReadIdentity(journal));
  constexpr uintmax_t kAnyBytes = std::numeric_limits<uintmax_t>::max();
  auto store =
      Store::OpenToRead(directory, options.from_nothing ? kAnyBytes : Store::kLogBytesToRead);
  bool holds = false;
  if (store.ok()) {
    ASSAY_ASSIGN_OR_RETURN(holds, HoldsThisLog(**store, IdentityText(identity, journal)));
  } else if (!absl::IsNotFound(store.status())) {
    return store.status();
  }
  if (!holds) {
    if (!options.from_nothing) {
      return MakeStatus(absl::StatusCode::kResourceExhausted,
                        "{} holds no views of this version that could be read", directory);
    }
    ASSAY_ASSIGN_OR_RETURN(store, Store::OpenInMemory());
  }
  std::unique_ptr<Runner> runner(
      new Runner(journal, *std::move(store), std::move(identity), std::move(options)));
  runner->writes_ = false;
  ASSAY_RETURN_IF_ERROR(runner->Load());
  ASSAY_ASSIGN_OR_RETURN(const int64_t behind, runner->RecordsBehind());
  if (behind <= runner->options_.memory_records_max) return runner;
  return MakeStatus(absl::StatusCode::kResourceExhausted,
                    "the views in {} are {} records behind the log, and {} are folded in memory at "
                    "most",
                    directory, behind, runner->options_.memory_records_max);
}

absl::Status Runner::Load() {
  ASSAY_RETURN_IF_ERROR(LoadHeads());
  ASSAY_RETURN_IF_ERROR(LoadGaps());
  AnnounceKeys();
  return CheckLastRecords();
}

absl::StatusOr<int64_t> Runner::RecordsBehind() {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> ends, journal_.Ends());
  int64_t behind = ends[0] - decisions_head_.next.address;
  for (size_t i = 0; i < facts_heads_.size(); ++i) {
    behind += ends[i + 1] - facts_heads_[i].next.address;
  }
  return behind;
}

absl::StatusOr<std::unique_ptr<Runner>> Runner::OpenStored(Journal& journal,
                                                           const std::string& directory,
                                                           Options options) {
  const auto nothing = [&] {
    return MakeStatus(absl::StatusCode::kNotFound, "nothing was folded into {} yet", directory);
  };
  if (!std::filesystem::exists(directory)) return nothing();
  ASSAY_ASSIGN_OR_RETURN(auto store, Store::Open(directory));
  ASSAY_ASSIGN_OR_RETURN(const auto layout, store->Get(Table::kMeta, "layout"));
  ASSAY_ASSIGN_OR_RETURN(const auto stored, store->Get(Table::kMeta, "identity"));
  if (layout != kLayout || !stored.has_value()) return nothing();
  auto identity = IdentityIn(*stored);
  if (!identity.has_value()) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "the row identity in the view \"meta\" is damaged: run `assay rebuild`");
  }
  std::unique_ptr<Runner> runner(
      new Runner(journal, std::move(store), *std::move(identity), std::move(options)));
  ASSAY_RETURN_IF_ERROR(runner->LoadHeads());
  ASSAY_RETURN_IF_ERROR(runner->LoadGaps());
  runner->AnnounceKeys();
  if (runner->is_first_fold_) return nothing();
  return runner;
}

absl::Status Runner::CheckJournal() {
  ASSAY_ASSIGN_OR_RETURN(const LogIdentity identity, ReadIdentity(journal_));
  ASSAY_RETURN_IF_ERROR(HoldsThisLog(*store_, IdentityText(identity, journal_)).status());
  return CheckLastRecords();
}

absl::Status Runner::LoadHeads() {
  const auto load = [&](PartitionId partition, Cursor& next, Hash32& root, Instant& recorded_at,
                        std::string& last_hash, PartitionKeys& keys) -> absl::Status {
    ASSAY_ASSIGN_OR_RETURN(const auto value, store_->Get(Table::kMeta, HeadName(partition)));
    if (!value.has_value()) return absl::OkStatus();
    v1::PositionRow row;
    const auto parsed_root =
        row.ParseFromString(*value) ? Hash32::FromBytes(row.root()) : std::nullopt;
    if (!parsed_root.has_value()) {
      return MakeStatus(absl::StatusCode::kDataLoss,
                        "the row {} in the view \"meta\" is damaged: run `assay rebuild`",
                        HeadName(partition));
    }
    next = {row.next_position(), row.next_address()};
    root = *parsed_root;
    recorded_at = {row.recorded_ms()};
    last_hash = row.last_hash();
    keys.ids.assign(row.log_keys().begin(), row.log_keys().end());
    if (partition == kDecisionsPartition) decisions_head_.rules_version = row.rules_version();
    return absl::OkStatus();
  };
  ASSAY_RETURN_IF_ERROR(load(kDecisionsPartition, decisions_head_.next, decisions_head_.root,
                             decisions_head_.recorded_at, last_hashes_[0], decisions_head_.keys));
  for (size_t i = 0; i < facts_heads_.size(); ++i) {
    ASSAY_RETURN_IF_ERROR(load(FactsPartition(static_cast<int32_t>(i)), facts_heads_[i].next,
                               facts_heads_[i].root, facts_heads_[i].recorded_at,
                               last_hashes_[i + 1], facts_heads_[i].keys));
    facts_[i % facts_.size()].NoteStored(static_cast<int32_t>(i), facts_heads_[i].next.position);
  }
  ASSAY_ASSIGN_OR_RETURN(const auto first_fold, store_->Get(Table::kMeta, kFirstFold));
  is_first_fold_ = first_fold.has_value() || decisions_head_.next.position == 0;
  return LoadStated();
}

void Runner::AnnounceKeys() {
  const auto announce = [&](PartitionId partition, const PartitionKeys& keys) {
    PartitionKeys& announced = announced_keys_[SlotOf(partition)];
    if (keys == announced) return;
    announced = keys;
    if (options_.on_keys) options_.on_keys(identity_, partition, keys);
  };
  for (size_t slot = 0; slot < announced_keys_.size(); ++slot) {
    announce(PartitionOfSlot(slot), Folded(PartitionOfSlot(slot)).keys);
  }
}

absl::Status Runner::CheckPinned(PartitionId partition, Cursor next, const Hash32& root) const {
  const size_t slot = SlotOf(partition);
  if (slot >= options_.pinned.size() || !options_.pinned[slot].has_value()) return absl::OkStatus();
  const PinnedRoot& pinned = *options_.pinned[slot];
  if (next.position != pinned.position + 1 || root == pinned.root) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "LOG_NOT_AUTHENTIC: {} position {} is not what the key store says that this "
                    "company's log has there: its history was written anew",
                    NameOfPartition(partition), pinned.position);
}

absl::Status Runner::CheckLastRecords() {
  ASSAY_ASSIGN_OR_RETURN(stamped_at_, CheckLastRecordsOf(journal_, StandsOn()));
  return absl::OkStatus();
}

Footing Runner::StandsOn() const {
  Footing footing{
      .identity = identity_, .next = {decisions_head_.next}, .last_hashes = last_hashes_};
  for (const facts::PartitionHead& head : facts_heads_) footing.next.push_back(head.next);
  return footing;
}

void Runner::Stop(const absl::Status& why) {
  if (halted_.ok()) (void)FallBack(Halt(why));
}

absl::Status Runner::LoadGaps() {
  for (size_t slot = 0; slot < gaps_.size(); ++slot) {
    ASSAY_ASSIGN_OR_RETURN(const auto value, store_->Get(Table::kMeta, GapsName(slot)));
    if (!value.has_value()) continue;
    std::istringstream text(*value);
    int64_t position = 0;
    int64_t shift = 0;
    while (text >> position >> shift) gaps_[slot][position] = shift;
    if (!text.eof()) {
      return MakeStatus(absl::StatusCode::kDataLoss,
                        "the row {} in the view \"meta\" is damaged: run `assay rebuild`",
                        GapsName(slot));
    }
  }
  return absl::OkStatus();
}

void Runner::NoteGaps(PartitionId partition, const std::vector<StoredRecord>& records) {
  const size_t slot = SlotOf(partition);
  std::map<int64_t, int64_t>& gaps = gaps_[slot];
  int64_t shift = gaps.empty() ? 0 : gaps.rbegin()->second;
  bool has_changed = false;
  for (const StoredRecord& record : records) {
    if (record.address - record.position == shift) continue;
    shift = record.address - record.position;
    gaps[record.position] = shift;
    has_changed = true;
  }
  if (!has_changed) return;
  std::string text;
  for (const auto& [position, by] : gaps) text += fmt::format("{} {}\n", position, by);
  overlay_.Put(Table::kMeta, GapsName(slot), text);
}

Cursor Runner::CursorAt(PartitionId partition, int64_t position) const {
  const std::map<int64_t, int64_t>& gaps = gaps_[SlotOf(partition)];
  const auto after = gaps.upper_bound(position);
  return {position, position + (after == gaps.begin() ? 0 : std::prev(after)->second)};
}

absl::Status Runner::CatchUp() {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> ends, journal_.Ends());
  return CatchUpTo(ends);
}

absl::Status Runner::CatchUpTo(const std::vector<int64_t>& ends) {
  ASSAY_RETURN_IF_ERROR(Broken());
  return FallBack(FoldUpTo(ends));
}

absl::Status Runner::FoldUpTo(const std::vector<int64_t>& ends) {
  expected_ = ends[0] - decisions_head_.next.address;
  std::vector<int64_t> by_lane(facts_.size());
  for (size_t i = 0; i < facts_heads_.size(); ++i) {
    const int64_t records = ends[i + 1] - facts_heads_[i].next.address;
    expected_ += records;
    by_lane[i % by_lane.size()] += records;
  }
  folded_ = 0;
  for (size_t lane = 0; replays_ && lane < facts_.size(); ++lane) {
    facts_[lane].BeginReplay(by_lane[lane]);
  }
  if (replays_ && expected_ > kLoadingBatches * options_.replay_batch_records) {
    is_loading_ = true;
    ASSAY_RETURN_IF_ERROR(store_->SetLoading(true));
  }
  ASSAY_RETURN_IF_ERROR(Keep(FoldTo(ends)));
  {
    const Stopwatch stopwatch(times_.writing_us);
    ASSAY_RETURN_IF_ERROR(FinishWriting());
  }
  // Written along with whatever is written next: until then nothing came that is not old.
  if (std::exchange(is_first_fold_, false)) overlay_.Delete(Table::kMeta, std::string(kFirstFold));
  return EndReplay();
}

absl::Status Runner::Keep(const absl::Status& folded) {
  if (!folded.ok() && !absl::IsUnavailable(folded)) return folded;
  ASSAY_RETURN_IF_ERROR(WriteBack());
  return folded;
}

absl::Status Runner::FoldTo(const std::vector<int64_t>& ends) {
  ahead_ = {};
  reading_.clear();
  for (const facts::PartitionHead& head : facts_heads_) reading_.push_back(head.next);
  turns_.resize(facts_.size());
  std::iota(turns_.begin(), turns_.end(), size_t{0});
  bool more = true;
  while (more) {
    more = false;
    if (!options_.facts_first) {
      ASSAY_ASSIGN_OR_RETURN(const bool went_on, FoldDecisions(ends[0]));
      more = went_on;
    }
    ASSAY_ASSIGN_OR_RETURN(const bool went_on, FoldFacts(ends));
    more = more || went_on;
    if (options_.facts_first && !more) {
      ASSAY_ASSIGN_OR_RETURN(more, FoldDecisions(ends[0]));
    }
  }
  return absl::OkStatus();
}

absl::Status Runner::EndReplay() {
  replays_ = false;
  for (facts::Projector& lane : facts_) lane.EndReplay();
  return std::exchange(is_loading_, false) ? store_->SetLoading(false) : absl::OkStatus();
}

absl::Status Runner::CatchUpDecisions(int64_t address) {
  ASSAY_RETURN_IF_ERROR(FallBack(FinishWriting()));
  ASSAY_RETURN_IF_ERROR(EndReplay());
  for (;;) {
    const auto went_on = FoldDecisions(address);
    if (!went_on.ok() || !*went_on) return FallBack(Keep(went_on.status()));
  }
}

absl::Status Runner::Failure() const {
  if (!write_failure_.ok()) return write_failure_;
  return absl::IsUnavailable(overlay_.status()) ? overlay_.status() : absl::OkStatus();
}

absl::Status Runner::Broken() const { return write_failure_.ok() ? halted_ : write_failure_; }

absl::Status Runner::Halt(const absl::Status& why) {
  if (!absl::IsUnavailable(why)) halted_ = why;
  return why;
}

absl::Status Runner::FallBack(const absl::Status& done) {
  if (Broken().ok()) return done;
  if (std::exchange(has_fallen_back_, true)) return Broken();
  ahead_ = {};
  // Whole batches that are on their way are as good as written.
  (void)FinishWriting();
  unwritten_ = 0;
  unwritten_bytes_ = 0;
  overlay_.Drop();
  decisions_head_ = {};
  facts_heads_.assign(facts_heads_.size(), {});
  gaps_.assign(gaps_.size(), {});
  ASSAY_RETURN_IF_ERROR(LoadHeads());
  ASSAY_RETURN_IF_ERROR(LoadGaps());
  return Broken();
}

absl::StatusOr<bool> Runner::FoldDecisions(int64_t end_address) {
  if (decisions_head_.next.address >= end_address) return false;
  ASSAY_ASSIGN_OR_RETURN(const auto records,
                         journal_.Read(kDecisionsPartition, decisions_head_.next,
                                       options_.batch_records, kReadBytesMax));
  NoteGaps(kDecisionsPartition, records);
  for (const StoredRecord& record : records) {
    auto decided = FoldDecision(record, identity_, options_.log_keys, decisions_head_, decisions_);
    if (!decided.ok() && ReloadKeys()) {
      decided = FoldDecision(record, identity_, options_.log_keys, decisions_head_, decisions_);
    }
    if (!decided.ok()) return Halt(decided.status());
    const FoldedDecision& folded = *decided;
    last_hashes_[0] = folded.hash.ToString();
    stamped_at_[0] = record.appended_at;
    const absl::Status pinned =
        CheckPinned(kDecisionsPartition, decisions_head_.next, decisions_head_.root);
    if (!pinned.ok()) return Halt(pinned);
    ++verdicts_[folded.verdict];
    if (folded.verdict == Verdict::kForeign) {
      const facts::Foreign foreign{kDecisionsPartition, folded.position, folded.recorded_at,
                                   folded.hash};
      facts::PutForeign(foreign, overlay_);
      NoteForeign(foreign);
    }
    if (folded.commit.has_value() && folded.commit->writer() == options_.writer) {
      outcomes_[{folded.commit->writer(), folded.commit->command_id(), folded.commit->attempt()}] =
          {folded.position, folded.verdict};
    }
    if (folded.verdict != Verdict::kApplied) continue;
    for (DerivedView* view : views_) view->OnCommit(folded, overlay_);
    // Where the journal cannot be asked for older facts, `assay verify` compares them.
    const absl::Status stated = TakeStated(folded);
    if (absl::IsDataLoss(stated)) return Halt(stated);
  }
  AnnounceKeys();
  Count(records);
  ASSAY_RETURN_IF_ERROR(WriteWhenFull());
  return !records.empty();
}

absl::StatusOr<Runner::FactsBatches> Runner::NextFacts(const std::vector<int64_t>& ends) {
  const Stopwatch stopwatch(times_.reading_us);
  auto batches = ahead_.valid() ? ahead_.get() : ReadFacts(ends);
  if (replays_ && batches.ok() && !batches->empty()) {
    ahead_ = std::async(std::launch::async, [this, ends] { return ReadFacts(ends); });
  }
  return batches;
}

absl::StatusOr<Runner::FactsBatches> Runner::ReadFacts(const std::vector<int64_t>& ends) {
  FactsBatches batches;
  for (size_t lane = 0; lane < turns_.size(); ++lane) {
    size_t& turn = turns_[lane];
    bool found = false;
    for (size_t looked = lane; looked < reading_.size() && !found; looked += turns_.size()) {
      const size_t index =
          std::exchange(turn, turn + turns_.size() < reading_.size() ? turn + turns_.size() : lane);
      if (reading_[index].address >= ends[index + 1]) continue;
      const auto partition = static_cast<int32_t>(index);
      ASSAY_ASSIGN_OR_RETURN(auto records,
                             journal_.Read(FactsPartition(partition), reading_[index],
                                           BatchAt(reading_[index].position), kReadBytesMax));
      if (records.empty()) continue;
      reading_[index] = records.back().Next();
      batches.push_back({partition, std::move(records)});
      found = true;
    }
  }
  return batches;
}

int32_t Runner::BatchAt(int64_t position) const {
  const int64_t end = position + options_.batch_records;
  const int64_t whole = end / facts::kIntakesWindow * facts::kIntakesWindow - position;
  return whole > 0 ? static_cast<int32_t>(whole) : options_.batch_records;
}

absl::Status Runner::FoldBatch(const FactsBatch& batch) {
  const auto index = static_cast<size_t>(batch.partition);
  const PartitionId partition = FactsPartition(batch.partition);
  const facts::PartitionHead& head = facts_heads_[index];
  const std::vector<StoredRecord>& records = batch.records;
  const std::span<const StoredRecord> all(records);
  size_t done = 0;
  for (const size_t stop : StopsIn(batch)) {
    ASSAY_RETURN_IF_ERROR(FoldPart(batch.partition, all.subspan(done, stop - done)));
    ASSAY_RETURN_IF_ERROR(CheckPinned(partition, head.next, head.root));
    ASSAY_RETURN_IF_ERROR(CheckStated(batch.partition, head));
    done = stop;
  }
  ASSAY_RETURN_IF_ERROR(FoldPart(batch.partition, all.subspan(done)));
  last_hashes_[index + 1] = head.last_hash.ToString();
  stamped_at_[index + 1] = records.back().appended_at;
  for (Awaited* awaited : awaited_) awaited->Meet(batch.partition, records);
  return absl::OkStatus();
}

absl::StatusOr<bool> Runner::FoldFacts(const std::vector<int64_t>& ends) {
  ASSAY_ASSIGN_OR_RETURN(const FactsBatches batches, NextFacts(ends));
  if (batches.empty()) return false;
  std::optional<Stopwatch> stopwatch(std::in_place, times_.folding_us);
  std::vector<std::future<absl::Status>> lanes;
  for (const FactsBatch& batch : batches) {
    const bool is_beside = replays_ && &batch != &batches.back();
    lanes.push_back(std::async(is_beside ? std::launch::async : std::launch::deferred,
                               [this, &batch] { return FoldBatch(batch); }));
  }
  absl::Status status;
  for (auto lane = lanes.rbegin(); lane != lanes.rend(); ++lane) status.Update(lane->get());
  if (!status.ok()) return Halt(status);
  for (facts::Projector& lane : facts_) lane.PutShared();
  if (!overlay_.status().ok()) return Halt(overlay_.status());
  for (const FactsBatch& batch : batches) {
    NoteGaps(FactsPartition(batch.partition), batch.records);
    facts::Projector& lane = facts_[static_cast<size_t>(batch.partition) % facts_.size()];
    const facts::TouchedDays touched = lane.TakeTouched();
    const std::vector<facts::Refused> refused = lane.TakeRefused();
    for (const facts::Foreign& foreign : lane.TakeForeign()) NoteForeign(foreign);
    for (DerivedView* view : views_) view->OnFacts(touched, refused, overlay_);
  }
  AnnounceKeys();
  stopwatch.reset();
  for (const FactsBatch& batch : batches) Count(batch.records);
  ASSAY_RETURN_IF_ERROR(WriteWhenFull());
  return true;
}

void Runner::Count(const std::vector<StoredRecord>& records) {
  unwritten_ += static_cast<int64_t>(records.size());
  for (const StoredRecord& record : records) {
    unwritten_bytes_ += static_cast<int64_t>(record.value.size());
  }
}

absl::Status Runner::WriteWhenFull() {
  const bool is_full = unwritten_ >= UnwrittenMax() || unwritten_bytes_ >= kUnwrittenBytesMax;
  return is_full ? WriteBack() : absl::OkStatus();
}

absl::Status Runner::WriteBack() {
  if (unwritten_ == 0) return absl::OkStatus();
  const Stopwatch stopwatch(times_.writing_us);
  const Moment moment = Now();
  const Instant recorded_at = RecordedAt();
  for (DerivedView* view : views_) {
    const absl::Status finished = view->Finish(moment, recorded_at, overlay_);
    if (!finished.ok()) return Halt(finished);
  }
  if (!decisions_.status().ok()) return Halt(decisions_.status());
  PutHead(kDecisionsPartition, decisions_head_.next, decisions_head_.root,
          decisions_head_.recorded_at, decisions_head_.keys);
  for (size_t i = 0; i < facts_heads_.size(); ++i) {
    const facts::PartitionHead& head = facts_heads_[i];
    PutHead(FactsPartition(static_cast<int32_t>(i)), head.next, head.root, head.recorded_at,
            head.keys);
  }
  ASSAY_RETURN_IF_ERROR(overlay_.status());
  if (!writes_) return NoteWritten();
  ASSAY_RETURN_IF_ERROR(FinishWriting());
  overlay_.Freeze([this] { return FinishWriting(); });
  for (size_t i = 0; i < facts_heads_.size(); ++i) {
    facts_[i % facts_.size()].NoteStored(static_cast<int32_t>(i), facts_heads_[i].next.position);
  }
  const auto write = [this, kind = replays_ ? Batch::Kind::kLoaded : Batch::Kind::kLogged] {
    Batch batch(*store_, kind);
    overlay_.DrainFrozen(batch);
    return store_->Write(batch);
  };
  writing_ = std::async(replays_ ? std::launch::async : std::launch::deferred, write);
  if (!replays_) ASSAY_RETURN_IF_ERROR(FinishWriting());
  return NoteWritten();
}

absl::Status Runner::NoteWritten() {
  folded_ += std::exchange(unwritten_, 0);
  unwritten_bytes_ = 0;
  if (options_.progress) options_.progress(folded_, expected_);
  return absl::OkStatus();
}

absl::Status Runner::FinishWriting() {
  if (!writing_.valid()) return write_failure_;
  write_failure_ = writing_.get();
  if (write_failure_.ok()) {
    auto thawed = overlay_.Thaw();
    if (replays_) {
      destroying_ =
          std::async(std::launch::async, [rows = std::move(thawed)]() mutable { rows = {}; });
    }
  }
  return write_failure_;
}

void Runner::PutHead(PartitionId partition, Cursor next, const Hash32& root, Instant recorded_at,
                     const PartitionKeys& keys) {
  const size_t slot = SlotOf(partition);
  if (next.position == stored_heads_[slot]) return;
  stored_heads_[slot] = next.position;
  v1::PositionRow row;
  row.set_next_position(next.position);
  row.set_next_address(next.address);
  row.set_root(root.ToString());
  row.set_recorded_ms(recorded_at.ms);
  row.set_last_hash(last_hashes_[slot]);
  for (const std::string& id : keys.ids) row.add_log_keys(id);
  if (partition == kDecisionsPartition) row.set_rules_version(decisions_head_.rules_version);
  overlay_.Put(Table::kMeta, HeadName(partition), row.SerializeAsString());
}

Moment Runner::Now() const {
  Moment moment{.decisions = decisions_head_.next.position - 1};
  for (const facts::PartitionHead& head : facts_heads_) {
    moment.facts.push_back(head.next.position - 1);
  }
  return moment;
}

Instant Runner::RecordedAt() const {
  Instant last = decisions_head_.recorded_at;
  for (const facts::PartitionHead& head : facts_heads_) last = std::max(last, head.recorded_at);
  return last;
}

absl::Status Runner::WriteRows() {
  ASSAY_RETURN_IF_ERROR(Broken());
  ASSAY_RETURN_IF_ERROR(FallBack(FinishWriting()));
  ASSAY_RETURN_IF_ERROR(FallBack(WriteBack()));
  ASSAY_RETURN_IF_ERROR(FallBack(FinishWriting()));
  ASSAY_RETURN_IF_ERROR(EndReplay());
  ASSAY_RETURN_IF_ERROR(overlay_.status());
  if (!writes_) return absl::OkStatus();
  Batch batch(*store_);
  overlay_.Drain(batch);
  write_failure_ = store_->Write(batch);
  return FallBack(write_failure_);
}

absl::StatusOr<DecideSnapshot> Runner::Snapshot() {
  return SnapshotAt(decisions_head_.next.position - 1);
}

absl::StatusOr<DecideSnapshot> Runner::SnapshotAt(int64_t position,
                                                  std::optional<std::vector<int64_t>> facts) {
  const auto mark = decisions::MarkOf(overlay_, position);
  ASSAY_RETURN_IF_ERROR(overlay_.status());
  if (!mark.has_value()) {
    return MakeStatus(absl::StatusCode::kNotFound, "there is no decisions position {}", position);
  }
  ASSAY_INVARIANT(scores_factory_ != nullptr, "a snapshot was asked for before SetScores");
  if (!facts.has_value()) facts = Now().facts;
  auto scores = scores_factory_(overlay_, position, *facts);
  return DecideSnapshot{.position = position,
                        .root = mark->root,
                        .recorded_at = mark->recorded_at,
                        .rules_version = RulesVersionAt(decisions_head_),
                        .facts = *std::move(facts),
                        .state = std::make_unique<decisions::StateAt>(overlay_, position),
                        .scores = std::move(scores)};
}

absl::StatusOr<std::optional<AppliedCommand>> Runner::FindApplied(const Hash32& commit_id) {
  auto applied = decisions_.FindApplied(commit_id);
  ASSAY_RETURN_IF_ERROR(decisions_.status());
  return applied;
}

std::optional<Replica::Outcome> Runner::TakeOutcome(const std::string& writer,
                                                    const std::string& command_id,
                                                    int32_t attempt) {
  auto found = outcomes_.extract({writer, command_id, attempt});
  if (found.empty()) return std::nullopt;
  return found.mapped();
}

}  // namespace assay
