// A document that a person or a program wrote: scalars, lists and maps with their lines.
//
// YAML and JSON are read into one shape. Whoever wants to know what a document says reads it by
// DocumentReader (connectors/document/document_reader.h), which holds it to limits.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"

namespace assay {

struct DocumentField;

struct Document {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  // Of a scalar, as written (quotes and escapes resolved).
  std::string text;
  std::vector<Document> list;
  // Each name once.
  std::vector<DocumentField> map;
  // 1-based.
  int line = 0;

  [[nodiscard]] const Document* Find(std::string_view key) const;
};

struct DocumentField {
  std::string name;
  Document value;
  // Of the name, 1-based.
  int line = 0;
};

struct DocumentLimits {
  // Of one document. A command that is larger would not fit a commit.
  size_t bytes = size_t{1024} * 1024;
  // Levels of lists and maps. Whatever walks a document may recurse.
  int depth = 64;
  // Names of all maps of a document. The largest commit has a tenth as many fields.
  int keys = 50'000;
  // Of one file.
  int documents = 1'000'000;
};

// A file of documents that is larger is refused before it is read.
inline constexpr size_t kDocumentFileBytesMax = size_t{64} * 1024 * 1024;

// Why a text is no document, or no more of it is read.
struct DocumentProblem {
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
  int line = 0;
  // Of the value, "items[2].target"; empty when it is the whole document.
  std::string path;
  std::string expected;
  std::string found;
  std::string hint;
  // `expected` is a form, YAML or JSON, and `found` says why the text is not of it.
  bool is_of_form = false;

  // "line 4: items[2]: expected ..., found ..."
  [[nodiscard]] absl::Status ToStatus() const;
};

// Whether reading should go on: somebody waits for it, and it did not work for too long. The time
// is that of the thread on a processor, so that a busy machine refuses nothing.
class DocumentWatch {
 public:
  static constexpr std::chrono::seconds kTimeMax{60};

  DocumentWatch() : DocumentWatch(nullptr) {}
  // `stop` may be empty.
  explicit DocumentWatch(std::function<bool()> stop, std::chrono::nanoseconds time_max = kTimeMax);

  // To be called for every value and document; looks now and then.
  std::optional<DocumentProblem> Look(int line);

 private:
  std::function<bool()> stop_;
  std::chrono::nanoseconds time_max_;
  std::chrono::nanoseconds begun_;
  int looks_ = 0;
};

// Where a reader is in a document: the names and indices above it.
class DocumentPlace {
 public:
  void Enter(std::string_view name) { steps_.emplace_back(name); }
  void Enter(size_t index);
  void Leave() { steps_.pop_back(); }
  // "items[2].target", with the name below it unless that is empty.
  [[nodiscard]] std::string ToString(std::string_view below = "") const;

 private:
  std::vector<std::string> steps_;
};

// The text in quotes as a message shows it: its beginning alone when it is long, and bytes that a
// terminal would obey as \x1b.
[[nodiscard]] std::string Quoted(std::string_view text);

}  // namespace assay
