// The journal on Kafka: two topics, one partition of decisions and P of facts.
//
// A record's address is its offset. Nothing but the order of a partition is asked of the brokers:
// no transactions, no groups, no compaction. What counts is decided by reading
// (engine/commit/rule.h).
//
// Topics may be deleted, made anew, cut or set otherwise while they are used, and brokers may lose
// records; the offsets of a topic then say nothing any more. So no answer of the brokers is taken
// that contradicts an earlier one, and what cannot be seen in answers is asked for (CheckMedium).

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_address.h"
#include "connectors/kafka/producer.h"
#include "connectors/kafka/reader.h"
#include "connectors/kafka/topics.h"
#include "engine/commit/ports.h"

namespace assay {

// Thread-safe.
//
// Invariants:
//  (1) Records of one append stand in their order; other writers' may stand between them.
//  (2) A known end never runs back. What is acknowledged stands behind the end that was known.
//  (3) Once the log was found to be another one, or shorter, every call says so.
class KafkaJournal final : public Journal, public CopyTarget {
 public:
  struct Options {
    KafkaSecurity security;
    // Without an acknowledgement for so long an append is unknown.
    int append_timeout_ms = 30'000;
    // Without a record that must be there for so long a read is UNAVAILABLE.
    int read_timeout_ms = 30'000;
    // Without an answer about the ends for so long it is UNAVAILABLE.
    int ends_timeout_ms = 5'000;
    // How long the first answer of the cluster may take.
    int connect_timeout_ms = 10'000;
    Prefetch prefetch;
    // Opens topics that are in the middle of a copy, and makes new ones ready for one.
    bool copying = false;
  };

  // Makes the topics that are missing, and opens the journal.
  //
  // FAILED_PRECONDITION  topics are there with other partitions or settings: the text has a line
  // for
  //                      each difference, and nothing was changed. Also: we are refused.
  // UNAVAILABLE          nobody answers; the text says who was asked.
  static absl::StatusOr<std::unique_ptr<KafkaJournal>> Create(const KafkaAddress& address,
                                                              int32_t facts_partitions,
                                                              const Options& options);
  // NOT_FOUND when the topics are not there; else as Create.
  static absl::StatusOr<std::unique_ptr<KafkaJournal>> Open(const KafkaAddress& address,
                                                            const Options& options);
  ~KafkaJournal() override;

  KafkaJournal(const KafkaJournal&) = delete;
  KafkaJournal& operator=(const KafkaJournal&) = delete;

  absl::Status Append(PartitionId partition, std::span<const std::string> values) override;
  // Waits for what is known to be there. DATA_LOSS also when the topic has become shorter.
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override;
  // DATA_LOSS when it is less than it was known to be.
  absl::StatusOr<int64_t> End(PartitionId partition) override;
  // As End. UNAVAILABLE also for one partition without a leader; what is known of the others rises.
  absl::StatusOr<std::vector<int64_t>> Ends() override;
  [[nodiscard]] int64_t KnownEnd(PartitionId partition) override;
  // Also whether it is the same cluster, with the same topics and settings.
  absl::StatusOr<std::string> CheckMedium() override;
  // "kafka:", the cluster's id and the prefix.
  [[nodiscard]] std::string Identity() const override;
  [[nodiscard]] int32_t FactsPartitions() const override { return facts_partitions_; }

  absl::Status AppendCopies(PartitionId partition, std::span<const StoredRecord> records) override;
  // Between these two the topics keep the times that records state, and nobody else can open them.
  absl::Status BeginCopy() override;
  absl::Status EndCopy() override;

 private:
  struct Lane {
    size_t client = 0;
    PartitionId partition;
    std::unique_ptr<PartitionReader> reader;
    bool is_busy = false;
  };

  KafkaJournal(KafkaAddress address, const Options& options);
  absl::Status Connect();
  absl::Status Check(const ClusterView& cluster, int32_t facts_partitions);
  absl::Status StampBy(std::string_view timestamp_type);

  // Whether there is such a partition, and the log was not lost.
  [[nodiscard]] absl::Status CheckPartition(PartitionId partition);
  [[nodiscard]] absl::Status Lost();
  // From now on nothing is answered but the first `why`; gives that.
  absl::Status Lose(const absl::Status& why);
  [[nodiscard]] std::vector<PartitionId> Partitions() const;
  // The ends, which are known from now on; DATA_LOSS when one of them ran back, and stays so.
  absl::StatusOr<std::vector<int64_t>> AskEnds(std::span<const PartitionId> partitions,
                                               int timeout_ms);
  // Why an end is less than it was known to be.
  absl::Status Shorter(PartitionId partition, int64_t end, int64_t known);
  // How the cluster is another one than it was; `unseen` says what could not be looked at.
  absl::Status ClusterFault(std::string& unseen);
  absl::Status BeginFault();
  void RaiseEnd(PartitionId partition, int64_t end);
  // Not all ends could be had, for `why`: those that can are known from now on. Gives which
  // partitions have no leader, or else `why`.
  absl::Status RaiseEndsOfLed(const absl::Status& why);
  absl::StatusOr<int64_t> SendAll(PartitionId partition,
                                  std::span<const KafkaProducer::Message> messages);

  absl::StatusOr<KafkaClient*> Client(size_t index);
  absl::StatusOr<std::list<Lane>::iterator> TakeLane(PartitionId partition, int64_t address,
                                                     bool is_spot);
  void KeepLane(std::list<Lane>::iterator lane, bool is_usable);
  absl::StatusOr<std::vector<StoredRecord>> ReadOn(PartitionReader& reader, PartitionId partition,
                                                   Cursor from, int64_t end, int32_t records_max,
                                                   int64_t bytes_max);
  // Nothing came although it must be there: why.
  absl::Status Missing(PartitionId partition, int64_t address);

  const KafkaAddress address_;
  const Options options_;
  std::string cluster_id_;
  int32_t facts_partitions_ = 0;
  // By slot: decisions, then facts.
  std::vector<std::atomic<int64_t>> known_ends_;
  KafkaProducer decisions_;
  KafkaProducer facts_;
  // For questions about topics and ends.
  std::unique_ptr<KafkaClient> asking_;

  std::mutex lost_mutex_;
  absl::Status lost_;

  std::mutex lanes_mutex_;
  std::condition_variable lane_free_;
  // Two that read ahead, and one that does not; made when they are needed.
  std::vector<std::unique_ptr<KafkaClient>> clients_;
  // The one used last comes first.
  std::list<Lane> lanes_;
};

}  // namespace assay
