#include "connectors/file/message_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "connectors/file/record_splitter.h"
#include "engine/base/limits.h"
#include "engine/source/contract.h"

namespace assay {
namespace {

using source::kKafkaHeader;
using source::kKafkaKey;
using source::kKafkaOffset;
using source::kKafkaTimestamp;

constexpr std::string_view kUtf8 = "utf-8";

// As a version an offset of a later life of the topic is above all of the lives before.
constexpr int64_t kOffsetsOfGeneration = 1'000'000'000'000;

RecordFault NotText(std::string path, std::string_view encoding) {
  return {"MALFORMED", std::move(path), fmt::format("{} text", encoding)};
}

std::optional<std::string> Utf8Of(std::string_view bytes) {
  const auto decoder = MakeDecoder(kUtf8);
  if (!decoder.ok()) return std::nullopt;
  const auto text = (*decoder)->Decode(bytes);
  return text.has_value() ? std::optional<std::string>(*text) : std::nullopt;
}

Field NumberField(std::string_view name, int64_t number) {
  return {std::string(name), {fmt::to_string(number), FieldKind::kNumber}};
}

}  // namespace

absl::StatusOr<std::unique_ptr<MessageParser>> MessageParser::Create(
    const v1::InputDefinition& input, std::string input_log,
    const std::vector<std::string>& fields) {
  std::string encoding = input.encoding().empty() ? std::string(kUtf8) : input.encoding();
  ASSAY_ASSIGN_OR_RETURN(auto decoder, MakeDecoder(encoding));
  std::unique_ptr<MessageParser> parser(
      new MessageParser(std::move(decoder), std::move(encoding), std::move(input_log)));
  parser->first_offset_ = (std::max(1, input.generation()) - 1) * kOffsetsOfGeneration;
  const std::string key_fields = fmt::format("{}.", kKafkaKey);
  for (const std::string& field : fields) {
    parser->has_key_ |= field == kKafkaKey;
    if (field.starts_with(key_fields)) parser->key_fields_.push_back(field);
    parser->has_timestamp_ |= field == kKafkaTimestamp;
    parser->has_offset_ |= field == kKafkaOffset;
    if (field.starts_with(kKafkaHeader)) {
      parser->headers_.push_back(field.substr(kKafkaHeader.size()));
    }
  }
  return parser;
}

SourceRecord MessageParser::Parse(const Message& message) {
  const std::string_view raw = message.value.value_or(message.key);
  const bool is_oversize = raw.size() > limits::kRecordBytesMax;
  SourceRecord record;
  record.input_log = input_log_;
  record.partition = message.partition;
  record.offset = message.offset;
  record.raw = std::string(is_oversize ? raw.substr(0, limits::kOversizeKeptBytes) : raw);
  record.length = static_cast<int64_t>(raw.size());
  // Never of a bare key: who knows all keys of persons would find theirs by it.
  record.hash = Sha256(message.value.value_or(std::string_view()));
  if (!message.value.has_value()) record.gone_at = message.timestamp;
  if (is_oversize) {
    record.fault = RecordFault{"RECORD_TOO_LARGE", "",
                               fmt::format("at most {} bytes", limits::kRecordBytesMax)};
    return record;
  }
  record.fault = AddBeside(message, record.fields);
  if (!record.fault && message.value.has_value()) {
    record.fault = ParseValue(message, record.fields);
  }
  if (record.fault) record.fields.clear();
  return record;
}

std::optional<RecordFault> MessageParser::ParseValue(const Message& message,
                                                     std::vector<Field>& fields) {
  padded_.assign(*message.value);
  padded_.resize(padded_.size() + kRecordPaddingBytes);
  const auto text = decoder_->Decode(std::string_view(padded_).substr(0, message.value->size()));
  if (!text) return NotText("", encoding_);
  const size_t beside = fields.size();
  if (auto fault = json_.Parse(*text, fields)) return fault;
  for (size_t i = beside; i < fields.size(); ++i) {
    if (!fields[i].name.starts_with(source::kKafkaPrefix)) continue;
    return RecordFault{"MALFORMED", fields[i].name, "no field that begins like those of a topic"};
  }
  return std::nullopt;
}

std::optional<RecordFault> MessageParser::AddBeside(const Message& message,
                                                    std::vector<Field>& fields) {
  if (has_timestamp_) fields.push_back(NumberField(kKafkaTimestamp, message.timestamp.ms));
  if (has_offset_) fields.push_back(NumberField(kKafkaOffset, first_offset_ + message.offset));
  for (const std::string& name : headers_) {
    const auto value = message.header(name);
    if (!value.has_value()) continue;
    auto text = Utf8Of(*value);
    std::string path = fmt::format("{}{}", kKafkaHeader, name);
    if (!text) return NotText(std::move(path), kUtf8);
    fields.push_back({std::move(path), {*std::move(text), FieldKind::kText}});
  }
  return AddKey(message, fields);
}

std::optional<RecordFault> MessageParser::AddKey(const Message& message,
                                                 std::vector<Field>& fields) {
  if (has_key_) {
    auto text = Utf8Of(message.key);
    if (!text) return NotText(std::string(kKafkaKey), kUtf8);
    fields.push_back({std::string(kKafkaKey), {*std::move(text), FieldKind::kText}});
  }
  if (key_fields_.empty()) return std::nullopt;
  if (message.key.size() > limits::kRecordBytesMax) {
    return RecordFault{"MALFORMED", std::string(kKafkaKey),
                       fmt::format("at most {} bytes", limits::kRecordBytesMax)};
  }
  padded_.assign(message.key);
  padded_.resize(padded_.size() + kRecordPaddingBytes);
  std::vector<Field> parts;
  auto fault = json_.Parse(std::string_view(padded_).substr(0, message.key.size()), parts);
  if (fault) {
    fault->path =
        fault->path.empty() ? std::string(kKafkaKey) : fmt::format("{}.{}", kKafkaKey, fault->path);
    return fault;
  }
  for (Field& part : parts) {
    part.name = fmt::format("{}.{}", kKafkaKey, part.name);
    const bool is_used = std::ranges::find(key_fields_, part.name) != key_fields_.end();
    if (is_used) fields.push_back(std::move(part));
  }
  return std::nullopt;
}

}  // namespace assay
