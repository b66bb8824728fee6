#include "engine/base/decimal.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <boost/regex.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/aborts.h"
#include "tests/support/environment.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

using ParseError = Decimal::ParseError;
using Maybe = std::optional<Decimal>;

constexpr __int128 kRawMax = ~(static_cast<__int128>(1) << 127);
constexpr Decimal kMax = Decimal::FromRaw(kRawMax);
constexpr Decimal kMin = Decimal::FromRaw(-kRawMax - 1);
constexpr Decimal kSmallest = Decimal::FromRaw(1);
constexpr std::string_view kMaxText = "170141183460469231731687303.715884105727";
constexpr std::string_view kMinText = "-170141183460469231731687303.715884105728";

Decimal D(std::string_view text) {
  const Maybe value = Decimal::Parse(text);
  INFO(text);
  REQUIRE(value);
  return *value;
}

ParseError ErrorOf(std::string_view text) {
  ParseError error = ParseError::kNone;
  const Maybe value = Decimal::Parse(text, &error);
  INFO(text);
  CHECK(value.has_value() == (error == ParseError::kNone));
  return error;
}

// --- by hand ---

TEST_CASE("a decimal prints canonically", "[base][unit]") {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.000", "0"},
      {"+12", "12"},
      {"0012.500", "12.5"},
      {"-12", "-12"},
      {"0.8", "0.8"},
      {"123.45", "123.45"},
      {"1e3", "1000"},
      {"1.5E+2", "150"},
      {"25e-1", "2.5"},
      {"1e-12", "0.000000000001"},
      {"1000e-15", "0.000000000001"},
      {"100000000000000000000000000.000000000001", "100000000000000000000000000.000000000001"},
      {"-0.5", "-0.5"},
      {"1000000000000000000", "1000000000000000000"},
      {"1000000000000000000000000", "1000000000000000000000000"},
  };
  for (const auto& [text, canonical] : texts) CHECK(D(text).ToString() == canonical);
}

TEST_CASE("a text that is no number is refused", "[base][unit]") {
  for (const std::string_view text :
       {"",      " ",    "+",   "-",        ".",     ".5",    "5.", "1.", "e5",
        "1e",    "1e+",  "1e-", "1e5.0",    "--1",   "+-1",   " 1", "1 ", "1,5",
        "1_000", "0x10", "NaN", "Infinity", "1.2.3", "1e2e3", "१"}) {
    CHECK(ErrorOf(text) == ParseError::kNotANumber);
  }
  CHECK(ErrorOf(std::string_view("1\0", 2)) == ParseError::kNotANumber);
}

TEST_CASE("a digit beyond the twelfth of the fraction is refused unless it is zero",
          "[base][unit]") {
  CHECK(D("0.1234567890120000000000000000000000000000").ToString() == "0.123456789012");
  CHECK(ErrorOf("0.1234567890121") == ParseError::kTooPrecise);
  CHECK(ErrorOf("1e-13") == ParseError::kTooPrecise);
  CHECK(ErrorOf("1e-99999999999999999999999999") == ParseError::kTooPrecise);
  CHECK(D("0." + std::string(5000, '0') + "1e5000") == D("0.1"));
  CHECK(D("1" + std::string(5000, '0') + "e-5000") == D("1"));
}

TEST_CASE("a text outside the range is refused, and one too precise is called that first",
          "[base][unit]") {
  CHECK(D(kMaxText) == kMax);
  CHECK(D(kMinText) == kMin);
  CHECK(ErrorOf("170141183460469231731687303.715884105728") == ParseError::kOutOfRange);
  CHECK(ErrorOf("-170141183460469231731687303.715884105729") == ParseError::kOutOfRange);
  CHECK(ErrorOf("1e27") == ParseError::kOutOfRange);
  CHECK(ErrorOf("-1e99999999999999999999999999") == ParseError::kOutOfRange);
  CHECK(ErrorOf(std::string(4000, '9')) == ParseError::kOutOfRange);
  CHECK(ErrorOf(std::string(4000, '9') + ".0000000000001") == ParseError::kTooPrecise);
  CHECK(D("0e99999999999999999999999999").IsZero());
  CHECK(D("0e-99999999999999999999999999").IsZero());
}

