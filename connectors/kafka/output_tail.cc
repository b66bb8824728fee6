#include "connectors/kafka/output_tail.h"

#include <algorithm>

namespace assay {
namespace {

constexpr Prefetch kPrefetch{.bytes_per_partition = 1 << 20, .wait_ms = 100};
// Of one partition at a time.
constexpr int kRecordsMax = 2'000;

}  // namespace

absl::StatusOr<std::unique_ptr<OutputTail>> OutputTail::Open(const KafkaAddress& address,
                                                             const KafkaSecurity& security,
                                                             KafkaPublisher::Formats formats,
                                                             const std::vector<std::string>& topics,
                                                             int64_t records_back) {
  ASSAY_ASSIGN_OR_RETURN(auto client, MakeReaderClient(address, security, kPrefetch));
  std::vector<std::pair<std::string, int32_t>> partitions;
  std::vector<std::string> names;
  for (const TopicSpec& spec : PublishedTopics()) {
    if (std::find(topics.begin(), topics.end(), spec.name) == topics.end()) continue;
    for (int32_t i = 0; i < spec.partitions; ++i) {
      partitions.emplace_back(address.Topic(spec.name), i);
      names.push_back(spec.name);
    }
  }
  ASSAY_ASSIGN_OR_RETURN(const auto begins, BeginOffsets(*client, partitions, kAdminTimeoutMs));
  ASSAY_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*client, partitions, kAdminTimeoutMs));
  std::unique_ptr<OutputTail> tail(new OutputTail(std::move(client), std::move(formats)));
  for (size_t i = 0; i < partitions.size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(
        auto reader,
        PartitionReader::Start(*tail->client_, partitions[i].first, partitions[i].second,
                               std::max(begins[i], ends[i] - records_back)));
    tail->lanes_.push_back({names[i], std::move(reader)});
  }
  return tail;
}

absl::StatusOr<std::vector<v1::OutputRecord>> OutputTail::Take() {
  std::vector<v1::OutputRecord> taken;
  for (const Lane& lane : lanes_) {
    const auto format = formats_.find(lane.topic);
    for (int i = 0; i < kRecordsMax; ++i) {
      ASSAY_ASSIGN_OR_RETURN(const KafkaRecord record, lane.reader->Next(0));
      if (record.message == nullptr) break;
      taken.push_back(OutputFrom(
          record, lane.topic, format == formats_.end() ? ValueFormat::kProtobuf : format->second));
    }
  }
  return taken;
}

}  // namespace assay
