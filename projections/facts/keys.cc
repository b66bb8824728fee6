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
  key.reserve(sizeof(partition) + record_identity.size());
  AppendOrdered32(key, partition);
  key += record_identity;
  return key;
}

std::string EntityPrefix(const EntityRef& entity) {
  std::string key;
  // Room for what keys of the facts append, and the ends of the texts.
  key.reserve(entity.type.size() + entity.key.size() + 16);
  AppendKeyText(key, entity.type);
  AppendKeyText(key, entity.key);
  return key;
}

std::string EntityDayPrefix(const EntityRef& entity, Day day) {
  std::string key = EntityPrefix(entity);
  AppendOrdered32(key, day.number);
  return key;
}

std::string FactsKey(const EntityRef& entity, Day day, int32_t partition, int64_t position) {
  std::string key = EntityDayPrefix(entity, day);
  AppendOrdered32(key, partition);
  AppendBig32(key, static_cast<uint32_t>(position / kFactsWindow));
  return key;
}

bool ParseFactsKey(std::string_view key, FactsPlace& out) {
  uint32_t window = 0;
  return TakeKeyText(key, out.entity.type) && TakeKeyText(key, out.entity.key) &&
         TakeOrdered32(key, out.day.number) && TakeOrdered32(key, out.partition) &&
         TakeBig32(key, window) && key.empty();
}

bool SplitFacts(std::string_view row, std::string_view& totals, std::string_view& facts) {
  uint32_t size = 0;
  if (!TakeBig32(row, size) || size > row.size()) return false;
  totals = row.substr(0, size);
  facts = row.substr(size);
  return true;
}

void ReplaceTotals(std::string& row, std::string_view totals) {
  std::string_view former;
  std::string_view facts;
  const size_t begin = SplitFacts(row, former, facts) ? row.size() - facts.size() : 0;
  if (begin == sizeof(uint32_t) + totals.size()) {
    row.replace(sizeof(uint32_t), totals.size(), totals);
    return;
  }
  std::string head;
  AppendBig32(head, static_cast<uint32_t>(totals.size()));
  head += totals;
  row.replace(0, begin, head);
}

std::string IntakesPrefix(Day day, int32_t partition) {
  std::string key;
  AppendOrdered32(key, day.number);
  AppendOrdered32(key, partition);
  return key;
}

std::string IntakesKey(Day day, int32_t partition, int64_t position) {
  std::string key = IntakesPrefix(day, partition);
  AppendBig32(key, static_cast<uint32_t>(position / kIntakesWindow));
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

std::string ForeignPrefix() { return "foreign/"; }

std::string ForeignKey(size_t slot, int64_t position) {
  std::string key = ForeignPrefix();
  AppendBig32(key, static_cast<uint32_t>(slot));
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

std::string RootKey(int32_t partition, int64_t position) {
  std::string key = "root/";
  AppendBig32(key, static_cast<uint32_t>(partition));
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

}  // namespace assay::facts
