#include "tools/assay/show.h"

#include <algorithm>

#include "engine/event/streams.h"
#include "projections/decisions/keys.h"
#include "tools/assay/chinese.h"

namespace assay {

bool HasCells(OutputFormat format) {
  return format == OutputFormat::kTable || format == OutputFormat::kCsv;
}

int FailMissing(const Session& session, const StateReader& state, const Rejection& missing) {
  return state.status().ok() ? Fail(session, missing) : Fail(session, state.status());
}

Json PersonName(const View& view, StateReader& state, const std::string& person) {
  const auto row = state.Find<v1::PersonState>(streams::Person(person));
  if (!row.has_value() || !row->has_name()) return Json();
  return Json::TextOrNull(view.home->OpenText(row->name()));
}

std::vector<int64_t> PositionsOf(const View& view, const std::string& stream) {
  std::vector<int64_t> positions;
  view.home->Rows().Visit(Table::kState, decisions::StatePrefix(stream),
                          [&](std::string_view key, std::string_view) {
                            const int64_t position = decisions::PositionAtEnd(key);
                            if (position <= view.moment.decisions) positions.push_back(position);
                            return true;
                          });
  std::sort(positions.begin(), positions.end());
  return positions;
}

Json SpanJson(const v1::Span& span) {
  Json object = Json::Object();
  object.Put("from", Json::TextOrNull(span.from())).Put("to", Json::TextOrNull(span.to()));
  return object;
}

std::string (*StatesOf(const Session& session))(const std::string& value) {
  return session.Chinese() ? WordInChinese : nullptr;
}

std::string WithSign(const std::string& decimal) {
  const bool has_sign = decimal.empty() || decimal == "0" || decimal.front() == '-';
  return has_sign ? decimal : "+" + decimal;
}

Json ContributionsJson(const v1::Intake& intake, bool as_cell) {
  Json array = Json::Array();
  std::string words;
  for (const v1::Contribution& contribution : intake.facts().contributions()) {
    Json object = Json::Object();
    object
        .Put("entity", fmt::format("{}/{}", contribution.entity_type(), contribution.entity_key()))
        .Put("measure", contribution.measure())
        .Put("value", contribution.value())
        .Put("unit", contribution.unit());
    array.Add(std::move(object));
    words += fmt::format("{}{} {} {}", words.empty() ? "" : "; ", contribution.measure(),
                         contribution.value(), contribution.unit());
  }
  if (intake.has_retraction()) words = "retraction";
  return as_cell ? Json(std::move(words)) : array;
}

}  // namespace assay
