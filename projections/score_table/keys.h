// Keys of the score table and of the outbox.
//
//   table   key                           value
//   scores  text(cycle) text(person)      ScoreRecord
//   outbox  sequence (8)                  OutputRecord

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay::score_table {

[[nodiscard]] std::string CyclePrefix(std::string_view cycle);
[[nodiscard]] std::string ScoreKey(std::string_view cycle, std::string_view person);
[[nodiscard]] std::string OutboxKey(int64_t sequence);

// Name in `meta` of the sequence that the next row of the outbox gets.
inline constexpr std::string_view kNextSequence = "outbox/next";

}  // namespace assay::score_table
