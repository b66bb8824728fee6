#include "tools/assayd/source_reader.h"

#include <algorithm>
#include <utility>

#include "connectors/kafka/topics.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/facts/query.h"

namespace assay {
namespace {

// Of a pause, whose end says that they are not waited for.
constexpr std::string_view kRecordsGone = "SOURCE_RECORDS_GONE";
// A topic may get more partitions.
constexpr std::chrono::seconds kTopicEvery{30};

Message MessageOf(int32_t partition, const KafkaRecord& record) {
  Message message;
  message.partition = partition;
  message.offset = record.offset;
  message.timestamp = {record.timestamp_ms};
  message.key = record.Key();
  if (!record.IsTombstone()) message.value = record.Value();
  message.header = [&record](const std::string& name) { return record.FindHeader(name.c_str()); };
  return message;
}

}  // namespace

SourceReader::SourceReader(Place place, SourceCluster topic, v1::SourceContract contract,
                           Options options)
    : place_(place),
      topic_(std::move(topic)),
      contract_(std::move(contract)),
      options_(options),
      loop_([this] { return StepAndWait(); }) {}

std::optional<std::chrono::milliseconds> SourceReader::StepAndWait() {
  // What was folded before is no ground to write on.
  if (!place_.readiness.Get().Follows()) {
    LetGo();
    place_.keeper.NoteReading(contract_.source(), "waits until the journal is followed");
    return options_.retry;
  }
  const auto has_read = Step();
  if (!has_read.ok()) {
    Say(has_read.status());
    Disconnect();
    return options_.retry;
  }
  if (said_.has_value()) {
    place_.log.Info("reading again", Json::Object().Put("source", contract_.source()));
  }
  said_.reset();
  return *has_read ? std::chrono::milliseconds(0) : options_.pause;
}

void SourceReader::Say(const absl::Status& why) {
  place_.keeper.NoteReading(contract_.source(), "not read: " + Describe(why));
  const auto now = Steady::now();
  if (said_.has_value() && now - *said_ < options_.say_every) return;
  said_ = now;
  place_.log.Warn("not reading", Json::Object()
                                     .Put("source", contract_.source())
                                     .Put("topic", contract_.input().topic())
                                     .Put("brokers", topic_.brokers)
                                     .Put("reason", Describe(why)));
}

void SourceReader::Disconnect() {
  inputs_.clear();
  client_.reset();
  LetGo();
}

void SourceReader::LetGo() {
  home_.reset();
  // The next step begins with a look, which has the home again.
  looked_ = {};
}

absl::StatusOr<bool> SourceReader::Step() {
  if (client_ == nullptr || Steady::now() - connected_ > kTopicEvery) {
    ASSAY_RETURN_IF_ERROR(Connect());
  }
  if (Steady::now() - looked_ >= options_.look) ASSAY_RETURN_IF_ERROR(Look());
  if (is_paused_) return false;
  // Whether a record is of the future is seen by our clock.
  ASSAY_RETURN_IF_ERROR(home_->MayRecord());
  return ReadAndWrite();
}

absl::Status SourceReader::Connect() {
  const KafkaAddress address{.brokers = topic_.brokers};
  const std::string& topic = contract_.input().topic();
  if (client_ == nullptr) {
    // Until the topic is known a small share is right for any number of partitions.
    constexpr int64_t kPartitionsExpected = 16;
    ASSAY_ASSIGN_OR_RETURN(
        client_,
        MakeReaderClient(address, topic_.kafka,
                         {.bytes_per_partition = options_.prefetch_bytes / kPartitionsExpected}));
  }
  ASSAY_ASSIGN_OR_RETURN(const ClusterView cluster,
                         LookAtCluster(*client_, address, options_.timeout_ms));
  const auto found = cluster.partitions.find(topic);
  if (found == cluster.partitions.end()) {
    return MakeStatus(absl::StatusCode::kNotFound, "there is no topic {} at {}", topic,
                      topic_.brokers);
  }
  if (cluster.cluster_id.empty()) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the cluster at {} did not say its id",
                      topic_.brokers);
  }
  std::string input_log = fmt::format("{}/{}/{}", cluster.cluster_id, topic,
                                      std::max(1, contract_.input().generation()));
  // Behind the same name another cluster may stand.
  if (input_log != input_log_) {
    input_log_ = std::move(input_log);
    inputs_.clear();
    ASSAY_RETURN_IF_ERROR(MakeMapper());
  }
  connected_ = Steady::now();
  inputs_.resize(std::max(inputs_.size(), static_cast<size_t>(found->second)));
  return absl::OkStatus();
}

