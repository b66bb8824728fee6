#include <fmt/core.h>

#include <algorithm>

#include "engine/base/decimal.h"
#include "engine/event/effective.h"
#include "tools/assay/demo_chapters.h"
#include "tools/assay/demo_rows.h"

namespace assay::demo {
namespace {

struct Part {
  const char* from;
  const char* to;
  const char* name;
};
constexpr std::array<Part, 4> kParts = {{{"2026-06-01", "2026-06-11", "2026-06-1"},
                                         {"2026-06-11", "2026-06-21", "2026-06-2"},
                                         {"2026-06-21", "2026-07-01", "2026-06-3"},
                                         {"2026-07-01", "2026-07-11", "2026-07-1"}}};
constexpr int kLastPartOfJune = 3;
// Nobody was ever bound to these.
constexpr std::array<const char*, 3> kStrangers = {"E99001", "E99002", "E99003"};

std::vector<Row> RowsOfPart(const Company& company, SourceIndex source, int part) {
  const Part& span = kParts[static_cast<size_t>(part - 1)];
  return RowsOf(company, source, WorkingDays(span.from, span.to));
}

// What a source keeps back at the end of June.
bool ComesLate(SourceIndex source, const Row& row) {
  constexpr int kEvery = 37;
  constexpr int kFirst = 20;
  if (row.person % kEvery != kFirst) return false;
  return source == kCrmRows || source == kReviewRows || row.day >= DayOf("2026-06-29");
}

class File {
 public:
  explicit File(const Shape& shape) : shape_(shape), text_(HeaderOf(shape)) {}

  void Add(const Row& row) { AddLine(LineOf(shape_, row)); }
  void AddLine(const std::string& line) {
    text_ += line;
    ++records_;
  }
  [[nodiscard]] Delivery Named(const std::string& name) const {
    const char* extension = shape_.delimiter == 0 ? "ndjson" : "csv";
    return {.source = std::string(shape_.source),
            .name = fmt::format("{}-{}.{}", shape_.source, name, extension),
            .text = shape_.gbk ? ToGbk(text_) : text_,
            .records = records_};
  }

 private:
  const Shape& shape_;
  std::string text_;
  int64_t records_ = 0;
};

// Rows of a file, each at most once, spread over it.
class Picker {
 public:
  Picker(const std::vector<Row>& rows, size_t picks)
      : rows_(rows), stride_(std::max<size_t>(1, rows.size() / (picks + 1))) {}

  const Row& Next() {
    next_ += stride_;
    return rows_[next_ % rows_.size()];
  }

