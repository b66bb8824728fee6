// Which keys a folder has, so that one that was put in the place of another is noticed.
//
// `<dir>/KEYS` has a line per key, in the order in which they were made:
//
//   assay-keys 1 <32 hexadecimal digits: the tag of this line>
//   made  <32 digits: name of the file> <32 digits: fingerprint> <32 digits: tag>
//   found ...                              of a key that was there before the list
//
// and `<dir>/KEYS.mac` the key of the list, drawn with it. A fingerprint is a tag of name and key,
// so it says nothing about the key; the tag of a line is over the tag of the line before it and
// the line, so none can be changed, left out or moved without the list's key. Tags are the first
// 16 bytes of HMAC-SHA256. A line that was torn off by a kill or a power loss is the last one, and
// its key sealed nothing yet.
//
// Whoever reads the folder can write a list of his own, as he can copy every key. What is noticed
// is a file that changed and a list that did not.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/embedded/posix_file.h"
#include "engine/base/hash.h"
#include "engine/base/status.h"

namespace assay {

// Thread-compatible; writers of any number of processes take turns by Lock.
class KeyList {
 public:
  // A file of a key without its ending, and what it holds.
  struct Key {
    std::string name;
    std::string key;
  };
  struct Line {
    bool was_found = false;
    std::string name;
    std::string print;
  };

  // Nothing when the folder has no list, or one whose first writing was interrupted: Begin goes on.
  // DATA_LOSS when the list or its key is gone, or they do not belong together.
  static absl::StatusOr<std::optional<KeyList>> Load(const std::string& dir);

  // Held against other writers of the folder as long as it lives; the file `<dir>/KEYS.lock` stays.
  static absl::StatusOr<PosixFile> Lock(const std::string& dir);

  // Makes the list of a folder that has none, with the keys that are there; durable before the
  // return. REQUIRES: the lock is held, and Load gave nothing.
  static absl::StatusOr<KeyList> Begin(const std::string& dir, const std::vector<Key>& found);

  // Reads what others appended since, or a list that was copied here with the whole folder.
  [[nodiscard]] absl::Status Refresh();

  // Appends a line, durable before the return, and removes what was torn off before it.
  // DATA_LOSS when the end of the list is not what was written; nothing is appended then.
  // REQUIRES: the lock is held, and Refresh was called since.
  [[nodiscard]] absl::Status Append(bool was_found, const Key& key);

  // The fingerprint on the list; nothing when it has no such name.
  [[nodiscard]] std::optional<std::string_view> PrintOf(std::string_view name);
  [[nodiscard]] std::string Fingerprint(const Key& key) const;

  // Every line, after checking each tag. DATA_LOSS with the line that is not what was written.
  [[nodiscard]] absl::StatusOr<std::vector<Line>> CheckedLines() const;

  [[nodiscard]] std::string Path() const;

 private:
  KeyList(std::string dir, std::string_view mac) : dir_(std::move(dir)), mac_(mac) {}

  [[nodiscard]] std::string Tag(std::string_view before, std::string_view text) const;
  [[nodiscard]] std::string Header() const;
  // With its tag and the end of the line.
  [[nodiscard]] std::string NewLine(std::string_view before, bool was_found, const Key& key) const;
  [[nodiscard]] std::string_view LineAt(size_t index) const;
  [[nodiscard]] size_t Lines() const;
  // The tag of the line before the one at `index`.
  [[nodiscard]] std::string_view TagBefore(size_t index) const;
  [[nodiscard]] bool IsWhole(size_t index) const;
  [[nodiscard]] absl::Status Damaged(std::string_view what) const;

  std::string dir_;
  HmacKey mac_;
  std::string text_;
  int looked_for_ = 0;
  // The newest line of each name, of the lines before `indexed_`.
  size_t indexed_ = 0;
  std::unordered_map<std::string, size_t> by_name_;
};

}  // namespace assay
