#include "projections/facts/identity_filter.h"

#include <catch2/catch.hpp>
#include <string>

namespace assay::facts {

TEST_CASE("an identity that was added is never new, and few others are taken for known",
          "[facts][property]") {
  constexpr int kIdentities = 100'000;
  IdentityFilter filter(kIdentities);
  int mistaken = 0;
  for (int i = 0; i < kIdentities; ++i) {
    if (!filter.Add("identity " + std::to_string(i))) ++mistaken;
  }
  CHECK(mistaken < kIdentities / 100);
  for (int i = 0; i < kIdentities; ++i) {
    CHECK_FALSE(filter.Add("identity " + std::to_string(i)));
  }
}

TEST_CASE("a filter for nothing still never forgets", "[facts][unit]") {
  IdentityFilter filter(0);
  CHECK(filter.Add("a"));
  CHECK_FALSE(filter.Add("a"));
}

}  // namespace assay::facts
