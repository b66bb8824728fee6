// Which record identities may have been seen: a Bloom filter of a fold that begins with nothing.
//
// Nearly every identity of a replay is new, and asking each table file for what it does not have is
// what such a fold would mostly do.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace assay::facts {

class IdentityFilter {
 public:
  // About one in a hundred identities is wrongly taken for a known one, up to `identities` of them;
  // beyond that more are.
  explicit IdentityFilter(int64_t identities);

  // Adds it; true when it certainly was not there.
  bool Add(std::string_view identity_key);

 private:
  // An identity has its bits in one of them: one access of memory.
  struct alignas(64) Line {
    uint64_t words[8] = {};
  };
  std::vector<Line> lines_;
};

}  // namespace assay::facts
