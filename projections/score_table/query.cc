#include "projections/score_table/query.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/wire.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "engine/event/record_version.h"
#include "engine/event/streams.h"
#include "projections/facts/projector.h"
#include "projections/score_table/keys.h"

namespace assay::score_table {
namespace {

MeasureTotals ToMeasureTotals(const v1::TotalsRow& row) {
  return {.sum = row.sum() == facts::kSumOverflow ? kSumBeyond : DecimalOf(row.sum()),
          .count = row.count(),
          .min = DecimalOf(row.min()),
          .max = DecimalOf(row.max()),
          .last = DecimalOf(row.last()),
          .last_time_ms = row.last_event_time_ms()};
}

FactLeaf LeafOf(const facts::SeriesFact& fact, const ScoreEntity& entity,
                const v1::Intake& intake) {
  FactLeaf leaf{.value = DecimalOf(fact.row.value()), .unit = fact.row.unit()};
  leaf.origin.source = intake.source();
  leaf.origin.entity = entity.Name();
  leaf.origin.record = {intake.record_key().begin(), intake.record_key().end()};
  leaf.origin.version = intake.version();
  leaf.origin.effective = intake.day();
  leaf.origin.at = InstantOf(intake.event_time()).ToString();
  leaf.origin.src = {.log = intake.src().input_log(),
                     .topic = fmt::format("facts/{}@{}", fact.partition, fact.position),
                     .partition = intake.src().partition(),
                     .offset = intake.src().offset(),
                     .hash = ToHex(intake.src().hash())};
  return leaf;
}

bool Earlier(const facts::SeriesFact& a, const facts::SeriesFact& b) {
  if (a.row.event_time_ms() != b.row.event_time_ms()) {
    return a.row.event_time_ms() < b.row.event_time_ms();
  }
  const int versions = CompareVersions(a.row.version(), b.row.version());
  return versions != 0 ? versions < 0 : a.row.identity() < b.row.identity();
}

}  // namespace

ScoreMoment At(const Moment& moment) {
  std::vector<int64_t> before;
  for (const int64_t position : moment.facts) before.push_back(position + 1);
  return {.decisions = moment.decisions, .facts = {std::move(before)}};
}

// The facts of one evaluation.
class Evaluator::SeriesReader : public FactReader {
 public:
  SeriesReader(Overlay& overlay, facts::FactLimits limits, const IntakeSource& intakes)
      : view_(overlay, std::move(limits)), intakes_(intakes) {}

  void Totals(const ScoreEntity& entity, std::string_view measure, DaySpan days,
              std::vector<DayTotals>& out) override {
    for (const auto& day : view_.Series({entity.type, entity.key}, std::string(measure), days)) {
      if (day.totals.count() > 0) out.push_back({day.day, ToMeasureTotals(day.totals)});
    }
  }

  std::vector<FactLeaf> Facts(const ScoreEntity& entity, std::string_view measure,
                              Day day) override {
    auto series = view_.Facts({entity.type, entity.key}, std::string(measure), day);
    std::sort(series.begin(), series.end(), Earlier);
    std::vector<FactLeaf> leaves;
    for (const facts::SeriesFact& fact : series) {
      if (!intakes_) break;
      auto intake = intakes_(fact.partition, fact.position);
      if (!intake.ok()) {
        if (status_.ok()) status_ = intake.status();
        break;
      }
      leaves.push_back(LeafOf(fact, entity, *intake));
    }
    return leaves;
  }
  [[nodiscard]] absl::Status status() const { return status_.ok() ? view_.status() : status_; }

