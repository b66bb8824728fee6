// What a home answers from its log: records read back, texts opened, moments.

#include <utility>

#include "engine/event/sealing.h"
#include "projections/decisions/query.h"
#include "tools/assay/home.h"

namespace assay {

absl::StatusOr<v1::Intake> Home::IntakeAt(int32_t partition, int64_t position) {
  ASSAY_ASSIGN_OR_RETURN(
      const auto records,
      journal_->Read(FactsPartition(partition),
                     runner_->CursorAt(FactsPartition(partition), position), 1, 1));
  v1::Record record;
  if (records.empty() || !record.ParseFromString(records.front().value) || !record.has_intake()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "facts {} position {} is no intake", partition,
                      position);
  }
  return std::move(*record.mutable_intake());
}

absl::StatusOr<v1::Commit> Home::CommitAt(int64_t position) {
  const auto mark = decisions::MarkOf(Rows(), position);
  ASSAY_RETURN_IF_ERROR(Rows().status());
  if (!mark.has_value()) {
    return MakeStatus(absl::StatusCode::kNotFound, "there is no decisions position {}", position);
  }
  ASSAY_ASSIGN_OR_RETURN(const auto records,
                         journal_->Read(kDecisionsPartition, {position, mark->address}, 1, 1));
  v1::Record record;
  if (records.empty() || !record.ParseFromString(records.front().value) || !record.has_commit()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "decisions position {} is no commit", position);
  }
  return std::move(*record.mutable_commit());
}

std::string Home::OpenText(const v1::Sealed& sealed) {
  if (sealed.bytes().empty()) return sealed.clear();
  const auto key = keys_->Key(sealed.key_id(), false);
  if (absl::IsNotFound(key.status())) return std::string(kTextOfAGoneKey);
  if (absl::IsInvalidArgument(key.status())) return "(unreadable: there can be no such key)";
  if (!key.ok()) return "(unreadable: its key is damaged or was replaced)";
  auto text = OpenSealed(*key, sealed);
  return text.ok() ? *std::move(text) : "(damaged)";
}

absl::StatusOr<Moment> Home::MomentOf(std::string_view text) {
  const Moment now = runner_->Now();
  if (text.empty()) return now;
  if (auto moment = Moment::Parse(text); moment.has_value()) {
    if (moment->facts.size() != now.facts.size()) {
      return MakeStatus(absl::StatusCode::kInvalidArgument,
                        "--at: expected {} facts positions, found {}", now.facts.size(),
                        moment->facts.size());
    }
    bool inside = moment->decisions <= now.decisions;
    for (size_t i = 0; i < now.facts.size(); ++i) inside &= moment->facts[i] <= now.facts[i];
    if (inside) return *std::move(moment);
    return MakeStatus(absl::StatusCode::kNotFound, "--at: {} lies behind the end of the log, {}",
                      text, now.ToString());
  }
  std::optional<Instant> instant = Instant::Parse(text);
  Moment moment;
  const bool is_position = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (is_position && text.size() < 19) {
    moment.decisions = std::stoll(std::string(text));
    const auto mark = decisions::MarkOf(Rows(), moment.decisions);
    if (!mark.has_value()) {
      return MakeStatus(absl::StatusCode::kNotFound,
                        "--at: expected a position up to {}, where the decisions end, found {}",
                        now.decisions, text);
    }
    instant = mark->recorded_at;
  } else if (instant.has_value()) {
    moment.decisions =
        decisions::PositionAtInstant(Rows(), runner_->Decisions().next.position, *instant);
  } else {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "--at: expected an instant (2026-07-02T23:59:59+08:00), a decisions position "
                      "or a full vector (D@f0,f1,...), found \"{}\"",
                      text);
  }
  for (int32_t i = 0; i < Identity().facts_partitions; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t position, FactsPositionAt(i, *instant));
    moment.facts.push_back(position);
  }
  return moment;
}

absl::StatusOr<int64_t> Home::FactsPositionAt(int32_t partition, Instant instant) {
  int64_t low = 0;
  int64_t high = runner_->Facts()[static_cast<size_t>(partition)].next.position;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    ASSAY_ASSIGN_OR_RETURN(
        const auto records,
        journal_->Read(FactsPartition(partition),
                       runner_->CursorAt(FactsPartition(partition), middle), 1, 1));
    if (!records.empty() && records.front().appended_at <= instant) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

}  // namespace assay
