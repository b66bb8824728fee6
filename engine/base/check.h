// Bugs stop the process, in release too: state that cannot be right must not reach the log.

#pragma once

#include <fmt/core.h>

#include <string_view>

namespace assay {

// Prints one line to standard error and aborts.
[[noreturn]] void FailCheck(std::string_view kind, std::string_view condition, const char* file,
                            int line, std::string_view text);

}  // namespace assay

// Our own fault when it does not hold.
#define ASSAY_INVARIANT(condition, ...)                                                          \
  do {                                                                                           \
    if (!(condition)) [[unlikely]]                                                               \
      ::assay::FailCheck("invariant", #condition, __FILE__, __LINE__, fmt::format(__VA_ARGS__)); \
  } while (false)

// The caller's fault when it does not hold.
#define ASSAY_REQUIRE(condition, ...)                                                              \
  do {                                                                                             \
    if (!(condition)) [[unlikely]]                                                                 \
      ::assay::FailCheck("requirement", #condition, __FILE__, __LINE__, fmt::format(__VA_ARGS__)); \
  } while (false)
