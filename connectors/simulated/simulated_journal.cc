#include "connectors/simulated/simulated_journal.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "engine/base/check.h"

namespace assay {
namespace {

// How far apart the addresses of two neighbours may be.
constexpr int64_t kAddressGapMax = 3;
// Within a late batch, ticks from one value to the next.
constexpr int64_t kTicksBetweenValues = 2;

absl::Status Unknown(std::string_view why) {
  return MakeStatus(absl::StatusCode::kDeadlineExceeded, "outcome unknown: {}", why);
}

}  // namespace

Instant SimulatedClock::Now() {
  const std::lock_guard lock(mutex_);
  return now_;
}

void SimulatedClock::Advance(int64_t ms) {
  ASSAY_REQUIRE(ms >= 0, "{} ms", ms);
  const std::lock_guard lock(mutex_);
  now_.ms += ms;
}

SimulatedJournal::SimulatedJournal(const Options& options)
    : options_(options),
      clock_(options.start),
      random_(options.seed),
      logs_(static_cast<size_t>(options.facts_partitions) + 1),
      crashed_(1, false) {
  const SimulatedFaults& faults = options.faults;
  const int sum = faults.delayed + faults.duplicated + faults.acknowledgement_lost + faults.failed +
                  faults.late + faults.cut;
  ASSAY_REQUIRE(sum <= 1000, "faults in {} of a thousand appends", sum);
}

SimulatedJournal::~SimulatedJournal() = default;

std::unique_ptr<SimulatedJournal::Writer> SimulatedJournal::Connect() {
  const std::lock_guard lock(mutex_);
  crashed_.push_back(false);
  return std::unique_ptr<Writer>(new Writer(*this, static_cast<int>(crashed_.size()) - 1));
}

absl::Status SimulatedJournal::Append(PartitionId partition, std::span<const std::string> values) {
  return AppendAs(0, partition, values);
}

absl::Status SimulatedJournal::AppendAs(int writer, PartitionId partition,
                                        std::span<const std::string> values) {
  std::unique_lock lock(mutex_);
  ASSAY_RETURN_IF_ERROR(CheckCall(writer, partition));
  Tick();
  if (values.empty()) return absl::OkStatus();
  const Fate fate = DrawFate();
  if (fate != Fate::kDelayed) return Meet(fate, writer, partition, values);
  for (const std::string& value : values) {
    LandOldest(static_cast<size_t>(Draw(std::ssize(late_))));
    // Threads of other writers may come in between as well.
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
    Land(partition, value);
  }
  return absl::OkStatus();
}

absl::Status SimulatedJournal::Meet(Fate fate, int writer, PartitionId partition,
                                    std::span<const std::string> values) {
  if (fate == Fate::kFailed) {
    return MakeStatus(absl::StatusCode::kUnavailable, "outcome unknown: the broker is not there");
  }
  const bool is_partial = fate == Fate::kLate || fate == Fate::kCut;
  // At least one value of these does not land now.
  const size_t now_count =
      is_partial ? static_cast<size_t>(Draw(std::ssize(values) - 1)) : values.size();
  for (const std::string& value : values.first(now_count)) Land(partition, value);
  switch (fate) {
    case Fate::kDuplicated:
      if (Draw(1) == 0) {
        for (const std::string& value : values) Land(partition, value);
      } else {
        Postpone(writer, partition, values);
      }
      return absl::OkStatus();
    case Fate::kLate:
      Postpone(writer, partition, values.subspan(now_count));
      return Unknown("the acknowledgement did not come in time");
    case Fate::kCut:
      return Unknown("the broker went away in the middle");
    case Fate::kLost:
      return Unknown("the acknowledgement was lost");
    default:
      return absl::OkStatus();
  }
}

SimulatedJournal::Fate SimulatedJournal::DrawFate() {
  const SimulatedFaults& faults = options_.faults;
  const std::pair<int, Fate> shares[] = {
      {faults.delayed, Fate::kDelayed},
      {faults.duplicated, Fate::kDuplicated},
      {faults.acknowledgement_lost, Fate::kLost},
      {faults.failed, Fate::kFailed},
      {faults.late, Fate::kLate},
      {faults.cut, Fate::kCut},
  };
  int64_t left = Draw(999);
  for (const auto& [share, fate] : shares) {
    if (left < share) return fate;
    left -= share;
  }
  return Fate::kGood;
}

int64_t SimulatedJournal::Draw(int64_t limit) {
  // Not a distribution of the standard library: those differ between its implementations.
  return static_cast<int64_t>(random_() % (static_cast<uint64_t>(limit) + 1));
}

void SimulatedJournal::Tick() {
  ++tick_;
  clock_.Advance(options_.tick_ms);
  const auto is_waiting = [this](const Late& late) { return late.due_tick > tick_; };
  for (Late& late : late_) {
    if (!is_waiting(late)) Land(late.partition, std::move(late.value));
  }
  std::erase_if(late_, [&](const Late& late) { return !is_waiting(late); });
}

void SimulatedJournal::Land(PartitionId partition, std::string value) {
  std::vector<StoredRecord>& log = logs_[SlotOf(partition)];
  int64_t address = log.empty() ? 0 : log.back().address + 1;
  if (options_.address_gaps) address += Draw(kAddressGapMax - 1);
  log.push_back({.position = std::ssize(log),
                 .address = address,
                 .appended_at = clock_.Now(),
                 .value = std::move(value)});
}

void SimulatedJournal::LandOldest(size_t count) {
  const auto end = late_.begin() + static_cast<std::ptrdiff_t>(count);
  std::for_each(late_.begin(), end,
                [this](Late& late) { Land(late.partition, std::move(late.value)); });
  late_.erase(late_.begin(), end);
}

void SimulatedJournal::Postpone(int writer, PartitionId partition,
                                std::span<const std::string> values) {
  int64_t due_tick = tick_ + 1 + Draw(options_.late_ticks_max);
  for (const std::string& value : values) {
    late_.push_back({writer, partition, value, due_tick});
    due_tick += Draw(kTicksBetweenValues);
  }
}

void SimulatedJournal::Settle() {
  const std::lock_guard lock(mutex_);
  LandOldest(late_.size());
}

size_t SimulatedJournal::LateRecords() {
  const std::lock_guard lock(mutex_);
  return late_.size();
}

void SimulatedJournal::CrashWriter(int writer) {
  const std::lock_guard lock(mutex_);
  crashed_[static_cast<size_t>(writer)] = true;
  std::erase_if(late_, [&](const Late& late) { return late.writer == writer && Draw(1) == 0; });
}

absl::Status SimulatedJournal::CheckCall(int writer, PartitionId partition) const {
  if (crashed_[static_cast<size_t>(writer)]) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the process has crashed");
  }
  const bool is_known = partition.kind == PartitionId::Kind::kDecisions
                            ? partition.index == 0
                            : partition.index >= 0 && partition.index < options_.facts_partitions;
  if (is_known) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument, "there is no such partition: {}",
                    partition.index);
}

