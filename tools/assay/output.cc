#include "tools/assay/output.h"

#include <fmt/core.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "engine/base/check.h"
#include "tools/assay/chinese.h"

namespace assay {
namespace {

// Null = standard output and standard error.
thread_local std::FILE* captured_out = nullptr;
thread_local std::FILE* captured_err = nullptr;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

const Json* Find(const Json& row, const std::string& key) {
  for (const auto& [name, value] : row.Entries()) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string CellOf(const Json& row, const std::string& key) {
  const Json* value = Find(row, key);
  return value == nullptr ? "" : value->Cell();
}

std::string CellOf(const Json& row, const Column& column) {
  const std::string cell = CellOf(row, column.key);
  return PlainText(column.said == nullptr ? cell : column.said(cell));
}

std::string Padded(const std::string& text, int width, bool right) {
  const int missing = width - DisplayWidth(text);
  if (missing <= 0) return text;
  const std::string space(static_cast<size_t>(missing), ' ');
  return right ? space + text : text + space;
}

bool IsNumber(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::ranges::count(text, '.') <= 1;
}

// Whether a spreadsheet would compute it. A sign alone is one for "nothing".
bool IsFormula(std::string_view text) {
  constexpr std::string_view kWide[] = {"＝", "＋", "－", "＠"};
  const bool begins_one =
      text.find_first_of("=+-@\t\r") == 0 ||
      std::ranges::any_of(kWide, [&](std::string_view sign) { return text.starts_with(sign); });
  return begins_one && text.size() > 1 && !IsNumber(text);
}

std::string CsvCell(const std::string& given) {
  const std::string text = (IsFormula(given) ? "'" : "") + PlainText(given);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

void PrintTable(const std::vector<Column>& columns, const std::vector<Json>& rows) {
  std::vector<int> widths;
  for (const Column& column : columns) {
    int width = DisplayWidth(column.title);
    for (const Json& row : rows) width = std::max(width, DisplayWidth(CellOf(row, column)));
    widths.push_back(width);
  }
  const auto print = [&](const auto& cell_of) {
    std::string line;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) line += "  ";
      line += Padded(cell_of(columns[i]), widths[i], columns[i].right);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    PrintReady(Out(), line + "\n");
  };
  print([](const Column& column) { return column.title; });
  for (const Json& row : rows) {
    print([&](const Column& column) { return CellOf(row, column); });
  }
}

void PrintCsv(const std::vector<Column>& columns, const std::vector<Json>& rows) {
  std::vector<std::string> keys;
  if (rows.empty()) {
    for (const Column& column : columns) keys.push_back(column.key);
  } else {
    for (const auto& [key, value] : rows.front().Entries()) keys.push_back(key);
  }
  std::string line;
  for (const std::string& key : keys) line += (line.empty() ? "" : ",") + CsvCell(key);
  PrintReady(Out(), line + "\n");
  for (const Json& row : rows) {
    for (size_t i = 0; i < keys.size(); ++i) {
      PrintPlain(Out(), "{}{}", i > 0 ? "," : "", CsvCell(CellOf(row, keys[i])));
    }
    PrintPlain(Out(), "\n");
  }
}

// What a code asks of the caller, where the sentence does not say it itself.
std::string_view HintOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
      return "this is a fault of the program: keep the home as it is, and report it";
    case absl::StatusCode::kAlreadyExists:
      return "name another with --home, or go on with the one that is there";
    default:
      return "";
  }
}

// Path, expectation and value out of "place: path: expected E, found A".
Rejection WithPartsOfMessage(const Rejection& given) {
  constexpr std::string_view kExpected = ": expected ";
  constexpr std::string_view kFound = ", found ";
  Rejection parts = given;
  if (!parts.expected.empty() || !parts.path.empty()) return parts;
  const size_t expected = parts.message.find(kExpected);
  const size_t found = parts.message.rfind(kFound);
  if (expected == std::string::npos || found == std::string::npos || found < expected) return parts;
  const size_t path = parts.message.rfind(": ", expected - 1);
  const size_t begin = path == std::string::npos ? 0 : path + 2;
  parts.path = parts.message.substr(begin, expected - begin);
  parts.expected =
      parts.message.substr(expected + kExpected.size(), found - expected - kExpected.size());
  parts.actual = parts.message.substr(found + kFound.size());
  if (parts.actual.size() >= 2 && parts.actual.front() == '"' && parts.actual.back() == '"') {
    parts.actual = parts.actual.substr(1, parts.actual.size() - 2);
  }
  return parts;
}

void PrintErrorLines(OutputFormat format, const std::string& code, std::string_view error_class,
                     const Rejection& told, bool chinese) {
  std::fflush(Out());
  const Rejection given = chinese ? InChinese(told) : told;
  if (format == OutputFormat::kJson || format == OutputFormat::kNdjson) {
    const Rejection parts = WithPartsOfMessage(given);
    Json object = Json::Object();
    object.Put("code", code)
        .Put("class", std::string(error_class))
        .Put("message", parts.message)
        .Put("path", Json::TextOrNull(parts.path))
        .Put("expected", Json::TextOrNull(parts.expected))
        .Put("actual", Json::TextOrNull(parts.actual))
        .Put("hint", Json::TextOrNull(parts.hint));
    PrintPlain(Err(), "{}\n", object.Dump());
    return;
  }
  const Rejection& parts = given;
  std::string line = fmt::format("error {}: {}", code, parts.message);
  if (!parts.path.empty()) line += fmt::format(" ({})", parts.path);
  PrintPlain(Err(), "{}\n", line);
  std::string hint = parts.hint;
  if (!parts.expected.empty()) {
    const std::string expectation =
        fmt::format(fmt::runtime(chinese ? "应为 {}，实为 {}" : "expected {}, got {}"),
                    parts.expected, parts.actual.empty() ? "nothing" : parts.actual);
    hint = hint.empty() ? expectation : fmt::format("{}; {}", expectation, hint);
  }
  if (!hint.empty()) PrintPlain(Err(), "hint: {}\n", hint);
}

}  // namespace

