// Keys as files of a home: one per key, readable by the owner only.
//
// `<dir>/<key id>.key`, with every byte of the id but letters, digits, '_' and '-' written as %XX:
//
//   assay-key 1
//   <64 hexadecimal digits: the key>
//   <64 hexadecimal digits: SHA-256 of "assay-key", 0x00, key id, 0x00, key>
//
// so that a flipped bit, or a file under another key's name, is noticed. Deleting the file destroys
// the key (for a process that has it in memory: from its next start).
//
// When `<dir>/SEED` is there (hexadecimal digits, at least 16 bytes), keys are made as
// HMAC-SHA256(seed, key id) instead of at random, so that the demo company seals the same bytes
// everywhere. Such keys are worth as much as the secrecy of the seed.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

// Thread-safe; any number of processes may use one directory.
class FileKeyStore final : public KeyStore {
 public:
  // Makes the directory when it is missing. DATA_LOSS when SEED is no seed, UNAVAILABLE when the
  // disk refuses.
  static absl::StatusOr<std::unique_ptr<FileKeyStore>> Open(const std::string& dir);

  // A key that was made is durable, file and directory entry, before the return; of several who
  // make one key at the same time, all get the same.
  //
  // NOT_FOUND         there is no such key and `create` is false.
  // INVALID_ARGUMENT  the id is empty or too long for a file name.
  // DATA_LOSS         the file is there and is not what was written.
  // UNAVAILABLE       the disk refuses.
  absl::StatusOr<std::string> Key(std::string_view key_id, bool create) override;

  // A short text that stands beside the keys, "LOG": what they belong to. NOT_FOUND when it is not
  // there; else as Key.
  absl::StatusOr<std::string> Note(std::string_view name) const;
  // Replaces it; durable before the return.
  [[nodiscard]] absl::Status PutNote(std::string_view name, const std::string& text);
  [[nodiscard]] absl::Status RemoveNote(std::string_view name);

 private:
  FileKeyStore(std::string dir, std::optional<std::string> seed);

  [[nodiscard]] absl::StatusOr<std::string> Load(std::string_view key_id,
                                                 const std::string& path) const;
  [[nodiscard]] absl::Status Make(std::string_view key_id, const std::string& path) const;
  [[nodiscard]] absl::Status SyncDirectory() const;

  const std::string dir_;
  const std::optional<std::string> seed_;
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> keys_;
};

}  // namespace assay
