#include "projections/facts/projector.h"

#include <algorithm>
#include <limits>
#include <set>

#include "engine/base/check.h"
#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "engine/event/record_version.h"

namespace assay::facts {
namespace {

std::string FullMeasure(const v1::Intake& intake, const v1::Contribution& contribution) {
  std::string measure;
  measure.reserve(intake.source().size() + 1 + contribution.measure().size());
  return measure.append(intake.source()).append(1, '.').append(contribution.measure());
}

// Most rows of the facts hold one, which takes so many bytes.
constexpr size_t kNewRowBytes = 160;

// Below every offset there is.
constexpr int64_t kNoOffset = std::numeric_limits<int64_t>::min();

EntityRef EntityOf(const v1::Contribution& contribution) {
  return {contribution.entity_type(), contribution.entity_key()};
}

// A sum beyond the range stays the text OVERFLOW until its facts are corrected; the rows of the
// facts themselves stay exact.
std::string SumText(const std::string& sum, Decimal value) {
  if (sum == kSumOverflow) return sum;
  const auto grown = DecimalOf(sum).Plus(value);
  return grown.has_value() ? grown->ToString() : std::string(kSumOverflow);
}

// A writer of another release may have put texts there that no reader may trip over.
bool IsReadable(const v1::Intake& intake) {
  if (!Day::Parse(intake.day()).has_value()) return false;
  return std::all_of(intake.facts().contributions().begin(), intake.facts().contributions().end(),
                     [](const v1::Contribution& contribution) {
                       return Decimal::Parse(contribution.value()).has_value();
                     });
}

LastOrder OrderOf(const v1::FactRow& fact) {
  return {fact.event_time_ms(), fact.version(), fact.identity()};
}

// The totals of the measure, made when there are none.
v1::TotalsRow& TotalsOf(v1::DayTotals& day, const std::string& measure) {
  for (v1::TotalsRow& totals : *day.mutable_totals()) {
    if (totals.measure() == measure) return totals;
  }
  v1::TotalsRow& added = *day.add_totals();
  added.set_measure(measure);
  return added;
}

void CountRecord(v1::DayTotals& day, const std::string& source) {
  for (v1::SourceRecords& records : *day.mutable_records()) {
    if (records.source() == source) return records.set_records(records.records() + 1);
  }
  v1::SourceRecords& added = *day.add_records();
  added.set_source(source);
  added.set_records(1);
}

bool ComesAfter(const LastOrder& order, const v1::TotalsRow& totals) {
  if (order.event_time_ms != totals.last_event_time_ms()) {
    return order.event_time_ms > totals.last_event_time_ms();
  }
  const int versions = CompareVersions(order.version, totals.last_version());
  if (versions != 0) return versions > 0;
  return order.identity >= totals.last_identity();
}

void FillVersion(int64_t position, const v1::Intake& intake, v1::FactVersion& version) {
  version.Clear();
  version.set_position(position);
  version.set_version(intake.version());
  version.set_event_time_ms(InstantOf(intake.event_time()).ms);
  version.set_contract_version(intake.contract_version());
  version.set_content_hash(intake.content_hash());
  version.set_retracted(intake.has_retraction());
  version.set_day(intake.day());
  for (const v1::Contribution& contribution : intake.facts().contributions()) {
    version.add_entity_types(contribution.entity_type());
    version.add_entity_keys(contribution.entity_key());
    version.add_measures(FullMeasure(intake, contribution));
  }
}

}  // namespace

absl::StatusOr<Verdict> Chain(int32_t partition, const StoredRecord& stored,
                              const v1::Record* record, const LogIdentity& identity,
                              const LogKeys& keys, PartitionHead& head) {
  if (stored.position != head.next.position) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "facts {} position {} was expected, the journal gave {}", partition,
                      head.next.position, stored.position);
  }
  JudgedRecord judged{.record = record,
                      .value_bytes = stored.value.size(),
                      .position = stored.position,
                      .recorded_at = std::max(head.recorded_at, stored.appended_at),
                      .needs_tag = head.keys.AreNeeded()};
  ASSAY_ASSIGN_OR_RETURN(
      judged.authenticity,
      CheckAuthenticity(record, stored.value, identity.log_id, FactsPartition(partition),
                        stored.position, head.keys, keys));
  const Verdict verdict = JudgeFact(judged, identity);
  if (verdict == Verdict::kNotACommit) EvolveKeys(*record, head.keys);
  head.last_hash = judged.authenticity.hash;
  head.root = NextRoot(head.root, head.last_hash, verdict);
  head.recorded_at = judged.recorded_at;
  head.next = stored.Next();
  return verdict;
}