absl::Status SourceReader::MakeMapper() {
  mapper_.reset();
  ASSAY_ASSIGN_OR_RETURN(const auto hold, place_.keeper.Take("reading a source"));
  ASSAY_ASSIGN_OR_RETURN(SourceSecrets secrets, SecretsOf(place_.keeper.Held().Keys()));
  ASSAY_ASSIGN_OR_RETURN(mapper_, Mapper::Create(contract_, std::move(secrets)));
  ASSAY_ASSIGN_OR_RETURN(
      parser_, MessageParser::Create(contract_.input(), input_log_, mapper_->FieldNames()));
  return absl::OkStatus();
}

absl::Status SourceReader::Look() {
  looked_ = Steady::now();
  ASSAY_RETURN_IF_ERROR(LookAtLog());
  place_.metrics.SetSourcePaused(contract_.source(), is_paused_);
  if (is_paused_) {
    for (Input& input : inputs_) input.reader.reset();
    place_.keeper.NoteReading(contract_.source(), "paused");
    return absl::OkStatus();
  }
  ASSAY_RETURN_IF_ERROR(LookAtTopic());
  ASSAY_RETURN_IF_ERROR(ClaimFree());
  ASSAY_RETURN_IF_ERROR(StartReaders());
  if (!is_paused_) NoteReading();
  return absl::OkStatus();
}

void SourceReader::NoteReading() {
  int64_t ours = 0;
  int64_t behind = 0;
  for (const Input& input : inputs_) {
    ours += input.reader != nullptr ? 1 : 0;
    const int64_t next =
        input.reader == nullptr ? input.mark : std::max(input.mark, input.reader->NextOffset());
    behind += std::max<int64_t>(0, input.end - next);
  }
  place_.keeper.NoteReading(
      contract_.source(),
      fmt::format("{} of {} partitions, {} records behind", ours, inputs_.size(), behind));
}

absl::Status SourceReader::LookAtLog() {
  ASSAY_ASSIGN_OR_RETURN(const auto hold, place_.keeper.Take("reading a source"));
  Home& home = place_.keeper.Held();
  home_ = place_.keeper.Shared();
  // What comes behind a lock counts for its cycle until the cuts are there.
  home.TakeSteps();
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  v1::ReadingState reading;
  state.Get(streams::Reading(contract_.source()), &reading);
  ASSAY_RETURN_IF_ERROR(state.status());
  is_paused_ = reading.has_pause() && reading.pause().contract_version() == contract_.version();
  if (is_paused_) accepts_gaps_ = reading.pause().code() == kRecordsGone;
  TakeClaims(reading, home.Node());
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const int64_t mark = facts::MarkNext(home.Rows(), contract_.source(), contract_.version(),
                                         input_log_, static_cast<int32_t>(i));
    if (mark == inputs_[i].mark && inputs_[i].mark_moved != Steady::time_point()) continue;
    inputs_[i].mark = mark;
    inputs_[i].mark_moved = looked_;
  }
  return home.Rows().status();
}

void SourceReader::TakeClaims(const v1::ReadingState& reading, const std::string& node) {
  // Nobody else could read for an embedded journal.
  for (Input& input : inputs_) input.is_ours = node.empty();
  for (const v1::SourceClaimed& claim : reading.claims()) {
    const auto partition = static_cast<size_t>(claim.input_partition());
    if (claim.input_log() != input_log_ || partition >= inputs_.size()) continue;
    Input& input = inputs_[partition];
    // Who has just claimed has time to read.
    if (std::exchange(input.epoch, claim.epoch()) != claim.epoch()) input.mark_moved = looked_;
    input.is_ours = node.empty() || claim.node() == node;
  }
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].is_ours || inputs_[i].reader == nullptr) continue;
    inputs_[i].reader.reset();
    place_.log.Info(
        "another node reads",
        Json::Object().Put("source", contract_.source()).Put("partition", static_cast<int64_t>(i)));
  }
}

absl::Status SourceReader::LookAtTopic() {
  std::vector<std::pair<std::string, int32_t>> partitions;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    partitions.emplace_back(contract_.input().topic(), static_cast<int32_t>(i));
  }
  ASSAY_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*client_, partitions, options_.timeout_ms));
  for (size_t i = 0; i < inputs_.size(); ++i) {
    Input& input = inputs_[i];
    input.end = ends[i];
    // Nothing is left unread.
    if (input.end <= input.mark) input.mark_moved = looked_;
    const int64_t next =
        input.reader == nullptr ? input.mark : std::max(input.mark, input.reader->NextOffset());
    place_.metrics.SetSourceLag(contract_.source(), static_cast<int32_t>(i),
                                std::max<int64_t>(0, input.end - next));
  }
  return absl::OkStatus();
}

