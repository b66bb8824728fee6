// Scores: the stored current rows, and evaluations as of any moment with their derivation.

#pragma once

#include <assay/v1/log.pb.h>
#include <assay/v1/output.pb.h>
#include <assay/v1/state.pb.h>

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event/moment.h"
#include "engine/event/state.h"
#include "engine/score/explain_scorecard.h"
#include "engine/score/scorecard.h"
#include "projections/decisions/query.h"
#include "projections/facts/query.h"
#include "projections/score_table/assemble.h"
#include "projections/store/overlay.h"

namespace assay::score_table {

// Reads the Intake at a facts position back from the journal, for explaining.
using IntakeSource = std::function<absl::StatusOr<v1::Intake>(int32_t partition, int64_t position)>;

// Where a score is evaluated.
struct ScoreMoment {
  int64_t decisions = decisions::kNewest;
  // Positions of facts that count in an open cycle; none = everything folded.
  facts::FactLimits facts;
  // In a locked cycle too, and its cut is not looked at: what a late fact would change.
  bool ignore_cut = false;
};
// REQUIRES: `moment` is a full vector.
[[nodiscard]] ScoreMoment At(const Moment& moment);

// One evaluated score with what it was evaluated from.
struct EvaluatedScore {
  ScorecardInput input;
  Scorecard scorecard;
  v1::ScoreRecord record;
};

// Evaluates scores over the rows. One thread; everything passed in must outlive this.
class Evaluator {
 public:
  explicit Evaluator(Overlay& overlay) : overlay_(overlay) {}

  void SetIntakeSource(IntakeSource source) { intakes_ = std::move(source); }
  void SetTextOpener(TextOpener opener) { open_text_ = std::move(opener); }

  // Nothing when there is no such cycle, or the person has no agreement in it.
  [[nodiscard]] absl::StatusOr<std::optional<EvaluatedScore>> Evaluate(const ScoreMoment& moment,
                                                                       std::string_view cycle,
                                                                       std::string_view person);
  [[nodiscard]] absl::StatusOr<std::optional<ExplainedScorecard>> Explain(
      const ScoreMoment& moment, std::string_view cycle, std::string_view person,
      const ExplainOptions& options);
  // People with an agreement in the cycle, sorted.
  [[nodiscard]] absl::StatusOr<std::vector<std::string>> People(const ScoreMoment& moment,
                                                                std::string_view cycle);
  // Scorecards evaluated since this was made.
  [[nodiscard]] int64_t Evaluated() const { return evaluated_; }

 private:
  class SeriesReader;
  struct Prepared;
  absl::StatusOr<std::unique_ptr<Prepared>> Prepare(const ScoreMoment& moment,
                                                    std::string_view cycle,
                                                    std::string_view person);

  Overlay& overlay_;
  IntakeSource intakes_;
  TextOpener open_text_ = [](const v1::Sealed&) { return std::string(); };
  DefinitionCache definitions_;
  int64_t evaluated_ = 0;
};

// Scores under sealed cuts, as deciding reads them.
class LockedScoresAt : public LockedScores {
 public:
  // The root of a facts partition at a folded position.
  using RootsReader = std::function<absl::StatusOr<Hash32>(int32_t partition, int64_t position)>;

  // As of the decisions position and, where the facts themselves are asked for, those of `facts`.
  LockedScoresAt(Evaluator& evaluator, Overlay& overlay, int64_t decisions_position,
                 std::vector<int64_t> facts, RootsReader roots)
      : evaluator_(evaluator),
        overlay_(overlay),
        position_(decisions_position),
        facts_(std::move(facts)),
        roots_(std::move(roots)) {}

  std::optional<LockedScore> Of(std::string_view cycle, std::string_view person) override;
  bool HasRecord(std::string_view cycle, std::string_view source,
                 const std::vector<std::string>& record_key) override;
  Results ResultsOf(std::string_view cycle) override;
  std::optional<std::vector<Cut>> CutsOf(std::string_view cycle, int32_t generation,
                                         int64_t lock_position) override;
  std::vector<Cut> Heads() override;
  [[nodiscard]] absl::Status status() const override { return status_; }

 private:
  void Note(const absl::Status& status) {
    if (status_.ok()) status_ = status;
  }
  Cut CutAt(int32_t partition, int64_t position);

  Evaluator& evaluator_;
  Overlay& overlay_;
  int64_t position_;
  std::vector<int64_t> facts_;
  RootsReader roots_;
  absl::Status status_;
};

// The stored rows of a cycle, by person.
[[nodiscard]] absl::StatusOr<std::vector<v1::ScoreRecord>> StoredScores(Overlay& overlay,
                                                                        std::string_view cycle);

// The result of one person as the digest of a cycle's results counts it.
[[nodiscard]] std::string ResultRow(const v1::ScoreRecord& record);

// The claim that holds; epoch 0 before the first.
[[nodiscard]] v1::PublisherState PublisherOf(Overlay& overlay);

// What waits in the outbox.
struct OutboxFigures {
  // At most: between the first row and the next one rows may be gone.
  int64_t records = 0;
  // When what the first row follows from was recorded.
  std::optional<Instant> oldest;
};
[[nodiscard]] OutboxFigures FiguresOfOutbox(Overlay& overlay);

// What the next row of the outbox gets; rows that are there have smaller ones.
[[nodiscard]] int64_t NextSequence(Overlay& overlay);

// Pending output records in order, from sequence `from` on, at most so many.
struct PendingOutput {
  int64_t sequence = 0;
  v1::OutputRecord record;
};
[[nodiscard]] std::vector<PendingOutput> Outputs(
    Overlay& overlay, int64_t from, size_t records_max = std::numeric_limits<size_t>::max());

}  // namespace assay::score_table
