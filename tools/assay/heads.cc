#include "tools/assay/heads.h"

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "projections/decisions/query.h"

namespace assay {
namespace {

namespace dom = simdjson::dom;

std::optional<PartitionId> PartitionNamed(const Runner& views, std::string_view name) {
  if (name == NameOfPartition(kDecisionsPartition)) return kDecisionsPartition;
  for (int32_t i = 0; i < views.Identity().facts_partitions; ++i) {
    if (name == NameOfPartition(FactsPartition(i))) return FactsPartition(i);
  }
  return std::nullopt;
}

absl::Status CompareHead(Runner& views, dom::element head, const std::string& named) {
  std::string_view name;
  std::string_view root;
  int64_t position = 0;
  if (head["partition"].get(name) != simdjson::SUCCESS ||
      head["root"].get(root) != simdjson::SUCCESS ||
      head["position"].get(position) != simdjson::SUCCESS) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "{}: a head needs partition, position and root", named);
  }
  const auto partition = PartitionNamed(views, name);
  if (!partition.has_value()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{}: the log has no partition \"{}\"", named,
                      name);
  }
  const int64_t last = views.Folded(*partition).position;
  if (position > last) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} is shorter than it was: it ends at position {}, and {} has position {}: "
                      "an earlier state was put back",
                      name, last, named, position);
  }
  ASSAY_ASSIGN_OR_RETURN(const Hash32 there, RootAt(views, *partition, position));
  if (there.Hex() == root) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{} has other records than it had, at or before position {}: its root there is "
                    "{}, and {} has {}",
                    name, position, there.Hex(), named, root);
}

}  // namespace

Json HeadsJson(const Runner& views) {
  Json heads = Json::Array();
  for (int32_t i = -1; i < views.Identity().facts_partitions; ++i) {
    const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
    const Runner::FoldedPartition folded = views.Folded(partition);
    heads.Add(Json::Object()
                  .Put("partition", NameOfPartition(partition))
                  .Put("position", folded.position)
                  .Put("root", folded.root.Hex()));
  }
  return heads;
}

absl::StatusOr<Hash32> RootAt(Runner& views, PartitionId partition, int64_t position) {
  if (partition != kDecisionsPartition) return views.FactsRootAt(partition.index, position);
  if (position < 0) return Hash32{};
  const auto mark = decisions::MarkOf(views.Rows(), position);
  ASSAY_RETURN_IF_ERROR(views.Rows().status());
  if (mark.has_value()) return mark->root;
  return MakeStatus(absl::StatusCode::kNotFound, "there is no decisions position {}", position);
}

absl::StatusOr<int64_t> CompareWithHeads(Runner& views, const std::string& text,
                                         const std::string& named) {
  int64_t compared = 0;
  dom::parser parser;
  dom::document_stream documents;
  // One object may be as large as the whole text.
  const simdjson::padded_string padded(text);
  if (parser.parse_many(padded, std::max<size_t>(text.size(), dom::MINIMAL_BATCH_SIZE))
          .get(documents) != simdjson::SUCCESS) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "{} is not valid JSON", named);
  }
  for (auto document : documents) {
    dom::element object;
    dom::array heads;
    std::string_view log_id;
    if (document.get(object) != simdjson::SUCCESS ||
        object["heads"].get(heads) != simdjson::SUCCESS ||
        object["logId"].get(log_id) != simdjson::SUCCESS) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "{} has no heads (expected what `assay -o json digest` prints)", named);
    }
    if (log_id != views.Identity().log_id) {
      return MakeStatus(absl::StatusCode::kDataLoss, "{} is of log {}, and this is log {}", named,
                        log_id, views.Identity().log_id);
    }
    for (const dom::element head : heads) {
      ASSAY_RETURN_IF_ERROR(CompareHead(views, head, named));
      ++compared;
    }
  }
  if (compared > 0 && documents.truncated_bytes() == 0) return compared;
  return MakeStatus(absl::StatusCode::kInvalidArgument, "{} {}", named,
                    compared > 0 ? "ends within an object" : "has no heads");
}

}  // namespace assay
