#include "tools/assay/json.h"

#include "engine/base/shown_text.h"

namespace assay {

std::string JsonQuoted(std::string_view text) { return "\"" + JsonText(text) + "\""; }

Json Json::Raw(std::string json) {
  Json value(Kind::kLiteral);
  value.text_ = std::move(json);
  return value;
}

Json& Json::Put(std::string key, Json value) {
  members_.emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::Add(Json value) {
  members_.emplace_back("", std::move(value));
  return *this;
}

void Json::Append(std::string& out, int indent, bool pretty) const {
  const auto line = [&](int depth) {
    if (pretty) out += "\n" + std::string(static_cast<size_t>(depth) * 2, ' ');
  };
  switch (kind_) {
    case Kind::kNull:
      out += "null";
      return;
    case Kind::kString:
      out += JsonQuoted(text_);
      return;
    case Kind::kLiteral:
      out += text_;
      return;
    case Kind::kObject:
    case Kind::kArray:
      break;
  }
  const bool object = kind_ == Kind::kObject;
  out += object ? "{" : "[";
  for (size_t i = 0; i < members_.size(); ++i) {
    if (i > 0) out += ",";
    line(indent + 1);
    if (object) {
      out += JsonQuoted(members_[i].first);
      out += pretty ? ": " : ":";
    }
    members_[i].second.Append(out, indent + 1, pretty);
  }
  if (!members_.empty()) line(indent);
  out += object ? "}" : "]";
}

std::string Json::Dump() const {
  std::string out;
  Append(out, 0, false);
  return out;
}

std::string Json::Pretty() const {
  std::string out;
  Append(out, 0, true);
  return out;
}

std::string Json::Cell() const {
  if (kind_ == Kind::kNull) return "";
  return kind_ == Kind::kString || kind_ == Kind::kLiteral ? text_ : Dump();
}

}  // namespace assay
