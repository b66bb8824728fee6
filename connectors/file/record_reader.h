// Source records as a mapper sees them: named fields with texts, whatever the format was.
//
// RecordReader is the port of a source's input; files implement it here, a topic of another
// connector can. A reader never gives up on a record: what cannot be understood comes as a record
// with a fault, so that every record of the input is accounted for.

#pragma once

#include <assay/v1/source.pb.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/byte_source.h"
#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

// More named fields than this is a table pretending to be a record; duplicates are searched
// pairwise.
inline constexpr int kRecordFieldsMax = 1'024;

enum class FieldKind : uint8_t { kText, kNumber, kBool, kNull, kMissing };

struct FieldValue {
  // Numbers as they were written; "true" or "false"; empty for kNull and kMissing. Never trimmed.
  std::string text;
  FieldKind kind = FieldKind::kText;

  // An empty text, null and a field that is not there all say the same: nothing.
  [[nodiscard]] bool Empty() const { return text.empty(); }
};

struct Field {
  // The header of a CSV column; the path of a JSON value, "order.no".
  std::string name;
  FieldValue value;
};

// Why a record cannot become facts; the code is one of those of quarantine.
struct RecordFault {
  std::string code;
  // The field; empty when the whole record is meant.
  std::string path;
  // What should have been there. Never a text of the record.
  std::string expected;

  bool operator==(const RecordFault&) const = default;
};

struct SourceRecord {
  std::string input_log;
  int32_t partition = 0;
  // In a file the number of the record from 0.
  int64_t offset = 0;
  // As they stood in the input, before decoding; only the beginning when `length` is over the
  // limit.
  std::string raw;
  int64_t length = 0;
  // SHA-256 of all raw bytes.
  Hash32 hash;
  // In the order of the record. None when there is a fault.
  std::vector<Field> fields;
  std::optional<RecordFault> fault;
  // Set when the input says, without a value, that the record of this key was gone then.
  std::optional<Instant> gone_at;
};

// Thread-compatible.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // The next record, or nothing at the end. An error is about the input and not about a record: it
  // stays, and the records after it are unknown.
  virtual absl::StatusOr<std::optional<SourceRecord>> Next() = 0;
  // Names of the fields that every record has, when the input says so (a CSV header).
  [[nodiscard]] virtual std::vector<std::string> Columns() const { return {}; }
};

// Reads the records of `bytes` from number `from` on, as `input` describes them: CSV with a header,
// or one JSON object on each line (also for the contract of a topic, whose records were exported
// so). The input log is the SHA-256 of the bytes in hexadecimal, the partition is 0.
//
// Faults: MALFORMED what is not CSV or JSON, not of the declared encoding, or has another number of
// fields than the header; JSON also arrays, a key twice, more than limits::kRecordDepthMax levels.
// RECORD_TOO_LARGE over limits::kRecordBytesMax. An empty JSON object inside the record is a null.
//
// INVALID_ARGUMENT when there is no header, or one that is damaged, names a column twice or not at
// all. Other errors are those of the byte source.
[[nodiscard]] absl::StatusOr<std::unique_ptr<RecordReader>> ReadRecords(
    const v1::InputDefinition& input, std::unique_ptr<HashedBytes> bytes, int64_t from = 0);

// What Columns() of that reader would say, and the errors of ReadRecords. Of an input with a header
// only that is read.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> ReadColumns(
    const v1::InputDefinition& input, std::unique_ptr<ByteSource> bytes);

// ReadRecords for a file.
[[nodiscard]] absl::StatusOr<std::unique_ptr<RecordReader>> OpenRecords(
    const v1::InputDefinition& input, const std::string& path, int64_t from = 0);

}  // namespace assay
