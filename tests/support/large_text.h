// Texts of a size that matters.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::testing {

inline constexpr size_t kMiB = size_t{1024} * 1024;

inline std::string Repeated(std::string_view text, size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace assay::testing
