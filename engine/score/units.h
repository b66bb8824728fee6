// Units of measures and metrics: products of base units with exponents.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

// A value. Two units are equal when they have the same base units with the same exponents; there
// are no conversions ("h" and "min" are different).
class Unit {
 public:
  // Without dimension.
  Unit() = default;

  // Names joined by "*" and "/": "pcs", "pcs/h", "h*pcs", "CNY/pcs/h", "1/h". "1" and "%" have no
  // dimension. Spaces around names are ignored. Nothing for an empty text or a missing name.
  [[nodiscard]] static std::optional<Unit> Parse(std::string_view text);
  // Canonical, names in bytewise order: "CNY/h/pcs"; "1" without dimension.
  [[nodiscard]] std::string ToString() const;

  [[nodiscard]] Unit Times(const Unit& other) const;
  [[nodiscard]] Unit DividedBy(const Unit& other) const;
  [[nodiscard]] bool IsDimensionless() const { return factors_.empty(); }

  bool operator==(const Unit&) const = default;

 private:
  void Multiply(std::string_view name, int exponent);
  [[nodiscard]] Unit Combine(const Unit& other, int sign) const;

  // Sorted by name; no exponent is 0.
  std::vector<std::pair<std::string, int>> factors_;
};

}  // namespace assay