 private:
  facts::FactView view_;
  const IntakeSource& intakes_;
  absl::Status status_;
};

struct Evaluator::Prepared {
  std::optional<ScorecardInput> input;
  std::unique_ptr<SeriesReader> facts;
};

absl::StatusOr<std::unique_ptr<Evaluator::Prepared>> Evaluator::Prepare(const ScoreMoment& moment,
                                                                        std::string_view cycle,
                                                                        std::string_view person) {
  auto prepared = std::make_unique<Prepared>();
  decisions::StateAt now(overlay_, moment.decisions);
  const auto row = now.Find<v1::CycleState>(streams::Cycle(cycle));
  ASSAY_RETURN_IF_ERROR(now.status());
  if (!row.has_value()) return prepared;
  const bool locked = row->stage() >= v1::CYCLE_STAGE_LOCKED;
  decisions::StateAt base(overlay_, locked ? row->lock_position() : moment.decisions);
  prepared->input = Assemble(base, now, *row, person, definitions_, open_text_);
  ASSAY_RETURN_IF_ERROR(now.status());
  ASSAY_RETURN_IF_ERROR(base.status());
  facts::FactLimits limits = moment.facts;
  if (row->sealed() && !moment.ignore_cut) {
    limits.before = std::vector<int64_t>(row->cut().begin(), row->cut().end());
  }
  prepared->facts = std::make_unique<SeriesReader>(overlay_, std::move(limits), intakes_);
  return prepared;
}

absl::StatusOr<std::optional<EvaluatedScore>> Evaluator::Evaluate(const ScoreMoment& moment,
                                                                  std::string_view cycle,
                                                                  std::string_view person) {
  ASSAY_ASSIGN_OR_RETURN(auto prepared, Prepare(moment, cycle, person));
  if (!prepared->input.has_value()) return std::optional<EvaluatedScore>();
  ++evaluated_;
  std::optional<EvaluatedScore> score(std::in_place);
  score->scorecard = EvaluateScorecard(*prepared->input, *prepared->facts);
  ASSAY_RETURN_IF_ERROR(prepared->facts->status());
  score->record = ToRecord(*prepared->input, score->scorecard);
  score->input = *std::move(prepared->input);
  return score;
}

absl::StatusOr<std::optional<ExplainedScorecard>> Evaluator::Explain(
    const ScoreMoment& moment, std::string_view cycle, std::string_view person,
    const ExplainOptions& options) {
  ASSAY_ASSIGN_OR_RETURN(auto prepared, Prepare(moment, cycle, person));
  if (!prepared->input.has_value()) return std::optional<ExplainedScorecard>();
  std::optional<ExplainedScorecard> explained =
      ExplainScorecard(*prepared->input, *prepared->facts, options);
  ASSAY_RETURN_IF_ERROR(prepared->facts->status());
  return explained;
}

absl::StatusOr<std::vector<std::string>> Evaluator::People(const ScoreMoment& moment,
                                                           std::string_view cycle) {
  decisions::StateAt now(overlay_, moment.decisions);
  const auto row = now.Find<v1::CycleState>(streams::Cycle(cycle));
  ASSAY_RETURN_IF_ERROR(now.status());
  if (!row.has_value()) {
    return MakeStatus(absl::StatusCode::kNotFound, "there is no cycle \"{}\"", cycle);
  }
  const bool locked = row->stage() >= v1::CYCLE_STAGE_LOCKED;
  decisions::StateAt base(overlay_, locked ? row->lock_position() : moment.decisions);
  std::set<std::string> people;
  for (const v1::Member& member : base.Members(streams::CycleAgreements(cycle))) {
    if (member.state() != "WITHDRAWN") people.insert(member.person());
  }
  ASSAY_RETURN_IF_ERROR(base.status());
  return std::vector<std::string>(people.begin(), people.end());
}

std::optional<LockedScore> LockedScoresAt::Of(std::string_view cycle, std::string_view person) {
  const auto score = evaluator_.Evaluate({.decisions = position_}, cycle, person);
  Note(score.status());
  if (!score.ok() || !score->has_value()) return std::nullopt;
  const Scorecard& scorecard = (*score)->scorecard;
  LockedScore locked{.computable = scorecard.total.has_value(),
                     .status = scorecard.status.ToString(),
                     .computed = scorecard.computed.value_or(Decimal()),
                     .adjustments = scorecard.adjustments,
                     .total = scorecard.total.value_or(Decimal())};
  for (const ScorePartInput& part : (*score)->input.parts) {
    for (const ScoreItemInput& item : part.items) locked.items.push_back(item.item);
  }
  return locked;
}

bool LockedScoresAt::HasRecord(std::string_view cycle, std::string_view source,
                               const std::vector<std::string>& record_key) {
  decisions::StateAt now(overlay_, position_);
  const auto row = now.Find<v1::CycleState>(streams::Cycle(cycle));
  if (!row.has_value() || !row->sealed()) return false;
  google::protobuf::RepeatedPtrField<std::string> key(record_key.begin(), record_key.end());
  const std::string identity = RecordIdentity(source, key);
  facts::FactView view(overlay_, {std::vector<int64_t>(row->cut().begin(), row->cut().end())});
  const bool found =
      view.HasRecord(PartitionOf(identity, static_cast<int32_t>(facts_.size())), identity);
  Note(view.status());
  return found;
}

LockedScores::Results LockedScoresAt::ResultsOf(std::string_view cycle) {
  Results results;
  const auto people = evaluator_.People({.decisions = position_}, cycle);
  Note(people.status());
  if (!people.ok()) return results;
  RowDigest digest;
  for (const std::string& person : *people) {
    const auto score = evaluator_.Evaluate({.decisions = position_}, cycle, person);
    Note(score.status());
    if (!score.ok() || !score->has_value()) continue;
    digest.Add(ScoreKey(cycle, person), ResultRow((*score)->record));
    ++results.subjects;
  }
  results.digest = digest.Sum();
  return results;
}

LockedScores::Cut LockedScoresAt::CutAt(int32_t partition, int64_t position) {
  const auto root = roots_(partition, position);
  Note(root.status());
  return {.position = position, .root = root.ok() ? *root : Hash32{}};
}

std::optional<std::vector<LockedScores::Cut>> LockedScoresAt::CutsOf(std::string_view cycle,
                                                                     int32_t generation,
                                                                     int64_t lock_position) {
  std::vector<Cut> cuts;
  for (size_t i = 0; i < facts_.size(); ++i) {
    const auto partition = static_cast<int32_t>(i);
    const auto position =
        facts::CutOf(overlay_, std::string(cycle), generation, "", partition, lock_position);
    if (!position.has_value()) return std::nullopt;
    cuts.push_back({.position = *position, .root = CutAt(partition, *position - 1).root});
  }
  return cuts;
}

std::vector<LockedScores::Cut> LockedScoresAt::Heads() {
  std::vector<Cut> heads;
  for (size_t i = 0; i < facts_.size(); ++i) {
    heads.push_back(CutAt(static_cast<int32_t>(i), facts_[i]));
  }
  return heads;
}

absl::StatusOr<std::vector<v1::ScoreRecord>> StoredScores(Overlay& overlay,
                                                          std::string_view cycle) {
  std::vector<v1::ScoreRecord> rows;
  absl::Status status;
  overlay.Visit(Table::kScores, CyclePrefix(cycle), [&](std::string_view, std::string_view value) {
    v1::ScoreRecord row;
    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      status = MakeStatus(absl::StatusCode::kDataLoss, "a row in the view \"scores\" is damaged");
      return false;
    }
    rows.push_back(std::move(row));
    return true;
  });
  ASSAY_RETURN_IF_ERROR(status);
  ASSAY_RETURN_IF_ERROR(overlay.status());
  return rows;
}

