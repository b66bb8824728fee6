// What the environment sets of a test.

#pragma once

#include <cstdint>
#include <cstdlib>

namespace assay::testing {

// A count or a seed of a campaign.
[[nodiscard]] inline int64_t NumberFrom(const char* variable, int64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

}  // namespace assay::testing