TEST_CASE("parsing needs no place for the error", "[base][unit]") {
  CHECK_FALSE(Decimal::Parse("one"));
  ParseError error = ParseError::kOutOfRange;
  CHECK(Decimal::Parse("1", &error));
  CHECK(error == ParseError::kNone);
}

TEST_CASE("the limits print and are read back", "[base][unit]") {
  CHECK(kMax.ToString() == kMaxText);
  CHECK(kMin.ToString() == kMinText);
  CHECK(kMax.ToFixed(12) == kMaxText);
  CHECK(kMax.ToFixed(0) == "170141183460469231731687304");
  CHECK(kMin.ToFixed(2) == "-170141183460469231731687303.72");
}

TEST_CASE("a fixed number of digits is padded or rounded half-even", "[base][unit]") {
  CHECK(D("20").ToFixed(4) == "20.0000");
  CHECK(D("9.96665").ToFixed(4) == "9.9666");
  CHECK(D("9.96675").ToFixed(4) == "9.9668");
  CHECK(D("-0.00004").ToFixed(4) == "0.0000");
  CHECK(D("-0.5").ToFixed(0) == "0");
  CHECK(D("-1.5").ToFixed(0) == "-2");
  CHECK(D("0.05").ToFixed(3) == "0.050");
}

TEST_CASE("sums and differences are exact or nothing", "[base][unit]") {
  CHECK(D("0.1").Plus(D("0.2")) == D("0.3"));
  CHECK(D("0.3").Minus(D("0.4")) == D("-0.1"));
  CHECK(kMax.Plus(kMin) == Decimal::FromRaw(-1));
  CHECK(kMax.Plus(kSmallest) == std::nullopt);
  CHECK(kMin.Minus(kSmallest) == std::nullopt);
  CHECK(kMin.Minus(kMin) == Decimal());
  CHECK(Decimal().Minus(kMin) == std::nullopt);
  CHECK(kMax.Negated() == kMin.Plus(kSmallest));
  CHECK(kMin.Negated() == std::nullopt);
}

TEST_CASE("a product is rounded half-even at the twelfth digit", "[base][unit]") {
  CHECK(D("123.45").Times(D("-2")) == D("-246.9"));
  CHECK(D("0.000001").Times(D("0.0000005")) == Decimal());
  CHECK(D("0.000001").Times(D("0.0000015")) == D("0.000000000002"));
  CHECK(D("0.000001").Times(D("-0.0000025")) == D("-0.000000000002"));
  CHECK(D("0.000001").Times(D("0.00000050001")) == kSmallest);
  CHECK(kMax.Times(D("1")) == kMax);
  CHECK(kMin.Times(D("1")) == kMin);
  CHECK(kMin.Times(D("-1")) == std::nullopt);
  CHECK(kMax.Times(kMax) == std::nullopt);
  CHECK(kMin.Times(kMin) == std::nullopt);
  CHECK(kMax.Times(Decimal()) == Decimal());
  CHECK(kMax.Times(D("1.000000000001")) == std::nullopt);
  const Decimal root = D("13043817825332.782212349571");
  CHECK(root.Times(root) == D("170141183460469231731687282.682662424965"));
  CHECK(root.Plus(kSmallest)->Times(*root.Plus(kSmallest)) == std::nullopt);
}

