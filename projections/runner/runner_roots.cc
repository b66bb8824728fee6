// What the runner knows of its log beside the rows: roots of facts, log keys, foreign records.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/wire.h"
#include "engine/commit/stated_heads.h"
#include "projections/runner/runner.h"

namespace assay {
namespace {

// Records between two kept roots are few.
constexpr int64_t kRootBytesMax = 16 << 20;

// In the view "meta": the root that a decision states of a facts position, and which decision.
std::string StatedKey(int32_t partition, int64_t position) {
  std::string key = "stated/";
  AppendBig32(key, static_cast<uint32_t>(partition));
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

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

absl::Status Runner::TakeStated(int32_t partition, int64_t position, const std::string& root,
                                int64_t decision) {
  const auto stated = Hash32::FromBytes(root);
  if (!stated.has_value()) return absl::OkStatus();
  if (position >= facts_heads_[static_cast<size_t>(partition)].next.position) {
    std::string row = root;
    AppendBig64(row, static_cast<uint64_t>(decision));
    overlay_.Put(Table::kMeta, StatedKey(partition, position), std::move(row));
    stated_[static_cast<size_t>(partition)][position] = {*stated, decision};
    return absl::OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const Hash32 there, FactsRootAt(partition, position));
  return there == *stated ? absl::OkStatus()
                          : ContradictsStated(FactsPartition(partition), position, decision);
}

absl::Status Runner::TakeStated(const FoldedDecision& folded) {
  // Whoever may produce to a log without tags could stop every node with it.
  if (!decisions_head_.keys.AreNeeded()) return absl::OkStatus();
  for (const v1::Event& event : folded.commit->events()) {
    for (const StatedHead& head : StatedHeads(event, identity_.facts_partitions)) {
      // The decisions' own root is compared by the basis of every commit.
      if (head.partition == kDecisionsPartition) continue;
      ASSAY_RETURN_IF_ERROR(
          TakeStated(head.partition.index, head.position, head.root, folded.position));
    }
  }
  return absl::OkStatus();
}

absl::Status Runner::CheckStated(int32_t partition, const facts::PartitionHead& head) const {
  const auto& stated = stated_[static_cast<size_t>(partition)];
  const auto found = stated.find(head.next.position - 1);
  if (found == stated.end() || found->second.root == head.root) return absl::OkStatus();
  return ContradictsStated(FactsPartition(partition), found->first, found->second.decision);
}

absl::Status Runner::LoadStated() {
  stated_.assign(facts_heads_.size(), {});
  for (size_t i = 0; i < stated_.size(); ++i) {
    const auto partition = static_cast<int32_t>(i);
    const std::string first = StatedKey(partition, facts_heads_[i].next.position);
    const std::string prefix = first.substr(0, first.size() - sizeof(uint64_t));
    overlay_.Visit(Table::kMeta, prefix, first, [&](std::string_view key, std::string_view value) {
      key.remove_prefix(prefix.size());
      uint64_t position = 0;
      uint64_t decision = 0;
      const auto root = Hash32::FromBytes(value.substr(0, sizeof(Hash32)));
      value.remove_prefix(std::min(value.size(), sizeof(Hash32)));
      if (!root.has_value() || !TakeBig64(key, position) || !TakeBig64(value, decision)) {
        overlay_.Damaged(Table::kMeta);
        return false;
      }
      stated_[i][static_cast<int64_t>(position)] = {*root, static_cast<int64_t>(decision)};
      return true;
    });
  }
  return overlay_.status();
}

std::vector<size_t> Runner::StopsIn(const FactsBatch& batch) const {
  const auto index = static_cast<size_t>(batch.partition);
  const int64_t begin = facts_heads_[index].next.position;
  const int64_t end = begin + static_cast<int64_t>(batch.records.size());
  std::set<size_t> stops;
  const auto add = [&](int64_t position) {
    if (position >= begin && position < end)
      stops.insert(static_cast<size_t>(position + 1 - begin));
  };
  if (index + 1 < options_.pinned.size() && options_.pinned[index + 1].has_value()) {
    add(options_.pinned[index + 1]->position);
  }
  const auto& stated = stated_[index];
  for (auto next = stated.lower_bound(begin); next != stated.end() && next->first < end; ++next) {
    add(next->first);
  }
  return {stops.begin(), stops.end()};
}

absl::Status Runner::FoldPart(int32_t partition, std::span<const StoredRecord> records) {
  if (records.empty()) return absl::OkStatus();
  const auto index = static_cast<size_t>(partition);
  facts::PartitionHead& head = facts_heads_[index];
  facts::Projector& lane = facts_[index % facts_.size()];
  absl::Status folded = lane.Fold(partition, records, identity_, head);
  if (!folded.ok() && ReloadKeys()) {
    const auto done = static_cast<size_t>(head.next.position - records.front().position);
    folded = lane.Fold(partition, records.subspan(done), identity_, head);
  }
  return folded;
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
