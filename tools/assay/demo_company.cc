#include "tools/assay/demo_company.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "engine/event/effective.h"

namespace assay::demo {
namespace {

constexpr std::array<const char*, 30> kSurnames = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡",
    "郭", "何", "高", "林", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹"};
constexpr std::array<const char*, 20> kFirstSyllables = {"建", "志", "晓", "海", "玉", "文", "国",
                                                         "丽", "永", "春", "金", "小", "思", "嘉",
                                                         "宇", "梦", "佳", "子", "秀", "立"};
constexpr std::array<const char*, 24> kSecondSyllables = {
    "华", "明", "强", "芳", "军", "霞", "平", "刚", "燕", "鹏", "辉", "娟",
    "涛", "梅", "峰", "玲", "斌", "颖", "杰", "雪", "龙", "琴", "阳", "婷"};
constexpr std::array<const char*, 12> kEnglishNames = {
    "Emma Fairbanks",   "Oliver Thornbury", "Grace Whitlock", "Henry Ashworth",
    "Lucy Pemberton",   "Samuel Hartwell",  "Alice Kingsley", "George Eastwood",
    "Hannah Blackwood", "Edward Langford",  "Sophie Merrick", "Thomas Radcliffe"};

constexpr std::array<const char*, 20> kDepartmentNames = {
    "装配一部 Assembly 1",  "装配二部 Assembly 2", "机加工部 Machining",
    "冲压部 Stamping",      "焊接部 Welding",      "涂装部 Painting",
    "注塑部 Moulding",      "电子部 Electronics",  "线束部 Wiring",
    "包装部 Packaging",     "铸造部 Casting",      "热处理部 Heat Treatment",
    "模具部 Tooling",       "精密部 Precision",    "总成部 Final Assembly",
    "定制部 Custom Orders", "备件部 Spare Parts",  "试制部 Prototypes",
    "改装部 Retrofit",      "服务部 Service"};

// One middle manager for so many people: 20 for 500.
constexpr int kPeoplePerManager = 25;
constexpr int kAdjustedPeople = 11;

struct Seat {
  const char* id;
  const char* position;
};
constexpr std::array<Seat, 8> kOffice = {{{"p-ex-01", "pos-hq-general-manager"},
                                          {"p-ex-02", "pos-hq-supervisor"},
                                          {"p-ex-03", "pos-hq-operations"},
                                          {"p-hr-01", "pos-hq-hr"},
                                          {"p-hr-02", "pos-hq-hr"},
                                          {"p-fin-01", "pos-hq-finance"},
                                          {"p-fin-02", "pos-hq-finance"},
                                          {"p-admin-01", "pos-hq-it"}}};

std::string NameOf(int64_t seed, int index) {
  Draw draw(seed, "name", {index});
  if (draw.Below(20) == 0) return draw.Of(kEnglishNames);
  std::string name = draw.Of(kSurnames);
  name += draw.Of(kFirstSyllables);
  name += draw.Of(kSecondSyllables);
  return name;
}

void DrawTraits(int64_t seed, int index, Person& person) {
  Draw draw(seed, "traits", {index});
  person.rate_tenths = 100 + 10 * (std::max(person.department, 0) % 4);
  person.sales = 60'000 + 5'000 * draw.Below(9);
  person.efficiency_permille = draw.Between(700, 1'060);
  person.defects_per_10000 = draw.Between(120, 500);
  person.sales_permille = draw.Between(620, 1'150);
  person.absent_permille = draw.Below(4) == 0 ? draw.Between(40, 120) : 0;
  person.rating = draw.Below(3) == 0 ? 3 : 4;
  if (person.fate != Fate::kAdjusted) return;
  // Much output and less of the rest, so that an adjustment has room below the cap.
  person.efficiency_permille = draw.Between(1'160, 1'240);
  person.defects_per_10000 = draw.Between(420, 480);
  person.sales_permille = draw.Between(620, 800);
  person.absent_permille = 0;
}

void AddOffice(Company& company) {
  for (const Seat& seat : kOffice) {
    Person& person = company.people.emplace_back();
    person.id = seat.id;
    person.kind = Kind::kOffice;
    person.position = seat.position;
    // The general manager agrees with the supervisor, who otherwise is below.
    person.manager = person.id == "p-ex-01" ? "p-ex-02" : "p-ex-01";
  }
}

void AddManagers(int count, Company& company) {
  for (int i = 0; i < count; ++i) {
    Department& department = company.departments.emplace_back();
    const auto names = static_cast<int>(kDepartmentNames.size());
    department.unit = fmt::format("u-d{:02}", i + 1);
    department.name = kDepartmentNames[static_cast<size_t>(i % names)];
    if (i >= names) department.name += fmt::format(" {}", i / names + 1);
    department.plant = i < (count + 1) / 2 ? "u-plant-1" : "u-plant-2";
    department.manager = static_cast<int>(company.people.size());
    Person& person = company.people.emplace_back();
    person.id = fmt::format("p-mm-{:02}", i + 1);
    person.kind = Kind::kManager;
    person.department = i;
    person.position = department.ManagerPosition();
    person.manager = "p-ex-03";
  }
}

void AddWorkers(int count, Company& company) {
  for (int i = 0; i < count; ++i) {
    Person& person = company.people.emplace_back();
    person.id = fmt::format("p-{:04}", i + 1);
    person.department = i % static_cast<int>(company.departments.size());
    const Department& department = company.DepartmentOf(person);
    person.position = department.OperatorPosition();
    person.manager = company.people[static_cast<size_t>(department.manager)].id;
  }
}

// Spreads the fates evenly over the workers.
void GiveFates(int workers, Company& company) {
  const int people = static_cast<int>(company.people.size());
  std::vector<Fate> fates;
  const auto add = [&](int count, Fate fate) { fates.insert(fates.end(), count, fate); };
  add(std::max(1, people / 60), Fate::kTwoPositions);
  add(std::max(1, people / 100), Fate::kPromoted);
  add(std::max(1, people / 125), Fate::kTransferred);
  add(1, Fate::kBackdated);
  add(std::max(2, people / 80), Fate::kBoundLate);
  add(kAdjustedPeople, Fate::kAdjusted);
  const size_t first = company.people.size() - static_cast<size_t>(workers);
  for (size_t i = 0; i < fates.size(); ++i) {
    company.people[first + i * static_cast<size_t>(workers) / fates.size()].fate = fates[i];
  }
}

}  // namespace

Draw::Draw(int64_t seed, std::string_view what, std::initializer_list<int64_t> subject)
    : state_(static_cast<uint64_t>(seed)) {
  const auto mix = [this](uint64_t part) {
    state_ ^= part;
    state_ = Next();
  };
  for (const char letter : what) mix(static_cast<uint8_t>(letter));
  for (const int64_t part : subject) mix(static_cast<uint64_t>(part));
}

uint64_t Draw::Next() {
  uint64_t mixed = state_ += 0x9E3779B97F4A7C15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

std::vector<int> Company::PeopleWith(Fate fate) const {
  std::vector<int> found;
  for (size_t i = 0; i < people.size(); ++i) {
    if (people[i].fate == fate) found.push_back(static_cast<int>(i));
  }
  return found;
}

Company DrawCompany(int people, int64_t seed) {
  Company company;
  company.seed = seed;
  AddOffice(company);
  const int managers = std::max(2, people / kPeoplePerManager);
  AddManagers(managers, company);
  const int workers = people - managers - static_cast<int>(kOffice.size());
  AddWorkers(workers, company);
  GiveFates(workers, company);
  for (size_t i = 0; i < company.people.size(); ++i) {
    Person& person = company.people[i];
    const int index = static_cast<int>(i);
    person.name = NameOf(seed, index);
    person.employee_no = fmt::format("E{:05}", 10'001 + 7 * index);
    DrawTraits(seed, index, person);
  }
  return company;
}

std::vector<Day> WorkingDays(std::string_view from, std::string_view to) {
  std::vector<Day> days;
  const DaySpan span{DayOf(from), DayOf(to)};
  for (Day day = span.from; day < span.to; day = day.Plus(1)) {
    // 1970-01-01 was a Thursday.
    const int weekday = (day.number + 3) % 7;
    if (weekday < 5) days.push_back(day);
  }
  return days;
}

}  // namespace assay::demo
