#include "tools/assay/demo_rows.h"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/decimal.h"
#include "tools/assay/demo_chapters.h"
#include "tools/assay/json.h"

namespace assay::demo {
namespace {

constexpr int64_t kHours = 8;
constexpr int kRatersPerPerson = 3;
// One in each part of it.
constexpr int kContractsPerMonth = 3;

// A number of five digits for one person's record of a day; the same person has another one on
// another day. REQUIRES: index < 10,007
int64_t NumberOf(int index, Day day) {
  constexpr int64_t kPrime = 10'007;
  return (int64_t{index} * 4'827 + int64_t{day.number} * 997) % kPrime;
}

std::string MonthDay(Day day) {
  const std::string text = day.ToString();
  return text.substr(5, 2) + text.substr(8, 2);
}

bool IsAbsent(const Company& company, int index, Day day) {
  const Person& person = company.people[static_cast<size_t>(index)];
  return Draw(company.seed, "absent", {index, day.number}).Below(1'000) < person.absent_permille;
}

int64_t PiecesOf(const Company& company, int index, Day day) {
  const Person& person = company.people[static_cast<size_t>(index)];
  Draw draw(company.seed, "pieces", {index, day.number});
  const int64_t permille = person.efficiency_permille + draw.Between(-40, 40);
  return person.rate_tenths * kHours * permille / 10'000;
}

std::string MinuteOf(Draw& draw, int hour) {
  return fmt::format("{:02}:{:02}", hour, draw.Below(60));
}

Row ErpRow(const Company& company, int index, Day day) {
  Draw draw(company.seed, "erp", {index, day.number});
  const auto key = OrderKey(index, day);
  return {
      index,
      day,
      {key[0], key[1], "1", "U", "DONE", fmt::format("{} {}", day.ToString(), MinuteOf(draw, 17)),
       company.people[static_cast<size_t>(index)].employee_no,
       fmt::format("SKU-{:03}", draw.Between(1, 120)),
       fmt::format("{}", PiecesOf(company, index, day)), "pcs"}};
}

Row MesRow(const Company& company, int index, Day day) {
  const Person& person = company.people[static_cast<size_t>(index)];
  Draw draw(company.seed, "mes", {index, day.number});
  return {index,
          day,
          {fmt::format("RUN-{}-{:05}", MonthDay(day), NumberOf(index, day)), "1",
           fmt::format("{}T{}:00+08:00", day.ToString(), MinuteOf(draw, 17)), person.employee_no,
           fmt::format("M-{:02}-{:02}", person.department + 1, draw.Between(1, 12)),
           fmt::format("{}", kHours), fmt::format("{}.{}", draw.Between(5, 7), draw.Below(10))}};
}

Row QmsRow(const Company& company, int index, Day day) {
  const Person& person = company.people[static_cast<size_t>(index)];
  Draw draw(company.seed, "qms", {index, day.number});
  const int64_t pieces = PiecesOf(company, index, day);
  const int64_t defects = (pieces * person.defects_per_10000 + draw.Below(10'000)) / 10'000;
  std::string day_text = day.ToString();
  std::replace(day_text.begin(), day_text.end(), '-', '/');
  return {index,
          day,
          {fmt::format("QC-{}-{:05}", MonthDay(day), NumberOf(index, day)), "1.0",
           fmt::format("{} {}:00", day_text, MinuteOf(draw, 18)), person.employee_no,
           fmt::format("{}", pieces), fmt::format("{}", defects),
           fmt::format("{},{:02}", defects / 4, draw.Below(100))}};
}

Row AttendanceRow(const Company& company, int index, Day day) {
  Draw draw(company.seed, "attendance", {index, day.number});
  const bool absent = IsAbsent(company, index, day);
  const bool late = draw.Below(40) == 0;
  const char* status = late ? "LATE" : "PRESENT";
  return {index,
          day,
          {company.people[static_cast<size_t>(index)].employee_no, day.ToString(),
           fmt::format("{} {}", day.ToString(), MinuteOf(draw, late ? 9 : 8)),
           absent ? "ABSENT" : status}};
}

Row CrmRow(const Company& company, int index, Day day) {
  const Person& person = company.people[static_cast<size_t>(index)];
  Draw draw(company.seed, "crm", {index, day.number});
  constexpr std::array<const char*, 4> kLines = {"电机", "水泵", "阀门", "备件"};
  const int64_t fen = person.sales * 100 * person.sales_permille / 1'000 / kContractsPerMonth *
                      draw.Between(85, 115) / 100;
  const std::string text = day.ToString();
  return {index,
          day,
          {fmt::format("HT{}-{:05}", MonthDay(day), NumberOf(index, day)),
           fmt::format("{}T18:00:00+08:00", text),
           fmt::format("{}年{}月{}日 {}", text.substr(0, 4), text.substr(5, 2), text.substr(8, 2),
                       MinuteOf(draw, 15)),
           person.employee_no, draw.Of(kLines), fmt::format("{}.{:02}", fen / 100, fen % 100),
           "CNY", "签订"}};
}

Row ReviewRow(const Company& company, int index, Day day, int rater) {
  const Person& person = company.people[static_cast<size_t>(index)];
  Draw draw(company.seed, "review", {index, rater});
  constexpr std::array<const char*, 5> kComments = {
      "配合默契，主动分担", "沟通及时", "乐于帮助新同事", "需要提高响应速度", "交接清楚，值得信赖"};
  const int64_t rating = std::clamp<int64_t>(person.rating + draw.Between(0, 1), 1, 5);
  return {index,
          day,
          {fmt::format("RV-{:05}-{}", NumberOf(index, day), rater + 1), "1", day.ToString(),
           person.employee_no, fmt::format("{}", rating), draw.Of(kComments)}};
}

void AddRows(const Company& company, SourceIndex source, int index, const std::vector<Day>& days,
             std::vector<Row>& rows) {
  const bool office = company.people[static_cast<size_t>(index)].kind == Kind::kOffice;
  if (source == kReviewRows) {
    for (int i = 0; i < kRatersPerPerson; ++i) {
      rows.push_back(ReviewRow(company, index, days[days.size() / 2], i));
    }
    return;
  }
  if (source == kCrmRows && !office) {
    Draw draw(company.seed, "contract", {index, days.front().number});
    rows.push_back(CrmRow(company, index, draw.Of(days)));
    return;
  }
  for (const Day day : days) {
    if (source == kAttendanceRows) {
      rows.push_back(AttendanceRow(company, index, day));
    } else if (!office && !IsAbsent(company, index, day)) {
      if (source == kErpRows) rows.push_back(ErpRow(company, index, day));
      if (source == kMesRows) rows.push_back(MesRow(company, index, day));
      if (source == kQmsRows) rows.push_back(QmsRow(company, index, day));
    }
  }
}

std::string JsonLine(const Shape& shape, const Row& row) {
  Json object = Json::Object();
  for (size_t i = 0; i < row.fields.size(); ++i) {
    const std::string& text = row.fields[i];
    const bool is_number = Decimal::Parse(text).has_value();
    object.Put(std::string(shape.fields[i]), is_number ? Json::Raw(text) : Json(text));
  }
  return object.Dump() + "\n";
}

}  // namespace

const Shape& ShapeOf(SourceIndex source) {
  static const std::array<Shape, kSourceCount> kShapes = {
      {{.source = "erp",
        .fields = {"order_no", "line", "rev", "op", "status", "posted_at", "emp_no", "sku", "qty",
                   "uom"},
        .version = 2,
        .time = 5,
        .entity = 6,
        .value = 8,
        .unit = 9,
        .op = 3,
        .retracted = "D"},
       {.source = "mes",
        .fields = {"run", "seq", "ended_at", "emp_no", "machine_no", "hours", "run_hours"},
        .delimiter = 0,
        .version = 1,
        .time = 2,
        .entity = 3,
        .value = 5},
       {.source = "qms",
        .fields = {"inspection", "revision", "checked_at", "emp_no", "inspected", "defects",
                   "scrap_kg"},
        .delimiter = ';',
        .versions = VersionKind::kDecimal,
        .version = 1,
        .time = 2,
        .entity = 3,
        .value = 4},
       {.source = "crm",
        .fields = {"合同号", "版本时间", "成交时间", "工号", "产品线", "金额", "币种", "操作"},
        .gbk = true,
        .versions = VersionKind::kInstant,
        .version = 1,
        .time = 2,
        .entity = 3,
        .value = 5,
        .unit = 6,
        .op = 7,
        .retracted = "撤销"},
       {.source = "attendance",
        .fields = {"emp_no", "work_date", "punched_at", "status"},
        .versions = VersionKind::kNone,
        .key = 1,
        .time = 2,
        .entity = 0},
       {.source = "review",
        .fields = {"form_no", "rev", "rated_on", "emp_no", "rating", "comment"},
        .version = 1,
        .time = 2,
        .entity = 3,
        .value = 4}}};
  return kShapes[source];
}

std::array<std::string, 2> OrderKey(int person, Day day) {
  return {fmt::format("SO{}-{:05}", MonthDay(day), NumberOf(person, day)), "1"};
}

std::vector<Row> RowsOf(const Company& company, SourceIndex source, const std::vector<Day>& days) {
  std::vector<Row> rows;
  for (size_t i = 0; i < company.people.size(); ++i) {
    AddRows(company, source, static_cast<int>(i), days, rows);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.day < b.day; });
  return rows;
}

void SetVersion(const Shape& shape, int number, Row& row) {
  if (shape.versions == VersionKind::kNone) {
    row.fields[static_cast<size_t>(shape.time)] =
        fmt::format("{} {:02}:30", row.day.ToString(), 11 + 5 * number);
    return;
  }
  std::string& version = row.fields[static_cast<size_t>(shape.version)];
  if (shape.versions == VersionKind::kInteger) version = fmt::format("{}", 1 + number);
  if (shape.versions == VersionKind::kDecimal) version = fmt::format("1.{}", number);
  if (shape.versions == VersionKind::kInstant) {
    version = fmt::format("{}T{}:00:00+08:00", row.day.ToString(), 18 + number);
  }
}

std::string LineOf(const Shape& shape, const Row& row) {
  if (shape.delimiter == 0) return JsonLine(shape, row);
  return fmt::format("{}\n", fmt::join(row.fields, std::string(1, shape.delimiter)));
}

std::string HeaderOf(const Shape& shape) {
  if (shape.delimiter == 0) return "";
  return fmt::format("{}\n", fmt::join(shape.fields, std::string(1, shape.delimiter)));
}

std::string ToGbk(const std::string& text) {
  const iconv_t descriptor = iconv_open("GBK", "UTF-8");
  ASSAY_REQUIRE(descriptor != reinterpret_cast<iconv_t>(-1),  // NOLINT: how iconv says it
                "this system has no table for GBK");
  // Three bytes of UTF-8 become two.
  std::string converted(text.size(), '\0');
  char* from = const_cast<char*>(text.data());  // NOLINT: iconv does not write there
  size_t from_left = text.size();
  char* to = converted.data();
  size_t to_left = converted.size();
  const size_t failed = iconv(descriptor, &from, &from_left, &to, &to_left);
  iconv_close(descriptor);
  ASSAY_REQUIRE(failed == 0 && from_left == 0, "a text of the demo is not of GBK");
  converted.resize(converted.size() - to_left);
  return converted;
}

}  // namespace assay::demo
