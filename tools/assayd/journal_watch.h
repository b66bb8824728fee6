// Looks every few seconds whether the journal is still the one that the views were folded from.
//
// What the follow loop reads shows only what comes; that what it read before is gone, or may be
// gone soon, has to be asked for.

#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tools/assayd/home_keeper.h"
#include "tools/assayd/log.h"
#include "tools/assayd/loop.h"

namespace assay {

// A thread of its own. What is passed in must outlive it.
class JournalWatch {
 public:
  struct Options {
    // A node halts within 10 s, and a look takes some time itself.
    std::chrono::milliseconds pause{5'000};
  };

  JournalWatch(HomeKeeper& keeper, Log& log) : JournalWatch(keeper, log, Options()) {}
  JournalWatch(HomeKeeper& keeper, Log& log, Options options)
      : keeper_(keeper), log_(log), options_(options), loop_([this] { return Look(); }) {}
  // As Loop::Stop.
  bool Stop(std::chrono::milliseconds patience) { return loop_.Stop(patience); }

 private:
  [[nodiscard]] std::optional<std::chrono::milliseconds> Look();

  HomeKeeper& keeper_;
  Log& log_;
  const Options options_;
  // What could not be looked at, as it was said.
  std::string said_;
  // The last member: its thread uses the others.
  Loop loop_;
};

}  // namespace assay
