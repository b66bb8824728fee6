#include "projections/facts/identity_filter.h"

#include <absl/hash/hash.h>

#include <algorithm>

namespace assay::facts {
namespace {

constexpr int64_t kBitsPerIdentity = 12;
constexpr int64_t kBitsPerLine = 512;
constexpr int kProbes = 6;
constexpr int kProbeBits = 9;

}  // namespace

IdentityFilter::IdentityFilter(int64_t identities)
    : lines_(
          static_cast<size_t>(std::max<int64_t>(identities, 1) * kBitsPerIdentity / kBitsPerLine) +
          1) {}

bool IdentityFilter::Add(std::string_view identity_key) {
  const uint64_t hash = absl::Hash<std::string_view>()(identity_key);
  Line& line =
      lines_[static_cast<size_t>(static_cast<unsigned __int128>(hash) * lines_.size() >> 64)];
  // The line took the high bits; an odd factor spreads the others.
  uint64_t bits = hash * 0x9e3779b97f4a7c15ULL;
  bool is_new = false;
  for (int i = 0; i < kProbes; ++i, bits >>= kProbeBits) {
    uint64_t& word = line.words[bits >> 6 & 7];
    const uint64_t bit = uint64_t{1} << (bits & 63);
    is_new = is_new || (word & bit) == 0;
    word |= bit;
  }
  return is_new;
}

}  // namespace assay::facts
