#include "connectors/kafka/kafka_journal.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "engine/event/intake.h"

namespace assay {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* kTimestampType = "message.timestamp.type";
constexpr size_t kFollowers = 2;
constexpr size_t kSpot = kFollowers;
// What is there takes less to come, unless librdkafka sleeps.
constexpr int kPatienceMs = 4;
constexpr int kBulkLingerMs = 5;
// Of the time for the ends, what is kept for asking who leads when not all are told.
constexpr int kLedTimeoutMs = 500;
// What contradicts the brokers' earlier answers is believed when it lasts: those that have just
// started or come to lead may say less than they have.
constexpr std::chrono::milliseconds kDoubt{2'000};
constexpr std::chrono::milliseconds kDoubtPause{100};
// A single record is looked at: no reading ahead.
constexpr Prefetch kSpotPrefetch{.bytes_per_partition = 64 << 10, .wait_ms = 5};

// The Kafka key of a facts record: the identity of the source record in it, if it has one.
std::string KeyOf(PartitionId partition, const std::string& value) {
  if (partition.kind == PartitionId::Kind::kDecisions) return "";
  v1::Record record;
  if (!record.ParseFromString(value) || !record.has_intake()) return "";
  return IdentityOf(record.intake());
}

absl::Status OtherSettings(const KafkaAddress& address,
                           const std::vector<TopicDifference>& differences) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "the topics at {} are not as a journal needs them, nothing was changed: {}",
                    address.brokers, TextOf(differences));
}

}  // namespace

KafkaJournal::KafkaJournal(KafkaAddress address, const Options& options)
    : address_(std::move(address)),
      options_(options),
      decisions_(address_, options.security, {.timeout_ms = options.append_timeout_ms}),
      facts_(address_, options.security,
             {.linger_ms = kBulkLingerMs, .timeout_ms = options.append_timeout_ms}),
      clients_(kFollowers + 1) {}

KafkaJournal::~KafkaJournal() {
  // Readers before the clients that they read from.
  lanes_.clear();
}

absl::Status KafkaJournal::Connect() {
  ASSAY_ASSIGN_OR_RETURN(asking_, MakeReaderClient(address_, options_.security, kSpotPrefetch));
  return absl::OkStatus();
}

absl::Status KafkaJournal::Check(const ClusterView& cluster, int32_t facts_partitions) {
  std::vector<TopicSpec> expected = JournalTopics(facts_partitions, options_.copying);
  for (TopicSpec& spec : expected) {
    if (options_.copying) spec.settings.erase(kTimestampType);
  }
  ASSAY_ASSIGN_OR_RETURN(const auto differences,
                         TopicDifferences(*asking_, address_, expected, cluster));
  if (!differences.empty()) return OtherSettings(address_, differences);
  cluster_id_ = cluster.cluster_id;
  facts_partitions_ = facts_partitions;
  known_ends_ = std::vector<std::atomic<int64_t>>(static_cast<size_t>(facts_partitions) + 1);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<KafkaJournal>> KafkaJournal::Create(const KafkaAddress& address,
                                                                   int32_t facts_partitions,
                                                                   const Options& options) {
  std::unique_ptr<KafkaJournal> journal(new KafkaJournal(address, options));
  ASSAY_RETURN_IF_ERROR(journal->Connect());
  ASSAY_ASSIGN_OR_RETURN(ClusterView cluster,
                         LookAtCluster(*journal->asking_, address, options.connect_timeout_ms));
  ASSAY_ASSIGN_OR_RETURN(cluster,
                         MakeTopics(*journal->asking_, address,
                                    JournalTopics(facts_partitions, options.copying), cluster));
  ASSAY_RETURN_IF_ERROR(journal->Check(cluster, facts_partitions));
  return journal;
}

absl::StatusOr<std::unique_ptr<KafkaJournal>> KafkaJournal::Open(const KafkaAddress& address,
                                                                 const Options& options) {
  std::unique_ptr<KafkaJournal> journal(new KafkaJournal(address, options));
  ASSAY_RETURN_IF_ERROR(journal->Connect());
  ASSAY_ASSIGN_OR_RETURN(const ClusterView cluster,
                         LookAtCluster(*journal->asking_, address, options.connect_timeout_ms));
  const auto facts = cluster.partitions.find(address.Topic("facts"));
  if (facts == cluster.partitions.end() ||
      !cluster.partitions.contains(address.Topic("decisions"))) {
    return MakeStatus(absl::StatusCode::kNotFound,
                      "there is no journal at {}: the topics {} and {} are not both there",
                      address.ToString(), address.Topic("decisions"), address.Topic("facts"));
  }
  ASSAY_RETURN_IF_ERROR(journal->Check(cluster, facts->second));
  return journal;
}

std::string KafkaJournal::Identity() const {
  return fmt::format("kafka:{}/{}", cluster_id_, address_.prefix);
}

absl::Status KafkaJournal::Lost() {
  const std::lock_guard lock(lost_mutex_);
  return lost_;
}

absl::Status KafkaJournal::Lose(const absl::Status& why) {
  const std::lock_guard lock(lost_mutex_);
  lost_.Update(why);
  return lost_;
}

absl::Status KafkaJournal::CheckPartition(PartitionId partition) {
  ASSAY_RETURN_IF_ERROR(Lost());
  const int32_t partitions =
      partition.kind == PartitionId::Kind::kDecisions ? 1 : facts_partitions_;
  if (partition.index >= 0 && partition.index < partitions) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument, "there is no partition {} of {}",
                    partition.index, address_.TopicOf(partition));
}

