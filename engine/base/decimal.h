// Exact decimal numbers: 128-bit fixed point with 12 fractional digits.
//
// Every value in a score path, an event or a key is a Decimal; there is no binary floating point.
// Results that do not fit are an error, never a wrapped number. The range is about +-1.7e26.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// How a value is rounded to fewer digits: a half goes away from zero, to the even neighbour, or is
// cut off like any rest. The names ("HALF_UP", "HALF_EVEN", "DOWN") stand on the log.
enum class Rounding : uint8_t { kHalfUp, kHalfEven, kDown };

[[nodiscard]] std::string_view RoundingName(Rounding rounding);
[[nodiscard]] std::optional<Rounding> RoundingFromName(std::string_view name);

class Decimal {
 public:
  static constexpr int kFractionDigits = 12;

  // Why a text is no Decimal. One that is too precise and out of range is kTooPrecise.
  enum class ParseError : uint8_t { kNone, kNotANumber, kTooPrecise, kOutOfRange };

  constexpr Decimal() = default;
  // REQUIRES: |value| <= 1e14, which every caller's count and weight is.
  [[nodiscard]] static Decimal FromInt(int64_t value);
  // The value times 10^12.
  [[nodiscard]] static constexpr Decimal FromRaw(__int128 raw) { return Decimal(raw); }
  [[nodiscard]] constexpr __int128 Raw() const { return raw_; }

  // [-+]? digits [. digits] ([eE] [-+]? digits)?; at least one digit, no spaces. Trailing zeros
  // beyond the 12th fractional digit are fine, other digits there are kTooPrecise.
  [[nodiscard]] static std::optional<Decimal> Parse(std::string_view text,
                                                    ParseError* error = nullptr);
  // Canonical: no exponent, no leading "+", no trailing zeros, no "-0": "0.8", "-12", "0".
  [[nodiscard]] std::string ToString() const;
  // With exactly `digits` fractional digits (rounded HALF_EVEN for display): "20.0000"; no "-0".
  // REQUIRES: 0 <= digits <= 12
  [[nodiscard]] std::string ToFixed(int digits) const;

  // Nothing on overflow (Divide: also when `other` is zero).
  [[nodiscard]] std::optional<Decimal> Plus(Decimal other) const;
  [[nodiscard]] std::optional<Decimal> Minus(Decimal other) const;
  // The 24-digit product rounded half-even at the 12th digit.
  [[nodiscard]] std::optional<Decimal> Times(Decimal other) const;
  // Rounded half-even at the 12th digit.
  [[nodiscard]] std::optional<Decimal> DividedBy(Decimal other) const;
  // this * numerator / denominator with one rounding, half-even at the 12th digit, in 256 bits.
  [[nodiscard]] std::optional<Decimal> TimesRatio(Decimal numerator, Decimal denominator) const;
  [[nodiscard]] std::optional<Decimal> Negated() const;
  // To `digits` fractional digits. REQUIRES: 0 <= digits <= 12
  [[nodiscard]] std::optional<Decimal> Rounded(int digits, Rounding rounding) const;

  [[nodiscard]] constexpr bool IsZero() const { return raw_ == 0; }
  [[nodiscard]] constexpr bool IsNegative() const { return raw_ < 0; }

  constexpr auto operator<=>(const Decimal&) const = default;

 private:
  explicit constexpr Decimal(__int128 raw) : raw_(raw) {}
  __int128 raw_ = 0;
};

}  // namespace assay
