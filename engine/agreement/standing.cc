#include "engine/agreement/standing.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/agreement/diff.h"
#include "engine/agreement/terms.h"
#include "engine/base/check.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"

namespace assay::agreement {

std::string StageName(v1::AgreementStage stage) {
  return ShortEnumName(v1::AgreementStage_Name(stage), "AGREEMENT_STAGE_");
}

const v1::AgreementVersion& Standing::Newest() const {
  ASSAY_REQUIRE(!agreement.versions().empty(), "agreement {} has no terms yet",
                agreement.agreement());
  return agreement.versions(agreement.versions_size() - 1);
}

bool Standing::HasSigned() const {
  const auto& signatures = Newest().signatures();
  return std::any_of(signatures.begin(), signatures.end(),
                     [&](const v1::Signature& signature) { return signature.side() == side; });
}

Rejection Standing::Refused(std::string code, std::string expected, std::string message,
                            std::string hint) const {
  return {.code = std::move(code),
          .rejection_class = RejectionClass::kState,
          .path = path + ".agreement",
          .expected = std::move(expected),
          .actual = StageName(agreement.stage()),
          .message = std::move(message),
          .hint = std::move(hint)};
}

std::optional<Rejection> Standing::CheckLiving() const {
  if (agreement.stage() == v1::AGREEMENT_STAGE_WITHDRAWN) {
    return Refused("AGREEMENT_WITHDRAWN", "an agreement in force or under negotiation",
                   fmt::format("{} was withdrawn", agreement.agreement()),
                   "open another agreement");
  }
  if (cycle.stage() < v1::CYCLE_STAGE_LOCKED) return std::nullopt;
  return Rejection{
      .code = "CYCLE_LOCKED",
      .rejection_class = RejectionClass::kState,
      .path = path + ".agreement",
      .expected = "a cycle that is not locked",
      .actual = ShortEnumName(v1::CycleStage_Name(cycle.stage()), "CYCLE_STAGE_"),
      .message = fmt::format("cycle {} is locked: its terms are settled", agreement.cycle()),
      .hint = "agree on other terms for the next cycle"};
}

std::optional<Rejection> Standing::CheckNegotiable() const {
  if (agreement.stage() == v1::AGREEMENT_STAGE_DRAFT) {
    return Refused("AGREEMENT_NOT_PROPOSED", "PROPOSED or AGREED",
                   fmt::format("no terms were proposed for {}", agreement.agreement()),
                   "propose terms first");
  }
  if (agreement.stage() == v1::AGREEMENT_STAGE_SIGNED) {
    return Refused("AGREEMENT_IMMUTABLE", "PROPOSED or AGREED",
                   fmt::format("{} is signed by both sides", agreement.agreement()),
                   "propose an amendment");
  }
  if (!HasSigned()) return std::nullopt;
  return Refused("AGREEMENT_IMMUTABLE", "a version without a signature of this side",
                 fmt::format("{} has signed version {}", SideName(side), Newest().version()),
                 "the other side may still counter; your signature stands for what you signed");
}

// What the newest version changed, for whoever did not say that he has read it.
std::string Standing::NewestText() const {
  const int32_t newest = Newest().version();
  if (agreement.versions_size() == 1) {
    return fmt::format("version {} of {} is the only one", newest, agreement.agreement());
  }
  const auto& former = agreement.versions(agreement.versions_size() - 2);
  return fmt::format("the newest version of {} is {}; against version {} it changes {}",
                     agreement.agreement(), newest, former.version(),
                     ChangesText(DiffTerms(former.items(), Newest().items())));
}

std::optional<Rejection> Standing::CheckRound(int32_t version) const {
  const int32_t newest = Newest().version();
  if (version == newest) return std::nullopt;
  Rejection rejection{
      .code = "ROUND_STALE",
      .rejection_class = RejectionClass::kState,
      .path = path + ".version",
      .expected = std::to_string(newest),
      .actual = std::to_string(version),
      .message = fmt::format("version {} is not the newest, {} is", version, newest),
      .hint = "read the newest terms, then answer them"};
  if (version != 0) return rejection;
  rejection.code = "VERSION_REQUIRED";
  rejection.actual = "nothing";
  rejection.message = NewestText();
  rejection.hint = fmt::format(
      "read it (`assay agreement show {}`), then say `version: {}` if it is what you mean",
      agreement.agreement(), newest);
  return rejection;
}

std::variant<Standing, Rejection> Stand(std::string_view path, const std::string& agreement,
                                        const DecideContext& context, StateReader& state) {
  const std::string at = fmt::format("{}.agreement", path);
  if (auto wrong = CheckId(at, agreement)) return *std::move(wrong);
  Standing standing{.path = std::string(path)};
  if (!state.Get(streams::Agreement(agreement), &standing.agreement)) {
    return NotVisible(at, "agreement", agreement);
  }
  if (!state.Get(streams::Cycle(standing.agreement.cycle()), &standing.cycle)) {
    return NotVisible(at, "cycle", standing.agreement.cycle());
  }
  standing.side =
      context.actor == standing.agreement.person() ? v1::SIDE_EMPLOYEE : v1::SIDE_MANAGER;
  return standing;
}

}  // namespace assay::agreement
