#include "connectors/document/json_shape.h"

#include <set>
#include <vector>

#include "connectors/document/document.h"
#include "connectors/document/document_reader.h"

namespace assay {
namespace {

class ShapeReader {
 public:
  ShapeReader(std::string_view text, const JsonShapeLimits& limits)
      : text_(text), limits_(limits) {}

  absl::Status Read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '{' || c == '[') {
        ASSAY_RETURN_IF_ERROR(Open(c == '{'));
      } else if (c == '}' || c == ']') {
        if (!levels_.empty()) levels_.pop_back();
        ++at_;
      } else if (c == '"') {
        ASSAY_RETURN_IF_ERROR(Text());
      } else if (IsWordByte(c)) {
        while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
        ASSAY_RETURN_IF_ERROR(Count());
      } else if (c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else {
        return Refused("JSON", Quoted(text_.substr(at_, 1)));
      }
    }
    return absl::OkStatus();
  }

 private:
  struct Level {
    bool is_map = false;
    std::set<std::string_view> names;
  };

  // Of numbers, true, false and null.
  static bool IsWordByte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
  }

  absl::Status Refused(std::string_view expected, std::string_view found) const {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "byte {}: expected {}, found {}", at_ + 1,
                      expected, found);
  }

  absl::Status Count() {
    if (++values_ <= limits_.values) return absl::OkStatus();
    return Refused(fmt::format("at most {} values", limits_.values), "more");
  }

  absl::Status Open(bool is_map) {
    if (static_cast<int>(levels_.size()) >= limits_.depth) {
      return Refused(fmt::format("at most {} levels of lists and maps", limits_.depth), "more");
    }
    levels_.push_back({.is_map = is_map});
    ++at_;
    return Count();
  }

  absl::Status Text() {
    size_t end = at_ + 1;
    while (true) {
      end = text_.find_first_of("\"\\", end);
      if (end == text_.npos) return Refused("a text that ends with a quote", "no end");
      if (text_[end] == '"') break;
      end += 2;
      if (end > text_.size()) return Refused("a text that ends with a quote", "no end");
    }
    const std::string_view text = text_.substr(at_ + 1, end - at_ - 1);
    const size_t after = text_.find_first_not_of(" \t\r\n", end + 1);
    const bool is_name = after != text_.npos && text_[after] == ':';
    if (is_name) ASSAY_RETURN_IF_ERROR(Name(text));
    at_ = end + 1;
    return Count();
  }

  absl::Status Name(std::string_view name) {
    if (levels_.empty() || !levels_.back().is_map) return Refused("a map around a name", "none");
    auto& names = levels_.back().names;
    if (name.size() > limits_.key_bytes) {
      return Refused(fmt::format("names of at most {} bytes", limits_.key_bytes),
                     fmt::format("{} bytes", name.size()));
    }
    if (name.find('\\') != name.npos) return Refused("names without \\", Quoted(name));
    if (!names.insert(name).second) return Refused("each name once", Quoted(name) + " again");
    if (names.size() <= limits_.keys) return absl::OkStatus();
    return Refused(fmt::format("at most {} names in a map", limits_.keys), "more");
  }

  const std::string_view text_;
  const JsonShapeLimits& limits_;
  size_t at_ = 0;
  size_t values_ = 0;
  std::vector<Level> levels_;
};

}  // namespace

absl::Status CheckJsonShape(std::string_view text, const JsonShapeLimits& limits) {
  ASSAY_RETURN_IF_ERROR(CheckUtf8(text));
  return ShapeReader(text, limits).Read();
}

}  // namespace assay
