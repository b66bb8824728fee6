#include "engine/score/ratio.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace assay {
namespace {

// Every ratio of a score has fewer, and the products of two such ratios stay within 512 bits only
// for the ones that scores have; longer texts are forgeries.
constexpr size_t kRatioDigitsMax = 130;

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

bool IsWhole(std::string_view digits) {
  return !digits.empty() && digits.size() <= kRatioDigitsMax &&
         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) &&
         (digits.size() == 1 || digits.front() != '0');
}

}  // namespace

WideInt WideInts::operator()(__int128 value) const {
  const bool is_negative = value < 0;
  const auto bits = static_cast<unsigned __int128>(value);
  const unsigned __int128 magnitude = is_negative ? -bits : bits;
  WideInt wide = static_cast<uint64_t>(magnitude >> 64);
  wide <<= 64;
  wide += static_cast<uint64_t>(magnitude);
  return is_negative ? WideInt(-wide) : wide;
}

Ratio::Ratio(WideInt numerator, WideInt denominator)
    : numerator_(std::move(numerator)), denominator_(std::move(denominator)) {
  ASSAY_REQUIRE(denominator_ != 0, "a ratio to nothing");
  if (denominator_ < 0) {
    numerator_ = -numerator_;
    denominator_ = -denominator_;
  }
  const WideInt common = boost::multiprecision::gcd(numerator_, denominator_);
  numerator_ /= common;
  denominator_ /= common;
}

Ratio Ratio::Of(Decimal value) {
  return {WideInts()(value.Raw()), WideInts()(PowerOfTen(Decimal::kFractionDigits))};
}

std::string Ratio::ToString() const {
  std::string text = numerator_.str();
  if (denominator_ != 1) text += "/" + denominator_.str();
  return text;
}

std::optional<Ratio> Ratio::Parse(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const std::string_view rest = text.substr(is_negative ? 1 : 0);
  const size_t slash = rest.find('/');
  const std::string_view whole = rest.substr(0, slash);
  const std::string_view divisor =
      slash == std::string_view::npos ? std::string_view("1") : rest.substr(slash + 1);
  if (!IsWhole(whole) || !IsWhole(divisor) || divisor == "0") return std::nullopt;
  const WideInt magnitude{std::string(whole)};
  Ratio ratio(is_negative ? WideInt(-magnitude) : magnitude, WideInt{std::string(divisor)});
  if (ratio.ToString() != text) return std::nullopt;
  return ratio;
}

Ratio Ratio::Times(const Ratio& other) const {
  return {numerator_ * other.numerator_, denominator_ * other.denominator_};
}

Ratio Ratio::Plus(const Ratio& other) const {
  return {numerator_ * other.denominator_ + other.numerator_ * denominator_,
          denominator_ * other.denominator_};
}

std::optional<Decimal> Ratio::Rounded(int digits, Rounding rounding) const {
  WideInts ints;
  const Fraction<WideInt> units{numerator_ * ints(PowerOfTen(digits)), denominator_};
  return DecimalOfUnits(RoundToWhole(ints, units, rounding), digits);
}

std::optional<Decimal> DecimalOfUnits(const WideInt& units, int digits) {
  const WideInts ints;
  const WideInt raw = units * ints(PowerOfTen(Decimal::kFractionDigits - digits));
  constexpr __int128 kRawMax = ~(static_cast<__int128>(1) << 127);
  if (boost::multiprecision::abs(raw) > ints(kRawMax)) return std::nullopt;
  const bool is_negative = raw < 0;
  const WideInt magnitude = boost::multiprecision::abs(raw);
  const auto high = static_cast<uint64_t>(WideInt(magnitude >> 64));
  const auto low = static_cast<uint64_t>(WideInt(magnitude & ints(~uint64_t{0})));
  const __int128 value = static_cast<__int128>(high) << 64 | low;
  return Decimal::FromRaw(is_negative ? -value : value);
}

std::optional<Decimal> DecimalOfUnits(CheckedInt units, int digits) {
  __int128 raw = 0;
  if (__builtin_mul_overflow(units.Value(), PowerOfTen(Decimal::kFractionDigits - digits), &raw)) {
    return std::nullopt;
  }
  return Decimal::FromRaw(raw);
}

}  // namespace assay
