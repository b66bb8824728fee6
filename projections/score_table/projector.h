// Keeps the score table current and says what changed.
//
// A fact or a decision marks the scores that it touches; before a write-back each marked score is
// evaluated once. What changed goes into the outbox, in the same batch as the rows.

#pragma once

#include <assay/v1/output.pb.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "projections/runner/view.h"
#include "projections/score_table/query.h"

namespace assay::score_table {

// One thread. `evaluator` must outlive this.
class Projector : public DerivedView {
 public:
  struct Options {
    std::string company;
    // A fold from nothing publishes nothing old: the outbox stays empty until StartPublishing.
    bool publish = true;
  };

  Projector(Evaluator& evaluator, Options options)
      : evaluator_(evaluator), options_(std::move(options)) {}

  void StartPublishing() { options_.publish = true; }

  void OnCommit(const FoldedDecision& folded, Overlay& overlay) override;
  void OnFacts(const facts::TouchedDays& touched, const std::vector<facts::Refused>& refused,
               Overlay& overlay) override;
  absl::Status Finish(const Moment& moment, Overlay& overlay) override;

 private:
  // (cycle, person)
  using Scores = std::set<std::pair<std::string, std::string>>;

  void MarkEvent(const v1::Event& event);
  absl::StatusOr<Scores> Resolve(Overlay& overlay);
  absl::Status Update(const Moment& moment, const std::string& cycle, const std::string& person,
                      Overlay& overlay);
  void PublishScore(const Moment& moment, const v1::ScoreRecord& before,
                    const v1::ScoreRecord& after, Overlay& overlay);
  void PublishAdjustment(const v1::Event& event, const FoldedDecision& folded, Overlay& overlay);
  void Append(const Moment& moment, v1::OutputRecord record, Overlay& overlay);

  Evaluator& evaluator_;
  Options options_;
  // What was touched since the last write-back.
  Scores scores_;
  std::set<std::string> people_;
  std::set<std::string> cycles_;
  bool everybody_ = false;
  facts::TouchedDays days_;
  // Without moment and version, which are the write-back's.
  std::vector<v1::OutputRecord> outputs_;
};

}  // namespace assay::score_table