TEST_CASE("a quotient is rounded half-even at the twelfth digit", "[base][unit]") {
  CHECK(D("1").DividedBy(D("3")) == D("0.333333333333"));
  CHECK(D("-2").DividedBy(D("3")) == D("-0.666666666667"));
  CHECK(D("0.000000000001").DividedBy(D("2")) == Decimal());
  CHECK(D("0.000000000003").DividedBy(D("2")) == D("0.000000000002"));
  CHECK(D("0.000000000005").DividedBy(D("-2")) == D("-0.000000000002"));
  CHECK(D("960").DividedBy(Decimal()) == std::nullopt);
  CHECK(Decimal().DividedBy(Decimal()) == std::nullopt);
  CHECK(kMax.DividedBy(kMax) == D("1"));
  CHECK(kMin.DividedBy(D("1")) == kMin);
  CHECK(kMin.DividedBy(D("-1")) == std::nullopt);
  CHECK(kMax.DividedBy(kSmallest) == std::nullopt);
  CHECK(kMin.DividedBy(kMin) == D("1"));
  CHECK(kSmallest.DividedBy(kMin) == Decimal());
}

TEST_CASE("a ratio is rounded once", "[base][unit]") {
  CHECK(D("10").TimesRatio(D("1"), D("3")) == D("3.333333333333"));
  CHECK(D("3").TimesRatio(D("1"), D("3")) == D("1"));
  CHECK(D("3").Times(*D("1").DividedBy(D("3"))) == D("0.999999999999"));
  CHECK(kMax.TimesRatio(kMax, kMax) == kMax);
  CHECK(kMin.TimesRatio(kMin, kMin) == kMin);
  CHECK(kMin.TimesRatio(kMin, kMax) == std::nullopt);
  CHECK(kMax.TimesRatio(kMin, kMax) == kMin);
  CHECK(kMax.TimesRatio(kMax, kMin) == Decimal::FromRaw(-kRawMax + 1));
  CHECK(kMax.TimesRatio(D("1"), Decimal()) == std::nullopt);
  // 2^129 - 1 halved: the largest quotient of 128 bits, and rounding it up would wrap it to zero.
  const Decimal factor = Decimal::FromRaw((static_cast<__int128>(1) << 43) - 1);
  const Decimal cofactor =
      Decimal::FromRaw((static_cast<__int128>(1) << 86) + (static_cast<__int128>(1) << 43) + 1);
  CHECK(factor.TimesRatio(cofactor, Decimal::FromRaw(2)) == std::nullopt);
  CHECK(Decimal().TimesRatio(kMax, kSmallest) == Decimal());
}

TEST_CASE("rounding goes away from zero, to even, or down as named", "[base][unit]") {
  struct Row {
    std::string_view value, half_up, half_even, down;
  };
  for (const Row& row : std::vector<Row>{{"0.5", "1", "0", "0"},
                                         {"1.5", "2", "2", "1"},
                                         {"2.5", "3", "2", "2"},
                                         {"-0.5", "-1", "0", "0"},
                                         {"-2.5", "-3", "-2", "-2"},
                                         {"-2.500000000001", "-3", "-3", "-2"},
                                         {"2.499999999999", "2", "2", "2"},
                                         {"7", "7", "7", "7"}}) {
    CHECK(D(row.value).Rounded(0, Rounding::kHalfUp) == D(row.half_up));
    CHECK(D(row.value).Rounded(0, Rounding::kHalfEven) == D(row.half_even));
    CHECK(D(row.value).Rounded(0, Rounding::kDown) == D(row.down));
  }
  CHECK(D("9.96665").Rounded(4, Rounding::kHalfUp) == D("9.9667"));
  CHECK(kMax.Rounded(12, Rounding::kHalfUp) == kMax);
  CHECK(kMin.Rounded(12, Rounding::kHalfUp) == kMin);
  CHECK(kMax.Rounded(0, Rounding::kHalfUp) == std::nullopt);
  CHECK(kMin.Rounded(0, Rounding::kHalfEven) == std::nullopt);
  CHECK(kMin.Rounded(0, Rounding::kDown) == D("-170141183460469231731687303"));
}