std::FILE* Out() { return captured_out == nullptr ? stdout : captured_out; }
std::FILE* Err() { return captured_err == nullptr ? stderr : captured_err; }

OutputCapture::OutputCapture(size_t bytes_max)
    : out_{.bytes_max = bytes_max}, err_{.bytes_max = bytes_max} {
  ASSAY_REQUIRE(captured_out == nullptr, "this thread gathers its output already");
  out_.Open();
  err_.Open();
  captured_out = out_.file;
  captured_err = err_.file;
}

OutputCapture::~OutputCapture() {
  if (out_.file != nullptr) (void)Take();
}

OutputCapture::Printed OutputCapture::Take() {
  captured_out = nullptr;
  captured_err = nullptr;
  std::fclose(std::exchange(out_.file, nullptr));
  std::fclose(std::exchange(err_.file, nullptr));
  return {std::move(out_.text), std::move(err_.text), out_.overflowed || err_.overflowed};
}

void OutputCapture::Stream::Open() {
  const auto write = [](void* stream, const char* bytes, size_t size) {
    auto& self = *static_cast<Stream*>(stream);
    const size_t fits = std::min(size, self.bytes_max - self.text.size());
    self.text.append(bytes, fits);
    self.overflowed |= fits < size;
    return static_cast<ssize_t>(size);
  };
  file = fopencookie(this, "w", {.write = write});
  ASSAY_INVARIANT(file != nullptr, "no memory for the output");
}

void PrintReady(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
      return kExitUsage;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kExitConflict;
    case absl::StatusCode::kDataLoss:
      return kExitVerification;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    default:
      return kExitFailed;
  }
}

