#include "projections/decisions/projector.h"

#include "engine/base/wire.h"
#include "projections/decisions/keys.h"
#include "projections/decisions/query.h"

namespace assay::decisions {

bool Projector::Get(std::string_view stream, google::protobuf::MessageLite* state) {
  StateAt newest(overlay_, kNewest);
  const bool found = newest.Get(stream, state);
  if (status_.ok()) status_ = newest.status();
  return found;
}

std::vector<v1::Member> Projector::Members(std::string_view set_stream) {
  StateAt newest(overlay_, kNewest);
  auto members = newest.Members(set_stream);
  if (status_.ok()) status_ = newest.status();
  return members;
}

std::vector<std::string> Projector::Streams(std::string_view prefix) {
  StateAt newest(overlay_, kNewest);
  auto streams = newest.Streams(prefix);
  if (status_.ok()) status_ = newest.status();
  return streams;
}

absl::Status Projector::status() const { return status_.ok() ? overlay_.status() : status_; }

void Projector::Put(std::string_view stream, const google::protobuf::MessageLite& state) {
  overlay_.Put(Table::kState, StateKey(stream, position_), state.SerializeAsString());
}

void Projector::PutMember(std::string_view set_stream, const v1::Member& member) {
  std::string value(1, '\x01');
  member.AppendToString(&value);
  overlay_.Put(Table::kMembers, MemberKey(set_stream, member.id(), position_), std::move(value));
}

void Projector::EraseMember(std::string_view set_stream, std::string_view id) {
  overlay_.Put(Table::kMembers, MemberKey(set_stream, id, position_), std::string(1, '\0'));
}

std::optional<int64_t> Projector::LastChanged(std::string_view stream) {
  const auto value = overlay_.Get(Table::kHeads, stream);
  if (!value.has_value()) return std::nullopt;
  std::string_view bytes = *value;
  uint64_t position = 0;
  if (!TakeBig64(bytes, position)) Damaged("heads", stream);
  return static_cast<int64_t>(position);
}

std::optional<Hash32> Projector::RootAt(int64_t position) {
  const auto mark = MarkOf(overlay_, position);
  if (!mark.has_value()) return std::nullopt;
  return mark->root;
}

std::optional<AppliedCommand> Projector::FindApplied(const Hash32& commit_id) {
  const auto value = overlay_.Get(Table::kCommits, commit_id.View());
  if (!value.has_value()) return std::nullopt;
  auto applied = ParseApplied(*value);
  if (!applied.has_value()) Damaged("commits", commit_id.Hex());
  return applied;
}

void Projector::PutApplied(const Hash32& commit_id, const AppliedCommand& applied) {
  overlay_.Put(Table::kCommits, commit_id.ToString(), AppliedValue(applied));
}

void Projector::PutLastChanged(std::string_view stream, int64_t position) {
  std::string value;
  AppendBig64(value, static_cast<uint64_t>(position));
  overlay_.Put(Table::kHeads, std::string(stream), std::move(value));
}

void Projector::PutMark(int64_t position, const DecisionMark& mark) {
  overlay_.Put(Table::kMarks, MarkKey(position), MarkValue(mark));
}

void Projector::PutMisfit(int64_t position, int event) {
  overlay_.Put(Table::kMeta, MisfitKey(position, event), "");
}

void Projector::Damaged(std::string_view table, std::string_view key) {
  if (!status_.ok()) return;
  status_ = MakeStatus(absl::StatusCode::kDataLoss, "the row {} in the view \"{}\" is damaged", key,
                       table);
}

}  // namespace assay::decisions
