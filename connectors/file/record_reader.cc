#include "connectors/file/record_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "connectors/file/csv_fields.h"
#include "connectors/file/encoding.h"
#include "connectors/file/json_fields.h"
#include "connectors/file/record_splitter.h"
#include "engine/base/limits.h"

namespace assay {
namespace {

// Understands the decoded text of one record.
class FieldParser {
 public:
  virtual ~FieldParser() = default;
  virtual std::optional<RecordFault> Parse(std::string_view text, std::vector<Field>& fields) = 0;
};

class JsonParser : public FieldParser {
 public:
  std::optional<RecordFault> Parse(std::string_view text, std::vector<Field>& fields) override {
    return json_.Parse(text, fields);
  }

 private:
  JsonFields json_;
};

class CsvParser : public FieldParser {
 public:
  explicit CsvParser(char delimiter) : delimiter_(delimiter) {}

  absl::Status TakeHeader(std::string_view text) {
    if (const auto fault = SplitCsv(text, delimiter_, columns_)) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "header, column {}: expected {}",
                        fault->path, fault->expected);
    }
    if (columns_.size() > kRecordFieldsMax) {
      return MakeStatus(absl::StatusCode::kInvalidArgument, "header: {} columns, at most {}",
                        columns_.size(), kRecordFieldsMax);
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].empty()) {
        return MakeStatus(absl::StatusCode::kInvalidArgument, "header, column {}: no name", i);
      }
      for (size_t other = 0; other < i; ++other) {
        if (columns_[other] != columns_[i]) continue;
        return MakeStatus(absl::StatusCode::kInvalidArgument,
                          "header: columns {} and {} are both named \"{}\"", other, i, columns_[i]);
      }
    }
    return absl::OkStatus();
  }

  std::optional<RecordFault> Parse(std::string_view text, std::vector<Field>& fields) override {
    if (auto fault = SplitCsv(text, delimiter_, texts_)) {
      fault->path = ColumnOf(fault->path);
      return fault;
    }
    if (texts_.size() != columns_.size()) {
      return RecordFault{"MALFORMED", "",
                         fmt::format("{} fields, not {}", columns_.size(), texts_.size())};
    }
    fields.reserve(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      fields.push_back({columns_[i], {std::move(texts_[i]), FieldKind::kText}});
    }
    return std::nullopt;
  }

  [[nodiscard]] const std::vector<std::string>& Columns() const { return columns_; }

 private:
  // The name of a column by its number, if there is such a column.
  [[nodiscard]] std::string ColumnOf(std::string_view number) const {
    size_t index = 0;
    std::from_chars(number.data(), number.data() + number.size(), index);
    return index < columns_.size() ? columns_[index] : "";
  }

  const char delimiter_;
  std::vector<std::string> columns_;
  std::vector<std::string> texts_;
};

class FileReader : public RecordReader {
 public:
  FileReader(RecordSplitter splitter, std::unique_ptr<TextDecoder> decoder, std::string encoding,
             std::unique_ptr<FieldParser> parser, std::vector<std::string> columns,
             std::string input_log)
      : splitter_(std::move(splitter)),
        decoder_(std::move(decoder)),
        encoding_(std::move(encoding)),
        parser_(std::move(parser)),
        columns_(std::move(columns)),
        input_log_(std::move(input_log)) {}

