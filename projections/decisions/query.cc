#include "projections/decisions/query.h"

#include <utility>

#include "engine/base/wire.h"
#include "projections/decisions/keys.h"

namespace assay::decisions {

bool StateAt::Get(std::string_view stream, google::protobuf::MessageLite* state) {
  state->Clear();
  const std::string prefix = StatePrefix(stream);
  const auto row = overlay_.First(Table::kState, StateKey(stream, position_), prefix);
  if (!row.has_value()) return false;
  if (state->ParseFromString(row->second)) return true;
  state->Clear();
  status_ = MakeStatus(absl::StatusCode::kDataLoss,
                       "the row of {} in the view \"state\" is damaged", stream);
  return false;
}

std::vector<v1::Member> StateAt::Members(std::string_view set_stream) {
  std::vector<v1::Member> members;
  std::string decided_prefix;
  overlay_.Visit(Table::kMembers, MembersPrefix(set_stream),
                 [&](std::string_view key, std::string_view value) {
                   const std::string_view member_prefix = key.substr(0, key.size() - 8);
                   if (member_prefix == decided_prefix || PositionAtEnd(key) > position_)
                     return true;
                   decided_prefix = std::string(member_prefix);
                   if (value.empty() || value.front() == '\0') return true;
                   v1::Member member;
                   value.remove_prefix(1);
                   if (!member.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
                     status_ =
                         MakeStatus(absl::StatusCode::kDataLoss,
                                    "a row of {} in the view \"members\" is damaged", set_stream);
                     return false;
                   }
                   members.push_back(std::move(member));
                   return true;
                 });
  return members;
}

std::vector<std::string> StateAt::Streams(std::string_view prefix) {
  std::vector<std::string> found;
  overlay_.Visit(Table::kState, StatePrefixOfAll(prefix),
                 [&](std::string_view key, std::string_view /*value*/) {
                   if (PositionAtEnd(key) > position_) return true;
                   std::string stream;
                   if (!TakeKeyText(key, stream)) {
                     status_ = MakeStatus(absl::StatusCode::kDataLoss,
                                          "a key of the view \"state\" is damaged");
                     return false;
                   }
                   if (found.empty() || found.back() != stream) found.push_back(std::move(stream));
                   return true;
                 });
  return found;
}

absl::Status StateAt::status() const { return status_.ok() ? overlay_.status() : status_; }

std::optional<DecisionMark> MarkOf(Overlay& overlay, int64_t position) {
  if (position < 0) return std::nullopt;
  const auto value = overlay.Get(Table::kMarks, MarkKey(position));
  return value.has_value() ? ParseMark(*value) : std::nullopt;
}

int64_t PositionAtInstant(Overlay& overlay, int64_t end, Instant instant) {
  int64_t low = 0;  // every position before it is recorded at or before the instant
  int64_t high = end;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const auto mark = MarkOf(overlay, middle);
    if (mark.has_value() && mark->recorded_at <= instant) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

}  // namespace assay::decisions
