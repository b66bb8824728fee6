#include "engine/event/moment.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <charconv>
#include <numeric>

namespace assay {
namespace {

std::optional<int64_t> ParsePosition(std::string_view text) {
  int64_t position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (error != std::errc() || end != text.data() + text.size() || position < -1) {
    return std::nullopt;
  }
  return position;
}

}  // namespace

std::string Moment::ToString() const {
  return fmt::format("{}@{}", decisions, fmt::join(facts, ","));
}

std::optional<Moment> Moment::Parse(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto decisions = ParsePosition(text.substr(0, at));
  if (!decisions.has_value()) return std::nullopt;
  Moment moment{.decisions = *decisions};
  std::string_view rest = text.substr(at + 1);
  while (true) {
    const size_t comma = rest.find(',');
    const auto position = ParsePosition(rest.substr(0, comma));
    if (!position.has_value()) return std::nullopt;
    moment.facts.push_back(*position);
    if (comma == std::string_view::npos) return moment;
    rest.remove_prefix(comma + 1);
  }
}

int64_t Moment::Sum() const { return std::accumulate(facts.begin(), facts.end(), decisions); }

}  // namespace assay
