// Who accepted or rejected which item of an agreement, and why, and who signed. The state keeps
// only whether each side confirms an item now; who did what stands in the commits, which are read
// back.

#pragma once

#include <assay/v1/agreement.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "tools/assay/session.h"

namespace assay {

struct ItemAnswer {
  int32_t version = 0;
  std::string item;
  bool accepted = false;
  std::string by;
  v1::Side side = v1::SIDE_UNSPECIFIED;
  Instant at;
  int64_t position = 0;
  // Of a rejection, sealed.
  std::optional<v1::Sealed> reason;
};

struct GivenSignature {
  v1::SignatureGiven event;
  Instant at;
  int64_t position = 0;
};

struct AgreementAnswers {
  std::vector<ItemAnswer> items;
  std::vector<GivenSignature> signatures;
};

// As of the view's moment, in the order of the log. DATA_LOSS when a row or record cannot be read.
[[nodiscard]] absl::StatusOr<AgreementAnswers> AnswersOf(const View& view,
                                                         const std::string& agreement);

}  // namespace assay
