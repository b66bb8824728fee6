// What the runner knows of its log beside the rows: roots of facts, log keys, foreign records.

#include <optional>
#include <utility>

#include "projections/runner/runner.h"

namespace assay {
namespace {

// Records between two kept roots are few.
constexpr int64_t kRootBytesMax = 16 << 20;

}  // namespace

Runner::FoldedPartition Runner::Folded(PartitionId partition) const {
  if (partition == kDecisionsPartition) {
    return {decisions_head_.next.position - 1, decisions_head_.root, decisions_head_.keys};
  }
  const facts::PartitionHead& head = facts_heads_[static_cast<size_t>(partition.index)];
  return {head.next.position - 1, head.root, head.keys};
}

absl::StatusOr<Hash32> Runner::FactsRootAt(int32_t partition, int64_t position) {
  if (position < 0) return Hash32{};
  const facts::PartitionHead& newest = facts_heads_[static_cast<size_t>(partition)];
  if (position >= newest.next.position) {
    return MakeStatus(absl::StatusCode::kNotFound, "facts {} position {} was not folded yet",
                      partition, position);
  }
  if (position + 1 == newest.next.position) return newest.root;
  facts::PartitionHead head;
  const int64_t window = (position + 1) / facts::kRootsWindow * facts::kRootsWindow;
  if (window > 0) {
    const auto kept = overlay_.Get(Table::kMeta, facts::RootKey(partition, window - 1));
    v1::PositionRow row;
    const auto root = kept.has_value() && row.ParseFromString(*kept) ? Hash32::FromBytes(row.root())
                                                                     : std::nullopt;
    if (!root.has_value()) overlay_.Damaged(Table::kMeta);
    ASSAY_RETURN_IF_ERROR(overlay_.status());
    head.root = *root;
    head.next = CursorAt(FactsPartition(partition), window);
    head.keys.ids.assign(row.log_keys().begin(), row.log_keys().end());
  }
  while (head.next.position <= position) {
    ASSAY_ASSIGN_OR_RETURN(
        const auto records,
        journal_.Read(FactsPartition(partition), head.next,
                      static_cast<int32_t>(position + 1 - head.next.position), kRootBytesMax));
    if (records.empty()) {
      return MakeStatus(absl::StatusCode::kDataLoss, "facts {} position {} cannot be read again",
                        partition, head.next.position);
    }
    for (const StoredRecord& record : records) {
      ASSAY_RETURN_IF_ERROR(
          facts::Chain(partition, record, identity_, options_.log_keys, head).status());
    }
  }
  return head.root;
}

bool Runner::ReloadKeys() {
  // The lanes of a replay look at the keys, which were read when it began.
  if (replays_ || !options_.reload_keys) return false;
  LogKeys keys = options_.reload_keys();
  if (keys.All().size() <= options_.log_keys.All().size()) return false;
  options_.log_keys = std::move(keys);
  return true;
}

void Runner::NoteForeign(const facts::Foreign& foreign) {
  for (DerivedView* view : views_) view->OnForeign(foreign, overlay_);
}

int64_t Runner::ForeignRecords() {
  int64_t count = 0;
  overlay_.Visit(Table::kMeta, facts::ForeignPrefix(), [&](std::string_view, std::string_view) {
    ++count;
    return true;
  });
  return count;
}

}  // namespace assay
