#include "connectors/embedded/embedded_journal.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "connectors/embedded/journal_recovery.h"
#include "connectors/embedded/random_bytes.h"
#include "connectors/embedded/rocksdb_status.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/base/storage_fault.h"

namespace assay {
namespace {

// A group is written in one go while others queue: large enough to make the syncs cheap.
constexpr size_t kGroupBytesMax = 8 << 20;
// Each keeps old table files from being deleted, so there are only a few.
constexpr size_t kLanesMax = 16;
// `records_max` is a wish; the bytes usually end a page first.
constexpr int64_t kReserveMax = 1024;
constexpr size_t kIdBytes = 16;

}  // namespace

// Why the journal stopped, once it did.
struct EmbeddedJournal::Fault {
  std::atomic<bool> stopped = false;
  std::mutex mutex;
  // The first reason stays.
  absl::Status reason;

  void Stop(const absl::Status& why) {
    const std::lock_guard lock(mutex);
    if (stopped) return;
    reason = why;
    stopped = true;
  }
};

// A flush or compaction that fails stops the journal at once, not only at the next write.
class EmbeddedJournal::FaultListener final : public rocksdb::EventListener {
 public:
  explicit FaultListener(std::shared_ptr<Fault> fault) : fault_(std::move(fault)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    fault_->Stop(
        MakeStatus(absl::StatusCode::kUnavailable, "{}", StorageFaultWords(status->ToString())));
  }

 private:
  const std::shared_ptr<Fault> fault_;
};

struct EmbeddedJournal::Request {
  PartitionId partition;
  // Either values to stamp or copies that are stamped.
  std::span<const std::string> values;
  std::span<const StoredRecord> copies;

  bool done = false;
  absl::Status answer;
  std::condition_variable turn;

  [[nodiscard]] bool Empty() const { return values.empty() && copies.empty(); }
  [[nodiscard]] size_t Bytes() const {
    size_t bytes = 0;
    for (const std::string& value : values) bytes += value.size();
    for (const StoredRecord& copy : copies) bytes += copy.value.size();
    return bytes;
  }
};

// An open scan of one partition. It sees the records before `visible_end`, whatever was appended
// since: records never change.
struct EmbeddedJournal::Lane {
  PartitionId partition;
  int64_t next = 0;
  int64_t visible_end = 0;
  std::unique_ptr<rocksdb::Iterator> rows;

  absl::StatusOr<StoredRecord> Take();
};

absl::StatusOr<StoredRecord> EmbeddedJournal::Lane::Take() {
  const auto lost = [this](std::string_view what) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{} position {}: {}", PartitionName(partition),
                      next, what);
  };
  if (!rows->status().ok()) {
    return Annotate(FromRocksdb(rows->status(), "read"),
                    fmt::format("{} position {}", PartitionName(partition), next));
  }
  if (!rows->Valid() || rows->key() != rocksdb::Slice(RecordKey(partition, next))) {
    return lost("the record is missing");
  }
  const auto view = DecodeRecord(rows->value().ToStringView());
  if (!view) return lost("the record cannot be read");
  StoredRecord record{.position = next,
                      .address = next,
                      .appended_at = {view->ms},
                      .value = std::string(view->bytes)};
  ++next;
  // Behind the last visible record there is nothing of this partition to prepare for.
  if (next < visible_end) rows->Next();
  return record;
}

EmbeddedJournal::EmbeddedJournal(std::string dir, const Options& options,
                                 std::shared_ptr<Fault> fault, std::unique_ptr<rocksdb::DB> db,
                                 std::unique_ptr<EndMarkFile> mark_file, EndMark mark)
    : dir_(std::move(dir)),
      options_(options),
      fault_(std::move(fault)),
      db_(std::move(db)),
      mark_file_(std::move(mark_file)),
      files_(options.env == nullptr && !options.read_only
                 ? std::make_unique<JournalFiles>(dir_, *db_)
                 : nullptr),
      identity_(mark.identity),
      mark_(std::move(mark)),
      ends_(mark_.tails.size()) {
  for (size_t slot = 0; slot < ends_.size(); ++slot) ends_[slot] = mark_.tails[slot].end;
}

EmbeddedJournal::~EmbeddedJournal() = default;

