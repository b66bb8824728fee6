// Time of each Decimal operation alone: medians of rounds over a table of values, one JSON line.
//
// "wide" operations need the 256-bit intermediate; the others are what scores are made of.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/base/decimal.h"

namespace {

using assay::Decimal;

constexpr size_t kValues = 1024;
constexpr int kPasses = 400;
constexpr int kRounds = 9;

struct Pair {
  Decimal left;
  Decimal right;
};

// Measures and rates as they come from sources: up to 999,999 with two to four digits.
std::vector<Pair> TypicalPairs(std::mt19937_64& random) {
  std::vector<Pair> pairs;
  pairs.reserve(kValues);
  for (size_t i = 0; i < kValues; ++i) {
    const auto left = static_cast<__int128>(random() % 99'999'999 + 1) * 10'000'000'000;
    const auto right = static_cast<__int128>(random() % 99'999'999 + 1) * 100'000'000;
    pairs.push_back({Decimal::FromRaw(left), Decimal::FromRaw(right)});
  }
  return pairs;
}

// About 10^16 times 10^6: products and scaled dividends beyond 128 bits.
std::vector<Pair> WidePairs(std::mt19937_64& random) {
  std::vector<Pair> pairs;
  pairs.reserve(kValues);
  for (size_t i = 0; i < kValues; ++i) {
    const auto left = static_cast<__int128>(random() | uint64_t{1} << 63) << 30;
    const auto right = static_cast<__int128>(random() | uint64_t{1} << 63);
    pairs.push_back({Decimal::FromRaw(left), Decimal::FromRaw(right)});
  }
  return pairs;
}

std::vector<std::string> TypicalTexts(std::mt19937_64& random) {
  std::vector<std::string> texts;
  texts.reserve(kValues);
  for (size_t i = 0; i < kValues; ++i) {
    const uint64_t whole = random() % 900 + 100;
    const uint64_t fraction = random() % 99 + 1;
    texts.push_back(fmt::format("{}.{:02}", whole, fraction));
  }
  return texts;
}

// Read at the end, so that no call can be left out.
uint64_t sink = 0;

// Nanoseconds of one `operation(item)`, which returns a number for the sink.
template <typename Items, typename Operation>
double MedianNanoseconds(const Items& items, Operation operation) {
  std::array<double, kRounds> rounds{};
  for (double& round : rounds) {
    const auto begin = std::chrono::steady_clock::now();
    uint64_t sum = 0;
    for (int pass = 0; pass < kPasses; ++pass) {
      for (const auto& item : items) sum += operation(item);
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    sink += sum;
    round = spent.count() / static_cast<double>(items.size() * kPasses);
  }
  std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
  return rounds[kRounds / 2];
}

uint64_t Low(const std::optional<Decimal>& value) {
  return value ? static_cast<uint64_t>(value->Raw()) : 0;
}

}  // namespace

int main() {
  std::mt19937_64 random(20260630);
  const std::vector<Pair> typical = TypicalPairs(random);
  const std::vector<Pair> wide = WidePairs(random);
  const std::vector<std::string> texts = TypicalTexts(random);

  const auto times = [](const Pair& pair) { return Low(pair.left.Times(pair.right)); };
  const auto divided = [](const Pair& pair) { return Low(pair.left.DividedBy(pair.right)); };
  const double add =
      MedianNanoseconds(typical, [](const Pair& pair) { return Low(pair.left.Plus(pair.right)); });
  const double multiply = MedianNanoseconds(typical, times);
  const double multiply_wide = MedianNanoseconds(wide, times);
  const double divide = MedianNanoseconds(typical, divided);
  const double divide_wide = MedianNanoseconds(wide, divided);
  const double parse =
      MedianNanoseconds(texts, [](const std::string& text) { return Low(Decimal::Parse(text)); });
  const double print =
      MedianNanoseconds(typical, [](const Pair& pair) { return pair.left.ToString().size(); });

  fmt::print(
      "{{\"bench\":\"decimal\",\"add_ns\":{:.1f},\"multiply_ns\":{:.1f},\"multiply_wide_ns\":{:.1f}"
      ","
      "\"divide_ns\":{:.1f},\"divide_wide_ns\":{:.1f},\"parse_ns\":{:.1f},\"print_ns\":{:.1f},"
      "\"rounds\":{},\"operations_per_round\":{},\"checksum\":\"{:016x}\"}}\n",
      add, multiply, multiply_wide, divide, divide_wide, parse, print, kRounds, kValues * kPasses,
      sink);
  return 0;
}
