// Where an agreement stands, and what every answer to it must find.

#pragma once

#include <assay/v1/state.pb.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/event/decision.h"
#include "engine/event/state.h"

namespace assay::agreement {

// "AGREED"
[[nodiscard]] std::string StageName(v1::AgreementStage stage);

// The agreement and cycle that a command is about, and the side that gives it.
struct Standing {
  // Of the command: "counterTerms".
  std::string path;
  v1::AgreementState agreement;
  v1::CycleState cycle;
  v1::Side side = v1::SIDE_UNSPECIFIED;

  // The newest version. REQUIRES: there is one.
  [[nodiscard]] const v1::AgreementVersion& Newest() const;
  // Whether this side has signed the newest version.
  [[nodiscard]] bool HasSigned() const;

  // A refusal for the stage, naming the present and the needed one.
  [[nodiscard]] Rejection Refused(std::string code, std::string expected, std::string message,
                                  std::string hint) const;

  // AGREEMENT_WITHDRAWN, CYCLE_LOCKED.
  [[nodiscard]] std::optional<Rejection> CheckLiving() const;
  // AGREEMENT_NOT_PROPOSED, AGREEMENT_IMMUTABLE (all signed, or signed by this side).
  [[nodiscard]] std::optional<Rejection> CheckNegotiable() const;
  // Whoever answers terms names the version that he was shown, also the only one. ROUND_STALE
  // unless it is the newest; VERSION_REQUIRED, with the newest version and its difference to the
  // one before, when it is 0.
  [[nodiscard]] std::optional<Rejection> CheckRound(int32_t version) const;

 private:
  [[nodiscard]] std::string NewestText() const;
};

// INVALID_ID or NOT_FOUND at `path`.agreement. `path` is the JSON name of the command.
[[nodiscard]] std::variant<Standing, Rejection> Stand(std::string_view path,
                                                      const std::string& agreement,
                                                      const DecideContext& context,
                                                      StateReader& state);

}  // namespace assay::agreement
