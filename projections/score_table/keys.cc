#include "projections/score_table/keys.h"

#include "engine/base/wire.h"

namespace assay::score_table {

std::string CyclePrefix(std::string_view cycle) {
  std::string key;
  AppendKeyText(key, cycle);
  return key;
}

std::string ScoreKey(std::string_view cycle, std::string_view person) {
  std::string key = CyclePrefix(cycle);
  AppendKeyText(key, person);
  return key;
}

std::string OutboxKey(int64_t sequence) {
  std::string key;
  AppendBig64(key, static_cast<uint64_t>(sequence));
  return key;
}

}  // namespace assay::score_table