absl::Status SourceReader::ClaimFree() {
  v1::Command command;
  v1::ClaimSource& claim = *command.mutable_claim_source();
  claim.set_source(contract_.source());
  claim.set_input_log(input_log_);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Input& input = inputs_[i];
    const bool is_left = input.end > input.mark && looked_ - input.mark_moved >= options_.takeover;
    if (input.is_ours || (input.epoch != 0 && !is_left)) continue;
    v1::PartitionClaim& partition = *claim.add_partitions();
    partition.set_input_partition(static_cast<int32_t>(i));
    partition.set_after_epoch(input.epoch);
  }
  if (claim.partitions().empty()) return absl::OkStatus();
  // Others were faster, and the log says who.
  ASSAY_RETURN_IF_ERROR(Submit("claim-source", std::move(command), "CLAIMED_BY_ANOTHER"));
  return LookAtLog();
}

absl::Status SourceReader::Submit(std::string_view what, v1::Command command,
                                  std::string_view expected_refusal) {
  if (command.has_claim_source()) command.mutable_claim_source()->set_node(home_->Node());
  ASSAY_ASSIGN_OR_RETURN(const SubmitAnswer answer,
                         place_.keeper.SubmitAsEngine(what, std::move(command)));
  const auto* const refused = std::get_if<Rejection>(&answer);
  if (refused == nullptr || refused->code == expected_refusal) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kFailedPrecondition, "{}: {}", what, refused->ToString());
}

absl::Status SourceReader::StartReaders() {
  std::vector<std::pair<std::string, int32_t>> partitions;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].is_ours || inputs_[i].reader != nullptr) continue;
    partitions.emplace_back(contract_.input().topic(), static_cast<int32_t>(i));
  }
  if (partitions.empty()) {
    // The gap that was accepted is in a partition of another node.
    accepts_gaps_ = false;
    return absl::OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const auto begins,
                         BeginOffsets(*client_, partitions, options_.timeout_ms));
  for (size_t i = 0; i < partitions.size(); ++i) {
    const auto& [topic, partition] = partitions[i];
    Input& input = inputs_[static_cast<size_t>(partition)];
    if (input.end < input.mark) {
      // Offsets below the mark are known: what a topic that was made anew has there would be taken
      // for what stood there before.
      return Pause("SOURCE_LOG_SHORTENED",
                   fmt::format("{}/{} ends at offset {}, {} were mapped; if it was made anew, "
                               "register its contract with generation: {}",
                               topic, partition, input.end, input.mark,
                               std::max(1, contract_.input().generation()) + 1));
    }
    if (input.mark > 0 && begins[i] > input.mark) {
      if (!accepts_gaps_) {
        return Pause(
            std::string(kRecordsGone),
            fmt::format("{}/{} begins at offset {}, mapped was up to {}; resumeSource goes "
                        "on without what stood between",
                        topic, partition, begins[i], input.mark));
      }
      ASSAY_RETURN_IF_ERROR(SkipGap(partition, begins[i]));
    }
    ASSAY_ASSIGN_OR_RETURN(input.reader, PartitionReader::Start(*client_, topic, partition,
                                                                std::max(input.mark, begins[i])));
    input.reader->Wake();
  }
  accepts_gaps_ = false;
  place_.log.Info("reading", Json::Object()
                                 .Put("source", contract_.source())
                                 .Put("contractVersion", int64_t{contract_.version()})
                                 .Put("inputLog", input_log_)
                                 .Put("partitions", static_cast<int64_t>(partitions.size())));
  return absl::OkStatus();
}

