// Keeps the score table current and says what changed.
//
// A fact or a decision marks the scores that it touches; before a write-back each marked score is
// evaluated once. What changed goes into the outbox, in the same batch as the rows.
//
// Versions of output records are (epoch, sum of the moment). The same effect may be published again
// under the same id; another content never has the same version and key.

#pragma once

#include <assay/v1/output.pb.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "projections/runner/view.h"
#include "projections/score_table/query.h"

namespace assay::score_table {

// Something that a person should look at. The same code, subject and occasion are one alert: its id
// follows from them, so who keeps ids is told once, however often it is raised.
struct Alert {
  std::string code;
  // What it is about: "source/erp".
  std::string subject;
  // Which time: a position, a day.
  std::string occasion;
  // One sentence, with ids only.
  std::string text;
  // The node that saw it; empty when it follows from the log, where every node sees the same.
  std::string node = "";
};

// One thread. `evaluator` must outlive this.
class Projector : public DerivedView {
 public:
  struct Options {
    std::string company;
    // A fold from nothing publishes nothing old: the outbox stays empty until StartPublishing.
    bool publish = true;
    // Only what comes while this node is claimed as the publisher; empty = whoever is.
    std::string node = "";
    // Also what happened to adjustments and refusals while another node was, from the first fold
    // on: no comparison finds it later.
    bool keeps_events = false;
  };

  Projector(Evaluator& evaluator, Options options)
      : evaluator_(evaluator), options_(std::move(options)) {}

  void StartPublishing() { options_.publish = true; }
  // From here on the outbox also gets all that another node publishes while that is claimed, with
  // the rows of scores. So it is seen whether they come. False when it was so already.
  bool StandBy() { return !std::exchange(stands_by_, true); }

  void OnCommit(const FoldedDecision& folded, Overlay& overlay) override;
  void OnFacts(const facts::TouchedDays& touched, const std::vector<facts::Refused>& refused,
               Overlay& overlay) override;
  void OnForeign(const facts::Foreign& foreign, Overlay& overlay) override;
  absl::Status Finish(const Moment& moment, Instant recorded_at, Overlay& overlay) override;

  // Scores as readers of the topic see them, by the key of the record.
  using Published = std::map<std::string, v1::ScoreRecord>;
  // Puts records for the scores that differ from what is published or pending, as of the moment.
  // Gives how many there are. With `repairs` they were published before by this node, and a record
  // of another one came behind: no score has changed.
  absl::StatusOr<int64_t> PublishDifferences(const Moment& moment, Instant recorded_at,
                                             Published published, bool repairs, Overlay& overlay);
  // Puts an alert that does not follow from the log into the outbox.
  // REQUIRES: `alert.node` is this node.
  void PublishAlert(const Moment& moment, Instant recorded_at, const Alert& alert,
                    Overlay& overlay);
  // How many scores differ from what is published.
  absl::StatusOr<int64_t> CountDifferences(Published published, Overlay& overlay) const;

 private:
  // By which commits or facts a score was touched, as texts.
  using Causes = std::set<std::string>;
  // (cycle, person)
  using Scores = std::map<std::pair<std::string, std::string>, Causes>;
  // What the records of one write-back have in common.
  struct Stamp {
    std::string moment;
    int64_t sum = 0;
    Instant recorded_at;
    int64_t epoch = 0;
    bool publishes = false;
    // Another node does.
    bool stands_by = false;
  };

  // A score that is not there is an empty row.
  struct Change {
    const v1::ScoreRecord& before;
    const v1::ScoreRecord& after;
    std::string cause;
  };

  // By the key of the record; what is gone, or was never there, is an empty row.
  using Differences = std::map<std::string, std::pair<v1::ScoreRecord, v1::ScoreRecord>>;
  absl::StatusOr<Differences> Compare(Published published, Overlay& overlay) const;

  [[nodiscard]] bool IsClaimed(Overlay& overlay) const;
  [[nodiscard]] bool Publishes(Overlay& overlay) const;
  [[nodiscard]] bool KeepsEvents(Overlay& overlay) const;
  [[nodiscard]] Stamp StampOf(const Moment& moment, Instant recorded_at, Overlay& overlay) const;
  void MarkEvent(const v1::Event& event, const std::string& cause);
  absl::StatusOr<Scores> Resolve(Overlay& overlay);
  absl::Status Update(const Stamp& stamp, const std::string& cycle, const std::string& person,
                      const Causes& causes, Overlay& overlay);
  void PublishScore(const Stamp& stamp, const std::string& key, const Change& change,
                    Overlay& overlay);
  void PublishRow(const Stamp& stamp, const std::string& key, const Change& change,
                  Overlay& overlay);
  void PublishChange(const Stamp& stamp, const std::string& key, const Change& change,
                     Overlay& overlay);
  void PublishAdjustment(const v1::Event& event, const FoldedDecision& folded, Overlay& overlay);
  [[nodiscard]] v1::OutputRecord AlertOutput(const Alert& alert) const;
  // REQUIRES: the table says that the event makes an alert.
  void AlertOf(const v1::Event& event, int64_t position);
  void AlertOfConflict(const facts::Refused& refusal);
  void AlertOfPause(const v1::SourcePaused& paused, int64_t position);
  void AlertOfRevocation(const v1::GrantRevocationProposed& proposed, int64_t position);
  void Append(const Stamp& stamp, v1::OutputRecord record, Overlay& overlay);

  Evaluator& evaluator_;
  Options options_;
  bool stands_by_ = false;
  // What was touched since the last write-back.
  Scores scores_;
  std::map<std::string, Causes> people_;
  std::map<std::string, Causes> cycles_;
  Causes everybody_;
  facts::TouchedDays days_;
  // Without moment and version, which are the write-back's.
  std::vector<v1::OutputRecord> outputs_;
  // Alerts that were put since the start, by id: many records may raise one.
  std::set<std::string> alerted_;
};

}  // namespace assay::score_table
