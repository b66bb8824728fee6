// Which verbs can look at the past (--at) and at another day (--on): one table.

#pragma once

#include <string>
#include <string_view>

#include "tools/assay/usage.h"

namespace assay {

// What an option asks of a verb.
struct PastAsked {
  bool at = false;
  bool on = false;
};

// Empty, or why the verb ("score show") refuses: an option that it would only ignore.
[[nodiscard]] UsageFault PastFault(std::string_view verb, const PastAsked& asked);

}  // namespace assay
