#include "tools/assay/agreement_answers.h"

#include <assay/v1/log.pb.h>

#include <utility>

#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "tools/assay/show.h"

namespace assay {
namespace {

ItemAnswer AnswerOf(const v1::ItemAccepted& event) {
  return {.version = event.version(),
          .item = event.item(),
          .accepted = true,
          .by = event.by(),
          .side = event.side()};
}

ItemAnswer AnswerOf(const v1::ItemRejected& event) {
  ItemAnswer answer{.version = event.version(),
                    .item = event.item(),
                    .accepted = false,
                    .by = event.by(),
                    .side = event.side()};
  if (event.has_reason()) answer.reason = event.reason();
  return answer;
}

}  // namespace

absl::StatusOr<AgreementAnswers> AnswersOf(const View& view, const std::string& agreement) {
  const std::string stream = streams::Agreement(agreement);
  AgreementAnswers answers;
  for (const int64_t position : PositionsOf(view, stream)) {
    const auto mark = decisions::MarkOf(view.home->Rows(), position);
    if (!mark.has_value()) continue;
    ASSAY_ASSIGN_OR_RETURN(const v1::Commit commit, view.home->CommitAt(position));
    for (const v1::Event& event : commit.events()) {
      if (event.stream() != stream) continue;
      if (event.has_signature_given()) {
        answers.signatures.push_back({event.signature_given(), mark->recorded_at, position});
      }
      if (!event.has_item_accepted() && !event.has_item_rejected()) continue;
      ItemAnswer answer = event.has_item_accepted() ? AnswerOf(event.item_accepted())
                                                    : AnswerOf(event.item_rejected());
      answer.at = mark->recorded_at;
      answer.position = position;
      answers.items.push_back(std::move(answer));
    }
  }
  ASSAY_RETURN_IF_ERROR(view.home->Rows().status());
  return answers;
}

}  // namespace assay
