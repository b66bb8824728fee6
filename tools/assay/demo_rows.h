// Records of the six sources before they are written into files, and how a file looks.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "tools/assay/demo_company.h"

namespace assay::demo {

enum class VersionKind : uint8_t { kNone, kInteger, kDecimal, kInstant };

// Places of fields; -1 = the source has none.
struct Shape {
  std::string_view source;
  std::vector<std::string_view> fields;
  // 0 = NDJSON.
  char delimiter = ',';
  bool gbk = false;
  VersionKind versions = VersionKind::kInteger;
  int key = 0;
  int version = -1;
  int time = -1;
  int entity = -1;
  int value = -1;
  int unit = -1;
  // The field and the text that retract a record.
  int op = -1;
  std::string_view retracted = "";
};

// One record. `person` is the index of whom it credits.
struct Row {
  int person = 0;
  Day day;
  std::vector<std::string> fields;
};

// In the order of SourceTexts().
enum SourceIndex : uint8_t { kErpRows, kMesRows, kQmsRows, kCrmRows, kAttendanceRows, kReviewRows };
inline constexpr int kSourceCount = 6;
[[nodiscard]] const Shape& ShapeOf(SourceIndex source);

// The records of all people for the days, in the order of the days.
[[nodiscard]] std::vector<Row> RowsOf(const Company& company, SourceIndex source,
                                      const std::vector<Day>& days);

// The n-th version of a record, 0 = the first; of a source without versions, the same at another
// time of the day (n = -1: before the first).
void SetVersion(const Shape& shape, int number, Row& row);

// One record as the source writes it, with its line end, in UTF-8.
[[nodiscard]] std::string LineOf(const Shape& shape, const Row& row);
// What stands before the records of a file.
[[nodiscard]] std::string HeaderOf(const Shape& shape);
// REQUIRES: every character of `text` is one of GBK.
[[nodiscard]] std::string ToGbk(const std::string& text);

}  // namespace assay::demo
