#include "engine/score/units.h"

#include <algorithm>

namespace assay {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Unit> Unit::Parse(std::string_view text) {
  Unit unit;
  int exponent = 1;
  while (true) {
    const size_t end = text.find_first_of("*/");
    const std::string_view name = Trim(text.substr(0, end));
    if (name.empty()) return std::nullopt;
    if (name != "1" && name != "%") unit.Multiply(name, exponent);
    if (end == std::string_view::npos) return unit;
    exponent = text[end] == '*' ? 1 : -1;
    text.remove_prefix(end + 1);
  }
}

std::string Unit::ToString() const {
  std::string text;
  for (const auto& [name, exponent] : factors_) {
    for (int i = 0; i < exponent; ++i) text += (text.empty() ? "" : "*") + name;
  }
  if (text.empty()) text = "1";
  for (const auto& [name, exponent] : factors_) {
    for (int i = 0; i < -exponent; ++i) text += "/" + name;
  }
  return text;
}

Unit Unit::Times(const Unit& other) const { return Combine(other, 1); }

Unit Unit::DividedBy(const Unit& other) const { return Combine(other, -1); }

Unit Unit::Combine(const Unit& other, int sign) const {
  Unit result = *this;
  for (const auto& [name, exponent] : other.factors_) result.Multiply(name, sign * exponent);
  return result;
}

void Unit::Multiply(std::string_view name, int exponent) {
  const auto place = std::ranges::lower_bound(
      factors_, name, {}, [](const auto& factor) { return std::string_view(factor.first); });
  if (place == factors_.end() || place->first != name) {
    factors_.emplace(place, std::string(name), exponent);
  } else if ((place->second += exponent) == 0) {
    factors_.erase(place);
  }
}

}  // namespace assay
