#include "engine/event/record_version.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/decimal.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

bool WasSeen(const v1::FactVersion& present, const std::string& content_hash) {
  const auto& earlier = present.earlier_hashes();
  return std::find(earlier.begin(), earlier.end(), content_hash) != earlier.end();
}

}  // namespace

int CompareVersions(std::string_view left, std::string_view right) {
  if (left == right) return 0;
  const auto a = Decimal::Parse(left);
  const auto b = Decimal::Parse(right);
  if (a.has_value() != b.has_value()) return a.has_value() ? 1 : -1;
  if (!a.has_value()) return left < right ? -1 : 1;
  return *a == *b ? 0 : (*a < *b ? -1 : 1);
}

VersionOutcome JudgeVersion(const v1::Intake& arrived, const v1::FactVersion& present) {
  if (arrived.content_hash() == present.content_hash()) return VersionOutcome::kDuplicate;
  if (arrived.has_version()) {
    const int order = CompareVersions(arrived.version(), present.version());
    if (order != 0) return order > 0 ? VersionOutcome::kReplaces : VersionOutcome::kStale;
    if (arrived.contract_version() == present.contract_version()) return VersionOutcome::kConflict;
    return arrived.contract_version() > present.contract_version() ? VersionOutcome::kReplaces
                                                                   : VersionOutcome::kStale;
  }
  if (WasSeen(present, arrived.content_hash())) return VersionOutcome::kDuplicate;
  const std::pair at(InstantOf(arrived.event_time()).ms, arrived.contract_version());
  const std::pair present_at(present.event_time_ms(), present.contract_version());
  return at < present_at ? VersionOutcome::kStale : VersionOutcome::kReplaces;
}

}  // namespace assay
