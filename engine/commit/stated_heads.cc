#include "engine/commit/stated_heads.h"

#include <algorithm>

namespace assay {
namespace {

// Decisions first, then the facts partitions.
template <typename Noted>
std::vector<StatedHead> HeadsOf(const Noted& noted, int32_t facts_partitions) {
  std::vector<StatedHead> heads;
  const int count = std::min({noted.positions_size(), noted.roots_size(), facts_partitions + 1});
  for (int i = 0; i < count; ++i) {
    heads.push_back({PartitionOfSlot(static_cast<size_t>(i)), noted.positions(i), noted.roots(i)});
  }
  return heads;
}

}  // namespace

std::vector<StatedHead> StatedHeads(const v1::Event& event, int32_t facts_partitions) {
  if (event.has_heads_noted()) return HeadsOf(event.heads_noted(), facts_partitions);
  if (event.has_log_authenticated()) return HeadsOf(event.log_authenticated(), facts_partitions);
  std::vector<StatedHead> heads;
  if (!event.has_cut_sealed()) return heads;
  const v1::CutSealed& sealed = event.cut_sealed();
  const int count = std::min({sealed.cut_size(), sealed.roots_size(), facts_partitions});
  for (int i = 0; i < count; ++i) {
    heads.push_back({FactsPartition(i), sealed.cut(i) - 1, sealed.roots(i)});
  }
  return heads;
}

absl::Status ContradictsStated(PartitionId partition, int64_t position, int64_t decision) {
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{} was changed at or before position {}: its root there is not the one that "
                    "decisions position {} states",
                    NameOfPartition(partition), position, decision);
}

}  // namespace assay
