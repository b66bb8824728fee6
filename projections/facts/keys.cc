#include "projections/facts/keys.h"

#include "engine/base/wire.h"

namespace assay::facts {
namespace {

void AppendInput(std::string& key, std::string_view source, int32_t contract_version,
                 std::string_view input_log, int32_t input_partition) {
  AppendKeyText(key, source);
  AppendOrdered32(key, contract_version);
  AppendKeyText(key, input_log);
  AppendOrdered32(key, input_partition);
}

}  // namespace

std::string IdentityKey(int32_t partition, std::string_view record_identity) {
  std::string key;
  AppendOrdered32(key, partition);
  key += record_identity;
  return key;
}

std::string SeriesPrefix(const EntityRef& entity, std::string_view measure) {
  std::string key;
  AppendKeyText(key, entity.type);
  AppendKeyText(key, entity.key);
  AppendKeyText(key, measure);
  return key;
}

std::string DayPrefix(const EntityRef& entity, std::string_view measure, Day day) {
  std::string key = SeriesPrefix(entity, measure);
  AppendOrdered32(key, day.number);
  return key;
}

std::string TotalsKey(const EntityRef& entity, std::string_view measure, Day day,
                      int32_t partition) {
  std::string key = DayPrefix(entity, measure, day);
  AppendOrdered32(key, partition);
  return key;
}

std::string FactKey(const EntityRef& entity, std::string_view measure, Day day, int32_t partition,
                    int64_t position) {
  std::string key = TotalsKey(entity, measure, day, partition);
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

bool ParseTail(std::string_view tail, FactTail& out) {
  if (!TakeOrdered32(tail, out.day.number) || !TakeOrdered32(tail, out.partition)) return false;
  if (tail.empty()) return true;
  uint64_t position = 0;
  if (!TakeBig64(tail, position)) return false;
  out.position = static_cast<int64_t>(position);
  return tail.empty();
}

std::string IntakeDayPrefix(Day day, int32_t partition) {
  std::string key;
  AppendOrdered32(key, day.number);
  AppendOrdered32(key, partition);
  return key;
}

std::string IntakeKey(Day day, int32_t partition, int64_t position) {
  std::string key = IntakeDayPrefix(day, partition);
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

std::string InputKey(int32_t partition, std::string_view source, int32_t contract_version,
                     std::string_view input_log, int32_t input_partition) {
  std::string key = "i";
  AppendOrdered32(key, partition);
  AppendInput(key, source, contract_version, input_log, input_partition);
  return key;
}

std::string MarkKey(std::string_view source, int32_t contract_version, std::string_view input_log,
                    int32_t input_partition) {
  std::string key = "m";
  AppendInput(key, source, contract_version, input_log, input_partition);
  return key;
}

std::string CutPrefix(std::string_view cycle, int32_t generation, std::string_view scope,
                      int32_t partition) {
  std::string key = "c";
  AppendKeyText(key, cycle);
  AppendOrdered32(key, generation);
  AppendKeyText(key, scope);
  AppendOrdered32(key, partition);
  return key;
}

std::string CutKey(std::string_view cycle, int32_t generation, std::string_view scope,
                   int32_t partition, int64_t position) {
  std::string key = CutPrefix(cycle, generation, scope, partition);
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

std::string LedgerKey(std::string_view source) {
  std::string key = "l";
  AppendKeyText(key, source);
  return key;
}

std::string EntityDayPrefix() { return "e"; }

std::string EntityDayKey(const EntityRef& entity, Day day, std::string_view source) {
  std::string key = EntityDayPrefix();
  AppendKeyText(key, entity.type);
  AppendKeyText(key, entity.key);
  AppendOrdered32(key, day.number);
  AppendKeyText(key, source);
  return key;
}

std::string RefusalPrefix() { return "r"; }

std::string RefusalKey(int32_t partition, int64_t position) {
  std::string key = RefusalPrefix();
  AppendOrdered32(key, partition);
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

std::string NumberValue(int64_t number) {
  std::string value;
  AppendOrdered64(value, number);
  return value;
}

std::optional<int64_t> ParseNumber(std::string_view value) {
  int64_t number = 0;
  if (!TakeOrdered64(value, number) || !value.empty()) return std::nullopt;
  return number;
}

}  // namespace assay::facts
