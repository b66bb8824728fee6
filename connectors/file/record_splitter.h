// Cuts the bytes of an input into records, without understanding their fields.
//
// A record ends at a line feed; one carriage return before it belongs to the ending. In CSV a line
// feed between quotes is content (RFC 4180); a quote opens only at the start of a field, so that a
// stray one costs one record and not the rest of the file. Lines without any byte are no records
// and are not counted. A byte order mark (UTF-8) at the very beginning is skipped.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/file/byte_source.h"
#include "engine/base/hash.h"
#include "engine/base/status.h"

namespace assay {

struct Framing {
  // Quotes are content unless this is set.
  bool csv = false;
  char delimiter = ',';
  // In GBK the second byte of a character may look like a delimiter.
  bool gbk = false;
};

// The bytes of one record, without its ending.
struct RawRecord {
  // Valid until the next call of Next; kRecordPaddingBytes more may be read behind it. Only the
  // first limits::kOversizeKeptBytes when `length` is over limits::kRecordBytesMax.
  std::string_view bytes;
  int64_t length = 0;
  // Of the whole record.
  Hash32 hash;
};

// What the JSON parser reads beyond the end.
inline constexpr size_t kRecordPaddingBytes = 64;

// Finds the end of a record in bytes that come in pieces.
class RecordEnd {
 public:
  explicit RecordEnd(const Framing& framing) : framing_(framing) {}
  // The index of the line feed that ends the current record, or npos when it goes on behind
  // `bytes`. The search goes on where the call before ended.
  [[nodiscard]] size_t Find(std::string_view bytes);

 private:
  enum class State : uint8_t { kFieldStart, kPlain, kQuoted, kQuoteSeen };
  [[nodiscard]] State After(State state, char byte) const;
  [[nodiscard]] size_t FindQuoted(std::string_view bytes);

  const Framing framing_;
  State state_ = State::kFieldStart;
  // The next byte is the second one of a GBK character.
  bool second_byte_ = false;
};

// Thread-compatible. Memory is bounded by the limit of a record, whatever the input holds.
class RecordSplitter {
 public:
  RecordSplitter(std::unique_ptr<ByteSource> bytes, const Framing& framing);

  // The next record, or nothing at the end. Errors are those of the byte source.
  absl::StatusOr<std::optional<RawRecord>> Next();

 private:
  // One record or one empty line; nothing at the end.
  absl::StatusOr<std::optional<RawRecord>> NextLine();
  absl::StatusOr<std::optional<RawRecord>> Oversize();
  // Makes room by dropping what lies before `begin_`, then reads. False at the end of the input.
  absl::StatusOr<bool> Fill();
  [[nodiscard]] std::string_view Pending() const { return View(scanned_, end_); }
  [[nodiscard]] std::string_view View(size_t from, size_t to) const {
    return std::string_view(buffer_).substr(from, to - from);
  }

  std::unique_ptr<ByteSource> bytes_;
  RecordEnd record_end_;
  std::string buffer_;
  // The current record starts at begin_, was searched up to scanned_, bytes are there up to end_.
  size_t begin_ = 0;
  size_t scanned_ = 0;
  size_t end_ = 0;
  bool started_ = false;
  std::string kept_;
};

}  // namespace assay
