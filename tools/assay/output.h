// What a verb prints: data on standard output in the chosen format, words on standard error.

#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/shown_text.h"
#include "engine/base/status.h"
#include "engine/event/decision.h"
#include "tools/assay/json.h"

namespace assay {

enum class OutputFormat : uint8_t { kTable, kJson, kNdjson, kCsv };

// What scripts rely on.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitNotFound = 3,
  kExitConflict = 4,
  kExitVerification = 5,
  kExitUnavailable = 6,
  kExitInterrupted = 130,
};

// Texts made plain, anything else as it is.
template <typename T>
decltype(auto) ShownArgument(const T& argument) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return PlainText(argument);
  } else {
    return static_cast<const T&>(argument);
  }
}

// Where the verb of this thread prints data and words: standard output and standard error, or
// what gathers them.
[[nodiscard]] std::FILE* Out();
[[nodiscard]] std::FILE* Err();

// Prints as fmt::print does, with texts as PlainText shows them: what others wrote never gets to a
// terminal as it is. Every output of a verb goes through here or through PrintReady.
template <typename... Args>
void PrintPlain(std::FILE* to,
                fmt::format_string<decltype(ShownArgument(std::declval<const Args&>()))...> format,
                const Args&... args) {
  fmt::print(to, format, ShownArgument(args)...);
}
// What was made to be printed: JSON, lines of texts that are plain, our own words.
void PrintReady(std::FILE* to, std::string_view text);

// Gathers what its thread prints as long as it lives, so that verbs can run inside a service.
// One at a time in a thread; to be destroyed by the thread that made it.
class OutputCapture {
 public:
  // What goes beyond `bytes_max` of either stream is dropped.
  explicit OutputCapture(size_t bytes_max = std::numeric_limits<size_t>::max());
  ~OutputCapture();
  OutputCapture(const OutputCapture&) = delete;
  OutputCapture& operator=(const OutputCapture&) = delete;

  struct Printed {
    std::string out;
    std::string err;
    // Something was dropped.
    bool overflowed = false;
  };
  // What was printed so far; what follows goes to standard output and standard error again.
  [[nodiscard]] Printed Take();

 private:
  struct Stream {
    size_t bytes_max = 0;
    std::FILE* file = nullptr;
    std::string text;
    bool overflowed = false;

    void Open();
  };
  Stream out_;
  Stream err_;
};

[[nodiscard]] int ExitCodeOf(const absl::Status& status);
[[nodiscard]] int ExitCodeOf(const Rejection& rejection);

// Columns of a terminal that the text takes: two for a Chinese character.
[[nodiscard]] int DisplayWidth(std::string_view text);

// A column shows the value under `key` of each row.
struct Column {
  std::string key;
  std::string title;
  bool right = false;
  // How a table says the value; as it is when there is none. Scripts get the value itself.
  std::string (*said)(const std::string& value) = nullptr;
};

// Prints rows (objects) as a table, a JSON array, JSON lines or CSV with all keys. A CSV cell that
// a spreadsheet would take for a formula begins with an apostrophe; numbers stay as they are.
void PrintRows(OutputFormat format, const std::vector<Column>& columns,
               const std::vector<Json>& rows);
// Prints one object: pretty JSON for -o json, one line for ndjson, "key  value" lines else.
void PrintObject(OutputFormat format, const Json& object);

// The two lines of an error, or its object with -o json, on standard error. The object has path,
// expected and actual also where they stand in the sentence: "path: expected ..., found ...".
void PrintError(OutputFormat format, const Rejection& rejection, bool chinese = false);
// Without a hint of the caller, the one that the status code has.
void PrintError(OutputFormat format, const absl::Status& status, std::string_view hint = "",
                bool chinese = false);
void PrintUsageError(OutputFormat format, std::string_view message, std::string_view hint);

// "1 234 of 5 678 (21 %), 12 345/s, 3 s left" on standard error at most four times a second, for
// work over two seconds on a terminal; nothing else.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  void Report(int64_t done, int64_t total);

 private:
  std::string what_;
  int64_t started_ms_;
  int64_t shown_ms_ = 0;
  bool shown_ = false;
  bool terminal_;
};

}  // namespace assay