 private:
  const std::vector<Row>& rows_;
  size_t stride_;
  size_t next_ = 0;
};

Row With(Row row, int field, std::string text) {
  row.fields[static_cast<size_t>(field)] = std::move(text);
  return row;
}

// Another value than before, as a correction has it.
Row Changed(const Shape& shape, Row row) {
  if (shape.value < 0) {
    std::string& status = row.fields.back();
    status = status == "PRESENT" ? "LATE" : "PRESENT";
    return row;
  }
  std::string& value = row.fields[static_cast<size_t>(shape.value)];
  value = DecimalOf(value).Minus(Decimal::FromInt(1)).value_or(Decimal()).ToString();
  return row;
}

Row Version(const Shape& shape, int number, Row row) {
  SetVersion(shape, number, row);
  return row;
}

// A correction; every second one is followed by what is out of date by then.
void AddCorrection(const Shape& shape, const Row& row, bool with_stale, File& file) {
  file.Add(Version(shape, 1, Changed(shape, row)));
  if (!with_stale) return;
  file.Add(shape.versions == VersionKind::kNone ? Version(shape, -1, row) : row);
}

void AddStrangers(const Shape& shape, Picker& picker, File& file) {
  for (const char* stranger : kStrangers) {
    Row row = With(picker.Next(), shape.entity, stranger);
    // Where the person is not a part of the key.
    if (shape.entity != 0) row.fields[static_cast<size_t>(shape.key)] += "-X";
    file.Add(row);
  }
}

void AddMalformed(const Shape& shape, const Row& row, File& file) {
  const std::string line = LineOf(shape, row);
  if (shape.delimiter != 0) {
    file.AddLine(line.substr(0, line.rfind(shape.delimiter)) + "\n");
    return;
  }
  file.AddLine(line.substr(0, line.size() / 2) + "\n");
  file.AddLine(line.substr(0, line.size() - 2) + R"(,"operator_note":"夜班"})" + "\n");
}

// Records that no contract takes, one of each kind that the source can have.
void AddBad(const Shape& shape, Picker& picker, File& file) {
  const Row row = picker.Next();
  const auto add = [&](int field, std::string text) {
    if (field >= 0) file.Add(With(row, field, std::move(text)));
  };
  std::string next_year = row.fields[static_cast<size_t>(shape.time)];
  next_year[3] = '7';
  add(shape.key, "");
  add(shape.time, "");
  add(shape.time, "31/31/2026");
  add(shape.time, next_year);
  add(shape.version, "x1");
  add(shape.value, "n/a");
  add(shape.value, "-5");
  add(shape.value, "1.0000000000001");
  add(shape.unit, "kg");
  add(shape.entity, "");
  AddMalformed(shape, row, file);
  if (shape.versions != VersionKind::kNone) file.Add(Changed(shape, row));
}

// What disturbs: repeated, corrected, out-of-date, retracted, unknown, wrong.
void AddDisturbances(const Shape& shape, const std::vector<Row>& rows, File& file) {
  const size_t duplicates = std::max<size_t>(2, rows.size() / 200);
  const size_t corrections = std::max<size_t>(2, rows.size() / 300);
  const size_t retractions = shape.op < 0 ? 0 : std::max<size_t>(1, rows.size() / 1'000);
  constexpr size_t kOthers = 8;
  Picker picker(rows, duplicates + corrections + retractions + kOthers);
  for (size_t i = 0; i < duplicates; ++i) file.Add(picker.Next());
  for (size_t i = 0; i < corrections; ++i) {
    AddCorrection(shape, picker.Next(), i % 2 == 0, file);
  }
  for (size_t i = 0; i < retractions; ++i) {
    file.Add(Version(shape, 1, With(picker.Next(), shape.op, std::string(shape.retracted))));
  }
  AddStrangers(shape, picker, file);
  AddBad(shape, picker, file);
}

// An order that was booked on the wrong person, and one that is not finished.
void AddOrders(const Shape& shape, const std::vector<Row>& rows, File& file) {
  const Row& wrong = rows.front();
  const Row& right = rows[rows.size() / 2];
  const auto entity = static_cast<size_t>(shape.entity);
  file.Add(Version(shape, 2, With(wrong, shape.entity, right.fields[entity])));
  constexpr int kStatus = 4;
  Row open = With(right, kStatus, "OPEN");
  open.fields[static_cast<size_t>(shape.key)] += "-O";
  file.Add(open);
}

}  // namespace

void DeliverPart(const Company& company, int part, Script& script) {
  for (int i = 0; i < kSourceCount; ++i) {
    const auto source = static_cast<SourceIndex>(i);
    // Colleagues are asked once a month, at its end.
    if (source == kReviewRows && part != kLastPartOfJune) continue;
    const Shape& shape = ShapeOf(source);
    std::vector<Row> rows = RowsOfPart(company, source, part);
    if (part == kLastPartOfJune) {
      std::erase_if(rows, [&](const Row& row) { return ComesLate(source, row); });
    }
    File file(shape);
    for (const Row& row : rows) file.Add(row);
    AddDisturbances(shape, rows, file);
    if (source == kErpRows) AddOrders(shape, rows, file);
    script.Deliver(file.Named(kParts[static_cast<size_t>(part - 1)].name));
  }
}

void DeliverLate(const Company& company, Script& script) {
  for (int i = 0; i < kSourceCount; ++i) {
    const auto source = static_cast<SourceIndex>(i);
    const Shape& shape = ShapeOf(source);
    File file(shape);
    const Row* corrected = nullptr;
    const std::vector<Row> rows = RowsOfPart(company, source, kLastPartOfJune);
    for (const Row& row : rows) {
      if (ComesLate(source, row)) {
        file.Add(row);
      } else {
        corrected = &row;
      }
    }
    // Also a later version of a record that counts.
    if (corrected != nullptr) file.Add(Version(shape, 2, Changed(shape, *corrected)));
    script.Deliver(file.Named("2026-06-late"));
  }
}

}  // namespace assay::demo
