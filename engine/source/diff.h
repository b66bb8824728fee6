// What changed between two versions of a source contract, field by field.

#pragma once

#include <assay/v1/source.pb.h>

#include <string>
#include <vector>

namespace assay::source {

struct ContractChange {
  std::string path;  // "measures[output].unit", fields named as in JSON
  // Empty = not there.
  std::string before;
  std::string after;

  bool operator==(const ContractChange&) const = default;
};

// In the order of the fields of the message. Measures and attributes are paired by name, so one
// that came or went changes each of its fields from or to nothing; lists of texts are compared as
// one text. The version is no field of what a contract says, and is left out.
[[nodiscard]] std::vector<ContractChange> DiffContracts(const v1::SourceContract& before,
                                                        const v1::SourceContract& after);

// "measures[output].unit: kg -> t; owner: p-1 -> p-2", at most `changes_max` of them, then how
// many more there are; "nothing" for none.
[[nodiscard]] std::string ChangesText(const std::vector<ContractChange>& changes,
                                      size_t changes_max = 8);

}  // namespace assay::source
