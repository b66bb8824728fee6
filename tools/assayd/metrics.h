// What Prometheus is told: positions and lag of every view, verdicts, refusals, evaluations, how
// long commits and calls take, what is published and waits to be, and RocksDB's figures of the
// views.
//
// Names begin with assay_ and end with their unit; labels have few values, and none is an id of a
// person, unit or command.

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tools/assay/home.h"

namespace assay {

// Thread-safe, but for Observe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // The home as it stands: called by who has it to itself.
  void Observe(Home& home);
  // A command was answered.
  void CountSubmit(std::chrono::nanoseconds took, const absl::StatusOr<SubmitAnswer>& answer);
  // A call ended; `verb` is empty when its words were not understood.
  void CountCall(const std::string& verb, int exit_code, std::chrono::nanoseconds took);
  void SetReady(bool ready);
  // A condition of readiness, by its name.
  void SetCondition(const std::string& name, bool is_raised);
  // Whether the home could not be written and is to be opened again.
  void SetHomeFailed(bool failed);
  // Of the topic of a source: records that were read and refused.
  void CountRecords(const std::string& source, int64_t read, int64_t refused);
  // Records of an input partition that nobody has mapped yet.
  void SetSourceLag(const std::string& source, int32_t input_partition, int64_t records);
  void SetSourcePaused(const std::string& source, bool paused);
  // Records of a topic were acknowledged.
  void CountPublished(const std::string& topic, int64_t records);
  // Which epoch is claimed, and whether by this node; then what its producer is at.
  void SetPublisher(bool is_publisher, int64_t epoch);
  void SetProducer(int64_t queued, int64_t failures);

  // In the text format of Prometheus.
  [[nodiscard]] std::string Text() const;

 private:
  struct Families;
  void ObserveLag(Home& home);
  void ObserveCounts(Home& home);
  void ObserveStore(Home& home);
  void ObserveOutbox(Home& home);

  std::unique_ptr<Families> families_;
  // RocksDB is not asked at every call.
  std::chrono::steady_clock::time_point store_asked_;
};

}  // namespace assay