int ExitCodeOf(const Rejection& rejection) {
  switch (rejection.rejection_class) {
    case RejectionClass::kNotVisible:
      return kExitNotFound;
    case RejectionClass::kConflict:
      return kExitConflict;
    case RejectionClass::kBusy:
      return kExitUnavailable;
    case RejectionClass::kIntegrity:
      return kExitVerification;
    default:
      return kExitFailed;
  }
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t codepoint = 0;
    const utf8proc_ssize_t taken = utf8proc_iterate(bytes, left, &codepoint);
    if (taken <= 0) {
      ++width;
      ++bytes;
      --left;
      continue;
    }
    width += utf8proc_charwidth(codepoint);
    bytes += taken;
    left -= taken;
  }
  return width;
}

void PrintRows(OutputFormat format, const std::vector<Column>& columns,
               const std::vector<Json>& rows) {
  switch (format) {
    case OutputFormat::kTable:
      return PrintTable(columns, rows);
    case OutputFormat::kCsv:
      return PrintCsv(columns, rows);
    case OutputFormat::kNdjson:
      for (const Json& row : rows) PrintPlain(Out(), "{}\n", row.Dump());
      return;
    case OutputFormat::kJson: {
      Json array = Json::Array();
      for (const Json& row : rows) array.Add(row);
      PrintReady(Out(), array.Pretty() + "\n");
      return;
    }
  }
}

void PrintObject(OutputFormat format, const Json& object) {
  if (format == OutputFormat::kJson) {
    PrintReady(Out(), object.Pretty() + "\n");
  } else if (format == OutputFormat::kNdjson) {
    PrintPlain(Out(), "{}\n", object.Dump());
  } else if (format == OutputFormat::kCsv) {
    PrintCsv({}, {object});
  } else {
    int width = 0;
    for (const auto& [key, value] : object.Entries()) {
      width = std::max(width, DisplayWidth(PlainText(key)));
    }
    for (const auto& [key, value] : object.Entries()) {
      PrintPlain(Out(), "{}  {}\n", Padded(PlainText(key), width, false), value.Cell());
    }
  }
}

void PrintError(OutputFormat format, const Rejection& rejection, bool chinese) {
  PrintErrorLines(format, rejection.code, RejectionClassName(rejection.rejection_class), rejection,
                  chinese);
}

void PrintError(OutputFormat format, const absl::Status& status, std::string_view hint,
                bool chinese) {
  const auto name = absl::StatusCodeToString(status.code());
  Rejection parts;
  parts.message = std::string(MessageOf(status));
  parts.hint = std::string(hint.empty() ? HintOf(status) : hint);
  parts.code = std::string(name);
  PrintErrorLines(format, parts.code, "OPERATION", parts, chinese);
}

void PrintUsageError(OutputFormat format, std::string_view message, std::string_view hint) {
  Rejection parts;
  parts.message = std::string(message);
  parts.hint = std::string(hint);
  PrintErrorLines(format, "USAGE", "VALIDATION", parts, false);
}

Progress::Progress(std::string what)
    : what_(std::move(what)),
      started_ms_(NowMs()),
      terminal_(Err() == stderr && isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_) PrintReady(Err(), "\r\x1b[K");
}

void Progress::Report(int64_t done, int64_t total) {
  constexpr int64_t kQuietMs = 2'000;
  constexpr int64_t kBetweenMs = 250;
  const int64_t now = NowMs();
  if (!terminal_ || now - started_ms_ < kQuietMs || now - shown_ms_ < kBetweenMs) return;
  shown_ms_ = now;
  shown_ = true;
  const int64_t rate = done * 1000 / std::max<int64_t>(now - started_ms_, 1);
  const int64_t left = rate > 0 && total > done ? (total - done) / rate : 0;
  PrintPlain(Err(), "\r\x1b[K{}: {} of {} ({} %), {}/s, {} s left", what_, done, total,
             total > 0 ? done * 100 / total : 100, rate, left);
  std::fflush(Err());
}

}  // namespace assay
