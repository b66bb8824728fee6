#include "tools/assayd/journal_watch.h"

#include <utility>

namespace assay {

std::optional<std::chrono::milliseconds> JournalWatch::Look() {
  auto looked = keeper_.CheckJournal();
  // A fault is told by the follow loop, which halts by it, or waits for the same brokers.
  if (!looked.ok() || *looked == said_) return options_.pause;
  if (looked->empty()) {
    log_.Info("journal looked at in whole");
  } else {
    log_.Warn("journal not as expected", Json::Object().Put("reason", *looked));
  }
  said_ = *std::move(looked);
  return options_.pause;
}

}  // namespace assay
