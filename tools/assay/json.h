// A JSON value to print: keys in the order in which they were put, numbers only where they are
// counts and positions (decimals travel as strings).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

class Json {
 public:
  // null
  Json() = default;
  Json(std::string text) : kind_(Kind::kString), text_(std::move(text)) {}
  Json(std::string_view text) : Json(std::string(text)) {}
  Json(const char* text) : Json(std::string(text)) {}
  Json(bool truth) : kind_(Kind::kLiteral), text_(truth ? "true" : "false") {}
  Json(int64_t number) : kind_(Kind::kLiteral), text_(std::to_string(number)) {}
  Json(int32_t number) : Json(int64_t{number}) {}

  [[nodiscard]] static Json Object() { return Json(Kind::kObject); }
  [[nodiscard]] static Json Array() { return Json(Kind::kArray); }
  // Text that already is JSON.
  [[nodiscard]] static Json Raw(std::string json);
  // null when the text is empty, for values that cannot be computed.
  [[nodiscard]] static Json TextOrNull(const std::string& text) {
    return text.empty() ? Json() : Json(text);
  }

  Json& Put(std::string key, Json value);
  Json& Add(Json value);
  [[nodiscard]] bool IsEmpty() const { return members_.empty(); }
  [[nodiscard]] size_t Size() const { return members_.size(); }
  [[nodiscard]] const std::vector<std::pair<std::string, Json>>& Entries() const {
    return members_;
  }
  // One line.
  [[nodiscard]] std::string Dump() const;
  // Indented by two spaces.
  [[nodiscard]] std::string Pretty() const;
  // As a cell of a table or CSV: a string as it is, null as nothing, the rest as JSON.
  [[nodiscard]] std::string Cell() const;

 private:
  enum class Kind : uint8_t { kNull, kString, kLiteral, kObject, kArray };
  explicit Json(Kind kind) : kind_(kind) {}
  void Append(std::string& out, int indent, bool pretty) const;

  Kind kind_ = Kind::kNull;
  std::string text_;
  std::vector<std::pair<std::string, Json>> members_;
};

// With quotes and escapes.
[[nodiscard]] std::string JsonQuoted(std::string_view text);

}  // namespace assay
