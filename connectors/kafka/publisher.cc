#include "connectors/kafka/publisher.h"

#include <fmt/ranges.h>
#include <google/protobuf/util/json_util.h>

#include <utility>

#include "engine/base/check.h"
#include "engine/base/wire.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

constexpr int kLingerMs = 5;
constexpr int kReadStepMs = 20;
constexpr int kReadPatienceMs = 30'000;
constexpr const char* kContentType = "content-type";

std::string ValueOf(const v1::OutputRecord& output, ValueFormat format) {
  if (format == ValueFormat::kProtobuf) return output.SerializeAsString();
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(output, &json);
  ASSAY_INVARIANT(written.ok(), "an output record has no JSON: {}", written.ToString());
  return json;
}

bool ReadValue(std::string_view value, ValueFormat format, v1::OutputRecord& output) {
  if (format == ValueFormat::kProtobuf) {
    return output.ParseFromArray(value.data(), static_cast<int>(value.size()));
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage({value.data(), value.size()}, &output, options)
      .ok();
}

}  // namespace

std::string_view ContentType(ValueFormat format) {
  return format == ValueFormat::kJson ? "application/json" : "application/protobuf";
}

PublishedRecord PublishedFrom(const v1::OutputRecord& output, const TopicSpec& spec,
                              ValueFormat format) {
  PublishedRecord record{.topic = spec.name,
                         .partition = PartitionOf(output.key(), spec.partitions),
                         .key = output.key()};
  record.headers = {{"ce_specversion", "1.0"},
                    {"ce_type", spec.event_type},
                    {"ce_id", output.id()},
                    {"ce_source", fmt::format("/companies/{}", output.company())},
                    {"ce_subject", output.key()},
                    {"ce_time", InstantOf(output.recorded_at()).ToString()},
                    {"ce_epoch", std::to_string(output.version().epoch())},
                    {"ce_sum", std::to_string(output.version().sum())}};
  if (output.has_score() && output.score().person().empty()) return record;
  record.value = ValueOf(output, format);
  record.headers.push_back({kContentType, std::string(ContentType(format))});
  return record;
}

v1::OutputRecord OutputFrom(const KafkaRecord& record, const std::string& topic) {
  v1::OutputRecord output;
  const std::string_view type = record.Header(kContentType);
  const bool is_readable =
      !record.IsTombstone() && ((type == ContentType(ValueFormat::kProtobuf) &&
                                 ReadValue(record.Value(), ValueFormat::kProtobuf, output)) ||
                                (type == ContentType(ValueFormat::kJson) &&
                                 ReadValue(record.Value(), ValueFormat::kJson, output)));
  if (!is_readable) output.Clear();
  output.set_topic(topic);
  output.set_key(std::string(record.Key()));
  output.set_id(std::string(record.Header("ce_id")));
  if (record.IsTombstone()) output.mutable_score();
  return output;
}

KafkaPublisher::KafkaPublisher(KafkaAddress address, KafkaSecurity security, Formats formats)
    : address_(std::move(address)),
      security_(std::move(security)),
      formats_(std::move(formats)),
      producer_(address_, security_, {.linger_ms = kLingerMs}) {
  for (TopicSpec& spec : PublishedTopics()) specs_[spec.name] = std::move(spec);
}

absl::StatusOr<std::unique_ptr<KafkaPublisher>> KafkaPublisher::Open(const KafkaAddress& address,
                                                                     const KafkaSecurity& security,
                                                                     Formats formats) {
  ASSAY_ASSIGN_OR_RETURN(const auto client, MakeReaderClient(address, security, {}));
  ASSAY_ASSIGN_OR_RETURN(ClusterView cluster, LookAtCluster(*client, address, kAdminTimeoutMs));
  ASSAY_ASSIGN_OR_RETURN(cluster, MakeTopics(*client, address, PublishedTopics(), cluster));
  ASSAY_ASSIGN_OR_RETURN(const auto differences,
                         TopicDifferences(*client, address, PublishedTopics(), cluster));
  if (!differences.empty()) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "the topics at {} are not as publishing needs them, nothing was changed: {}",
                      address.brokers, TextOf(differences));
  }
  return std::unique_ptr<KafkaPublisher>(new KafkaPublisher(address, security, std::move(formats)));
}

