#include "engine/agreement/diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "engine/base/hash.h"

namespace assay::agreement {
namespace {

std::string SealedText(const v1::Sealed& sealed) {
  if (sealed.bytes().empty()) return "";
  return fmt::format("sealed {}", Sha256(sealed.bytes()).Hex().substr(0, 8));
}

struct Field {
  std::string_view name;
  std::string value;
};

std::array<Field, 9> FieldsOf(const v1::TermsItem& item) {
  return {{{"metric", item.metric()},
           {"curve", item.curve()},
           {"target", item.target()},
           {"unit", item.unit()},
           {"weightBp", item.weight_bp() == 0 ? "" : std::to_string(item.weight_bp())},
           {"block", item.block()},
           {"difficulty", item.difficulty()},
           {"standard", SealedText(item.standard())},
           {"support", SealedText(item.support())}}};
}

void DiffItem(const std::string& item, const v1::TermsItem& before, const v1::TermsItem& after,
              std::vector<TermsChange>& changes) {
  auto before_fields = FieldsOf(before);
  auto after_fields = FieldsOf(after);
  for (size_t i = 0; i < before_fields.size(); ++i) {
    if (before_fields[i].value == after_fields[i].value) continue;
    changes.push_back({fmt::format("items[{}].{}", item, before_fields[i].name),
                       std::move(before_fields[i].value), std::move(after_fields[i].value)});
  }
}

}  // namespace

std::vector<TermsChange> DiffTerms(const TermsItems& before, const TermsItems& after) {
  const v1::TermsItem nothing;
  std::vector<TermsChange> changes;
  for (const v1::TermsItem& item : after) {
    const v1::TermsItem* former = FindItem(before, item.item());
    DiffItem(item.item(), former != nullptr ? *former : nothing, item, changes);
  }
  for (const v1::TermsItem& item : before) {
    if (FindItem(after, item.item()) == nullptr) DiffItem(item.item(), item, nothing, changes);
  }
  return changes;
}

std::string ChangesText(const std::vector<TermsChange>& changes) {
  constexpr size_t kShownMax = 8;
  if (changes.empty()) return "nothing";
  const auto shown = [](const std::string& value) { return value.empty() ? "nothing" : value; };
  std::string text;
  const size_t count = std::min(changes.size(), kShownMax);
  for (size_t i = 0; i < count; ++i) {
    text += fmt::format("{}{}: {} -> {}", i == 0 ? "" : "; ", changes[i].path,
                        shown(changes[i].before), shown(changes[i].after));
  }
  if (count < changes.size()) text += fmt::format("; and {} more", changes.size() - count);
  return text;
}

}  // namespace assay::agreement
