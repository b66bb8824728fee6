#include "connectors/file/columns.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/decimal.h"
#include "engine/base/shown_text.h"

namespace assay {
namespace {

std::vector<std::string> NeededByAll(const v1::SourceContract& contract) {
  std::vector<std::string> needed(contract.key().begin(), contract.key().end());
  const auto add = [&](const std::string& field) {
    if (field.empty() || std::find(needed.begin(), needed.end(), field) != needed.end()) return;
    needed.push_back(field);
  };
  add(contract.version_field());
  add(contract.when().field());
  add(contract.when().zone_field());
  add(contract.entity().key());
  return needed;
}

// What was found, short enough for a message and without what a terminal would obey.
std::string Shown(const std::vector<std::string>& columns) {
  constexpr size_t kShownMax = 200;
  std::string text = fmt::format("{}", fmt::join(columns, " | "));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
  return ShownText(text, kShownMax);
}

}  // namespace

absl::Status CheckColumns(const v1::SourceContract& contract,
                          const std::vector<std::string>& columns) {
  if (columns.empty()) return absl::OkStatus();
  const auto has = [&](const std::string& field) {
    return std::find(columns.begin(), columns.end(), field) != columns.end();
  };
  for (const std::string& field : NeededByAll(contract)) {
    if (has(field)) continue;
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "header: expected the column \"{}\" of the contract, found {}", field,
                      Shown(columns));
  }
  if (!contract.retract().empty()) return absl::OkStatus();
  std::vector<std::string> values;
  for (const v1::MeasureDefinition& measure : contract.measures()) {
    // A number counts without a column.
    if (has(measure.value()) || Decimal::Parse(measure.value())) return absl::OkStatus();
    values.push_back(measure.value());
  }
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    "header: expected the column of a measure ({}), found {}",
                    fmt::join(values, ", "), Shown(columns));
}

}  // namespace assay
