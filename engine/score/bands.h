// Bands: names for ranges of totals.

#pragma once

#include <assay/v1/metric.pb.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/event/decision.h"

namespace assay {

// Half-open ranges [from, to) that cover every total exactly once. Immutable; one object may serve
// any number of threads.
class BandTable {
 public:
  // BANDS_NOT_TOTAL  no bands, a gap, an overlap, an empty range, an end that is not open
  // INVALID_DECIMAL  a limit that is no number
  // REQUIRED         a band without name
  // The bands may stand in either order; paths name them as they stand: "bands[1].from".
  [[nodiscard]] static std::variant<BandTable, Rejection> Compile(
      const v1::BandTableDefinition& definition);

  // The name of the band of `total`; valid while the table lives.
  [[nodiscard]] std::string_view Of(Decimal total) const;

  struct Row {
    std::string name;
    // Nothing = no lower end. The next row begins where this one ends.
    std::optional<Decimal> from;
  };
  // Ascending.
  [[nodiscard]] const std::vector<Row>& Rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

// BandTable::Compile for who needs only the answer.
[[nodiscard]] std::optional<Rejection> CheckBands(const v1::BandTableDefinition& definition);

// Compile and Of in one. REQUIRES: CheckBands(definition) gives nothing.
[[nodiscard]] std::string BandOf(const v1::BandTableDefinition& definition, Decimal total);

}  // namespace assay