absl::StatusOr<Verdict> Chain(int32_t partition, const StoredRecord& stored,
                              const LogIdentity& identity, const LogKeys& keys,
                              PartitionHead& head) {
  v1::Record record;
  const bool is_parsable =
      record.ParseFromArray(stored.value.data(), static_cast<int>(stored.value.size()));
  return Chain(partition, stored, is_parsable ? &record : nullptr, identity, keys, head);
}

void PutForeign(const Foreign& foreign, Overlay& overlay) {
  v1::ForeignRow row;
  row.set_recorded_ms(foreign.recorded_at.ms);
  row.set_hash(foreign.hash.ToString());
  overlay.Put(Table::kMeta, ForeignKey(SlotOf(foreign.partition), foreign.position),
              row.SerializeAsString());
}

void AddToTotals(v1::TotalsRow& totals, Decimal value, const LastOrder& order) {
  const std::string text = value.ToString();
  if (totals.count() == 0) {
    totals.set_sum(text);
    totals.set_min(text);
    totals.set_max(text);
  } else {
    totals.set_sum(SumText(totals.sum(), value));
    if (value < DecimalOf(totals.min())) totals.set_min(text);
    if (value > DecimalOf(totals.max())) totals.set_max(text);
  }
  if (totals.count() == 0 || ComesAfter(order, totals)) {
    totals.set_last(text);
    totals.set_last_event_time_ms(order.event_time_ms);
    totals.set_last_version(order.version);
    totals.set_last_identity(order.identity);
  }
  totals.set_count(totals.count() + 1);
}

template <typename Row>
std::optional<Row> Projector::Find(Table table, const std::string& key) {
  const auto value =
      table == Table::kIdentities ? overlay_.GetIn(lane_, table, key) : overlay_.Get(table, key);
  if (!value.has_value()) return std::nullopt;
  std::optional<Row> row(std::in_place);
  if (row->ParseFromString(*value)) return row;
  overlay_.Damaged(table);
  return std::nullopt;
}

int64_t Projector::OffsetOf(const std::optional<std::string>& value) {
  if (!value.has_value()) return kNoOffset;
  const auto number = ParseNumber(*value);
  if (!number.has_value()) overlay_.Damaged(Table::kInputs);
  return number.value_or(kNoOffset);
}

absl::Status Projector::Fold(int32_t partition, std::span<const StoredRecord> records,
                             const LogIdentity& identity, PartitionHead& head) {
  if (!filter_.has_value()) PrefetchIdentities(partition, records);
  for (const StoredRecord& stored : records) {
    const v1::Record* const record = Parse(stored);
    ASSAY_ASSIGN_OR_RETURN(const Verdict verdict,
                           Chain(partition, stored, record, identity, log_keys_, head));
    if (verdict == Verdict::kNotACommit) {
      FoldRecord(partition, stored.position, *record);
    } else if (verdict == Verdict::kForeign) {
      foreign_.push_back(
          {FactsPartition(partition), stored.position, head.recorded_at, head.last_hash});
    }
    if (head.next.position % kRootsWindow == 0) KeepRoot(partition, head);
  }
  return absl::OkStatus();
}

void Projector::KeepRoot(int32_t partition, const PartitionHead& head) {
  v1::PositionRow row;
  row.set_next_position(head.next.position);
  row.set_root(head.root.ToString());
  for (const std::string& id : head.keys.ids) row.add_log_keys(id);
  roots_.emplace_back(RootKey(partition, head.next.position - 1), row.SerializeAsString());
}

