// Exact quotients: what a score is before it is rounded, once.
//
// A curve's share times a weight is a quotient of products that neither 12 fractional digits nor
// 128 bits hold. It is computed first with 128-bit integers that notice an overflow, which is
// enough for every ordinary score, and again with 512 bits when one was noticed; the code is the
// same template. 512 bits hold every product of three decimals with two weights.

#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/decimal.h"

namespace assay {

using WideInt = boost::multiprecision::int512_t;

// 128 bits; an operation that overflows sets the flag of its left operand and gives any value.
class CheckedInt {
 public:
  CheckedInt(__int128 value, bool* overflowed) : value_(value), overflowed_(overflowed) {}

  [[nodiscard]] __int128 Value() const { return value_; }

  friend CheckedInt operator+(CheckedInt a, CheckedInt b) {
    *a.overflowed_ |= __builtin_add_overflow(a.value_, b.value_, &a.value_);
    return a;
  }
  friend CheckedInt operator-(CheckedInt a, CheckedInt b) {
    *a.overflowed_ |= __builtin_sub_overflow(a.value_, b.value_, &a.value_);
    return a;
  }
  friend CheckedInt operator*(CheckedInt a, CheckedInt b) {
    *a.overflowed_ |= __builtin_mul_overflow(a.value_, b.value_, &a.value_);
    return a;
  }
  // A divisor that is not positive is an overflow too: it was positive before it wrapped.
  friend CheckedInt operator/(CheckedInt a, CheckedInt b) {
    *a.overflowed_ |= b.value_ <= 0;
    a.value_ = b.value_ <= 0 ? 0 : a.value_ / b.value_;
    return a;
  }
  friend CheckedInt operator%(CheckedInt a, CheckedInt b) {
    *a.overflowed_ |= b.value_ <= 0;
    a.value_ = b.value_ <= 0 ? 0 : a.value_ % b.value_;
    return a;
  }
  friend bool operator==(CheckedInt a, CheckedInt b) { return a.value_ == b.value_; }
  friend auto operator<=>(CheckedInt a, CheckedInt b) { return a.value_ <=> b.value_; }

 private:
  __int128 value_;
  bool* overflowed_;
};

// How a template makes its integers.
struct NarrowInts {
  using Int = CheckedInt;
  bool overflowed = false;
  [[nodiscard]] Int operator()(__int128 value) { return {value, &overflowed}; }
};
struct WideInts {
  using Int = WideInt;
  [[nodiscard]] Int operator()(__int128 value) const;
};

// numerator / denominator. REQUIRES: denominator > 0
template <typename Int>
struct Fraction {
  Int numerator;
  Int denominator;
};

// The whole number nearest to the fraction by `rounding`; halves go as for Decimal::Rounded.
template <typename Ints>
[[nodiscard]] typename Ints::Int RoundToWhole(Ints& ints,
                                              const Fraction<typename Ints::Int>& fraction,
                                              Rounding rounding) {
  using Int = typename Ints::Int;
  const Int zero = ints(0);
  const bool is_negative = fraction.numerator < zero;
  const Int magnitude = is_negative ? Int(zero - fraction.numerator) : fraction.numerator;
  Int quotient = magnitude / fraction.denominator;
  const Int remainder = magnitude % fraction.denominator;
  const Int rest = fraction.denominator - remainder;
  const bool is_odd = quotient % ints(2) != zero;
  const bool goes_up =
      rounding != Rounding::kDown &&
      (remainder > rest || (remainder == rest && (rounding == Rounding::kHalfUp || is_odd)));
  if (goes_up) quotient = quotient + ints(1);
  return is_negative ? Int(zero - quotient) : quotient;
}

// A reduced fraction of wide integers, as explaining prints it and checking reads it.
class Ratio {
 public:
  // 0
  Ratio() = default;
  // REQUIRES: denominator != 0
  Ratio(WideInt numerator, WideInt denominator);
  [[nodiscard]] static Ratio Of(Decimal value);

  // "299/300", "-7/2"; a whole number without denominator: "20".
  [[nodiscard]] std::string ToString() const;
  // Nothing unless `text` is exactly what ToString gives for some ratio of at most 130 digits on
  // either side.
  [[nodiscard]] static std::optional<Ratio> Parse(std::string_view text);

  // REQUIRES: the products fit 512 bits.
  [[nodiscard]] Ratio Times(const Ratio& other) const;
  // REQUIRES: the products fit 512 bits.
  [[nodiscard]] Ratio Plus(const Ratio& other) const;
  // Nothing when the result is no Decimal. REQUIRES: 0 <= digits <= 12
  [[nodiscard]] std::optional<Decimal> Rounded(int digits, Rounding rounding) const;

  bool operator==(const Ratio&) const = default;

 private:
  WideInt numerator_ = 0;
  WideInt denominator_ = 1;
};

// A whole number of units of 10^-digits as a Decimal; nothing when it does not fit.
[[nodiscard]] std::optional<Decimal> DecimalOfUnits(const WideInt& units, int digits);
[[nodiscard]] std::optional<Decimal> DecimalOfUnits(CheckedInt units, int digits);

}  // namespace assay
