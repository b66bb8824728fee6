// Do the keys open what was sealed with them? A part of `assay verify`.
//
// A key file that was replaced by another well-formed one is told by the list of the keys
// (connectors/embedded/key_list.h), and by the texts: what was sealed opens with the right key
// only.

#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <string>

#include "engine/base/status.h"
#include "tools/assay/home.h"

namespace assay {

struct CheckedKeys {
  // Of those that texts of the decisions name: files that are not there.
  int64_t gone = 0;
  // Of ids that no key can have: what is said to be sealed with them was sealed by nobody.
  int64_t impossible = 0;
  // Texts of the decisions that opened, and of those that did not although their key is there and
  // opens others: an older release took texts that came encrypted.
  int64_t texts = 0;
  int64_t texts_unreadable = 0;
  FileKeyStore::Audit list;
};

// Opens every text of the records that it sees.
class SealedTexts {
 public:
  // `home` must outlive it.
  explicit SealedTexts(Home& home) : home_(home) {}

  // DATA_LOSS when a key is damaged or not the one that was made.
  [[nodiscard]] absl::Status See(const google::protobuf::Message& record, int64_t position);

  // After the last record. DATA_LOSS with file and position when a key opens none of its texts, and
  // as FileKeyStore::CompareWithList.
  [[nodiscard]] absl::Status Finish(CheckedKeys& checked);

 private:
  struct Seen {
    bool is_there = false;
    std::string key;
    int64_t opened = 0;
    int64_t unreadable = 0;
    // Of the first text that did not open.
    int64_t position = 0;
  };
  absl::StatusOr<Seen*> SeenOf(const std::string& key_id);

  Home& home_;
  std::map<std::string, Seen> seen_;
  int64_t impossible_ = 0;
};

}  // namespace assay