const v1::Record* Projector::Parse(const StoredRecord& stored) {
  record_memory_.Reset();
  auto* const record = google::protobuf::Arena::CreateMessage<v1::Record>(&record_memory_);
  const bool is_parsable =
      record->ParseFromArray(stored.value.data(), static_cast<int>(stored.value.size()));
  return is_parsable ? record : nullptr;
}

void Projector::PrefetchIdentities(int32_t partition, std::span<const StoredRecord> records) {
  std::vector<std::string> identities;
  for (const StoredRecord& stored : records) {
    const v1::Record* const record = Parse(stored);
    if (record == nullptr || !record->has_intake() || record->intake().has_refusal()) continue;
    identities.push_back(IdentityKey(partition, IdentityOf(record->intake())));
  }
  std::sort(identities.begin(), identities.end());
  identities.erase(std::unique(identities.begin(), identities.end()), identities.end());
  overlay_.PrefetchIn(lane_, Table::kIdentities, identities);
}

void Projector::FoldRecord(int32_t partition, int64_t position, const v1::Record& record) {
  if (record.has_intake()) {
    const v1::Intake& intake = record.intake();
    FoldIntake({partition, position, intake, IdentityOf(intake)});
  } else if (record.has_source_mark()) {
    const v1::SourceMark& mark = record.source_mark();
    marks_.emplace_back(
        MarkKey(mark.source(), mark.contract_version(), mark.input_log(), mark.input_partition()),
        mark.next());
  } else if (record.has_cycle_cut()) {
    const v1::CycleCut& cut = record.cycle_cut();
    cuts_.emplace_back(CutKey(cut.cycle(), cut.generation(), cut.scope(), partition, position),
                       cut.lock_position());
  }
}

void Projector::FoldIntake(const Incoming& incoming) {
  if (IsReread(incoming)) return;
  const v1::Intake& intake = incoming.intake;
  if (intake.has_refusal()) {
    return Refuse(incoming, intake.refusal().code(), intake.refusal().path());
  }
  if (!IsReadable(intake)) return Refuse(incoming, "MALFORMED", "intake");
  std::string key = IdentityKey(incoming.partition, incoming.identity);
  const bool is_new = filter_.has_value() && filter_->Add(key);
  std::optional<v1::FactVersion> current;
  if (!is_new) current = Find<v1::FactVersion>(Table::kIdentities, key);
  if (current.has_value()) {
    switch (JudgeVersion(intake, *current)) {
      case VersionOutcome::kDuplicate:
        return Count(intake.source(), Outcome::kDuplicate);
      case VersionOutcome::kStale:
        return Count(intake.source(), Outcome::kStale);
      case VersionOutcome::kConflict:
        return Refuse(incoming, "VERSION_CONTENT_CONFLICT", "version");
      case VersionOutcome::kReplaces:
        break;
    }
  }
  Apply(incoming, std::move(current));
  std::string& row =
      overlay_.ChangeIn(lane_, Table::kIdentities, std::move(key),
                        is_new ? Overlay::Stored::kNotStored : Overlay::Stored::kMaybe);
  version_.SerializeToString(&row);
  Count(intake.source(), Outcome::kApplied);
}

bool Projector::IsReread(const Incoming& incoming) {
  const v1::Intake& intake = incoming.intake;
  std::string key = InputKey(incoming.partition, intake.source(), intake.contract_version(),
                             intake.src().input_log(), intake.src().partition());
  auto [highest, is_new] = highest_.try_emplace(std::move(key), kNoOffset);
  if (is_new) highest->second = OffsetOf(overlay_.Peek(Table::kInputs, highest->first));
  if (intake.src().offset() <= highest->second) return true;
  highest->second = intake.src().offset();
  return false;
}

