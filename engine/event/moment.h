// A moment of a company: one position of the decisions and one of each facts partition.
//
// State is a function of this vector alone. Positions are those of the last record that counts, -1
// where there is none yet.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct Moment {
  int64_t decisions = -1;
  std::vector<int64_t> facts;

  // "D@f0,f1,...".
  [[nodiscard]] std::string ToString() const;
  // Nothing unless `text` is such a vector.
  [[nodiscard]] static std::optional<Moment> Parse(std::string_view text);
  // Of all positions: orders the records of one publisher.
  [[nodiscard]] int64_t Sum() const;

  bool operator==(const Moment&) const = default;
};

}  // namespace assay
