#include "connectors/file/record_splitter.h"

#include <algorithm>
#include <utility>

#include "engine/base/hash_stream.h"
#include "engine/base/limits.h"

namespace assay {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;
constexpr size_t kLineEndBytes = 2;
// A whole record, its ending, and a chunk to read on.
constexpr size_t kBufferBytes = limits::kRecordBytesMax + kLineEndBytes + kChunkBytes;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view WithoutReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Takes a record that is too large piece by piece: hash, length and beginning.
class OversizeRecord {
 public:
  explicit OversizeRecord(std::string& kept) : kept_(kept) { kept_.clear(); }

  void Take(std::string_view piece) {
    if (piece.empty()) return;
    if (held_return_) Add("\r");
    held_return_ = piece.ends_with('\r');
    Add(WithoutReturn(piece));
  }

  // A carriage return that was held back belongs to the ending.
  RawRecord Finish() {
    const size_t size = kept_.size();
    kept_.append(kRecordPaddingBytes, '\0');
    return {std::string_view(kept_).substr(0, size), length_, hash_.Finish()};
  }

 private:
  void Add(std::string_view bytes) {
    hash_.Update(bytes);
    length_ += static_cast<int64_t>(bytes.size());
    kept_.append(bytes.substr(0, limits::kOversizeKeptBytes - kept_.size()));
  }

  std::string& kept_;
  Sha256Stream hash_;
  int64_t length_ = 0;
  bool held_return_ = false;
};

}  // namespace

RecordEnd::State RecordEnd::After(State state, char byte) const {
  if (state == State::kQuoted) return byte == '"' ? State::kQuoteSeen : State::kQuoted;
  if (byte == framing_.delimiter) return State::kFieldStart;
  if (byte == '"' && state == State::kFieldStart) return State::kQuoted;
  // A quote behind a quote is content.
  if (byte == '"' && state == State::kQuoteSeen) return State::kQuoted;
  return State::kPlain;
}

size_t RecordEnd::FindQuoted(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char byte = bytes[i];
    if (byte == '\n' && state_ != State::kQuoted) {
      state_ = State::kFieldStart;
      second_byte_ = false;
      return i;
    }
    // A line feed or quote is never the second byte of a character: then the first was damaged.
    if (second_byte_ && byte != '"' && byte != '\n') {
      second_byte_ = false;
      continue;
    }
    second_byte_ = framing_.gbk && static_cast<uint8_t>(byte) > 0x80;
    state_ = After(state_, byte);
  }
  return std::string_view::npos;
}

size_t RecordEnd::Find(std::string_view bytes) {
  return framing_.csv ? FindQuoted(bytes) : bytes.find('\n');
}

RecordSplitter::RecordSplitter(std::unique_ptr<ByteSource> bytes, const Framing& framing)
    : bytes_(std::move(bytes)),
      record_end_(framing),
      buffer_(kBufferBytes + kRecordPaddingBytes, '\0') {}

absl::StatusOr<bool> RecordSplitter::Fill() {
  std::copy(buffer_.begin() + static_cast<ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<ptrdiff_t>(end_), buffer_.begin());
  scanned_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
  const size_t room = std::min(kChunkBytes, kBufferBytes - end_);
  ASSAY_ASSIGN_OR_RETURN(const size_t count, bytes_->Read(buffer_.data() + end_, room));
  end_ += count;
  if (!std::exchange(started_, true) && View(0, end_).starts_with(kByteOrderMark)) {
    begin_ = scanned_ = kByteOrderMark.size();
  }
  return count > 0;
}

absl::StatusOr<std::optional<RawRecord>> RecordSplitter::Next() {
  while (true) {
    ASSAY_ASSIGN_OR_RETURN(std::optional<RawRecord> record, NextLine());
    if (!record || record->length > 0) return record;
  }
}

absl::StatusOr<std::optional<RawRecord>> RecordSplitter::NextLine() {
  begin_ = scanned_;
  size_t line_end = std::string_view::npos;
  while (true) {
    const size_t found = record_end_.Find(Pending());
    if (found != std::string_view::npos) {
      line_end = scanned_ + found;
      scanned_ = line_end + 1;
      break;
    }
    scanned_ = end_;
    if (end_ - begin_ > limits::kRecordBytesMax + 1) return Oversize();
    ASSAY_ASSIGN_OR_RETURN(const bool more, Fill());
    if (more) continue;
    if (begin_ == end_) return std::optional<RawRecord>();
    line_end = end_;
    break;
  }
  std::string_view bytes = WithoutReturn(View(begin_, line_end));
  const auto length = static_cast<int64_t>(bytes.size());
  const Hash32 hash = Sha256(bytes);
  if (bytes.size() > limits::kRecordBytesMax) bytes = bytes.substr(0, limits::kOversizeKeptBytes);
  return RawRecord{bytes, length, hash};
}

absl::StatusOr<std::optional<RawRecord>> RecordSplitter::Oversize() {
  OversizeRecord record(kept_);
  record.Take(View(begin_, end_));
  while (true) {
    begin_ = scanned_;
    ASSAY_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
    const size_t found = record_end_.Find(Pending());
    const size_t line_end = found == std::string_view::npos ? end_ : scanned_ + found;
    record.Take(View(scanned_, line_end));
    scanned_ = found == std::string_view::npos ? end_ : line_end + 1;
    if (found != std::string_view::npos) break;
  }
  return record.Finish();
}

}  // namespace assay