ValueFormat KafkaPublisher::FormatOf(const std::string& topic) const {
  const auto format = formats_.find(topic);
  return format == formats_.end() ? ValueFormat::kProtobuf : format->second;
}

absl::Status KafkaPublisher::Send(std::span<const v1::OutputRecord> outputs) {
  std::map<std::pair<std::string, int32_t>, std::vector<PublishedRecord>> lanes;
  for (const v1::OutputRecord& output : outputs) {
    const auto spec = specs_.find(output.topic());
    if (spec == specs_.end()) {
      return MakeStatus(absl::StatusCode::kDataLoss, "the outbox names the topic \"{}\"",
                        output.topic());
    }
    PublishedRecord record = PublishedFrom(output, spec->second, FormatOf(output.topic()));
    lanes[{record.topic, record.partition}].push_back(std::move(record));
  }
  for (const auto& [lane, records] : lanes) {
    std::vector<KafkaProducer::Message> messages;
    for (const PublishedRecord& record : records) {
      messages.push_back({.key = record.key, .value = record.value, .headers = record.headers});
    }
    ASSAY_RETURN_IF_ERROR(
        producer_.Append(address_.Topic(lane.first), lane.second, messages).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<KafkaPublisher::Scores> KafkaPublisher::ReadScores(Format format) {
  const TopicSpec& spec = specs_.at("scores");
  ASSAY_ASSIGN_OR_RETURN(const auto client, MakeReaderClient(address_, security_, {}));
  std::vector<std::pair<std::string, int32_t>> partitions;
  for (int32_t i = 0; i < spec.partitions; ++i) {
    partitions.emplace_back(address_.Topic(spec.name), i);
  }
  ASSAY_ASSIGN_OR_RETURN(const auto begins, BeginOffsets(*client, partitions, kAdminTimeoutMs));
  ASSAY_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*client, partitions, kAdminTimeoutMs));
  Scores scores;
  for (int32_t i = 0; i < spec.partitions; ++i) {
    const auto at = static_cast<size_t>(i);
    ASSAY_RETURN_IF_ERROR(ReadPartition(*client, i, begins[at], ends[at], format, scores));
  }
  return scores;
}

absl::Status KafkaPublisher::ReadPartition(KafkaClient& client, int32_t partition, int64_t begin,
                                           int64_t end, Format format, Scores& scores) {
  if (begin >= end) return absl::OkStatus();
  const std::string_view own = ContentType(FormatOf("scores"));
  const std::string topic = address_.Topic("scores");
  ASSAY_ASSIGN_OR_RETURN(const auto reader,
                         PartitionReader::Start(client, topic, partition, begin));
  int waited_ms = 0;
  // The last records may be gone by compaction: then the broker's end says that it is reached.
  while (reader->NextOffset() < end && reader->EndSeen() < end) {
    ASSAY_ASSIGN_OR_RETURN(const KafkaRecord record, reader->Next(kReadStepMs));
    if (record.message == nullptr) {
      if (reader->EndSeen() >= end) break;
      waited_ms += kReadStepMs;
      if (waited_ms > kReadPatienceMs) {
        return MakeStatus(absl::StatusCode::kUnavailable, "{}/{} could not be read to its end",
                          topic, partition);
      }
      reader->Wake();
      continue;
    }
    if (record.IsTombstone()) {
      scores.erase(std::string(record.Key()));
      continue;
    }
    const bool is_fit = format == Format::kAny || record.Header(kContentType) == own;
    scores[std::string(record.Key())] =
        is_fit ? OutputFrom(record, "scores").score() : v1::ScoreRecord();
  }
  return absl::OkStatus();
}

}  // namespace assay
