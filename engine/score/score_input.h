// What a score is computed from: compiled definitions, the person's parts and entities, facts.

#pragma once

#include <assay/v1/metric.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/base/time.h"
#include "engine/event/decision.h"
#include "engine/score/attribution.h"
#include "engine/score/bands.h"
#include "engine/score/curve.h"
#include "engine/score/explain.h"
#include "engine/score/formula.h"

namespace assay {

// --- definitions, compiled once and shared by all evaluations ---

// A published metric, ready to evaluate.
struct ScoringMetric {
  std::string id;
  v1::MetricDefinition definition;
  Formula formula;

  // FORMULA_ERROR at "formula".
  [[nodiscard]] static std::variant<ScoringMetric, Rejection> Compile(
      std::string id, const v1::MetricDefinition& definition);
};

struct ScoringCurve {
  std::string id;
  Curve curve;

  // As Curve::Compile.
  [[nodiscard]] static std::variant<ScoringCurve, Rejection> Compile(
      std::string id, const v1::CurveDefinition& definition);
};

struct ScoringBands {
  std::string id;
  BandTable table;

  // As BandTable::Compile.
  [[nodiscard]] static std::variant<ScoringBands, Rejection> Compile(
      std::string id, const v1::BandTableDefinition& definition);
};

// --- input ---

// `metric` and `curve` must outlive the input.
struct ScoreItemInput {
  std::string item;
  // Empty = stands directly under its part.
  std::string block;
  const ScoringMetric* metric = nullptr;
  const ScoringCurve* curve = nullptr;
  std::optional<Decimal> target;
  std::string unit;
  int32_t weight_bp = 0;
};

// Days on which the allocation of a part, and of the person in all, was the same.
struct AllocationRun {
  DaySpan days;
  int32_t part_bp = 0;
  int32_t total_bp = 0;
};

// One agreement of the person in the cycle.
struct ScorePartInput {
  std::string agreement;
  std::string position;
  std::vector<ScoreItemInput> items;
  // Disjoint; only days of the period count.
  std::vector<AllocationRun> allocation;
  // The template's rule for an item that cannot be computed; unspecified = NOT_COMPUTABLE.
  v1::MissingRule missing = v1::MISSING_RULE_NOT_COMPUTABLE;
};

// Something whose facts are credited to the person while bound.
struct ScoreEntity {
  std::string type;
  std::string key;
  DaySpan bound;

  // "type/key"
  [[nodiscard]] std::string Name() const { return type + "/" + key; }
};

// An applied adjustment.
struct ScoreAdjustment {
  std::string id;
  // Empty = the total.
  std::string item;
  Decimal delta;
  std::string reason_code;
  std::string requested_by;
  std::vector<std::string> approved_by;
  std::string at;
  std::string remark;
};

struct ScorecardInput {
  std::string cycle;
  int32_t generation = 0;
  std::string person;
  // Of the main position at the end of the period.
  std::string unit;
  DaySpan period;
  std::vector<ScorePartInput> parts;
  // Their order is the order of parts of equal event time; sort by type and key.
  std::vector<ScoreEntity> entities;
  Decimal total_cap = Decimal::FromRaw(__int128{100} * 1'000'000'000'000);
  // Null = no bands. Must outlive the input.
  const ScoringBands* bands = nullptr;
  std::vector<ScoreAdjustment> adjustments;
};

// A fact as explaining shows it.
struct FactLeaf {
  Decimal value;
  std::string unit;
  FactOrigin origin;
};

// Where the facts are. Not thread-safe unless an implementation says so. A read that fails answers
// as if there were nothing and must be kept by the implementation for its owner to look at, as
// StateReader does.
class FactReader {
 public:
  virtual ~FactReader() = default;
  // Appends the totals of the days in `days` that have facts, by ascending day. `measure` is
  // "source.measure".
  virtual void Totals(const ScoreEntity& entity, std::string_view measure, DaySpan days,
                      std::vector<DayTotals>& out) = 0;
  // The facts behind the totals of one day, by ascending (event time, version, key), so that the
  // last one is MeasureTotals::last. Only explaining asks.
  virtual std::vector<FactLeaf> Facts(const ScoreEntity& entity, std::string_view measure,
                                      Day day) = 0;
};

}  // namespace assay
