// The replay benchmark: a journal of generated facts, folded into empty views.

#pragma once

#include <cstdint>
#include <string>

#include "engine/base/status.h"

namespace assay::bench {

struct ReplayOptions {
  int64_t facts = 1'000'000;
  uint64_t entities = 20'000;
  uint64_t seed = 1;
  int rounds = 5;
  // kafka://host:port; empty = an embedded journal, made anew.
  std::string journal;
};

// Prints one JSON line: rates of folding (A), of folding the same facts without tags, as a log of
// rules version 1 has them (B), and of only reading and parsing (C), measured A B C A B C, each in
// a process of its own; the ratio of A to B; where the fold's time went; bytes of the views; and
// how long opening them takes after the folding process was killed. DATA_LOSS when two folds of a
// log end in different views.
absl::Status Replay(const ReplayOptions& options);

}  // namespace assay::bench