std::string ResultRow(const v1::ScoreRecord& record) { return record.SerializeAsString(); }

v1::PublisherState PublisherOf(Overlay& overlay) {
  v1::PublisherState publisher;
  decisions::StateAt(overlay, decisions::kNewest).Get(streams::Publisher(), &publisher);
  return publisher;
}

int64_t NextSequence(Overlay& overlay) {
  const auto next = overlay.Get(Table::kMeta, kNextSequence);
  std::string_view bytes = next.has_value() ? std::string_view(*next) : std::string_view();
  int64_t sequence = 0;
  (void)TakeOrdered64(bytes, sequence);
  return sequence;
}

OutboxFigures FiguresOfOutbox(Overlay& overlay) {
  OutboxFigures figures;
  const auto first = Outputs(overlay, 0, 1);
  if (first.empty()) return figures;
  figures.records = NextSequence(overlay) - first.front().sequence;
  figures.oldest = InstantOf(first.front().record.recorded_at());
  return figures;
}

std::vector<PendingOutput> Outputs(Overlay& overlay, int64_t from, size_t records_max) {
  std::vector<PendingOutput> outputs;
  if (records_max == 0) return outputs;
  const auto see = [&](std::string_view key, std::string_view value) {
    uint64_t sequence = 0;
    PendingOutput output;
    if (!TakeBig64(key, sequence) ||
        !output.record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      overlay.Damaged(Table::kOutbox);
      return false;
    }
    output.sequence = static_cast<int64_t>(sequence);
    outputs.push_back(std::move(output));
    return outputs.size() < records_max;
  };
  overlay.Visit(Table::kOutbox, "", OutboxKey(std::max<int64_t>(from, 0)), see);
  return outputs;
}

}  // namespace assay::score_table
