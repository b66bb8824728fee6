// Maps the topic of one source onto the facts journal.
//
// The partitions of a topic are shared by claims on the log: a node reads those that it claimed,
// and claims those that nobody has, or whose records nobody has read for a while. It begins behind
// the mark of each partition; what two nodes write of the same records is recognised by the fold. A
// paused source is left alone until the log says otherwise.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/file/mapper.h"
#include "connectors/file/message_parser.h"
#include "connectors/kafka/reader.h"
#include "tools/assay/intake_writer.h"
#include "tools/assay/settings.h"
#include "tools/assayd/home_keeper.h"
#include "tools/assayd/log.h"
#include "tools/assayd/loop.h"
#include "tools/assayd/metrics.h"

namespace assay {

// One contract version, for as long as it is the newest. A thread of its own; what is passed in
// must outlive this.
class SourceReader {
 public:
  struct Options {
    // What is read before it is written: bounds the memory, and what a kill makes be read again.
    int records_max = 4'000;
    int64_t bytes_max = 8 << 20;
    // Of all partitions together, read ahead by librdkafka.
    int64_t prefetch_bytes = 64 << 20;
    // Between looks at the log and at the ends of the topic.
    std::chrono::milliseconds look{200};
    // Records of a partition that its node leaves unread for so long make others claim it.
    std::chrono::milliseconds takeover{10'000};
    // Without records; after a failure, and how often it is spoken of.
    std::chrono::milliseconds pause{20};
    std::chrono::milliseconds retry{1'000};
    std::chrono::milliseconds say_every{10'000};
    int timeout_ms = 10'000;
  };
  struct Place {
    HomeKeeper& keeper;
    const Readiness& readiness;
    Metrics& metrics;
    Log& log;
  };

  SourceReader(Place place, SourceCluster topic, v1::SourceContract contract, Options options);
  SourceReader(Place place, SourceCluster topic, v1::SourceContract contract)
      : SourceReader(place, std::move(topic), std::move(contract), Options()) {}

  // Reads nothing further; what was read is written. As Loop::Stop.
  bool Stop(std::chrono::milliseconds patience) { return loop_.Stop(patience); }
  [[nodiscard]] const v1::SourceContract& Contract() const { return contract_; }

 private:
  using Steady = std::chrono::steady_clock;

  // One partition of the topic.
  struct Input {
    int64_t mark = 0;
    Steady::time_point mark_moved;
    // Of the last claim; 0 = none.
    int64_t epoch = 0;
    bool is_ours = false;
    int64_t end = 0;
    // Where the end was without a record before it.
    int64_t skipped_to = 0;
    // Set while this node reads it.
    std::unique_ptr<PartitionReader> reader;
  };

  std::optional<std::chrono::milliseconds> StepAndWait();
  // Whether records were read.
  absl::StatusOr<bool> Step();
  absl::Status Connect();
  absl::Status MakeMapper();
  absl::Status Look();
  // For who asks how the source is read.
  void NoteReading();
  // What the log says of the source, with the home to itself.
  absl::Status LookAtLog();
  void TakeClaims(const v1::ReadingState& reading, const std::string& node);
  absl::Status LookAtTopic();
  absl::Status ClaimFree();
  absl::Status StartReaders();
  // The records before `begin` are gone, and somebody said to go on: the mark is moved.
  absl::Status SkipGap(int32_t partition, int64_t begin);
  absl::StatusOr<bool> ReadAndWrite();
  void SkipToEnd(int32_t partition, IntakeWriter& writer);
  // Nothing when there is no record.
  absl::StatusOr<std::optional<v1::Intake>> NextOf(int32_t partition, Input& input);
  absl::Status JudgeRefusals(int64_t read, int64_t refused);
  absl::Status Pause(std::string code, std::string detail);
  // Refusals are errors, but for one that is expected.
  absl::Status Submit(std::string_view what, v1::Command command,
                      std::string_view expected_refusal);
  void Disconnect();
  void LetGo();
  void Say(const absl::Status& why);

  const Place place_;
  const SourceCluster topic_;
  const v1::SourceContract contract_;
  const Options options_;
  // Without a hold only what is thread-safe of it: the journal, the clock, the identity. Let go of
  // when the service is not ready.
  std::shared_ptr<Home> home_;
  std::string input_log_;
  std::unique_ptr<KafkaClient> client_;
  std::optional<Mapper> mapper_;
  std::unique_ptr<MessageParser> parser_;
  std::vector<Input> inputs_;
  bool is_paused_ = false;
  // A pause because records are gone was ended: it is gone on behind them.
  bool accepts_gaps_ = false;
  Steady::time_point looked_;
  Steady::time_point connected_;
  // Where the next round begins, so that no partition waits for a long one.
  size_t first_ = 0;
  // Of the records that the limit of refusals is taken of.
  int64_t window_read_ = 0;
  int64_t window_refused_ = 0;
  std::optional<Steady::time_point> said_;
  // The last member: its thread uses the others.
  Loop loop_;
};

}  // namespace assay
