// What a key store says of the log that its keys belong to: which one it is, and roots that it has.
//
// Tags show that a node of the company wrote a record, and whoever has none could take them all off
// and write history anew as an older release would. So the key store names the log and the root at
// which each partition became authentic; a log of that name that has another root there is refused.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/embedded/file_key_store.h"
#include "engine/base/status.h"
#include "engine/commit/rule.h"
#include "projections/runner/runner.h"

namespace assay {

struct LogPin {
  std::string company;
  std::string log_id;
  // By slot: of the record with which the partition became authentic.
  std::vector<std::optional<PinnedRoot>> roots;

  // Nothing when the key store names no log. DATA_LOSS when it cannot be understood.
  static absl::StatusOr<std::optional<LogPin>> Load(FileKeyStore& keys);
  // Durable before the return.
  [[nodiscard]] absl::Status Save(FileKeyStore& keys) const;
  static absl::Status Forget(FileKeyStore& keys);
};

// Of a new log whose records are authentic from position 0 on.
[[nodiscard]] LogPin PinOfNewLog(const LogIdentity& identity, const LogKey& key);

// The log keys of the store: "log/1", "log/2" and so on, as they were made.
[[nodiscard]] absl::StatusOr<LogKeys> LoadLogKeys(KeyStore& keys);
// Makes the next one.
[[nodiscard]] absl::Status MakeLogKey(KeyStore& keys);

}  // namespace assay