void Projector::Apply(const Incoming& incoming, std::optional<v1::FactVersion> current) {
  const v1::Intake& intake = incoming.intake;
  FillVersion(incoming.position, intake, version_);
  const Day day = DayOf(intake.day());
  version_.set_first_position(current.has_value() ? current->first_position() : incoming.position);
  if (current.has_value()) {
    if (!current->retracted()) RemoveFacts(incoming, *current);
    if (!intake.has_version()) {
      version_.mutable_earlier_hashes()->Swap(current->mutable_earlier_hashes());
      version_.add_earlier_hashes(current->content_hash());
    }
  }
  const v1::Contribution* leading = nullptr;
  for (const v1::Contribution& contribution : intake.facts().contributions()) {
    // An entity without type leads nothing.
    const bool leads = leading == nullptr || leading->entity_type().empty();
    if (leads) leading = &contribution;
    AddFact(incoming, contribution, day, leads);
  }
  AppendIntake(day, incoming, leading, false);
}

std::optional<std::string_view> Projector::Load(const std::string& row) {
  totals_.Clear();
  std::string_view totals;
  std::string_view facts;
  if (row.empty()) return facts;
  if (SplitFacts(row, totals, facts) &&
      totals_.ParseFromArray(totals.data(), static_cast<int>(totals.size()))) {
    return facts;
  }
  overlay_.Damaged(Table::kFacts);
  return std::nullopt;
}

Overlay::Stored Projector::StoredBefore(int32_t partition, int64_t window_begin) const {
  const auto index = static_cast<size_t>(partition);
  return index < stored_.size() && window_begin >= stored_[index] ? Overlay::Stored::kNotStored
                                                                  : Overlay::Stored::kMaybe;
}

void Projector::AddFact(const Incoming& incoming, const v1::Contribution& contribution, Day day,
                        bool leads) {
  const v1::Intake& intake = incoming.intake;
  const EntityRef entity = EntityOf(contribution);
  std::string& row = overlay_.ChangeIn(
      lane_, Table::kFacts, FactsKey(entity, day, incoming.partition, incoming.position),
      StoredBefore(incoming.partition, incoming.position / kFactsWindow * kFactsWindow));
  if (row.empty()) row.reserve(kNewRowBytes);
  const auto former = Load(row);
  if (!former.has_value()) return;
  const size_t former_bytes = former->size();
  facts_.Clear();
  v1::FactRow& fact = *facts_.add_facts();
  fact.set_value(contribution.value());
  fact.set_unit(contribution.unit());
  fact.set_event_time_ms(InstantOf(intake.event_time()).ms);
  fact.set_version(intake.version());
  fact.set_identity(incoming.identity);
  fact.set_position(incoming.position);
  fact.set_measure(FullMeasure(intake, contribution));
  // Also when none are there: all facts of the row may have ended.
  if (former_bytes >= kTotalsFromBytes) {
    AddToTotals(TotalsOf(totals_, fact.measure()), DecimalOf(fact.value()), OrderOf(fact));
  }
  if (leads) CountRecord(totals_, intake.source());
  const size_t head_bytes = row.size() - former_bytes;
  facts_.AppendToString(&row);
  const size_t facts_bytes = row.size() - head_bytes;
  if (former_bytes < kTotalsFromBytes && facts_bytes >= kTotalsFromBytes) {
    (void)facts_.ParseFromArray(row.data() + head_bytes, static_cast<int>(facts_bytes));
    MakeTotals(facts_bytes);
  }
  totals_bytes_.clear();
  totals_.AppendToString(&totals_bytes_);
  ReplaceTotals(row, totals_bytes_);
  touched_.insert({entity, day});
}

void Projector::MakeTotals(size_t facts_bytes) {
  totals_.clear_totals();
  if (facts_bytes < kTotalsFromBytes) return;
  for (const v1::FactRow& fact : facts_.facts()) {
    if (fact.until() != 0) continue;
    AddToTotals(TotalsOf(totals_, fact.measure()), DecimalOf(fact.value()), OrderOf(fact));
  }
}

void Projector::RemoveFacts(const Incoming& incoming, const v1::FactVersion& version) {
  const Day day = DayOf(version.day());
  std::set<EntityRef> entities;
  for (int i = 0; i < version.entity_keys_size(); ++i) {
    entities.insert({version.entity_types(i), version.entity_keys(i)});
  }
  for (const EntityRef& entity : entities) {
    EndFacts(entity, day, incoming, version.position());
    touched_.insert({entity, day});
  }
  if (day != DayOf(incoming.intake.day())) AppendIntake(day, incoming, nullptr, true);
}