absl::Status SourceReader::SkipGap(int32_t partition, int64_t begin) {
  IntakeWriter writer(home_->Log(), home_->Identity(), contract_);
  writer.Skip(input_log_, partition, begin);
  ASSAY_RETURN_IF_ERROR(writer.Flush());
  Input& input = inputs_[static_cast<size_t>(partition)];
  place_.log.Warn("records skipped", Json::Object()
                                         .Put("source", contract_.source())
                                         .Put("inputLog", input_log_)
                                         .Put("partition", int64_t{partition})
                                         .Put("fromOffset", input.mark)
                                         .Put("toOffset", begin - 1));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::Intake>> SourceReader::NextOf(int32_t partition, Input& input) {
  ASSAY_ASSIGN_OR_RETURN(const KafkaRecord record, input.reader->Next(0));
  if (record.message == nullptr) return std::optional<v1::Intake>();
  // A broker whose clock is a little ahead sends no records of the future.
  constexpr int64_t kClocksApartMsMax = 60'000;
  const Instant now = home_->Time().Now();
  const Instant received{
      std::max(now.ms, std::min(record.timestamp_ms, now.ms + kClocksApartMsMax))};
  ASSAY_ASSIGN_OR_RETURN(v1::Intake intake,
                         mapper_->Map(parser_->Parse(MessageOf(partition, record)), received));
  return std::optional<v1::Intake>(std::move(intake));
}

// Markers of transactions take offsets, and would be looked for as records that nobody reads.
void SourceReader::SkipToEnd(int32_t partition, IntakeWriter& writer) {
  Input& input = inputs_[static_cast<size_t>(partition)];
  const int64_t end = input.reader->EndSeen();
  if (end <= std::max(input.reader->NextOffset(), input.skipped_to)) return;
  writer.Skip(input_log_, partition, end);
  input.skipped_to = end;
}

absl::StatusOr<bool> SourceReader::ReadAndWrite() {
  IntakeWriter writer(home_->Log(), home_->Identity(), contract_);
  int64_t refused = 0;
  absl::Status failed;
  const size_t count = inputs_.size();
  const size_t first = first_++;
  for (size_t i = 0; i < count && failed.ok(); ++i) {
    const size_t partition = (first + i) % count;
    Input& input = inputs_[partition];
    if (input.reader == nullptr) continue;
    // A share of the batch for each, so that all of them move on.
    const int limit =
        writer.Count() + std::max<int>(1, options_.records_max / static_cast<int>(count));
    while (writer.Count() < limit && writer.Bytes() < options_.bytes_max) {
      auto intake = NextOf(static_cast<int32_t>(partition), input);
      failed.Update(intake.status());
      if (intake.ok() && !intake->has_value()) SkipToEnd(static_cast<int32_t>(partition), writer);
      if (!intake.ok() || !intake->has_value()) break;
      refused += (*intake)->has_refusal() ? 1 : 0;
      writer.Add(**std::move(intake));
    }
  }
  const int64_t read = writer.Count();
  ASSAY_RETURN_IF_ERROR(writer.Flush());
  // What was read before a partition failed is written.
  ASSAY_RETURN_IF_ERROR(failed);
  if (read == 0) return false;
  place_.metrics.CountRecords(contract_.source(), read, refused);
  ASSAY_RETURN_IF_ERROR(JudgeRefusals(read, refused));
  return true;
}

// What is over the limit at the end of a batch is paused behind the batch: all of it is written.
absl::Status SourceReader::JudgeRefusals(int64_t read, int64_t refused) {
  window_read_ += read;
  window_refused_ += refused;
  const v1::RefusalLimit& limit = contract_.refusal_limit();
  const int64_t records =
      contract_.has_refusal_limit() ? limit.records() : limits::kRefusalRecordsDefault;
  if (window_read_ < records) return absl::OkStatus();
  const Decimal share =
      DecimalOf(contract_.has_refusal_limit() ? limit.share() : limits::kRefusalShareDefault);
  const auto allowed = Decimal::FromInt(window_read_).Times(share);
  const bool is_over = allowed.has_value() && Decimal::FromInt(window_refused_) >= *allowed;
  const std::string detail = fmt::format("{} of the last {} records of {} were refused",
                                         window_refused_, window_read_, input_log_);
  if (is_over) ASSAY_RETURN_IF_ERROR(Pause("REFUSALS", detail));
  window_read_ = 0;
  window_refused_ = 0;
  return absl::OkStatus();
}

absl::Status SourceReader::Pause(std::string code, std::string detail) {
  v1::Command command;
  v1::PauseSource& pause = *command.mutable_pause_source();
  pause.set_source(contract_.source());
  pause.set_code(code);
  pause.set_detail(detail);
  pause.set_contract_version(contract_.version());
  ASSAY_RETURN_IF_ERROR(Submit("pause-source", std::move(command), "ALREADY_PAUSED"));
  place_.log.Error("source paused", Json::Object()
                                        .Put("source", contract_.source())
                                        .Put("code", std::move(code))
                                        .Put("detail", std::move(detail))
                                        .Put("advice",
                                             "see `assay rejection list` and `assay "
                                             "source list`; then register a corrected "
                                             "contract, or run resumeSource"));
  ASSAY_RETURN_IF_ERROR(LookAtLog());
  for (Input& input : inputs_) input.reader.reset();
  if (is_paused_) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "the source changed while it was paused");
}

}  // namespace assay