TEST_CASE("rounding names are those of the log", "[base][unit]") {
  CHECK(RoundingName(Rounding::kHalfUp) == "HALF_UP");
  CHECK(RoundingName(Rounding::kHalfEven) == "HALF_EVEN");
  CHECK(RoundingName(Rounding::kDown) == "DOWN");
  for (const Rounding rounding : {Rounding::kHalfUp, Rounding::kHalfEven, Rounding::kDown}) {
    CHECK(RoundingFromName(RoundingName(rounding)) == rounding);
  }
  CHECK_FALSE(RoundingFromName("half_up"));
  CHECK_FALSE(RoundingFromName(""));
}

TEST_CASE("whole numbers become decimals up to the limit of counts", "[base][unit]") {
  CHECK(Decimal::FromInt(0).IsZero());
  CHECK(Decimal::FromInt(-12) == D("-12"));
  CHECK(Decimal::FromInt(100'000'000'000'000) == D("1e14"));
  CHECK(Decimal::FromInt(-100'000'000'000'000) == D("-1e14"));
}

TEST_CASE("a caller who breaks a requirement stops the process", "[base][unit]") {
  using testing::Aborts;
  CHECK(Aborts([] { (void)Decimal::FromInt(100'000'000'000'001); }));
  CHECK(Aborts([] { (void)Decimal::FromInt(INT64_MIN); }));
  CHECK(Aborts([] { (void)kMax.Rounded(13, Rounding::kDown); }));
  CHECK(Aborts([] { (void)kMax.Rounded(-1, Rounding::kDown); }));
  CHECK(Aborts([] { (void)kMax.ToFixed(13); }));
  CHECK(Aborts([] { (void)RoundingName(static_cast<Rounding>(9)); }));
  CHECK_FALSE(Aborts([] { (void)kMax.Rounded(12, Rounding::kDown); }));
}

TEST_CASE("decimals are ordered by value", "[base][unit]") {
  CHECK(kMin < D("-1"));
  CHECK(D("-1") < Decimal());
  CHECK(Decimal() < kSmallest);
  CHECK(D("9.999") < D("10"));
  CHECK(D("1.50") == D("1.5"));
  CHECK(D("-1").IsNegative());
  CHECK_FALSE(Decimal().IsNegative());
}

// --- against whole numbers of Boost.Multiprecision ---

// Wide enough for twice the product of any two raw values.
using Whole = boost::multiprecision::int512_t;
using Random = std::mt19937_64;

Whole WholeOf(Decimal value) {
  const auto high = static_cast<int64_t>(value.Raw() >> 64);
  return (Whole(high) << 64) + static_cast<uint64_t>(value.Raw());
}

const Whole kWholeMax = (Whole(1) << 127) - 1;
const Whole kWholeMin = -kWholeMax - 1;

// The decimal of a raw value, or nothing when 128 bits do not hold it.
Maybe FromWhole(const Whole& raw) {
  if (raw > kWholeMax || raw < kWholeMin) return std::nullopt;
  const Whole magnitude = abs(raw);
  const auto bits = static_cast<unsigned __int128>(static_cast<uint64_t>(magnitude >> 64)) << 64 |
                    static_cast<uint64_t>(magnitude & Whole(~uint64_t{0}));
  return Decimal::FromRaw(static_cast<__int128>(raw < 0 ? -bits : bits));
}

Whole PowerOfTen(int exponent) { return pow(Whole(10), static_cast<unsigned>(exponent)); }

// REQUIRES: divisor > 0
Whole FloorQuotient(const Whole& dividend, const Whole& divisor) {
  Whole quotient = dividend / divisor;
  if (quotient * divisor > dividend) --quotient;
  return quotient;
}

// By the floor of quotient + 1/2, which differs from half-even only for a tie.
Whole HalfEvenQuotient(Whole dividend, Whole divisor) {
  if (divisor < 0) {
    dividend = -dividend;
    divisor = -divisor;
  }
  const Whole shifted = 2 * dividend + divisor;
  Whole quotient = FloorQuotient(shifted, 2 * divisor);
  if (quotient * 2 * divisor == shifted && (quotient % 2) != 0) --quotient;
  return quotient;
}