absl::StatusOr<std::unique_ptr<EmbeddedJournal>> EmbeddedJournal::Create(const std::string& dir,
                                                                         int32_t facts_partitions,
                                                                         const Options& options) {
  if (facts_partitions < 1 || facts_partitions > limits::kFactsPartitionsMax) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "a journal has 1 to {} facts partitions, not {}", limits::kFactsPartitionsMax,
                      facts_partitions);
  }
  ASSAY_ASSIGN_OR_RETURN(const std::string id, RandomBytes(kIdBytes));
  const JournalPlace place{.dir = dir, .env = options.env ? options.env : rocksdb::Env::Default()};
  ASSAY_RETURN_IF_ERROR(CreateJournalDirectory(place, {facts_partitions, id}));
  return Open(dir, options);
}

absl::StatusOr<std::unique_ptr<EmbeddedJournal>> EmbeddedJournal::Open(const std::string& dir,
                                                                       const Options& options) {
  ASSAY_REQUIRE(options.read_only || options.clock != nullptr, "no clock for {}", dir);
  const auto fault = std::make_shared<Fault>();
  const JournalPlace place{.dir = dir,
                           .env = options.env ? options.env : rocksdb::Env::Default(),
                           .read_only = options.read_only,
                           .sync = options.sync,
                           .listener = std::make_shared<FaultListener>(fault)};
  ASSAY_ASSIGN_OR_RETURN(OpenedJournal opened, OpenJournalDirectory(place));
  return std::unique_ptr<EmbeddedJournal>(
      new EmbeddedJournal(dir, options, fault, std::move(opened.db), std::move(opened.mark_file),
                          std::move(opened.mark)));
}

absl::Status EmbeddedJournal::Stopped() const {
  const std::lock_guard lock(fault_->mutex);
  if (absl::IsDataLoss(fault_->reason)) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "the journal in {} was changed by another hand while it was in use ({}): "
                      "nothing more is acknowledged; restore it from a copy",
                      dir_, MessageOf(fault_->reason));
  }
  return MakeStatus(absl::StatusCode::kUnavailable,
                    "the journal in {} stopped after an error of the disk ({}); what was being "
                    "appended may or may not be there: open it again to find out",
                    dir_, MessageOf(fault_->reason));
}

absl::Status EmbeddedJournal::CheckUsable(PartitionId partition) const {
  if (fault_->stopped) return Stopped();
  const bool known = partition.kind == PartitionId::Kind::kDecisions
                         ? partition.index == 0
                         : partition.index >= 0 && partition.index < identity_.facts_partitions;
  if (known) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    "the journal in {} has no partition {}: it has {} of facts", dir_,
                    PartitionName(partition), identity_.facts_partitions);
}

absl::Status EmbeddedJournal::Append(PartitionId partition, std::span<const std::string> values) {
  Request request{.partition = partition, .values = values};
  return Submit(request);
}

absl::Status EmbeddedJournal::AppendCopies(PartitionId partition,
                                           std::span<const StoredRecord> records) {
  Request request{.partition = partition, .copies = records};
  return Submit(request);
}

absl::Status EmbeddedJournal::Submit(Request& request) {
  ASSAY_RETURN_IF_ERROR(CheckUsable(request.partition));
  if (options_.read_only) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the journal in {} is open to be read only", dir_);
  }
  if (request.Empty()) return absl::OkStatus();
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&request);
  request.turn.wait(lock, [&] { return request.done || queue_.front() == &request; });
  if (request.done) return request.answer;

  const std::vector<Request*> group = TakeGroup();
  lock.unlock();
  CommitGroup(group);
  lock.lock();
  for (Request* answered : group) {
    queue_.pop_front();
    answered->done = true;
    if (answered != &request) answered->turn.notify_one();
  }
  if (!queue_.empty()) queue_.front()->turn.notify_one();
  return request.answer;
}

std::vector<EmbeddedJournal::Request*> EmbeddedJournal::TakeGroup() const {
  std::vector<Request*> group;
  size_t bytes = 0;
  for (Request* request : queue_) {
    bytes += request->Bytes();
    if (!group.empty() && bytes > kGroupBytesMax) break;
    group.push_back(request);
  }
  return group;
}

