#include <fmt/core.h>

#include <vector>

#include "engine/event/effective.h"
#include "tools/assay/demo_chapters.h"

namespace assay::demo {
namespace {

constexpr const char* kJune = "2026-06";
constexpr const char* kJuly = "2026-07";
constexpr int64_t kDaysOfJune = 30;

// What is negotiated about the five items.
struct Terms {
  bool office = false;
  int64_t rate_tenths = 0;
  int64_t sales = 0;
  int32_t output_bp = 3'000;
  int32_t quality_bp = 2'500;
};

// How an agreement is reached.
enum class Course : uint8_t {
  kAccepted,      // as proposed
  kRateHalved,    // less output is asked for; they meet in the middle
  kWeightsMoved,  // other weights are asked for, and given
  kSalesHalved,   // less sales, as with the output
};

struct Agreement {
  std::string id;
  const Person* person = nullptr;
  std::string position;
  std::string manager;
  Terms terms;
  Course course = Course::kAccepted;
};

using Agreements = std::vector<Agreement>;
using Items = google::protobuf::RepeatedPtrField<v1::TermsItem>;

std::string Tenths(int64_t tenths) {
  return tenths % 10 == 0 ? fmt::format("{}", tenths / 10)
                          : fmt::format("{}.{}", tenths / 10, tenths % 10);
}

void AddItem(const char* item, const char* curve, const std::string& target, const char* unit,
             int32_t weight_bp, Items& items) {
  v1::TermsItem& terms = *items.Add();
  terms.set_item(item);
  terms.set_metric(fmt::format("{}@1", item));
  terms.set_curve(curve);
  terms.set_target(target);
  terms.set_unit(unit);
  terms.set_weight_bp(weight_bp);
}

void FillItems(const Terms& terms, Items& items) {
  if (terms.office) {
    AddItem("attendance", "attendance-steps@1", "1", "1", 4'000, items);
    AddItem("teamwork", "rating-met@1", "4", "pt", 6'000, items);
    return;
  }
  AddItem("output", "proportional@1", Tenths(terms.rate_tenths), "pcs/h", terms.output_bp, items);
  AddItem("quality", "defect-share@1", "0.03", "1", terms.quality_bp, items);
  AddItem("sales", "sales-ratio@1", fmt::format("{}", terms.sales), "CNY", 2'000, items);
  AddItem("attendance", "attendance-steps@1", "1", "1", 1'000, items);
  AddItem("teamwork", "rating-met@1", "4", "pt", 1'500, items);
}

Terms TermsOf(const Person& person) {
  return {.office = person.kind == Kind::kOffice,
          .rate_tenths = person.rate_tenths,
          .sales = person.sales};
}

// Every eighth of those who stay where they are does not take the first proposal.
Course CourseOf(const Person& person, size_t index) {
  const bool moves = person.fate == Fate::kTwoPositions || person.fate == Fate::kPromoted ||
                     person.fate == Fate::kTransferred || person.fate == Fate::kBackdated;
  if (person.kind == Kind::kOffice || moves || index % 8 != 1) return Course::kAccepted;
  constexpr Course kCourses[] = {Course::kRateHalved, Course::kWeightsMoved, Course::kSalesHalved};
  return kCourses[index / 8 % 3];
}

// What the employee asks for, and what the manager then answers.
Terms Countered(const Agreement& agreement, bool by_manager) {
  Terms terms = agreement.terms;
  const int64_t part = by_manager ? 1 : 2;
  if (agreement.course == Course::kRateHalved) terms.rate_tenths -= 5 * part;
  if (agreement.course == Course::kSalesHalved) terms.sales -= terms.sales / 20 * part;
  if (agreement.course == Course::kWeightsMoved) {
    terms.output_bp = 2'500;
    terms.quality_bp = 3'000;
  }
  return terms;
}

const char* NoteOf(Course course) {
  switch (course) {
    case Course::kRateHalved:
      return "本月设备检修，产量目标偏高，申请下调";
    case Course::kWeightsMoved:
      return "本岗位以质检为主，申请提高质量权重";
    default:
      return "老客户合同六月到期，申请下调销售目标";
  }
}

// --- one command each ---

void Open(const Agreement& agreement, const char* cycle, Script& script) {
  v1::OpenAgreement& open = *script.By(kHr).mutable_open_agreement();
  open.set_agreement(agreement.id);
  open.set_person(agreement.person->id);
  open.set_position(agreement.position);
  open.set_cycle(cycle);
}

void Propose(const Agreement& agreement, Script& script) {
  v1::ProposeTerms& propose = *script.By(agreement.manager).mutable_propose_terms();
  propose.set_agreement(agreement.id);
  script.MakeVersion(agreement.id);
  FillItems(agreement.terms, *propose.mutable_items());
}

void Counter(const Agreement& agreement, bool by_manager, Script& script) {
  const std::string& by = by_manager ? agreement.manager : agreement.person->id;
  v1::CounterTerms& counter = *script.By(by).mutable_counter_terms();
  counter.set_agreement(agreement.id);
  counter.set_version(script.NewestVersion(agreement.id));
  script.MakeVersion(agreement.id);
  FillItems(Countered(agreement, by_manager), *counter.mutable_items());
  counter.mutable_note()->set_clear(by_manager ? "各让一步，请确认" : NoteOf(agreement.course));
}

void Accept(const Agreement& agreement, const std::string& by, Script& script) {
  v1::AcceptItems& accept = *script.By(by).mutable_accept_items();
  accept.set_agreement(agreement.id);
  accept.set_version(script.NewestVersion(agreement.id));
}

void Sign(const Agreement& agreement, Script& script) {
  for (const std::string& by : {agreement.manager, agreement.person->id}) {
    v1::SignAgreement& sign = *script.By(by).mutable_sign_agreement();
    sign.set_agreement(agreement.id);
    sign.set_version(script.NewestVersion(agreement.id));
  }
}

// --- rounds ---

void ProposeAll(const Agreements& agreements, Script& script) {
  for (const Agreement& agreement : agreements) Open(agreement, kJune, script);
  for (const Agreement& agreement : agreements) Propose(agreement, script);
}

void AnswerAll(const Agreements& agreements, Script& script) {
  for (const Agreement& agreement : agreements) {
    if (agreement.course == Course::kAccepted) {
      Accept(agreement, agreement.person->id, script);
    } else {
      Counter(agreement, false, script);
    }
  }
}

void SettleAll(const Agreements& agreements, Script& script) {
  for (const Agreement& agreement : agreements) {
    if (agreement.course == Course::kAccepted) continue;
    if (agreement.course == Course::kWeightsMoved) {
      Accept(agreement, agreement.manager, script);
    } else {
      Counter(agreement, true, script);
      Accept(agreement, agreement.person->id, script);
    }
  }
}

// One for everybody, and a second one with two fifths of the sales for a second position.
Agreements InitialAgreements(const Company& company) {
  Agreements agreements;
  for (size_t i = 0; i < company.people.size(); ++i) {
    const Person& person = company.people[i];
    Agreement agreement{.id = AgreementId(kJune, person, 1),
                        .person = &person,
                        .position = person.position,
                        .manager = person.manager,
                        .terms = TermsOf(person),
                        .course = CourseOf(person, i)};
    if (person.fate == Fate::kTwoPositions) {
      Agreement second = agreement;
      second.id = AgreementId(kJune, person, 2);
      second.position = NewPosition(company, person);
      second.terms.sales = person.sales * 2 / 5;
      agreement.terms.sales -= second.terms.sales;
      agreements.push_back(std::move(second));
    }
    agreements.push_back(std::move(agreement));
  }
  return agreements;
}

// The terms of a signed agreement change: less to sell, since the month is shared with the next.
void Amend(const Agreement& agreement, Script& script) {
  v1::ProposeAmendment& amend = *script.By(agreement.manager).mutable_propose_amendment();
  amend.set_agreement(agreement.id);
  script.MakeVersion(agreement.id);
  FillItems(agreement.terms, *amend.mutable_items());
  amend.mutable_note()->set_clear("因岗位变动，按在岗天数调整销售目标");
  Accept(agreement, agreement.person->id, script);
  Sign(agreement, script);
}

}  // namespace

std::string AgreementId(std::string_view cycle, const Person& person, int number) {
  return number == 1 ? fmt::format("a-{}-{}", cycle, person.id)
                     : fmt::format("a-{}-{}-{}", cycle, person.id, number);
}

void NegotiateJune(const Company& company, Script& script) {
  const Agreements agreements = InitialAgreements(company);
  script.Chapter("agreements: proposals");
  script.At("2026-05-26 09:00");
  ProposeAll(agreements, script);
  script.Chapter("agreements: answers and counter-proposals");
  script.At("2026-05-27 09:00");
  AnswerAll(agreements, script);
  script.At("2026-05-28 09:00");
  SettleAll(agreements, script);
  script.Chapter("agreements: signatures");
  script.At("2026-05-29 09:00");
  for (const Agreement& agreement : agreements) Sign(agreement, script);
}

void NegotiateMoved(const Company& company, Fate fate, Script& script) {
  Agreements fresh;
  Agreements former;
  const int64_t days_before = DayOf(DayOfFate(fate)).number - DayOf("2026-06-01").number;
  for (const int index : company.PeopleWith(fate)) {
    const Person& person = company.people[static_cast<size_t>(index)];
    Agreement agreement{.id = AgreementId(kJune, person, 2),
                        .person = &person,
                        .position = NewPosition(company, person),
                        .manager = NewManager(company, person),
                        .terms = TermsOf(person)};
    Agreement old = agreement;
    old.id = AgreementId(kJune, person, 1);
    old.terms.sales = person.sales * days_before / kDaysOfJune;
    agreement.terms.sales -= old.terms.sales;
    fresh.push_back(std::move(agreement));
    former.push_back(std::move(old));
  }
  ProposeAll(fresh, script);
  AnswerAll(fresh, script);
  for (const Agreement& agreement : fresh) Sign(agreement, script);
  for (const Agreement& agreement : former) Amend(agreement, script);
}

void OpenJulyAgreements(const Company& company, Script& script) {
  for (const Person& person : company.people) {
    Agreement agreement{.id = AgreementId(kJuly, person, 1), .person = &person};
    const bool moved = person.fate == Fate::kPromoted || person.fate == Fate::kTransferred ||
                       person.fate == Fate::kBackdated;
    agreement.position = moved ? NewPosition(company, person) : person.position;
    Open(agreement, kJuly, script);
    if (person.fate != Fate::kTwoPositions) continue;
    agreement.id = AgreementId(kJuly, person, 2);
    agreement.position = NewPosition(company, person);
    Open(agreement, kJuly, script);
  }
}

}  // namespace assay::demo