  absl::Status SkipTo(int64_t from) {
    while (offset_ < from) {
      ASSAY_ASSIGN_OR_RETURN(const auto raw, splitter_.Next());
      if (!raw) break;
      ++offset_;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<SourceRecord>> Next() override {
    ASSAY_ASSIGN_OR_RETURN(const auto raw, splitter_.Next());
    if (!raw) return std::optional<SourceRecord>();
    std::optional<SourceRecord> record(std::in_place);
    record->input_log = input_log_;
    record->offset = offset_++;
    record->raw = raw->bytes;
    record->length = raw->length;
    record->hash = raw->hash;
    record->fault = Parse(*raw, record->fields);
    if (record->fault) record->fields.clear();
    return record;
  }

  std::vector<std::string> Columns() const override { return columns_; }

 private:
  std::optional<RecordFault> Parse(const RawRecord& raw, std::vector<Field>& fields) {
    if (raw.length > static_cast<int64_t>(limits::kRecordBytesMax)) {
      return RecordFault{"RECORD_TOO_LARGE", "",
                         fmt::format("at most {} bytes", limits::kRecordBytesMax)};
    }
    const auto text = decoder_->Decode(raw.bytes);
    if (!text) return RecordFault{"MALFORMED", "", fmt::format("{} text", encoding_)};
    return parser_->Parse(*text, fields);
  }

  RecordSplitter splitter_;
  const std::unique_ptr<TextDecoder> decoder_;
  const std::string encoding_;
  const std::unique_ptr<FieldParser> parser_;
  const std::vector<std::string> columns_;
  const std::string input_log_;
  int64_t offset_ = 0;
};

absl::Status ReadHeader(RecordSplitter& splitter, TextDecoder& decoder, CsvParser& parser) {
  ASSAY_ASSIGN_OR_RETURN(const auto header, splitter.Next());
  if (!header)
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "line 1: expected a header row, found nothing");
  if (header->length > static_cast<int64_t>(limits::kRecordBytesMax)) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "the header has {} bytes",
                      header->length);
  }
  const auto text = decoder.Decode(header->bytes);
  if (!text) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "the header is not text of the declared encoding");
  }
  return parser.TakeHeader(*text);
}

Framing FramingOf(const v1::InputDefinition& input) {
  Framing framing;
  framing.csv = input.format() == v1::INPUT_FORMAT_CSV;
  if (!input.delimiter().empty()) framing.delimiter = input.delimiter().front();
  framing.gbk = input.encoding() == "gbk";
  return framing;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordReader>> ReadRecords(const v1::InputDefinition& input,
                                                          std::unique_ptr<HashedBytes> bytes,
                                                          int64_t from) {
  std::string input_log = bytes->Hash().Hex();
  ASSAY_ASSIGN_OR_RETURN(auto decoder, MakeDecoder(input.encoding()));
  const Framing framing = FramingOf(input);
  RecordSplitter splitter(std::move(bytes), framing);
  std::unique_ptr<FieldParser> parser;
  std::vector<std::string> columns;
  if (framing.csv) {
    auto csv = std::make_unique<CsvParser>(framing.delimiter);
    ASSAY_RETURN_IF_ERROR(ReadHeader(splitter, *decoder, *csv));
    columns = csv->Columns();
    parser = std::move(csv);
  } else {
    parser = std::make_unique<JsonParser>();
  }
  std::string encoding = input.encoding().empty() ? "utf-8" : input.encoding();
  auto reader =
      std::make_unique<FileReader>(std::move(splitter), std::move(decoder), std::move(encoding),
                                   std::move(parser), std::move(columns), std::move(input_log));
  ASSAY_RETURN_IF_ERROR(reader->SkipTo(from));
  return reader;
}

absl::StatusOr<std::vector<std::string>> ReadColumns(const v1::InputDefinition& input,
                                                     std::unique_ptr<ByteSource> bytes) {
  ASSAY_ASSIGN_OR_RETURN(const auto decoder, MakeDecoder(input.encoding()));
  const Framing framing = FramingOf(input);
  if (!framing.csv) return std::vector<std::string>();
  RecordSplitter splitter(std::move(bytes), framing);
  CsvParser parser(framing.delimiter);
  ASSAY_RETURN_IF_ERROR(ReadHeader(splitter, *decoder, parser));
  return parser.Columns();
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenRecords(const v1::InputDefinition& input,
                                                          const std::string& path, int64_t from) {
  ASSAY_ASSIGN_OR_RETURN(auto bytes, OpenBytes(path));
  auto reader = ReadRecords(input, std::move(bytes), from);
  if (!reader.ok()) return Annotate(reader.status(), path);
  return reader;
}

}  // namespace assay