void EmbeddedJournal::CommitGroup(const std::vector<Request*>& group) {
  EndMark next = mark_;
  rocksdb::WriteBatch batch;
  const int64_t now_ms = options_.clock->Now().ms;
  for (Request* request : group) request->answer = Stage(*request, now_ms, next, batch);
  if (batch.Count() == 0) return;
  ++next.sequence;
  const absl::Status persisted = Persist(batch, next);
  if (persisted.ok()) {
    const std::lock_guard lock(mark_mutex_);
    mark_ = std::move(next);
    for (size_t slot = 0; slot < ends_.size(); ++slot) ends_[slot] = mark_.tails[slot].end;
    return;
  }
  for (Request* request : group) {
    if (request->answer.ok()) request->answer = persisted;
  }
}

absl::Status EmbeddedJournal::Stage(const Request& request, int64_t now_ms, EndMark& next,
                                    rocksdb::WriteBatch& batch) const {
  Tail& tail = next.tails[SlotOf(request.partition)];
  int64_t position = tail.end;
  int64_t last_ms = tail.last_ms;
  for (const StoredRecord& copy : request.copies) {
    if (copy.position != position || copy.appended_at.ms < last_ms) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        "a copy of position {} does not continue {}, which goes on at {}",
                        copy.position, PartitionName(request.partition), position);
    }
    ++position;
    last_ms = copy.appended_at.ms;
  }
  const auto put = [&](int64_t ms, std::string_view bytes) {
    const std::string key = RecordKey(request.partition, tail.end);
    tail = Chained(tail, ms, bytes);
    const auto header = RecordHeader(tail);
    const rocksdb::Slice key_part(key);
    const rocksdb::Slice value_parts[] = {{header.data(), header.size()},
                                          {bytes.data(), bytes.size()}};
    batch.Put(rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(value_parts, 2));
  };
  for (const std::string& value : request.values) put(std::max(now_ms, tail.last_ms), value);
  for (const StoredRecord& copy : request.copies) put(copy.appended_at.ms, copy.value);
  return absl::OkStatus();
}

absl::Status EmbeddedJournal::Persist(rocksdb::WriteBatch& batch, const EndMark& next) {
  for (size_t slot = 0; slot < next.tails.size(); ++slot) {
    if (next.tails[slot].end == mark_.tails[slot].end) continue;
    std::string row;
    AppendTail(row, next.tails[slot]);
    batch.Put(TailKey(PartitionOfSlot(slot)), row);
  }
  // A queue may still drain into a journal that has stopped.
  if (fault_->stopped) return Stopped();
  // Before the log is written to, which hides that it was cut, and the mark's other slot.
  absl::Status status = CheckFiles(mark_);
  rocksdb::WriteOptions options;
  options.sync = options_.sync;
  if (status.ok()) status = FromRocksdb(db_->Write(options, &batch), "append");
  if (status.ok()) status = mark_file_->Write(next, options_.sync);
  if (status.ok()) status = CheckFiles(next);
  if (status.ok()) return status;
  fault_->Stop(status);
  return Stopped();
}

absl::Status EmbeddedJournal::CheckFiles(const EndMark& written) {
  if (files_ == nullptr) return absl::OkStatus();
  ASSAY_RETURN_IF_ERROR(files_->CheckWritten());
  return mark_file_->CheckHas(written);
}

absl::StatusOr<std::string> EmbeddedJournal::CheckMedium() {
  if (fault_->stopped) return Stopped();
  if (files_ == nullptr) return std::string();
  absl::Status status = files_->CheckAll();
  if (status.ok()) {
    const std::lock_guard lock(mark_mutex_);
    status = mark_file_->CheckHas(mark_);
  }
  if (status.ok()) return std::string();
  // What cannot be looked at just now, for want of descriptors, stops nothing.
  if (!absl::IsDataLoss(status)) return status;
  fault_->Stop(status);
  return Stopped();
}