void KafkaJournal::RaiseEnd(PartitionId partition, int64_t end) {
  std::atomic<int64_t>& known = known_ends_[SlotOf(partition)];
  int64_t before = known.load();
  while (before < end && !known.compare_exchange_weak(before, end)) {
  }
}

// --- appending ---

absl::StatusOr<int64_t> KafkaJournal::SendAll(PartitionId partition,
                                              std::span<const KafkaProducer::Message> messages) {
  KafkaProducer& producer = partition.kind == PartitionId::Kind::kDecisions ? decisions_ : facts_;
  const int64_t known = KnownEnd(partition);
  ASSAY_ASSIGN_OR_RETURN(const int64_t end,
                         producer.Append(address_.TopicOf(partition), partition.index, messages));
  // Of a record that was sent again, librdkafka does not say where it stands.
  if (end == 0) return End(partition);
  if (end < known + std::ssize(messages)) {
    return Lose(MakeStatus(absl::StatusCode::kDataLoss,
                           "{}/{} took {} records up to offset {}, and went on to {} before: the "
                           "topic was made anew or lost records",
                           address_.TopicOf(partition), partition.index, messages.size(), end - 1,
                           known - 1));
  }
  RaiseEnd(partition, end);
  return end;
}

absl::Status KafkaJournal::Append(PartitionId partition, std::span<const std::string> values) {
  ASSAY_RETURN_IF_ERROR(CheckPartition(partition));
  if (values.empty()) return absl::OkStatus();
  std::vector<std::string> keys;
  std::vector<KafkaProducer::Message> messages;
  keys.reserve(values.size());
  for (const std::string& value : values) {
    keys.push_back(KeyOf(partition, value));
    messages.push_back({.key = keys.back(), .value = value, .at = std::nullopt, .headers = {}});
  }
  return SendAll(partition, messages).status();
}

absl::Status KafkaJournal::AppendCopies(PartitionId partition,
                                        std::span<const StoredRecord> records) {
  ASSAY_RETURN_IF_ERROR(CheckPartition(partition));
  if (records.empty()) return absl::OkStatus();
  std::vector<std::string> keys;
  std::vector<KafkaProducer::Message> messages;
  keys.reserve(records.size());
  for (const StoredRecord& record : records) {
    keys.push_back(KeyOf(partition, record.value));
    messages.push_back(
        {.key = keys.back(), .value = record.value, .at = record.appended_at, .headers = {}});
  }
  return SendAll(partition, messages).status();
}

absl::Status KafkaJournal::StampBy(std::string_view timestamp_type) {
  for (const TopicSpec& spec : JournalTopics(facts_partitions_, false)) {
    ASSAY_RETURN_IF_ERROR(SetTopicSetting(*asking_, address_.Topic(spec.name), kTimestampType,
                                          std::string(timestamp_type)));
  }
  // Brokers take a new setting over when they hear of it, which nobody can ask them.
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  return absl::OkStatus();
}

