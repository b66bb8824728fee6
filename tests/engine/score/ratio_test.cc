#include "engine/score/ratio.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/engine/score/score_fixture.h"

namespace assay {
namespace {

using testing::D;
using testing::Seed;

constexpr __int128 kRawMax = ~(static_cast<__int128>(1) << 127);

TEST_CASE("a ratio prints reduced and reads back", "[score][unit]") {
  CHECK(Ratio(598, 600).ToString() == "299/300");
  CHECK(Ratio(-7, 2).ToString() == "-7/2");
  CHECK(Ratio(7, -2).ToString() == "-7/2");
  CHECK(Ratio(40, 2).ToString() == "20");
  CHECK(Ratio().ToString() == "0");
  CHECK(Ratio::Of(D("0.8")).ToString() == "4/5");
  for (const std::string text : {"299/300", "-7/2", "20", "0", "-1"}) {
    const std::optional<Ratio> ratio = Ratio::Parse(text);
    REQUIRE(ratio);
    CHECK(ratio->ToString() == text);
  }
}

TEST_CASE("a text that is not canonical is no ratio", "[score][unit]") {
  for (const std::string text : {"", "-", "/", "1/", "/2", "2/4", "1/0", "01", "1/02", "-0", "+1",
                                 "1.5", "4/2", "1/-2", "1 /2", "0/7"}) {
    INFO(text);
    CHECK_FALSE(Ratio::Parse(text));
  }
  CHECK(Ratio::Parse(std::string(130, '7')));
  CHECK_FALSE(Ratio::Parse(std::string(131, '7')));
}

TEST_CASE("a ratio is rounded once", "[score][unit]") {
  CHECK(Ratio(299, 30).Rounded(4, Rounding::kHalfUp) == D("9.9667"));
  CHECK(Ratio(1, 20'000).Rounded(4, Rounding::kHalfUp) == D("0.0001"));
  CHECK(Ratio(1, 20'000).Rounded(4, Rounding::kHalfEven) == D("0"));
  CHECK(Ratio(3, 20'000).Rounded(4, Rounding::kHalfEven) == D("0.0002"));
  CHECK(Ratio(-1, 20'000).Rounded(4, Rounding::kHalfUp) == D("-0.0001"));
  CHECK(Ratio(2, 3).Rounded(4, Rounding::kDown) == D("0.6666"));
  CHECK(Ratio(-2, 3).Rounded(4, Rounding::kDown) == D("-0.6666"));
  CHECK(Ratio(2, 3).Rounded(0, Rounding::kHalfEven) == D("1"));
  // Rounded at the 12th digit first, this would become a half and go up.
  const Ratio below_half(WideInt("4999999999999999999"), WideInt("100000000000000000000000"));
  CHECK(below_half.Rounded(4, Rounding::kHalfUp) == D("0"));
  CHECK_FALSE(Ratio(WideInt(1) << 127, 1).Rounded(4, Rounding::kHalfUp));
}

TEST_CASE("ratios add and multiply", "[score][unit]") {
  CHECK(Ratio(1, 3).Plus(Ratio(1, 6)) == Ratio(1, 2));
  CHECK(Ratio(2, 3).Times(Ratio(3, 4)) == Ratio(1, 2));
}

TEST_CASE("a campaign of narrow integers agrees with wide ones or notices that it cannot",
          "[score][campaign]") {
  std::mt19937_64 random(Seed());
  const auto any = [&] {
    const __int128 bits = static_cast<__int128>(random()) << 64 | random();
    return bits >> (random() % 127);
  };
  int overflowed = 0;
  for (int turn = 0; turn < 20'000; ++turn) {
    const __int128 a = any();
    const __int128 b = any();
    const __int128 c = any();
    const __int128 divisor = c > 0 ? c : -(c + 1) + 1 > 0 ? -(c + 1) + 1 : 1;
    const auto rounding = static_cast<Rounding>(random() % 3);
    NarrowInts narrow;
    WideInts wide;
    const CheckedInt near =
        RoundToWhole(narrow, {narrow(a) * narrow(b) + narrow(c), narrow(divisor)}, rounding);
    const WideInt far = RoundToWhole(wide, {wide(a) * wide(b) + wide(c), wide(divisor)}, rounding);
    if (narrow.overflowed) {
      ++overflowed;
    } else {
      REQUIRE(wide(near.Value()) == far);
    }
  }
  CHECK(overflowed > 1'000);
  CHECK(overflowed < 19'000);
}

TEST_CASE("the ends of the range survive widening", "[score][unit]") {
  const WideInts wide;
  for (const __int128 raw : {kRawMax, -kRawMax, __int128{0}, __int128{-1}}) {
    CHECK(DecimalOfUnits(wide(raw), Decimal::kFractionDigits) == Decimal::FromRaw(raw));
  }
  CHECK_FALSE(DecimalOfUnits(wide(kRawMax) + 1, Decimal::kFractionDigits));
  CHECK_FALSE(DecimalOfUnits(wide(kRawMax), 4));
  bool overflowed = false;
  CHECK_FALSE(DecimalOfUnits(CheckedInt(kRawMax, &overflowed), 4));
  CHECK(DecimalOfUnits(CheckedInt(99'667, &overflowed), 4) == D("9.9667"));
}

}  // namespace
}  // namespace assay
