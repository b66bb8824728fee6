// The end mark of an embedded journal: what has been acknowledged, kept outside RocksDB's files.
//
// RocksDB takes a log that lost its tail for one that was never longer. The mark knows better: it
// is written and synced after the records and before anyone hears "appended".
//
// The file END has two slots of equal size, written in turn, so that a torn write spoils one and
// the other still holds the mark before. Integers are big-endian.
//
//   slot (at sequence mod 2, padded with zeros to a multiple of 4096 bytes)
//     magic "ASSAYEND"             8
//     directory row               24   format version, facts partitions, random id
//     sequence                     8
//     per partition, decisions first:
//       end, append time, chain   48   (journal_format.h)
//     checksum                    32   SHA-256 of everything above
//
// All file access goes through RocksDB's Env, so that a test can cut the power below both.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/embedded/journal_format.h"
#include "engine/base/status.h"

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace assay {

struct EndMark {
  JournalIdentity identity;
  uint64_t sequence = 0;
  // By slot (SlotOf).
  std::vector<Tail> tails;

  bool operator==(const EndMark&) const = default;
};

// One slot, padded; and back. Nothing when `slot` is no whole slot.
[[nodiscard]] std::string EncodeSlot(const EndMark& mark);
[[nodiscard]] std::optional<EndMark> DecodeSlot(std::string_view slot);

// Thread-compatible; `env` must outlive it.
class EndMarkFile {
 public:
  ~EndMarkFile();

  // Makes the file with `mark` in both slots, synced; the entry in its directory is not.
  // UNAVAILABLE when the disk refuses.
  static absl::Status Create(rocksdb::Env* env, const std::string& path, const EndMark& mark);

  // Reads the newer of the valid slots into `mark`. DATA_LOSS when both are bad or the file is
  // gone; UNAVAILABLE when the disk refuses. With `read_only`, Write must not be called.
  static absl::StatusOr<std::unique_ptr<EndMarkFile>> Open(rocksdb::Env* env,
                                                           const std::string& path, bool read_only,
                                                           EndMark& mark);

  // Overwrites the slot that is `mark.sequence`'s turn and, with `sync`, returns when it is
  // durable. After an error the slot's content is unknown.
  absl::Status Write(const EndMark& mark, bool sync);
  // Whether the file has `mark`, the last one that was written or read. DATA_LOSS when somebody
  // else wrote to it.
  absl::Status CheckHas(const EndMark& mark);

  // Whether one of the slots could not be read when the file was opened: a power loss while it was
  // written leaves that, and another hand does.
  [[nodiscard]] bool OneSlotWasDamaged() const { return one_slot_was_damaged_; }

 private:
  EndMarkFile(std::string path, std::unique_ptr<rocksdb::RandomRWFile> file,
              bool one_slot_was_damaged);

  const std::string path_;
  const std::unique_ptr<rocksdb::RandomRWFile> file_;
  const bool one_slot_was_damaged_;
};

}  // namespace assay
