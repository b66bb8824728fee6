#include "connectors/kafka/output_tail.h"

#include <algorithm>

namespace assay {
namespace {

constexpr Prefetch kPrefetch{.bytes_per_partition = 1 << 20, .wait_ms = 100};
// Of one partition at a time.
constexpr int kRecordsMax = 2'000;

}  // namespace

OutputTail::Partitions OutputTail::PartitionsOf(const KafkaAddress& address,
                                                const std::vector<std::string>& topics) {
  Partitions partitions;
  for (const TopicSpec& spec : PublishedTopics()) {
    if (std::find(topics.begin(), topics.end(), spec.name) == topics.end()) continue;
    for (int32_t i = 0; i < spec.partitions; ++i) {
      partitions.all.emplace_back(address.Topic(spec.name), i);
      partitions.names.push_back(spec.name);
    }
  }
  return partitions;
}

absl::Status OutputTail::Start(const Partitions& partitions, const std::vector<int64_t>& offsets) {
  ASSAY_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*client_, partitions.all, kAdminTimeoutMs));
  for (size_t i = 0; i < partitions.all.size(); ++i) {
    const auto& [topic, partition] = partitions.all[i];
    ASSAY_ASSIGN_OR_RETURN(auto reader,
                           PartitionReader::Start(*client_, topic, partition, offsets[i]));
    lanes_.push_back({partitions.names[i], ends[i], std::move(reader)});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<OutputTail>> OutputTail::Open(const KafkaAddress& address,
                                                             const KafkaSecurity& security,
                                                             const std::vector<std::string>& topics,
                                                             int64_t records_back) {
  ASSAY_ASSIGN_OR_RETURN(auto client, MakeReaderClient(address, security, kPrefetch));
  const Partitions partitions = PartitionsOf(address, topics);
  ASSAY_ASSIGN_OR_RETURN(auto offsets, BeginOffsets(*client, partitions.all, kAdminTimeoutMs));
  ASSAY_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*client, partitions.all, kAdminTimeoutMs));
  for (size_t i = 0; i < offsets.size(); ++i) {
    offsets[i] = std::max(offsets[i], ends[i] - records_back);
  }
  std::unique_ptr<OutputTail> tail(new OutputTail(std::move(client)));
  ASSAY_RETURN_IF_ERROR(tail->Start(partitions, offsets));
  return tail;
}

absl::StatusOr<std::unique_ptr<OutputTail>> OutputTail::OpenSince(
    const KafkaAddress& address, const KafkaSecurity& security,
    const std::vector<std::string>& topics, Instant since) {
  ASSAY_ASSIGN_OR_RETURN(auto client, MakeReaderClient(address, security, kPrefetch));
  const Partitions partitions = PartitionsOf(address, topics);
  ASSAY_ASSIGN_OR_RETURN(const auto offsets,
                         OffsetsSince(*client, partitions.all, since, kAdminTimeoutMs));
  std::unique_ptr<OutputTail> tail(new OutputTail(std::move(client)));
  ASSAY_RETURN_IF_ERROR(tail->Start(partitions, offsets));
  for (const Lane& lane : tail->lanes_) {
    if (lane.reader->NextOffset() < lane.end) lane.reader->Wake();
  }
  return tail;
}

absl::StatusOr<std::vector<v1::OutputRecord>> OutputTail::Take() {
  std::vector<v1::OutputRecord> taken;
  for (const Lane& lane : lanes_) {
    for (int i = 0; i < kRecordsMax; ++i) {
      ASSAY_ASSIGN_OR_RETURN(const KafkaRecord record, lane.reader->Next(0));
      if (record.message == nullptr) break;
      taken.push_back(OutputFrom(record, lane.topic));
    }
  }
  return taken;
}

bool OutputTail::IsCaughtUp() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) {
    return lane.reader->NextOffset() >= lane.end || lane.reader->EndSeen() >= lane.end;
  });
}

}  // namespace assay