absl::Status KafkaJournal::BeginCopy() { return StampBy("CreateTime"); }

absl::Status KafkaJournal::EndCopy() { return StampBy("LogAppendTime"); }

// --- ends ---

std::vector<PartitionId> KafkaJournal::Partitions() const {
  std::vector<PartitionId> partitions = {kDecisionsPartition};
  for (int32_t i = 0; i < facts_partitions_; ++i) partitions.push_back(FactsPartition(i));
  return partitions;
}

absl::StatusOr<std::vector<int64_t>> KafkaJournal::AskEnds(std::span<const PartitionId> partitions,
                                                           int timeout_ms) {
  std::vector<std::pair<std::string, int32_t>> places;
  for (const PartitionId& partition : partitions) {
    places.emplace_back(address_.TopicOf(partition), partition.index);
  }
  const auto deadline = Steady::now() + kDoubt;
  for (;;) {
    // Before it is asked: others may append in between.
    std::vector<int64_t> known;
    for (const PartitionId& partition : partitions) known.push_back(KnownEnd(partition));
    ASSAY_ASSIGN_OR_RETURN(auto ends, EndOffsets(*asking_, places, timeout_ms));
    const auto shorter = std::ranges::mismatch(ends, known, std::greater_equal<>());
    if (shorter.in1 == ends.end()) {
      for (size_t i = 0; i < ends.size(); ++i) RaiseEnd(partitions[i], ends[i]);
      return ends;
    }
    if (Steady::now() > deadline) {
      return Shorter(partitions[static_cast<size_t>(shorter.in1 - ends.begin())], *shorter.in1,
                     *shorter.in2);
    }
    std::this_thread::sleep_for(kDoubtPause);
  }
}

absl::Status KafkaJournal::Shorter(PartitionId partition, int64_t end, int64_t known) {
  // What stands behind the begin of a transaction is told when that has ended.
  ASSAY_ASSIGN_OR_RETURN(
      const auto telling,
      MakeReaderClient(address_, options_.security, kSpotPrefetch, /*is_isolated=*/false));
  ASSAY_ASSIGN_OR_RETURN(const auto whole,
                         EndOffsets(*telling, {{address_.TopicOf(partition), partition.index}},
                                    options_.ends_timeout_ms));
  const std::string place = fmt::format("{}/{}", address_.TopicOf(partition), partition.index);
  if (whole.front() >= known) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "{} cannot be read behind offset {}: a transaction that somebody began there "
                      "has not ended",
                      place, end);
  }
  return Lose(MakeStatus(absl::StatusCode::kDataLoss,
                         "{} ends at offset {} and went on to {} before: the topic was made anew "
                         "or lost records",
                         place, whole.front(), known));
}

absl::StatusOr<int64_t> KafkaJournal::End(PartitionId partition) {
  ASSAY_RETURN_IF_ERROR(CheckPartition(partition));
  ASSAY_ASSIGN_OR_RETURN(const auto ends, AskEnds({&partition, 1}, options_.ends_timeout_ms));
  return ends.front();
}

absl::StatusOr<std::vector<int64_t>> KafkaJournal::Ends() {
  ASSAY_RETURN_IF_ERROR(Lost());
  auto ends =
      AskEnds(Partitions(), std::max(kLedTimeoutMs, options_.ends_timeout_ms - kLedTimeoutMs));
  if (absl::IsUnavailable(ends.status())) return RaiseEndsOfLed(ends.status());
  return ends;
}

absl::Status KafkaJournal::RaiseEndsOfLed(const absl::Status& why) {
  std::vector<std::pair<std::string, int32_t>> places;
  for (const PartitionId& partition : Partitions()) {
    places.emplace_back(address_.TopicOf(partition), partition.index);
  }
  const auto ends = EndOffsetsOfLed(*asking_, places, kLedTimeoutMs);
  if (!ends.ok()) return why;
  std::string without_leader;
  for (const PartitionId& partition : Partitions()) {
    const size_t slot = SlotOf(partition);
    if ((*ends)[slot].has_value()) {
      RaiseEnd(partition, *(*ends)[slot]);
    } else {
      without_leader += fmt::format("{}{}/{}", without_leader.empty() ? "" : "; ",
                                    places[slot].first, places[slot].second);
    }
  }
  if (without_leader.empty()) return why;
  return MakeStatus(absl::StatusCode::kUnavailable, "no broker leads {}", without_leader);
}

