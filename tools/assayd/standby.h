// Whether the node that publishes still does, as another one sees it.
//
// A node that stands by folds the same log, so its outbox names what should come onto the topics. A
// record that another node brought there leaves the outbox; while some wait and nothing comes, the
// publisher is not there any more. Nothing is said on the log and no heartbeat is sent: a company
// in which nothing changes needs no publisher.

#pragma once

#include <assay/v1/output.pb.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "projections/score_table/query.h"

namespace assay {

// One thread.
class Standby {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    // Records wait, and nothing comes, for so long.
    std::chrono::milliseconds patience{4'000};
    // Records seen that are kept in mind: some come before this node folds what they follow from.
    size_t seen_max = 200'000;
  };

  Standby(Options options, Time now) : options_(options), seen_at_(now) {}

  // A record is on its topic.
  void See(const v1::OutputRecord& record, Time now);
  // Sequences of the rows that the topics show, also where they say it in another batch: a row of
  // the scores is settled by any later one of its key. `waiting` is the outbox in its order.
  std::vector<int64_t> Settle(const std::vector<score_table::PendingOutput>& waiting, Time now);
  // Whether the publisher seems to be gone: rows wait or a look is owed, and nothing came.
  [[nodiscard]] bool IsAlone(Time now) const;
  // The publisher is given its time anew.
  void StartAnew(Time now);
  // Something may be missing although nothing waits here: it is to be looked at once the publisher
  // had its time; until Looked().
  void OweLook(Time now) { owed_since_ = now; }
  void Looked() { owed_since_.reset(); }

 private:
  const Options options_;
  // Of a score what was seen last, by its key.
  std::unordered_map<std::string, std::string> shown_;
  // Ids of everything else, and in which order they came.
  std::unordered_set<std::string> seen_;
  std::deque<std::string> order_;
  Time seen_at_;
  // Since when some row waits, and since when a look is owed.
  std::optional<Time> waits_since_;
  std::optional<Time> owed_since_;
};

}  // namespace assay
