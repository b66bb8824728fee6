#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace assay {

void FailCheck(std::string_view kind, std::string_view condition, const char* file, int line,
               std::string_view text) {
  const std::string message =
      fmt::format("assay: broken {} at {}:{}: {} ({})\n", kind, file, line, text, condition);
  std::fputs(message.c_str(), stderr);
  std::abort();
}

}  // namespace assay
