// Scorecards of every shape from a seed, for the tests that must hold on any of them.

#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/engine/score/score_fixture.h"

namespace assay::testing {

class RandomCards {
 public:
  explicit RandomCards(uint64_t seed) : random_(seed) {}

  std::unique_ptr<Card> Next() {
    auto card = std::make_unique<Card>();
    if (Roll(3) == 0) card->input.entities.push_back({"machine", "m-1", {DayAt("2026-06-10"), {}}});
    AddFacts(*card);
    const uint64_t parts = 1 + Roll(3);
    for (uint64_t i = 0; i < parts; ++i) AddPart(*card, "a-" + std::to_string(i), parts);
    if (Roll(3) != 0) card->UseBands(UsualBands());
    for (uint64_t i = Roll(3); i > 0; --i) {
      card->Adjust("adj-" + std::to_string(i), std::to_string(static_cast<int>(Roll(40)) - 15),
                   Roll(2) == 0 ? "item-0" : "");
    }
    return card;
  }

  uint64_t Roll(uint64_t sides) { return random_() % sides; }

 private:
  std::string Number() { return std::to_string(Roll(200)) + "." + std::to_string(1 + Roll(9'998)); }

  void AddFacts(Card& card) {
    for (const char* measure : {"erp.output", "mes.good", "mes.hours", "qms.faults"}) {
      if (Roll(6) == 0) continue;
      for (uint64_t i = 1 + Roll(6); i > 0; --i) {
        const bool is_machine = card.input.entities.size() > 1 && Roll(2) == 0;
        // A few days with several facts.
        const std::string day = "2026-06-" + std::to_string(10 + Roll(12));
        card.facts.Add(is_machine ? "machine/m-1" : "employee/e-1", measure, day,
                       Roll(12) == 0 ? "0" : Number());
      }
    }
  }

  void AddPart(Card& card, const std::string& agreement, uint64_t parts) {
    const uint64_t items = 1 + Roll(4);
    std::vector<ItemSpec> specs;
    int32_t rest = 10'000;
    for (uint64_t i = 0; i < items; ++i) {
      const bool is_last = i + 1 == items;
      const int32_t weight = is_last ? rest : static_cast<int32_t>(Roll(2 + 10'000 / items));
      rest -= weight;
      specs.push_back(Item("item-" + std::to_string(i), weight));
    }
    const auto total_bp = static_cast<int32_t>(parts * 3'000);
    ScorePartInput& part = card.Part(agreement, specs, 3'000, total_bp);
    part.missing = static_cast<v1::MissingRule>(Roll(4));
    if (Roll(3) == 0) {
      part.allocation = {{{DayAt("2026-06-01"), DayAt("2026-06-16")}, 3'000, total_bp},
                         {{DayAt("2026-06-16"), DayAt("2026-07-15")}, 1'000, total_bp}};
    }
  }

  ItemSpec Item(const std::string& name, int32_t weight_bp) {
    static const std::vector<std::string> kFormulas = {
        "sum(erp.output)",
        "sum(mes.good) / sum(mes.hours)",
        "mean(erp.output) * 2 - min(qms.faults)",
        "max(sum(mes.good), 10) - clamp(last(erp.output), 0, 50)",
        "count(qms.faults) > 2 ? sum(qms.faults) / count(qms.faults) : max(mes.good)",
        "count(qms.faults) * 10"};
    ItemSpec spec{.item = name, .formula = kFormulas[Roll(kFormulas.size())], .curve = Curve()};
    spec.target = Roll(10) == 0 ? "0" : Number();
    spec.weight_bp = weight_bp;
    spec.block = Roll(2) == 0 ? "" : Roll(2) == 0 ? "RESULT" : "BEHAVIOUR";
    spec.missing = static_cast<v1::MissingRule>(Roll(4));
    spec.div_zero = static_cast<v1::DivZeroRule>(Roll(3));
    spec.attribution = static_cast<v1::Attribution>(Roll(12) == 0 ? 3 : Roll(3));
    spec.rounding = static_cast<v1::RoundingMode>(Roll(4));
    return spec;
  }

  v1::CurveDefinition Curve() {
    switch (Roll(6)) {
      case 0:
        return LinearRange("10", "300");
      case 1: {
        v1::CurveDefinition curve = CurveOf(v1::CURVE_KIND_PIECEWISE);
        curve.set_input(v1::CURVE_INPUT_RATIO);
        AddRow(curve, "0.3", "0.1", "low");
        AddRow(curve, "1", "1");
        AddRow(curve, "2", "1.3");
        return curve;
      }
      case 2: {
        v1::CurveDefinition curve =
            CurveOf(v1::CURVE_KIND_THRESHOLD, v1::DIRECTION_LOWER_IS_BETTER);
        curve.set_else_share("0.2");
        return curve;
      }
      case 3:
        return CurveOf(v1::CURVE_KIND_TARGET_RATIO_LOWER);
      default:
        return Proportional(Roll(2) == 0 ? "1.3" : "");
    }
  }

  std::mt19937_64 random_;
};

}  // namespace assay::testing
