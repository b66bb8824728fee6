// The sources whose contracts name a topic, each with its reader.
//
// What is registered decides: a reader is started for a new source, and exchanged when a newer
// contract is there.

#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tools/assay/settings.h"
#include "tools/assayd/loop.h"
#include "tools/assayd/source_reader.h"

namespace assay {

// A thread of its own, and one for each source. What is passed in must outlive this.
class Sources {
 public:
  Sources(SourceReader::Place place, HomeSettings settings)
      : place_(place), settings_(std::move(settings)), loop_([this] { return StepAndWait(); }) {}

  // Reads nothing further. False when a batch at hand was not written within `patience`.
  bool Stop(std::chrono::milliseconds patience);

 private:
  std::chrono::milliseconds StepAndWait();
  // The newest contracts that name a topic.
  absl::StatusOr<std::vector<v1::SourceContract>> Contracts();
  void Start(const v1::SourceContract& contract);

  const SourceReader::Place place_;
  const HomeSettings settings_;
  std::map<std::string, std::unique_ptr<SourceReader>> readers_;
  // Of which it was said that no setting names their cluster.
  std::set<std::string> homeless_;
  // The last member: its thread uses the others.
  Loop loop_;
};

}  // namespace assay