int64_t KafkaJournal::KnownEnd(PartitionId partition) {
  return known_ends_[SlotOf(partition)].load();
}

// --- reading ---

absl::StatusOr<KafkaClient*> KafkaJournal::Client(size_t index) {
  if (clients_[index] == nullptr) {
    ASSAY_ASSIGN_OR_RETURN(clients_[index],
                           MakeReaderClient(address_, options_.security,
                                            index == kSpot ? kSpotPrefetch : options_.prefetch));
  }
  return clients_[index].get();
}

absl::StatusOr<std::list<KafkaJournal::Lane>::iterator> KafkaJournal::TakeLane(
    PartitionId partition, int64_t address, bool is_spot) {
  std::unique_lock lock(lanes_mutex_);
  for (;;) {
    bool is_taken[kFollowers + 1] = {};
    auto oldest = lanes_.end();
    for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
      if (lane->partition != partition) continue;
      is_taken[lane->client] = true;
      if (lane->is_busy) continue;
      if (lane->reader->NextOffset() == address) {
        lane->is_busy = true;
        lanes_.splice(lanes_.begin(), lanes_, lane);
        return lane;
      }
      if (lane->client != kSpot) oldest = lane;
    }
    const auto start = [&](size_t client) -> absl::StatusOr<std::list<Lane>::iterator> {
      ASSAY_ASSIGN_OR_RETURN(KafkaClient * reading, Client(client));
      ASSAY_ASSIGN_OR_RETURN(
          auto reader,
          PartitionReader::Start(*reading, address_.TopicOf(partition), partition.index, address));
      lanes_.push_front({client, partition, std::move(reader), true});
      return lanes_.begin();
    };
    if (is_spot && !is_taken[kSpot]) return start(kSpot);
    for (size_t client = 0; client < kFollowers && !is_spot; ++client) {
      if (!is_taken[client]) return start(client);
    }
    if (!is_spot && oldest != lanes_.end()) {
      const size_t client = oldest->client;
      lanes_.erase(oldest);
      return start(client);
    }
    lane_free_.wait(lock);
  }
}

void KafkaJournal::KeepLane(std::list<Lane>::iterator lane, bool is_usable) {
  const std::lock_guard lock(lanes_mutex_);
  lane->is_busy = false;
  if (!is_usable || lane->client == kSpot) lanes_.erase(lane);
  lane_free_.notify_all();
}

absl::StatusOr<std::vector<StoredRecord>> KafkaJournal::Read(PartitionId partition, Cursor from,
                                                             int32_t records_max,
                                                             int64_t bytes_max) {
  ASSAY_RETURN_IF_ERROR(CheckPartition(partition));
  if (records_max <= 0) return std::vector<StoredRecord>();
  int64_t end = KnownEnd(partition);
  if (from.address >= end) {
    ASSAY_ASSIGN_OR_RETURN(end, End(partition));
    if (from.address == end) return std::vector<StoredRecord>();
    if (from.address > end) return Missing(partition, from.address);
  }
  ASSAY_ASSIGN_OR_RETURN(const auto lane, TakeLane(partition, from.address, records_max == 1));
  auto records = ReadOn(*lane->reader, partition, from, end, records_max, bytes_max);
  KeepLane(lane, records.ok());
  return records;
}

