#include "engine/base/decimal.h"

#include <array>
#include <utility>

#include "engine/base/check.h"

namespace assay {
namespace {

using Uint128 = unsigned __int128;

constexpr std::array<uint64_t, 20> kPowersOfTen = [] {
  std::array<uint64_t, 20> powers{};
  uint64_t power = 1;
  for (uint64_t& slot : powers) slot = std::exchange(power, power * 10);
  return powers;
}();

constexpr uint64_t kOne = kPowersOfTen[Decimal::kFractionDigits];
// The magnitude of the smallest value; the largest has one less.
constexpr Uint128 kMagnitudeMax = Uint128{1} << 127;
// 10^39 is beyond every magnitude, so no more digits than this need be looked at.
constexpr int64_t kMagnitudeDigitsMax = 39;
constexpr int64_t kFromIntMax = 100'000'000'000'000;
// "-", 27 digits, "." and 12 digits, rounded up.
constexpr size_t kTextBytesMax = 48;

struct Uint256 {
  Uint128 high;
  Uint128 low;
};

Uint128 Magnitude(Decimal value) {
  const auto bits = static_cast<Uint128>(value.Raw());
  return value.IsNegative() ? -bits : bits;
}

std::optional<Decimal> FromMagnitude(bool negative, Uint128 magnitude) {
  if (magnitude >= kMagnitudeMax && !(negative && magnitude == kMagnitudeMax)) [[unlikely]] {
    return std::nullopt;
  }
  return Decimal::FromRaw(static_cast<__int128>(negative ? -magnitude : magnitude));
}

Uint256 Multiply(Uint128 a, Uint128 b) {
  const auto a_low = static_cast<uint64_t>(a);
  const auto b_low = static_cast<uint64_t>(b);
  const auto a_high = static_cast<uint64_t>(a >> 64);
  const auto b_high = static_cast<uint64_t>(b >> 64);
  const Uint128 low = Uint128{a_low} * b_low;
  if ((a_high | b_high) == 0) return {0, low};
  const Uint128 cross = Uint128{a_high} * b_low + static_cast<uint64_t>(low >> 64);
  const Uint128 middle = Uint128{a_low} * b_high + static_cast<uint64_t>(cross);
  const Uint128 high = Uint128{a_high} * b_high + (cross >> 64) + (middle >> 64);
  return {high, middle << 64 | static_cast<uint64_t>(low)};
}

// value / 10^12. A call of the compiler's 128-bit division costs as much as all the rest of a
// multiplication; 5^12 is short enough to divide by in three steps of 64 bits.
inline Uint128 DivideByOne(Uint128 value) {
  constexpr uint64_t kDivisor = 244'140'625;
  constexpr uint64_t kStepMask = (uint64_t{1} << 36) - 1;
  static_assert(kDivisor << Decimal::kFractionDigits == kOne);
  value >>= Decimal::kFractionDigits;
  const auto top = static_cast<uint64_t>(value >> 72);
  const uint64_t middle = top % kDivisor << 36 | (static_cast<uint64_t>(value >> 36) & kStepMask);
  const uint64_t bottom = middle % kDivisor << 36 | (static_cast<uint64_t>(value) & kStepMask);
  return Uint128{top / kDivisor} << 72 | Uint128{middle / kDivisor} << 36 | bottom / kDivisor;
}

// One 64-bit digit of the quotient of (remainder, next) and `divisor`, as in Knuth's algorithm D;
// leaves the new remainder. REQUIRES: remainder < divisor, and the top bit of `divisor` is set.
uint64_t DivideDigit(Uint128& remainder, uint64_t next, Uint128 divisor) {
  const auto divisor_high = static_cast<uint64_t>(divisor >> 64);
  const auto divisor_low = static_cast<uint64_t>(divisor);
  uint64_t digit = ~uint64_t{0};
  if (static_cast<uint64_t>(remainder >> 64) < divisor_high) {
    digit = static_cast<uint64_t>(remainder / divisor_high);
  }
  // The guess is at most two too large: it has not seen the divisor's low half yet.
  Uint128 rest = remainder - Uint128{digit} * divisor_high;
  while (rest >> 64 == 0 && Uint128{digit} * divisor_low > (rest << 64 | next)) {
    --digit;
    rest += divisor_high;
  }
  remainder = (rest << 64 | next) - Uint128{digit} * divisor_low;
  return digit;
}

// Divides by a `divisor` above numerator.high, so that the quotient fits; returns it and leaves
// the remainder.
Uint128 DivideLong(Uint256 numerator, Uint128 divisor, Uint128& remainder) {
  const auto divisor_high = static_cast<uint64_t>(divisor >> 64);
  const int shift = divisor_high != 0 ? __builtin_clzll(divisor_high)
                                      : 64 + __builtin_clzll(static_cast<uint64_t>(divisor));
  if (shift != 0) {
    numerator.high = numerator.high << shift | numerator.low >> (128 - shift);
    numerator.low <<= shift;
    divisor <<= shift;
  }
  remainder = numerator.high;
  const uint64_t high = DivideDigit(remainder, static_cast<uint64_t>(numerator.low >> 64), divisor);
  const uint64_t low = DivideDigit(remainder, static_cast<uint64_t>(numerator.low), divisor);
  remainder >>= shift;
  return Uint128{high} << 64 | low;
}

template <typename Unsigned>
bool RoundsUp(Uint128 quotient, Unsigned remainder, Unsigned divisor, Rounding rounding) {
  if (rounding == Rounding::kDown) return false;
  // Without a branch: the remainders of a run of products are noise to the predictor.
  const Unsigned tie_breaker = rounding == Rounding::kHalfUp ? 1 : quotient & 1;
  return remainder + tie_breaker > divisor - remainder;
}

// The decimal of quotient + remainder / divisor, rounded half-even.
std::optional<Decimal> Finish(bool negative, Uint128 quotient, Uint128 remainder, Uint128 divisor) {
  // Before the last unit is added, which would wrap the largest quotient to zero.
  if (quotient > kMagnitudeMax) return std::nullopt;
  quotient += RoundsUp(quotient, remainder, divisor, Rounding::kHalfEven) ? 1 : 0;
  return FromMagnitude(negative, quotient);
}

std::optional<Decimal> DivideHalfEven(bool negative, Uint256 numerator, Uint128 divisor) {
  if (numerator.high >= divisor) return std::nullopt;
  if (numerator.high == 0) [[likely]] {
    const Uint128 quotient = numerator.low / divisor;
    return Finish(negative, quotient, numerator.low - quotient * divisor, divisor);
  }
  Uint128 remainder = 0;
  const Uint128 quotient = DivideLong(numerator, divisor, remainder);
  return Finish(negative, quotient, remainder, divisor);
}

// Nothing is lost: a magnitude has a whole bit to spare, more than any rounding adds.
Uint128 RoundMagnitude(Uint128 magnitude, int digits, Rounding rounding) {
  const uint64_t unit = kPowersOfTen[Decimal::kFractionDigits - digits];
  Uint128 quotient = magnitude / unit;
  const Uint128 remainder = magnitude - quotient * unit;
  if (RoundsUp(quotient, remainder, Uint128{unit}, rounding)) ++quotient;
  return quotient * unit;
}

// Writes the last `count` decimal digits of `value` before `end` and returns their begin.
char* WriteDigits(char* end, uint64_t value, int count) {
  for (; count > 0; --count, value /= 10) *--end = static_cast<char>('0' + value % 10);
  return end;
}

char* WriteWhole(char* end, Uint128 value) {
  constexpr int kChunkDigits = 18;
  constexpr uint64_t kChunk = kPowersOfTen[kChunkDigits];
  if (value >= kChunk) {
    end = WriteDigits(end, static_cast<uint64_t>(value % kChunk), kChunkDigits);
    value /= kChunk;
  }
  auto rest = static_cast<uint64_t>(value);
  do {
    *--end = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  return end;
}

struct Split {
  Uint128 whole;
  uint64_t fraction;
};

Split SplitMagnitude(Uint128 magnitude) {
  const Uint128 whole = DivideByOne(magnitude);
  return {whole, static_cast<uint64_t>(magnitude - whole * kOne)};
}

std::string Print(bool negative, Uint128 whole, uint64_t fraction, int digits) {
  std::array<char, kTextBytesMax> buffer;
  char* const end = buffer.data() + buffer.size();
  char* begin = end;
  if (digits > 0) {
    begin = WriteDigits(begin, fraction, digits);
    *--begin = '.';
  }
  begin = WriteWhole(begin, whole);
  if (negative) *--begin = '-';
  return {begin, end};
}

// The text of a number, taken apart and not yet weighed.
struct Literal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int64_t exponent = 0;

  [[nodiscard]] size_t DigitCount() const { return whole.size() + fraction.size(); }
  [[nodiscard]] char DigitAt(size_t index) const {
    return index < whole.size() ? whole[index] : fraction[index - whole.size()];
  }
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeDigits(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// True when there was a minus.
bool TakeSign(std::string_view& text) {
  if (text.empty() || (text.front() != '-' && text.front() != '+')) return false;
  const bool negative = text.front() == '-';
  text.remove_prefix(1);
  return negative;
}

// Takes what stands after the "e"; false when there is no digit.
bool TakeExponent(std::string_view& text, int64_t& exponent) {
  // No text is long enough for its own digits to bring such an exponent back into range.
  constexpr int64_t kSaturated = 1'000'000'000'000'000;
  const bool negative = TakeSign(text);
  const std::string_view digits = TakeDigits(text);
  for (const char c : digits) {
    if (exponent < kSaturated) exponent = exponent * 10 + (c - '0');
  }
  if (negative) exponent = -exponent;
  return !digits.empty();
}

bool ReadLiteral(std::string_view text, Literal& literal) {
  literal.negative = TakeSign(text);
  literal.whole = TakeDigits(text);
  if (literal.whole.empty()) return false;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    literal.fraction = TakeDigits(text);
    if (literal.fraction.empty()) return false;
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!TakeExponent(text, literal.exponent)) return false;
  }
  return text.empty();
}

// The usual number: its digits fit 64 bits and none of them is beyond the 12th of the fraction.
bool IsShort(const Literal& literal) {
  return literal.exponent == 0 && literal.DigitCount() < kPowersOfTen.size() &&
         literal.fraction.size() <= Decimal::kFractionDigits;
}

Uint128 WeighShort(const Literal& literal) {
  uint64_t digits = 0;
  for (const char c : literal.whole) digits = digits * 10 + static_cast<uint64_t>(c - '0');
  for (const char c : literal.fraction) digits = digits * 10 + static_cast<uint64_t>(c - '0');
  return Uint128{digits} * kPowersOfTen[Decimal::kFractionDigits - literal.fraction.size()];
}

// Any number. Leaves `magnitude` alone unless the result is kNone.
Decimal::ParseError Weigh(const Literal& literal, Uint128& magnitude) {
  size_t begin = 0;
  size_t end = literal.DigitCount();
  while (begin < end && literal.DigitAt(begin) == '0') ++begin;
  while (begin < end && literal.DigitAt(end - 1) == '0') --end;
  if (begin == end) {
    magnitude = 0;
    return Decimal::ParseError::kNone;
  }
  // How many zeros follow the last digit that counts when the value is written times 10^12.
  const int64_t zeros = literal.exponent + Decimal::kFractionDigits +
                        static_cast<int64_t>(literal.whole.size()) - static_cast<int64_t>(end);
  if (zeros < 0) return Decimal::ParseError::kTooPrecise;
  const int64_t digits = zeros + static_cast<int64_t>(end - begin);
  if (digits > kMagnitudeDigitsMax) return Decimal::ParseError::kOutOfRange;
  Uint128 sum = 0;
  for (int64_t i = 0; i < digits; ++i) {
    if (sum > kMagnitudeMax / 10) return Decimal::ParseError::kOutOfRange;
    const size_t index = begin + static_cast<size_t>(i);
    sum = sum * 10 + static_cast<unsigned>(index < end ? literal.DigitAt(index) - '0' : 0);
  }
  magnitude = sum;
  return Decimal::ParseError::kNone;
}

void RequireDigits(int digits) {
  ASSAY_REQUIRE(digits >= 0 && digits <= Decimal::kFractionDigits, "{} digits", digits);
}

}  // namespace

std::string_view RoundingName(Rounding rounding) {
  switch (rounding) {
    case Rounding::kHalfUp:
      return "HALF_UP";
    case Rounding::kHalfEven:
      return "HALF_EVEN";
    case Rounding::kDown:
      return "DOWN";
  }
  ASSAY_REQUIRE(false, "rounding {}", static_cast<int>(rounding));
  return {};
}

std::optional<Rounding> RoundingFromName(std::string_view name) {
  for (const Rounding rounding : {Rounding::kHalfUp, Rounding::kHalfEven, Rounding::kDown}) {
    if (name == RoundingName(rounding)) return rounding;
  }
  return std::nullopt;
}

Decimal Decimal::FromInt(int64_t value) {
  ASSAY_REQUIRE(value >= -kFromIntMax && value <= kFromIntMax, "{} is no count", value);
  return FromRaw(static_cast<__int128>(value) * kOne);
}

std::optional<Decimal> Decimal::Parse(std::string_view text, ParseError* error) {
  ParseError problem = ParseError::kNone;
  std::optional<Decimal> value;
  Literal literal;
  Uint128 magnitude = 0;
  if (!ReadLiteral(text, literal)) {
    problem = ParseError::kNotANumber;
  } else if (IsShort(literal)) {
    magnitude = WeighShort(literal);
  } else {
    problem = Weigh(literal, magnitude);
  }
  if (problem == ParseError::kNone) {
    value = FromMagnitude(literal.negative, magnitude);
    if (!value) problem = ParseError::kOutOfRange;
  }
  if (error != nullptr) *error = problem;
  return value;
}

std::string Decimal::ToString() const {
  auto [whole, fraction] = SplitMagnitude(Magnitude(*this));
  int digits = fraction == 0 ? 0 : kFractionDigits;
  for (; digits > 0 && fraction % 10 == 0; --digits) fraction /= 10;
  return Print(IsNegative(), whole, fraction, digits);
}

std::string Decimal::ToFixed(int digits) const {
  RequireDigits(digits);
  const Uint128 rounded = RoundMagnitude(Magnitude(*this), digits, Rounding::kHalfEven);
  const auto [whole, fraction] = SplitMagnitude(rounded);
  return Print(IsNegative() && rounded != 0, whole,
               fraction / kPowersOfTen[kFractionDigits - digits], digits);
}

std::optional<Decimal> Decimal::Plus(Decimal other) const {
  __int128 sum = 0;
  if (__builtin_add_overflow(raw_, other.raw_, &sum)) return std::nullopt;
  return FromRaw(sum);
}

std::optional<Decimal> Decimal::Minus(Decimal other) const {
  __int128 difference = 0;
  if (__builtin_sub_overflow(raw_, other.raw_, &difference)) return std::nullopt;
  return FromRaw(difference);
}

std::optional<Decimal> Decimal::Times(Decimal other) const {
  const bool negative = IsNegative() != other.IsNegative();
  const Uint128 left = Magnitude(*this);
  const Uint128 right = Magnitude(other);
  if ((left | right) >> 64 != 0) [[unlikely]] {
    return DivideHalfEven(negative, Multiply(left, right), kOne);
  }
  // The usual product: 128 bits, and after the division far from any limit.
  const Uint128 product = left * right;
  Uint128 quotient = DivideByOne(product);
  const uint64_t remainder =
      static_cast<uint64_t>(product) - static_cast<uint64_t>(quotient) * kOne;
  quotient += RoundsUp(quotient, remainder, kOne, Rounding::kHalfEven) ? 1 : 0;
  return FromRaw(static_cast<__int128>(negative ? -quotient : quotient));
}

std::optional<Decimal> Decimal::DividedBy(Decimal other) const {
  const Uint256 scaled = Multiply(Magnitude(*this), kOne);
  return DivideHalfEven(IsNegative() != other.IsNegative(), scaled, Magnitude(other));
}

std::optional<Decimal> Decimal::TimesRatio(Decimal numerator, Decimal denominator) const {
  const Uint256 product = Multiply(Magnitude(*this), Magnitude(numerator));
  const bool negative = (IsNegative() != numerator.IsNegative()) != denominator.IsNegative();
  return DivideHalfEven(negative, product, Magnitude(denominator));
}

std::optional<Decimal> Decimal::Negated() const { return Decimal().Minus(*this); }

std::optional<Decimal> Decimal::Rounded(int digits, Rounding rounding) const {
  RequireDigits(digits);
  return FromMagnitude(IsNegative(), RoundMagnitude(Magnitude(*this), digits, rounding));
}

}  // namespace assay
