// Source records out of messages: what the record reader of a file does for lines, for records that
// a topic delivers one by one, each with a key, headers and a time.

#pragma once

#include <assay/v1/source.pb.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/encoding.h"
#include "connectors/file/json_fields.h"
#include "connectors/file/record_reader.h"

namespace assay {

// A record as a topic has it. The texts live as long as the call that takes them.
struct Message {
  int32_t partition = 0;
  int64_t offset = 0;
  Instant timestamp;
  std::string_view key;
  // Nothing: a tombstone.
  std::optional<std::string_view> value;
  // The last header of a name; nothing when there is none.
  std::function<std::optional<std::string_view>(const std::string& name)> header;
};

// Keeps the buffers of the parser between records. Thread-compatible.
class MessageParser {
 public:
  // `fields`: every name that the contract uses; of what stands beside a value only these become
  // fields (engine/source/contract.h, kafka:key and so on). `input_log` goes into every record.
  // Errors are those of MakeDecoder.
  static absl::StatusOr<std::unique_ptr<MessageParser>> Create(
      const v1::InputDefinition& input, std::string input_log,
      const std::vector<std::string>& fields);

  // One JSON object, with the faults of ReadRecords; MALFORMED also for a key or header that is
  // named and no UTF-8. The raw bytes are the value, of a tombstone the key.
  [[nodiscard]] SourceRecord Parse(const Message& message);

 private:
  MessageParser(std::unique_ptr<TextDecoder> decoder, std::string encoding, std::string input_log)
      : decoder_(std::move(decoder)),
        encoding_(std::move(encoding)),
        input_log_(std::move(input_log)) {}

  std::optional<RecordFault> ParseValue(const Message& message, std::vector<Field>& fields);
  std::optional<RecordFault> AddBeside(const Message& message, std::vector<Field>& fields);
  std::optional<RecordFault> AddKey(const Message& message, std::vector<Field>& fields);

  std::unique_ptr<TextDecoder> decoder_;
  std::string encoding_;
  std::string input_log_;
  bool has_key_ = false;
  std::vector<std::string> key_fields_;
  bool has_timestamp_ = false;
  bool has_offset_ = false;
  int64_t first_offset_ = 0;
  std::vector<std::string> headers_;
  JsonFields json_;
  // With room behind it for the JSON parser.
  std::string padded_;
};

}  // namespace assay
