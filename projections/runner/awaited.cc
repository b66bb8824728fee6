#include "projections/runner/awaited.h"

#include <functional>

#include "engine/commit/authentic.h"

namespace assay {

void Awaited::Add(int32_t partition, std::string_view value) {
  ++hashes_[static_cast<size_t>(partition)][std::hash<std::string_view>()(value)];
}

void Awaited::Meet(int32_t partition, const std::vector<StoredRecord>& records) {
  auto& hashes = hashes_[static_cast<size_t>(partition)];
  const auto take = [&](std::string_view value) {
    const auto found = hashes.find(std::hash<std::string_view>()(value));
    if (found == hashes.end()) return false;
    if (--found->second == 0) hashes.erase(found);
    return true;
  };
  for (const StoredRecord& record : records) {
    if (hashes.empty()) return;
    const std::string_view value = record.value;
    // The journal adds a tag after what it is given.
    if (value.size() > kAuthBytes && take(value.substr(0, value.size() - kAuthBytes))) continue;
    (void)take(value);
  }
}

absl::Status Awaited::Missing() const {
  for (size_t partition = 0; partition < hashes_.size(); ++partition) {
    int64_t missing = 0;
    for (const auto& [hash, count] : hashes_[partition]) missing += count;
    if (missing == 0) continue;
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} records that facts/{} acknowledged are not on it: the journal was made "
                      "anew or lost records",
                      missing, partition);
  }
  return absl::OkStatus();
}

}  // namespace assay
