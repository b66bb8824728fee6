#include "projections/decisions/keys.h"

#include "engine/base/check.h"
#include "engine/base/wire.h"

namespace assay::decisions {

std::string StatePrefix(std::string_view stream) {
  std::string key;
  AppendKeyText(key, stream);
  return key;
}

std::string StatePrefixOfAll(std::string_view begin) {
  constexpr size_t kEndBytes = 2;
  std::string key = StatePrefix(begin);
  key.resize(key.size() - kEndBytes);
  return key;
}

std::string StateKey(std::string_view stream, int64_t position) {
  std::string key = StatePrefix(stream);
  AppendBig64(key, ~static_cast<uint64_t>(position));
  return key;
}

std::string MembersPrefix(std::string_view set_stream) { return StatePrefix(set_stream); }

std::string MemberPrefix(std::string_view set_stream, std::string_view id) {
  std::string key = MembersPrefix(set_stream);
  AppendKeyText(key, id);
  return key;
}

std::string MemberKey(std::string_view set_stream, std::string_view id, int64_t position) {
  std::string key = MemberPrefix(set_stream, id);
  AppendBig64(key, ~static_cast<uint64_t>(position));
  return key;
}

int64_t PositionAtEnd(std::string_view key) {
  ASSAY_REQUIRE(key.size() >= 8, "a versioned key of {} bytes", key.size());
  std::string_view tail = key.substr(key.size() - 8);
  uint64_t inverted = 0;
  (void)TakeBig64(tail, inverted);
  return static_cast<int64_t>(~inverted);
}

std::string MarkKey(int64_t position) {
  std::string key;
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

std::string MarkValue(const DecisionMark& mark) {
  std::string value = mark.root.ToString();
  value.push_back(static_cast<char>(mark.verdict));
  AppendOrdered64(value, mark.recorded_at.ms);
  AppendOrdered64(value, mark.address);
  return value;
}

std::optional<DecisionMark> ParseMark(std::string_view value) {
  if (value.size() != 32 + 1 + 8 + 8) return std::nullopt;
  DecisionMark mark;
  mark.root = *Hash32::FromBytes(value.substr(0, 32));
  mark.verdict = static_cast<Verdict>(value[32]);
  value.remove_prefix(33);
  if (!TakeOrdered64(value, mark.recorded_at.ms) || !TakeOrdered64(value, mark.address)) {
    return std::nullopt;
  }
  return mark;
}

std::string MisfitPrefix() { return "misfit/"; }

std::string MisfitKey(int64_t position, int event) {
  std::string key = MisfitPrefix();
  AppendBig64(key, static_cast<uint64_t>(position));
  AppendBig32(key, static_cast<uint32_t>(event));
  return key;
}

std::string AppliedValue(const AppliedCommand& applied) {
  std::string value;
  AppendBig64(value, static_cast<uint64_t>(applied.position));
  value += applied.command_hash.View();
  return value;
}

std::optional<AppliedCommand> ParseApplied(std::string_view value) {
  uint64_t position = 0;
  if (!TakeBig64(value, position)) return std::nullopt;
  const auto hash = Hash32::FromBytes(value);
  if (!hash.has_value()) return std::nullopt;
  return AppliedCommand{static_cast<int64_t>(position), *hash};
}

}  // namespace assay::decisions
