// Keys as files of a home: one per key, readable by the owner only.
//
// `<dir>/<name>.key`, where the name is the first 32 hexadecimal digits of SHA-256 of
// "assay-key-file", 0x00 and the key id, so that the names of the files do not list people:
//
//   assay-key 1
//   <64 hexadecimal digits: the key>
//   <64 hexadecimal digits: SHA-256 of "assay-key", 0x00, key id, 0x00, key>
//
// so that a flipped bit, or a file under another key's name, is noticed. Deleting the file destroys
// the key (for a process that has it in memory: from its next start).
//
// A folder whose list is kept (key_list.h, KeepList) also notices a file that holds another key
// than the one that was made, and makes no second key for an id whose file is gone. A key is made
// in four steps, so that a kill leaves none in doubt: `<name>.key.new` is written, the list gets
// its line, the file gets its name, the other name goes. What was listed and not named yet is named
// by whoever needs the key next.
//
// Up to version 0.1 the file's name was the id itself, with every byte but letters, digits, '_' and
// '-' written as %XX. Such files are found and opened as well, and a folder that has one gets no
// file of a new name beside it before HideNames: an older program that shares the folder would not
// find that, and would make another key for the same id.
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
#include <vector>

#include "connectors/embedded/key_list.h"
#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

// Thread-safe; any number of processes may use one directory.
class FileKeyStore final : public KeyStore {
 public:
  // Makes the directory, for its owner alone, when it is missing. FAILED_PRECONDITION when others
  // may read or write it, with what to do; DATA_LOSS when SEED is no seed; UNAVAILABLE when the
  // disk refuses.
  static absl::StatusOr<std::unique_ptr<FileKeyStore>> Open(const std::string& dir);

  // A key that was made is durable, file and directory entry, before the return; of several who
  // make one key at the same time, all get the same.
  //
  // NOT_FOUND         there is no such key and `create` is false.
  // INVALID_ARGUMENT  the id is empty or longer than an older version's file name would hold.
  // DATA_LOSS         the file is there and is not what was written, holds another key than the
  //                   list says, or is not on the list; with `create` also: the list has the key
  //                   and its file is gone.
  // UNAVAILABLE       the disk refuses.
  absl::StatusOr<std::string> Key(std::string_view key_id, bool create) override;

  // A short text that stands beside the keys, "LOG": what they belong to. NOT_FOUND when it is not
  // there; else as Key.
  absl::StatusOr<std::string> Note(std::string_view name) const;
  // Replaces it; durable before the return.
  [[nodiscard]] absl::Status PutNote(std::string_view name, const std::string& text);
  [[nodiscard]] absl::Status RemoveNote(std::string_view name);

  // Renames the files whose names are their ids. Interrupted at any place it leaves each key under
  // one name or both, and the next call goes on. To be called while nobody else uses the folder.
  //
  // DATA_LOSS    two files hold different keys of one id: nobody knows which is right. The files
  //              before it are renamed.
  // UNAVAILABLE  the disk refuses.
  absl::Status HideNames();

  // From now on the folder has a list of its keys. Keys that are there when it begins are trusted
  // and marked as found. DATA_LOSS when a list was there and is gone; UNAVAILABLE when the disk
  // refuses.
  [[nodiscard]] absl::Status KeepList();

  struct Audit {
    bool has_list = false;
    int64_t listed = 0;
    // Of the listed: were there before the list.
    int64_t found = 0;
    // Of the listed: whose file is gone.
    std::vector<std::string> lost;
    // Made by a program of version 0.1, and not used since by one that keeps the list.
    int64_t unlisted = 0;
  };
  // Compares every file of the folder with the list. DATA_LOSS with the file that holds another key
  // than the list says, or that the list does not have, and when the list itself was changed.
  [[nodiscard]] absl::StatusOr<Audit> CompareWithList();
  // The path of the key's file.
  [[nodiscard]] std::string PathOf(std::string_view key_id) const;

 private:
  FileKeyStore(std::string dir, std::optional<std::string> seed);

  // By the names of files.
  [[nodiscard]] absl::StatusOr<std::vector<std::string>> NamesThatListIds() const;
  [[nodiscard]] absl::StatusOr<std::string> PathOfNew(std::string_view key_id);
  // Under either name.
  [[nodiscard]] absl::StatusOr<std::string> Find(std::string_view key_id) const;
  [[nodiscard]] absl::StatusOr<std::string> Load(std::string_view key_id,
                                                 const std::string& path) const;
  [[nodiscard]] absl::StatusOr<std::string> NewKey(std::string_view key_id) const;
  [[nodiscard]] absl::Status Make(std::string_view key_id, const std::string& path) const;
  [[nodiscard]] absl::Status SyncDirectory() const;

  // The list, read at its first use; null when the folder has none.
  [[nodiscard]] absl::StatusOr<KeyList*> List();
  // Whether the list has the key. DATA_LOSS when it has another one of this name.
  [[nodiscard]] absl::StatusOr<bool> IsListed(std::string_view key_id, const std::string& path,
                                              const std::string& key);
  // Puts a key on the list that an older program made, or says why nobody uses it.
  [[nodiscard]] absl::Status ListFound(std::string_view key_id, const std::string& key);
  [[nodiscard]] absl::Status MakeListed(std::string_view key_id, const std::string& path,
                                        KeyList& list);
  struct KeyFile {
    // As on the list.
    std::string name;
    std::string key;
    std::string path;
    // Named as version 0.1 names files.
    bool is_of_older = false;
  };
  // Every file of a key that can be read.
  [[nodiscard]] absl::StatusOr<std::vector<KeyFile>> KeysHere() const;

  const std::string dir_;
  const std::optional<std::string> seed_;
  std::mutex mutex_;
  // No file is named after its id; it stays so.
  bool names_are_hidden_ = false;
  std::map<std::string, std::string, std::less<>> keys_;
  bool has_looked_for_list_ = false;
  bool keeps_list_ = false;
  std::optional<KeyList> list_;
};

}  // namespace assay