Whole HalfUpQuotient(const Whole& dividend, const Whole& divisor) {
  const Whole quotient = (2 * abs(dividend) + divisor) / (2 * divisor);
  return dividend < 0 ? Whole(-quotient) : quotient;
}

__int128 RandomBits(Random& random, int width) {
  const unsigned __int128 bits = static_cast<unsigned __int128>(random()) << 64 | random();
  return width == 0 ? 0 : static_cast<__int128>(bits >> (128 - width));
}

__int128 RawPower(Random& random) {
  __int128 power = 1;
  for (auto exponent = random() % 39; exponent > 0; --exponent) power *= 10;
  return power;
}

// Every size of number, most often where something may break: powers of ten, halves, the limits.
Decimal AnyDecimal(Random& random) {
  __int128 raw = 0;
  switch (random() % 8) {
    case 0:
      raw = static_cast<__int128>(random() % 2000) * 1'000'000'000'000;
      break;
    case 1:
      raw = static_cast<__int128>(random() % 100'000'000) * 10'000'000'000;
      break;
    case 2:
      raw = RandomBits(random, static_cast<int>(random() % 128));
      break;
    case 3:
      raw = kRawMax - static_cast<__int128>(random() % 1000);
      break;
    case 4:
      raw = RawPower(random) + static_cast<__int128>(random() % 3) - 1;
      break;
    case 5:
      raw = RawPower(random) / 2 + static_cast<__int128>(random() % 3) - 1;
      break;
    case 6:
      raw = RandomBits(random, 60 + static_cast<int>(random() % 30));
      break;
    default:
      raw = random() % 2 == 0 ? static_cast<__int128>(random() % 3) : kRawMax;
      break;
  }
  // Not the negation: so that the smallest value is reached too.
  return Decimal::FromRaw(random() % 2 == 0 ? raw : ~raw);
}

// What a property saw, so that a run shows that it tried the rare cases.
struct Tally {
  int64_t refused = 0;
  int64_t ties = 0;

  void Count(const Maybe& value) { refused += value ? 0 : 1; }
};