absl::StatusOr<std::vector<StoredRecord>> SimulatedJournal::ReadAs(int writer,
                                                                   PartitionId partition,
                                                                   Cursor from, int32_t records_max,
                                                                   int64_t bytes_max) {
  const std::lock_guard lock(mutex_);
  ASSAY_RETURN_IF_ERROR(CheckCall(writer, partition));
  Tick();
  const std::vector<StoredRecord>& log = logs_[SlotOf(partition)];
  // As a broker does it: by address, and what is found there is counted on from the position.
  auto record = std::lower_bound(
      log.begin(), log.end(), from.address,
      [](const StoredRecord& stored, int64_t address) { return stored.address < address; });
  if (record - log.begin() != from.position) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "position {}: the records from address {} on are other ones", from.position,
                      from.address);
  }
  std::vector<StoredRecord> records;
  for (int64_t bytes = 0;
       record != log.end() && std::ssize(records) < records_max && bytes < bytes_max; ++record) {
    bytes += std::ssize(record->value);
    records.push_back(*record);
  }
  return records;
}

absl::StatusOr<std::vector<StoredRecord>> SimulatedJournal::Read(PartitionId partition, Cursor from,
                                                                 int32_t records_max,
                                                                 int64_t bytes_max) {
  return ReadAs(0, partition, from, records_max, bytes_max);
}

absl::StatusOr<int64_t> SimulatedJournal::EndAs(int writer, PartitionId partition) {
  const std::lock_guard lock(mutex_);
  ASSAY_RETURN_IF_ERROR(CheckCall(writer, partition));
  Tick();
  const std::vector<StoredRecord>& log = logs_[SlotOf(partition)];
  return log.empty() ? 0 : log.back().address + 1;
}

absl::StatusOr<int64_t> SimulatedJournal::End(PartitionId partition) { return EndAs(0, partition); }

int64_t SimulatedJournal::KnownEnd(PartitionId partition) {
  const std::lock_guard lock(mutex_);
  const std::vector<StoredRecord>& log = logs_[SlotOf(partition)];
  return log.empty() ? 0 : log.back().address + 1;
}

std::string SimulatedJournal::Identity() const {
  return fmt::format("simulated:{}", options_.seed);
}

int32_t SimulatedJournal::FactsPartitions() const { return options_.facts_partitions; }

absl::Status SimulatedJournal::Writer::Append(PartitionId partition,
                                              std::span<const std::string> values) {
  return medium_.AppendAs(id_, partition, values);
}

absl::StatusOr<std::vector<StoredRecord>> SimulatedJournal::Writer::Read(PartitionId partition,
                                                                         Cursor from,
                                                                         int32_t records_max,
                                                                         int64_t bytes_max) {
  return medium_.ReadAs(id_, partition, from, records_max, bytes_max);
}

absl::StatusOr<int64_t> SimulatedJournal::Writer::End(PartitionId partition) {
  return medium_.EndAs(id_, partition);
}

void SimulatedJournal::Writer::Crash() { medium_.CrashWriter(id_); }

}  // namespace assay
