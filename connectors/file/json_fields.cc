#include "connectors/file/json_fields.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <utility>

#include "connectors/file/record_splitter.h"
#include "engine/base/limits.h"

namespace assay {
namespace {

static_assert(kRecordPaddingBytes >= simdjson::SIMDJSON_PADDING);

namespace ondemand = simdjson::ondemand;

RecordFault Malformed(std::string_view path, std::string expected) {
  return {"MALFORMED", std::string(path), std::move(expected)};
}

RecordFault NotOneObject() { return Malformed("", "one JSON object"); }

bool SkipDigits(std::string_view& text) {
  const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

bool SkipAny(std::string_view& text, std::string_view chars) {
  if (text.empty() || chars.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// The number grammar of RFC 8259; the parser gives the bare token and does not look at it.
bool IsJsonNumber(std::string_view text) {
  SkipAny(text, "-");
  if (!SkipAny(text, "0") && !SkipDigits(text)) return false;
  if (SkipAny(text, ".") && !SkipDigits(text)) return false;
  if (SkipAny(text, "eE")) {
    SkipAny(text, "+-");
    if (!SkipDigits(text)) return false;
  }
  return text.empty();
}

std::string_view WithoutSpaceBehind(std::string_view token) {
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

// Walks one object and everything in it.
class Flattening {
 public:
  explicit Flattening(std::vector<Field>& fields) : fields_(fields) {}

  std::optional<RecordFault> Object(ondemand::object object, const std::string& path, int depth) {
    if (depth > limits::kRecordDepthMax) {
      return Malformed(path, fmt::format("at most {} levels", limits::kRecordDepthMax));
    }
    bool any = false;
    for (auto item : object) {
      std::string_view key;
      ondemand::value value;
      ondemand::field field;
      if (std::move(item).get(field) || field.unescaped_key().get(key)) return NotOneObject();
      value = field.value();
      std::string name = depth == 1 ? std::string(key) : fmt::format("{}.{}", path, key);
      if (auto fault = Value(value, std::move(name), depth)) return fault;
      any = true;
    }
    if (!any && depth > 1) Add(path, FieldKind::kNull, "");
    return std::nullopt;
  }

 private:
  std::optional<RecordFault> Value(ondemand::value& value, std::string name, int depth) {
    if (Known(name)) return Malformed(name, "each key once");
    if (fields_.size() + objects_.size() >= kRecordFieldsMax) {
      return Malformed("", fmt::format("at most {} fields", kRecordFieldsMax));
    }
    ondemand::json_type type;
    if (value.type().get(type)) return NotOneObject();
    if (type == ondemand::json_type::array) return Malformed(name, "no array");
    if (type != ondemand::json_type::object) return Scalar(value, type, std::move(name));
    ondemand::object object;
    if (value.get_object().get(object)) return NotOneObject();
    objects_.push_back(name);
    return Object(object, name, depth + 1);
  }

  std::optional<RecordFault> Scalar(ondemand::value& value, ondemand::json_type type,
                                    std::string name) {
    bool truth = false;
    std::string_view text;
    switch (type) {
      case ondemand::json_type::string:
        if (value.get_string().get(text)) return NotOneObject();
        Add(std::move(name), FieldKind::kText, text);
        return std::nullopt;
      case ondemand::json_type::number:
        text = WithoutSpaceBehind(value.raw_json_token());
        if (!IsJsonNumber(text)) return NotOneObject();
        Add(std::move(name), FieldKind::kNumber, text);
        return std::nullopt;
      case ondemand::json_type::boolean:
        if (value.get_bool().get(truth)) return NotOneObject();
        Add(std::move(name), FieldKind::kBool, truth ? "true" : "false");
        return std::nullopt;
      default:
        if (WithoutSpaceBehind(value.raw_json_token()) != "null") return NotOneObject();
        Add(std::move(name), FieldKind::kNull, "");
        return std::nullopt;
    }
  }

  bool Known(std::string_view name) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const Field& field) { return field.name == name; }) ||
           std::find(objects_.begin(), objects_.end(), name) != objects_.end();
  }

  void Add(std::string name, FieldKind kind, std::string_view text) {
    fields_.push_back({std::move(name), {std::string(text), kind}});
  }

  std::vector<Field>& fields_;
  // Paths of the objects inside.
  std::vector<std::string> objects_;
};

}  // namespace

struct JsonFields::Parsers {
  simdjson::dom::parser dom;
  ondemand::parser ondemand;
};

JsonFields::JsonFields() : parsers_(std::make_unique<Parsers>()) {}

JsonFields::~JsonFields() = default;

std::optional<RecordFault> JsonFields::Parse(std::string_view text, std::vector<Field>& fields) {
  // The walk below sees only what it visits, so the whole is checked first. Numbers are not: a long
  // one is JSON, although it fits no machine word, and the walk visits every number.
  const simdjson::error_code problem =
      parsers_->dom.parse(text.data(), text.size(), /*realloc_if_needed=*/false).error();
  if (problem == simdjson::DEPTH_ERROR) {
    return Malformed("", fmt::format("at most {} levels", limits::kRecordDepthMax));
  }
  if (problem != simdjson::SUCCESS && problem != simdjson::NUMBER_ERROR) return NotOneObject();
  ondemand::document document;
  ondemand::object object;
  if (parsers_->ondemand.iterate(text.data(), text.size(), text.size() + kRecordPaddingBytes)
          .get(document) ||
      document.get_object().get(object)) {
    return NotOneObject();
  }
  Flattening flattening(fields);
  auto fault = flattening.Object(object, "", 1);
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  if (!fault && !at_end) fault = NotOneObject();
  return fault;
}

}  // namespace assay