absl::StatusOr<std::vector<StoredRecord>> EmbeddedJournal::Read(PartitionId partition, Cursor from,
                                                                int32_t records_max,
                                                                int64_t bytes_max) {
  ASSAY_RETURN_IF_ERROR(CheckUsable(partition));
  ASSAY_REQUIRE(from.position >= 0, "position {}", from.position);
  const int64_t end = ends_[SlotOf(partition)];
  if (from.position > end) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} position {}: the log ends before it, at {}; records that were there are "
                      "missing",
                      PartitionName(partition), from.position, end);
  }
  std::vector<StoredRecord> records;
  if (from.position == end || records_max <= 0) return records;
  const int64_t expected = std::min<int64_t>(records_max, end - from.position);
  records.reserve(static_cast<size_t>(std::min(expected, kReserveMax)));
  std::unique_ptr<Lane> lane = TakeLane(partition, from.position);
  int64_t bytes = 0;
  do {
    if (lane->next >= lane->visible_end) lane = NewLane(partition, lane->next);
    ASSAY_ASSIGN_OR_RETURN(StoredRecord record, lane->Take());
    bytes += static_cast<int64_t>(record.value.size());
    records.push_back(std::move(record));
  } while (std::ssize(records) < records_max && bytes < bytes_max && lane->next < end);
  if (lane->next < lane->visible_end) KeepLane(std::move(lane));
  return records;
}

std::unique_ptr<EmbeddedJournal::Lane> EmbeddedJournal::TakeLane(PartitionId partition,
                                                                 int64_t position) {
  {
    const std::lock_guard lock(lanes_mutex_);
    const auto found = std::find_if(lanes_.begin(), lanes_.end(), [&](const auto& lane) {
      return lane->partition == partition && lane->next == position;
    });
    if (found != lanes_.end()) {
      std::unique_ptr<Lane> lane = std::move(*found);
      lanes_.erase(found);
      return lane;
    }
  }
  return NewLane(partition, position);
}

std::unique_ptr<EmbeddedJournal::Lane> EmbeddedJournal::NewLane(PartitionId partition,
                                                                int64_t position) const {
  auto lane = std::make_unique<Lane>(Lane{.partition = partition, .next = position});
  // Before the iterator is made: then it sees all of them.
  lane->visible_end = ends_[SlotOf(partition)];
  lane->rows.reset(db_->NewIterator(JournalReadOptions()));
  lane->rows->Seek(RecordKey(partition, position));
  return lane;
}

void EmbeddedJournal::KeepLane(std::unique_ptr<Lane> lane) {
  const std::lock_guard lock(lanes_mutex_);
  lanes_.push_front(std::move(lane));
  if (lanes_.size() > kLanesMax) lanes_.pop_back();
}

absl::StatusOr<int64_t> EmbeddedJournal::End(PartitionId partition) {
  ASSAY_RETURN_IF_ERROR(CheckUsable(partition));
  return ends_[SlotOf(partition)].load();
}

int64_t EmbeddedJournal::KnownEnd(PartitionId partition) { return ends_[SlotOf(partition)].load(); }

std::string EmbeddedJournal::Identity() const { return "embedded:" + ToHex(identity_.id); }

int32_t EmbeddedJournal::FactsPartitions() const { return identity_.facts_partitions; }

absl::Status EmbeddedJournal::EndMarkStatus() const {
  if (!mark_file_->OneSlotWasDamaged()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{}/END: one of its two slots is damaged, by a loss of power while it was "
                    "written or by another hand; by the other slot no record is missing, and the "
                    "next two appends write both anew",
                    dir_);
}

absl::Status EmbeddedJournal::VerifyChain() {
  std::vector<Tail> tails;
  {
    const std::lock_guard lock(mark_mutex_);
    tails = mark_.tails;
  }
  for (size_t slot = 0; slot < tails.size(); ++slot) {
    const PartitionId partition = PartitionOfSlot(slot);
    ASSAY_RETURN_IF_ERROR(CheckUsable(partition));
    ASSAY_ASSIGN_OR_RETURN(const Tail chained,
                           ChainRecords(*db_, partition, Tail(), tails[slot].end));
    // Each record's tag fitted: what differs can only be the last one.
    if (chained != tails[slot]) {
      return MakeStatus(absl::StatusCode::kDataLoss,
                        "{} position {}: the record is not the one that was appended",
                        PartitionName(partition), chained.end - 1);
    }
  }
  return absl::OkStatus();
}

}  // namespace assay
