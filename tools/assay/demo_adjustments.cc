#include <fmt/core.h>

#include <array>

#include "engine/event/effective.h"
#include "tools/assay/demo_chapters.h"

namespace assay::demo {
namespace {

constexpr const char* kOverTarget = "生产效率超标，参考ERP系统的生产数据";

// One wish to adjust. `subject` counts those who had a good month.
struct Wish {
  std::string_view by;
  int subject;
  const char* item;
  const char* delta;
  const char* reason_code;
  const char* remark;
  // Refers to an order of the subject.
  bool evidence;
  // Empty unless a second person takes it back.
  const char* revoked_because;
};

constexpr std::array<Wish, 12> kWishes = {{
    {kSupervisor, 0, "output", "5", "over-target", kOverTarget, true, ""},
    {kSupervisor, 1, "output", "3", "over-target", kOverTarget, true, ""},
    {kSupervisor, 2, "output", "4", "over-target", kOverTarget, true, ""},
    {kSupervisor, 3, "output", "2.5", "over-target", kOverTarget, true, ""},
    {kGeneralManager, 4, "quality", "-3", "customer-return", "漏检造成客户退货，参考QMS检验记录",
     false, ""},
    // Above 5 points two people approve.
    {kGeneralManager, 5, "", "6", "project", "主持产线改造项目并按期投产", false, ""},
    {kOperations, 6, "teamwork", "2", "mentoring", "带教三名新员工，均已独立上岗", false, ""},
    {kGeneralManager, 7, "sales", "4", "key-account", "大客户续约三年，参考CRM合同", false, ""},
    {kOperations, 8, "output", "1.5", "over-target", kOverTarget, true, ""},
    // The supervisor may adjust the output and nothing else.
    {kSupervisor, 9, "sales", "5", "key-account", "开拓新客户", false, ""},
    {kOperations, 9, "output", "5", "over-target", kOverTarget, true,
     "复核发现产量重复计算，予以撤销"},
    {kGeneralManager, 10, "attendance", "-2", "discipline", "月末三次迟到", false,
     "迟到系班车故障所致，予以撤销"},
}};
constexpr size_t kRefused = 9;
constexpr size_t kOfTwoApprovers = 5;

std::string IdOf(size_t wish) { return fmt::format("adj-2026-06-{:02}", wish + 1); }

void Request(const Company& company, const Wish& wish, size_t number, Script& script) {
  const int index = company.PeopleWith(Fate::kAdjusted)[static_cast<size_t>(wish.subject)];
  v1::RequestAdjustment& request = *script.By(wish.by).mutable_request_adjustment();
  request.set_adjustment(IdOf(number));
  request.set_person(company.people[static_cast<size_t>(index)].id);
  request.set_cycle("2026-06");
  request.set_item(wish.item);
  request.set_delta(wish.delta);
  request.set_reason_code(wish.reason_code);
  request.mutable_remark()->set_clear(wish.remark);
  if (!wish.evidence) return;
  v1::EvidenceRef& evidence = *request.add_evidence();
  evidence.set_source("erp");
  for (const std::string& field : OrderKey(index, DayOf("2026-06-09"))) {
    evidence.add_record(field);
  }
}

void Approve(std::string_view by, size_t number, Script& script) {
  script.By(by).mutable_approve_adjustment()->set_adjustment(IdOf(number));
}

}  // namespace

void AdjustScores(const Company& company, Script& script) {
  script.At("2026-07-03 14:00");
  for (size_t i = 0; i < kWishes.size(); ++i) {
    Request(company, kWishes[i], i, script);
    if (i == kRefused) script.RefusedAs("ADJUST_OUT_OF_AUTHORITY");
  }
  script.At("2026-07-06 09:00");
  for (size_t i = 0; i < kWishes.size(); ++i) {
    if (i == kRefused) continue;
    Approve(kHr, i, script);
    if (i == kOfTwoApprovers) Approve("p-hr-02", i, script);
  }
  script.At("2026-07-07 09:00");
  for (size_t i = 0; i < kWishes.size(); ++i) {
    const std::string because = kWishes[i].revoked_because;
    if (because.empty()) continue;
    v1::Command& revoke = script.By(kHr);
    revoke.mutable_reason()->set_clear(because);
    revoke.mutable_revoke_adjustment()->set_adjustment(IdOf(i));
  }
}

}  // namespace assay::demo
