// A document of a command file or configuration: scalars, lists and maps with their lines.
//
// YAML and JSON are read into one shape, strictly: duplicate keys, anchors and tags are refused.

#pragma once

#include <string>
#include <string_view>
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
  std::vector<DocumentField> map;
  // 1-based.
  int line = 0;

  [[nodiscard]] const Document* Find(std::string_view key) const;
};

struct DocumentField {
  std::string name;
  Document value;
};

// All documents of a YAML text. INVALID_ARGUMENT with "line N: ...".
[[nodiscard]] absl::StatusOr<std::vector<Document>> ParseYaml(const std::string& text);
// One JSON document a line; empty lines are skipped.
[[nodiscard]] absl::StatusOr<std::vector<Document>> ParseNdjson(const std::string& text);

}  // namespace assay
