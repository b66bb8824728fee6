// What changed between two versions of terms, field by field.

#pragma once

#include <string>
#include <vector>

#include "engine/agreement/terms.h"

namespace assay::agreement {

// An item that came or went changes each of its fields from or to nothing. A sealed text shows as
// "sealed <first 8 hexadecimal digits of the SHA-256 of its bytes>": that it changed can be seen,
// what it says cannot.
struct TermsChange {
  std::string path;  // "items[output].target", fields named as in JSON
  std::string before;
  std::string after;

  bool operator==(const TermsChange&) const = default;
};

// In the order of the items of `after`, then of those that went; within an item, of its fields.
// `before` is empty for a first version.
[[nodiscard]] std::vector<TermsChange> DiffTerms(const TermsItems& before, const TermsItems& after);

// "items[output].target: 1000 -> 900; ...", at most eight of them, then how many more there are;
// "nothing" for none.
[[nodiscard]] std::string ChangesText(const std::vector<TermsChange>& changes);

}  // namespace assay::agreement
