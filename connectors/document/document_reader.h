// The one reader of all documents: commands, contracts and settings, in YAML or JSON.
//
// What is beyond a limit is refused before it is parsed, or as soon as it is met; reading ends
// whatever the bytes are, in time that is linear in their number. Strict: a name that stands twice
// in a map, anchors, aliases, tags and directives are refused, since each says one thing in two
// places, or how to read another.

#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "connectors/document/document.h"

namespace assay {

enum class DocumentForm {
  kYaml,
  // One document a line; empty lines are skipped.
  kJsonLines,
};

// INVALID_ARGUMENT with the line of the first bytes that are not UTF-8: what would be appended with
// them could not be read back.
[[nodiscard]] absl::Status CheckUtf8(std::string_view text);

// Reads the documents of a text one after the other. Thread-compatible. `text` must outlive it.
class DocumentReader {
 public:
  DocumentReader(std::string_view text, DocumentForm form, DocumentWatch watch = {},
                 DocumentLimits limits = {});
  ~DocumentReader();
  DocumentReader(const DocumentReader&) = delete;
  DocumentReader& operator=(const DocumentReader&) = delete;

  // The next document; nothing at the end, or when there is a problem. Empty ones are skipped.
  [[nodiscard]] std::optional<Document> Next();
  // Why there is no next one; nothing at the end.
  [[nodiscard]] const std::optional<DocumentProblem>& Problem() const { return problem_; }

 private:
  struct Part {
    std::string_view text;
    int line = 0;
  };
  class Json;

  std::optional<Part> NextPart();
  std::optional<Part> NextYamlPart();
  std::optional<Part> NextLine();
  // False when it is beyond a limit.
  bool Admit(const Part& part);

  const std::string_view text_;
  const DocumentForm form_;
  const DocumentLimits limits_;
  DocumentWatch watch_;
  // Where the next part begins.
  size_t at_ = 0;
  int line_ = 1;
  int documents_ = 0;
  std::unique_ptr<Json> json_;
  std::optional<DocumentProblem> problem_;
};

}  // namespace assay
