// What the verbs that show something share.

#pragma once

#include <assay/v1/log.pb.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event/state.h"
#include "tools/assay/session.h"

namespace assay {

// Whether lists inside of a row are shown as words, since cells hold text.
[[nodiscard]] bool HasCells(OutputFormat format);

// What is not there: exit 3; or the failure by which `state` could not read it.
[[nodiscard]] int FailMissing(const Session& session, const StateReader& state,
                              const Rejection& missing);

// Opened; null when there is no such person or no name.
[[nodiscard]] Json PersonName(const View& view, StateReader& state, const std::string& person);

// Positions of the commits that changed the stream, as of the view's moment, ascending.
[[nodiscard]] std::vector<int64_t> PositionsOf(const View& view, const std::string& stream);

// {from, to}; null for an open end.
[[nodiscard]] Json SpanJson(const v1::Span& span);

// The parts with slashes between them in a cell, else an array.
template <typename Texts>
[[nodiscard]] Json TextsJson(const Texts& texts, bool as_cell, std::string_view separator = "/") {
  if (as_cell) return Json(fmt::format("{}", fmt::join(texts, separator)));
  Json array = Json::Array();
  for (const auto& text : texts) array.Add(Json(text));
  return array;
}

// How a column of states is said in the language of the call.
[[nodiscard]] std::string (*StatesOf(const Session& session))(const std::string& value);

// "+5", "-2.5", "0".
[[nodiscard]] std::string WithSign(const std::string& decimal);

// What a record states: [{entity, measure, value, unit}], in a cell "output 5 pcs".
[[nodiscard]] Json ContributionsJson(const v1::Intake& intake, bool as_cell);

}  // namespace assay
