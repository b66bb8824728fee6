#include "connectors/file/csv_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

RecordFault Malformed(size_t field, std::string_view expected) {
  return {"MALFORMED", fmt::to_string(field), std::string(expected)};
}

// Takes a quoted field off the front of `rest`, up to its closing quote.
bool TakeQuoted(std::string_view& rest, std::string& field) {
  rest.remove_prefix(1);
  while (true) {
    const size_t quote = rest.find('"');
    if (quote == std::string_view::npos) return false;
    field.append(rest.substr(0, quote));
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) return true;
    field.push_back('"');
    rest.remove_prefix(1);
  }
}

}  // namespace

std::optional<RecordFault> SplitCsv(std::string_view text, char delimiter,
                                    std::vector<std::string>& fields) {
  fields.clear();
  while (true) {
    const size_t number = fields.size();
    std::string& field = fields.emplace_back();
    if (text.starts_with('"')) {
      if (!TakeQuoted(text, field)) return Malformed(number, "a closing quote");
      if (!text.empty() && text.front() != delimiter) {
        return Malformed(number, "a delimiter after the closing quote");
      }
    } else {
      field = text.substr(0, text.find(delimiter));
      if (field.find_first_of("\"\r") != std::string::npos) {
        return Malformed(number, "quotes around a field with a quote or a carriage return");
      }
      text.remove_prefix(field.size());
    }
    if (text.empty()) return std::nullopt;
    text.remove_prefix(1);
  }
}

}  // namespace assay