absl::StatusOr<std::vector<StoredRecord>> KafkaJournal::ReadOn(PartitionReader& reader,
                                                               PartitionId partition, Cursor from,
                                                               int64_t end, int32_t records_max,
                                                               int64_t bytes_max) {
  const auto deadline = Steady::now() + std::chrono::milliseconds(options_.read_timeout_ms);
  std::vector<StoredRecord> records;
  int64_t bytes = 0;
  int64_t position = from.position;
  while (static_cast<int32_t>(records.size()) < records_max &&
         (records.empty() || bytes < bytes_max)) {
    // What is behind the end that is known is taken when it is here, and not waited for.
    const bool is_due = reader.NextOffset() < end && reader.EndSeen() < end;
    ASSAY_ASSIGN_OR_RETURN(const KafkaRecord record, reader.Next(is_due ? kPatienceMs : 0));
    if (record.message == nullptr) {
      if (!is_due) break;
      reader.Wake();
      if (Steady::now() > deadline) return Missing(partition, reader.NextOffset());
      continue;
    }
    RaiseEnd(partition, record.offset + 1);
    const std::string_view value = record.Value();
    bytes += static_cast<int64_t>(value.size());
    records.push_back({position++, record.offset, {record.timestamp_ms}, std::string(value)});
  }
  return records;
}

absl::Status KafkaJournal::Missing(PartitionId partition, int64_t address) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t end, End(partition));
  const std::string place = fmt::format("{}/{}", address_.TopicOf(partition), partition.index);
  if (end < address) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} ends at offset {} and went on to {} before: the topic was made anew or "
                      "lost records",
                      place, end, address);
  }
  return MakeStatus(absl::StatusCode::kUnavailable,
                    "{} did not give offset {} within {} s, though it ends at {}", place, address,
                    options_.read_timeout_ms / 1000, end);
}

// --- whether it is still the same ---

absl::StatusOr<std::string> KafkaJournal::CheckMedium() {
  ASSAY_RETURN_IF_ERROR(Lost());
  const auto deadline = Steady::now() + kDoubt;
  std::string unseen;
  for (;;) {
    const absl::Status fault = ClusterFault(unseen);
    if (fault.ok()) break;
    if (absl::IsUnavailable(fault)) return fault;
    if (Steady::now() > deadline) return Lose(fault);
    std::this_thread::sleep_for(kDoubtPause);
  }
  ASSAY_RETURN_IF_ERROR(BeginFault());
  ASSAY_RETURN_IF_ERROR(Ends().status());
  return unseen;
}

absl::Status KafkaJournal::ClusterFault(std::string& unseen) {
  ASSAY_ASSIGN_OR_RETURN(const ClusterView cluster,
                         LookAtCluster(*asking_, address_, options_.ends_timeout_ms));
  if (cluster.cluster_id.empty()) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the cluster at {} did not say its id",
                      address_.brokers);
  }
  if (cluster.cluster_id != cluster_id_) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "at {} there is another log: the cluster is {}, and was {} before",
                      address_.brokers, cluster.cluster_id, cluster_id_);
  }
  const auto found =
      TopicDifferences(*asking_, address_, JournalTopics(facts_partitions_, false), cluster);
  unseen.clear();
  // Who may not ask for settings may go on, and that is said.
  if (absl::IsFailedPrecondition(found.status())) {
    unseen = fmt::format("the settings of the topics: {}", MessageOf(found.status()));
    return absl::OkStatus();
  }
  ASSAY_RETURN_IF_ERROR(found.status());
  std::vector<TopicDifference> harmful;
  std::vector<TopicDifference> others;
  for (const TopicDifference& difference : *found) {
    if (difference.setting.empty()) {
      return MakeStatus(absl::StatusCode::kDataLoss, "{} any more: the topic was deleted",
                        difference.text);
    }
    (difference.HarmsLog() ? harmful : others).push_back(difference);
  }
  if (!harmful.empty()) return OtherSettings(address_, harmful);
  if (!others.empty()) unseen = fmt::format("topics are set otherwise: {}", TextOf(others));
  return absl::OkStatus();
}

absl::Status KafkaJournal::BeginFault() {
  std::vector<std::pair<std::string, int32_t>> places;
  for (const PartitionId& partition : Partitions()) {
    places.emplace_back(address_.TopicOf(partition), partition.index);
  }
  ASSAY_ASSIGN_OR_RETURN(const auto begins,
                         BeginOffsets(*asking_, places, options_.ends_timeout_ms));
  for (size_t i = 0; i < begins.size(); ++i) {
    if (begins[i] == 0) continue;
    return Lose(MakeStatus(absl::StatusCode::kDataLoss,
                           "{}/{} begins at offset {}: records before it were deleted",
                           places[i].first, places[i].second, begins[i]));
  }
  return absl::OkStatus();
}

}  // namespace assay
