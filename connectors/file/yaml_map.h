// A document as a form that people fill in: strict, and with errors that say where and what
// instead.
//
// A YamlMap refuses names that it does not know (with the nearest one that it does). The first
// problem of a document is kept; reading goes on with empty values, so that callers check once, at
// the end.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/document/document.h"
#include "engine/event/decision.h"

namespace assay {

// The first problem of a document, as a refusal with the code that was given.
class YamlProblems {
 public:
  explicit YamlProblems(std::string code) : code_(std::move(code)) {}

  // `line` counts from 1.
  void Add(int line, std::string path, std::string expected, std::string actual,
           std::string hint = "");
  [[nodiscard]] const std::optional<Rejection>& First() const { return first_; }

 private:
  const std::string code_;
  std::optional<Rejection> first_;
};

// One mapping of a document. `problems` must outlive it. Thread-compatible.
class YamlMap {
 public:
  using Known = std::vector<std::string_view>;

  // The one document in `text`, which must be a mapping.
  static YamlMap Parse(std::string_view text, const Known& known, DocumentWatch watch,
                       YamlProblems& problems);

  [[nodiscard]] bool Has(std::string_view key) const { return Find(key) != nullptr; }
  [[nodiscard]] bool IsScalar(std::string_view key) const;

  // A scalar; a missing one is a problem. Never empty, unless there is a problem.
  [[nodiscard]] std::string Text(std::string_view key) const;
  [[nodiscard]] std::string Text(std::string_view key, std::string_view otherwise) const;
  // true or false, and nothing else that YAML takes for one.
  [[nodiscard]] bool Truth(std::string_view key, bool otherwise) const;
  // A list of scalars, or one scalar; empty when missing. With `nulls`, a null is an empty text.
  [[nodiscard]] std::vector<std::string> Texts(std::string_view key, bool nulls = false) const;
  // The index of the scalar in `names`; a problem unless it is one of them.
  [[nodiscard]] size_t OneOf(std::string_view key, const Known& names) const;
  [[nodiscard]] size_t OneOf(std::string_view key, const Known& names,
                             std::string_view otherwise) const;

  // A mapping; a missing one is a problem.
  [[nodiscard]] YamlMap Map(std::string_view key, const Known& known) const;
  // A list of mappings; a missing one is a problem.
  [[nodiscard]] std::vector<YamlMap> Maps(std::string_view key, const Known& known) const;
  // Name and scalar of every entry of a mapping with free names; empty when missing.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Pairs(std::string_view key) const;

  // Adds a problem at `key` of this mapping (at the mapping itself when it is empty or missing).
  void Fail(std::string_view key, std::string expected, std::string actual,
            std::string hint = "") const;
  [[nodiscard]] std::string PathOf(std::string_view key) const;

 private:
  // `node` may be null, and lies in `root`.
  YamlMap(std::shared_ptr<const Document> root, const Document* node, std::string path,
          const Known& known, YamlProblems& problems);
  [[nodiscard]] const Document* Find(std::string_view key) const;
  [[nodiscard]] std::string ScalarOf(const Document& node, std::string_view path) const;

  std::shared_ptr<const Document> root_;
  // Null unless it is a mapping.
  const Document* node_ = nullptr;
  std::string path_;
  int line_ = 0;
  YamlProblems* problems_;
};

// The one of `known` that is nearest to `name` by edits; empty when none is near.
[[nodiscard]] std::string_view NearestName(std::string_view name, const YamlMap::Known& known);

}  // namespace assay