// Corrections are rare and a row is short, so its totals are made anew: minimum, maximum and last
// survive them.
void Projector::EndFacts(const EntityRef& entity, Day day, const Incoming& incoming,
                         int64_t position) {
  std::string& row =
      overlay_.ChangeIn(lane_, Table::kFacts, FactsKey(entity, day, incoming.partition, position));
  const auto facts = Load(row);
  // A fact that ends stands in a row.
  if (row.empty() || !facts.has_value() ||
      !facts_.ParseFromArray(facts->data(), static_cast<int>(facts->size()))) {
    return overlay_.Damaged(Table::kFacts);
  }
  for (v1::FactRow& fact : *facts_.mutable_facts()) {
    if (fact.position() == position) fact.set_until(incoming.position);
  }
  MakeTotals(facts_.ByteSizeLong());
  row.clear();
  ReplaceTotals(row, totals_.SerializeAsString());
  facts_.AppendToString(&row);
}

void Projector::AppendIntake(Day day, const Incoming& incoming, const v1::Contribution* leading,
                             bool replaced) {
  intakes_.Clear();
  v1::IntakeRow& row = *intakes_.add_intakes();
  row.set_source(incoming.intake.source());
  row.set_replaced(replaced);
  if (leading != nullptr) {
    row.set_entity_type(leading->entity_type());
    row.set_entity_key(leading->entity_key());
  }
  row.set_position(incoming.position);
  intakes_.AppendToString(&overlay_.ChangeIn(
      lane_, Table::kIntakes, IntakesKey(day, incoming.partition, incoming.position),
      StoredBefore(incoming.partition, incoming.position / kIntakesWindow * kIntakesWindow)));
}

void Projector::Refuse(const Incoming& incoming, std::string code, std::string path) {
  Count(incoming.intake.source(), Outcome::kRejected);
  refused_.push_back(
      {incoming.partition, incoming.position, incoming.intake, std::move(code), std::move(path)});
}

void Projector::Count(const std::string& source, Outcome outcome) {
  ++counts_[source][static_cast<size_t>(outcome)];
}

void Projector::PutShared() {
  for (const auto& [key, highest] : std::exchange(highest_, {})) {
    overlay_.Put(Table::kInputs, key, NumberValue(highest));
  }
  for (const auto& [key, next] : std::exchange(marks_, {})) {
    if (next > OffsetOf(overlay_.Get(Table::kInputs, key))) {
      overlay_.Put(Table::kInputs, key, NumberValue(next));
    }
  }
  for (const auto& [key, lock_position] : std::exchange(cuts_, {})) {
    overlay_.Put(Table::kInputs, key, NumberValue(lock_position));
  }
  for (auto& [key, row] : std::exchange(roots_, {})) {
    overlay_.Put(Table::kMeta, std::move(key), std::move(row));
  }
  for (const Foreign& foreign : foreign_) PutForeign(foreign, overlay_);
  for (const auto& [source, counts] : std::exchange(counts_, {})) {
    const auto count = [&counts = counts](Outcome outcome) {
      return counts[static_cast<size_t>(outcome)];
    };
    auto row = Find<v1::LedgerRow>(Table::kLedger, LedgerKey(source)).value_or(v1::LedgerRow());
    row.set_applied(row.applied() + count(Outcome::kApplied));
    row.set_duplicate(row.duplicate() + count(Outcome::kDuplicate));
    row.set_stale(row.stale() + count(Outcome::kStale));
    row.set_rejected(row.rejected() + count(Outcome::kRejected));
    overlay_.Put(Table::kLedger, LedgerKey(source), row.SerializeAsString());
  }
  for (const Refused& refused : refused_) {
    v1::RefusalRow row;
    row.set_source(refused.intake.source());
    row.set_code(refused.code);
    row.set_path(refused.path);
    overlay_.Put(Table::kLedger, RefusalKey(refused.partition, refused.position),
                 row.SerializeAsString());
  }
}

}  // namespace assay::facts