// Runs `check(random, tally)`, which returns what went wrong or an empty text, for every case.
template <typename Check>
Tally ForAll(const char* name, Check check) {
  const int64_t seed = testing::NumberFrom("ASSAY_SEED", 20260630);
  const int64_t cases = testing::NumberFrom("ASSAY_DECIMAL_CASES", 200'000);
  Random random(static_cast<uint64_t>(seed));
  Tally tally;
  for (int64_t i = 0; i < cases; ++i) {
    const std::string problem = check(random, tally);
    if (!problem.empty()) FAIL(fmt::format("{} seed={} case={}: {}", name, seed, i, problem));
  }
  fmt::print("decimal property={} seed={} cases={} refused={} ties={}\n", name, seed, cases,
             tally.refused, tally.ties);
  SUCCEED();
  return tally;
}

std::string Show(const Maybe& value) { return value ? value->ToString() : "nothing"; }

// Empty when both are the same.
template <typename... Operands>
std::string Compare(const Maybe& actual, const Maybe& expected, const Operands&... operands) {
  if (actual == expected) return {};
  std::string text;
  ((text += operands.ToString() + " "), ...);
  return text + "gave " + Show(actual) + ", expected " + Show(expected);
}

TEST_CASE("sums and differences agree with whole numbers", "[base][unit][property]") {
  const Tally tally = ForAll("add", [](Random& random, Tally& seen) {
    const Decimal a = AnyDecimal(random);
    const Decimal b = AnyDecimal(random);
    const Maybe sum = FromWhole(WholeOf(a) + WholeOf(b));
    seen.Count(sum);
    return Compare(a.Plus(b), sum, a, b) +
           Compare(a.Minus(b), FromWhole(WholeOf(a) - WholeOf(b)), a, b) +
           Compare(a.Negated(), FromWhole(-WholeOf(a)), a);
  });
  CHECK(tally.refused > 0);
}

TEST_CASE("products agree with whole numbers", "[base][unit][property]") {
  const Whole one = PowerOfTen(Decimal::kFractionDigits);
  const Tally tally = ForAll("multiply", [&](Random& random, Tally& seen) {
    const Decimal a = AnyDecimal(random);
    const Decimal b = AnyDecimal(random);
    const Whole product = WholeOf(a) * WholeOf(b);
    const Maybe expected = FromWhole(HalfEvenQuotient(product, one));
    seen.Count(expected);
    seen.ties += abs(product) % one * 2 == one ? 1 : 0;
    return Compare(a.Times(b), expected, a, b);
  });
  CHECK(tally.refused > 0);
  CHECK(tally.ties > 0);
}

TEST_CASE("quotients agree with whole numbers", "[base][unit][property]") {
  const Whole one = PowerOfTen(Decimal::kFractionDigits);
  const Tally tally = ForAll("divide", [&](Random& random, Tally& seen) {
    const Decimal a = AnyDecimal(random);
    const Decimal b = AnyDecimal(random);
    const Whole scaled = WholeOf(a) * one;
    const Maybe expected =
        b.IsZero() ? std::nullopt : FromWhole(HalfEvenQuotient(scaled, WholeOf(b)));
    seen.Count(expected);
    if (!b.IsZero()) seen.ties += abs(scaled % WholeOf(b)) * 2 == abs(WholeOf(b)) ? 1 : 0;
    return Compare(a.DividedBy(b), expected, a, b);
  });
  CHECK(tally.refused > 0);
  CHECK(tally.ties > 0);
}

TEST_CASE("ratios agree with whole numbers", "[base][unit][property]") {
  const Tally tally = ForAll("ratio", [](Random& random, Tally& seen) {
    const Decimal a = AnyDecimal(random);
    const Decimal b = AnyDecimal(random);
    const Decimal c = AnyDecimal(random);
    const Whole product = WholeOf(a) * WholeOf(b);
    const Maybe expected =
        c.IsZero() ? std::nullopt : FromWhole(HalfEvenQuotient(product, WholeOf(c)));
    seen.Count(expected);
    if (!c.IsZero()) seen.ties += abs(product % WholeOf(c)) * 2 == abs(WholeOf(c)) ? 1 : 0;
    return Compare(a.TimesRatio(b, c), expected, a, b, c);
  });
  CHECK(tally.refused > 0);
  CHECK(tally.ties > 0);
}

TEST_CASE("a product divided again gives the factor back", "[base][unit][property]") {
  ForAll("inverse", [](Random& random, Tally& seen) {
    const Decimal a = AnyDecimal(random);
    const Decimal b = AnyDecimal(random);
    const Maybe expected = b.IsZero() ? std::nullopt : Maybe(a);
    seen.Count(expected);
    return Compare(a.TimesRatio(b, b), expected, a, b);
  });
}

TEST_CASE("ratios of 256 bits agree with whole numbers at and beside a half",
          "[base][unit][property]") {
  const Tally tally = ForAll("halves", [](Random& random, Tally& seen) {
    const __int128 half = RandomBits(random, 1 + static_cast<int>(random() % 125)) + 1;
    const __int128 odd = RandomBits(random, 1 + static_cast<int>(random() % 126)) | 1;
    const Decimal a = Decimal::FromRaw(random() % 2 == 0 ? odd : -odd);
    const Decimal b = Decimal::FromRaw(half + static_cast<__int128>(random() % 3) - 1);
    const Decimal c = Decimal::FromRaw(2 * half);
    const Whole product = WholeOf(a) * WholeOf(b);
    const Maybe expected = FromWhole(HalfEvenQuotient(product, WholeOf(c)));
    seen.Count(expected);
    seen.ties += abs(product % WholeOf(c)) * 2 == WholeOf(c) ? 1 : 0;
    return Compare(a.TimesRatio(b, c), expected, a, b, c);
  });
  CHECK(tally.ties > 0);
}

TEST_CASE("ratios just inside and outside the range agree with whole numbers",
          "[base][unit][property]") {
  const Tally tally = ForAll("limits", [](Random& random, Tally& seen) {
    const __int128 offset = random() % 4;
    const Decimal a = Decimal::FromRaw(random() % 2 == 0 ? kRawMax - offset : ~kRawMax + offset);
    const __int128 divisor = RandomBits(random, 124) + (static_cast<__int128>(1) << 125);
    const Decimal b = Decimal::FromRaw(divisor + static_cast<__int128>(random() % 3) - 1);
    const Decimal c = Decimal::FromRaw(random() % 2 == 0 ? divisor : -divisor);
    const Whole product = WholeOf(a) * WholeOf(b);
    const Maybe expected = FromWhole(HalfEvenQuotient(product, WholeOf(c)));
    seen.Count(expected);
    return Compare(a.TimesRatio(b, c), expected, a, b, c);
  });
  CHECK(tally.refused > 0);
}

TEST_CASE("order agrees with whole numbers", "[base][unit][property]") {
  ForAll("compare", [](Random& random, Tally&) {
    const Decimal a = AnyDecimal(random);
    const Decimal b = random() % 4 == 0 ? a : AnyDecimal(random);
    const Whole left = WholeOf(a);
    const Whole right = WholeOf(b);
    const bool same = (a == b) == (left == right) && (a < b) == (left < right) &&
                      (a <= b) == (left <= right) && (a > b) == (left > right) &&
                      a.IsZero() == (left == 0) && a.IsNegative() == (left < 0);
    return same ? std::string() : a.ToString() + " and " + b.ToString();
  });
}

TEST_CASE("rounding agrees with whole numbers in every mode", "[base][unit][property]") {
  const Tally tally = ForAll("round", [](Random& random, Tally& seen) {
    const Decimal a = AnyDecimal(random);
    const int digits = static_cast<int>(random() % 13);
    const Whole unit = PowerOfTen(Decimal::kFractionDigits - digits);
    const Whole raw = WholeOf(a);
    const Maybe half_up = FromWhole(HalfUpQuotient(raw, unit) * unit);
    seen.Count(half_up);
    seen.ties += abs(raw % unit) * 2 == unit ? 1 : 0;
    return Compare(a.Rounded(digits, Rounding::kHalfUp), half_up, a) +
           Compare(a.Rounded(digits, Rounding::kHalfEven),
                   FromWhole(HalfEvenQuotient(raw, unit) * unit), a) +
           Compare(a.Rounded(digits, Rounding::kDown), FromWhole(raw / unit * unit), a);
  });
  CHECK(tally.refused > 0);
  CHECK(tally.ties > 0);
}

// The text of `value` / 10^digits with all its digits.
std::string PointText(const Whole& value, size_t digits) {
  std::string text = Whole(abs(value)).str();
  if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
  if (digits > 0) text.insert(text.size() - digits, ".");
  return value < 0 ? "-" + text : text;
}

std::string CanonicalText(const Whole& raw) {
  std::string text = PointText(raw, Decimal::kFractionDigits);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

TEST_CASE("printed texts agree with whole numbers and are read back", "[base][unit][property]") {
  ForAll("print", [](Random& random, Tally&) {
    const Decimal a = AnyDecimal(random);
    const Whole raw = WholeOf(a);
    const std::string text = a.ToString();
    if (text != CanonicalText(raw)) return text + ", expected " + CanonicalText(raw);
    const int digits = static_cast<int>(random() % 13);
    const Whole unit = PowerOfTen(Decimal::kFractionDigits - digits);
    const std::string fixed = PointText(HalfEvenQuotient(raw, unit), static_cast<size_t>(digits));
    if (a.ToFixed(digits) != fixed) return a.ToFixed(digits) + ", expected " + fixed;
    return Compare(Decimal::Parse(text), a, a);
  });
}

std::string RandomDigits(Random& random, size_t count_max) {
  std::string digits;
  const size_t count = random() % count_max + 1;
  // Many zeros: those in front, at the end and in the middle are all read differently.
  for (size_t i = 0; i < count; ++i) {
    digits += static_cast<char>(random() % 3 == 0 ? '0' : '0' + random() % 10);
  }
  if (random() % 4 == 0) digits.append(random() % 20, '0');
  return digits;
}

std::string RandomNumberText(Random& random) {
  static const std::vector<std::string> kSigns = {"", "", "+", "-"};
  std::string text = kSigns[random() % kSigns.size()];
  text += RandomDigits(random, random() % 3 == 0 ? 30 : 8);
  if (random() % 3 != 0) text += "." + RandomDigits(random, random() % 3 == 0 ? 16 : 5);
  if (random() % 3 == 0) {
    text += random() % 2 == 0 ? "e" : "E";
    text += kSigns[random() % kSigns.size()];
    text += std::to_string(random() % 45);
  }
  if (random() % 4 != 0) return text;
  static const std::string kDamage("+-.eE09 x,\0", 11);
  const size_t position = random() % text.size();
  const char damage = kDamage[random() % kDamage.size()];
  if (random() % 2 == 0) return text.replace(position, 1, 1, damage);
  return text.insert(position, 1, damage);
}

using Unbounded = boost::multiprecision::cpp_int;

// Zeros in front would make the digits octal.
Unbounded UnboundedOf(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return Unbounded(digits);
}

// Damage can make an exponent long; the digits of these texts make up for none beyond 500.
int64_t ExponentOf(const std::string& text) {
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  const bool has_sign = negative || text.front() == '+';
  const Unbounded exponent = UnboundedOf(has_sign ? text.substr(1) : text);
  const int64_t bounded = exponent > 500 ? 500 : static_cast<int64_t>(exponent);
  return negative ? -bounded : bounded;
}

// What the text means, from its grammar as a regular expression and unbounded whole numbers.
std::pair<ParseError, Maybe> Meaning(const std::string& text) {
  static const boost::regex kGrammar("([-+]?)([0-9]+)(\\.([0-9]+))?([eE]([-+]?[0-9]+))?",
                                     boost::regex::optimize);
  boost::smatch match;
  if (!boost::regex_match(text, match, kGrammar)) return {ParseError::kNotANumber, {}};
  Unbounded value = UnboundedOf(match[2].str() + match[4].str());
  if (value == 0) return {ParseError::kNone, Decimal()};
  const int64_t exponent =
      ExponentOf(match[6].str()) + Decimal::kFractionDigits - match[4].length();
  const Unbounded power = pow(Unbounded(10), static_cast<unsigned>(std::abs(exponent)));
  if (exponent < 0 && value % power != 0) return {ParseError::kTooPrecise, {}};
  value = exponent < 0 ? Unbounded(value / power) : Unbounded(value * power);
  if (match[1] == "-") value = -value;
  if (abs(value) > (Unbounded(1) << 130)) return {ParseError::kOutOfRange, {}};
  const Maybe decimal = FromWhole(Whole(value));
  return {decimal ? ParseError::kNone : ParseError::kOutOfRange, decimal};
}

TEST_CASE("read texts agree with the grammar and whole numbers", "[base][unit][property]") {
  const Tally tally = ForAll("parse", [](Random& random, Tally& seen) {
    const std::string text = RandomNumberText(random);
    const auto [expected_error, expected] = Meaning(text);
    ParseError error = ParseError::kNone;
    const Maybe actual = Decimal::Parse(text, &error);
    seen.Count(actual);
    if (error == expected_error && actual == expected) return std::string();
    return fmt::format("\"{}\" gave {} error {}, expected {} error {}", text, Show(actual),
                       static_cast<int>(error), Show(expected), static_cast<int>(expected_error));
  });
  CHECK(tally.refused > 0);
}

}  // namespace
}  // namespace assay
