#include "tools/assayd/publishing.h"

#include <algorithm>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "engine/event/effective.h"
#include "projections/score_table/keys.h"
#include "projections/score_table/query.h"

namespace assay {
namespace {

// Topics of what happened once and is told once, and with them those of rows.
const std::vector<std::string> kEventTopics = {"adjustments", "rejections", "alerts"};
const std::vector<std::string> kStandbyTopics = {"scores", "adjustments", "rejections", "alerts"};
// Brokers that stamp a fact and what is said of it may differ so much.
constexpr int64_t kClocksApartMsMax = 60'000;
constexpr std::chrono::milliseconds kTailPause{20};
// 4 s become 4 minutes.
constexpr int kWrongTakeoversMax = 6;

bool IsEvent(const v1::OutputRecord& record) {
  return !record.has_score() && !record.has_score_change();
}

}  // namespace

absl::StatusOr<std::optional<PublishingPlace>> PublishingPlaceOf(const HomeSettings& settings) {
  const bool is_kafka = KafkaAddress::IsOne(settings.journal);
  if (settings.publish == "none" || (settings.publish.empty() && !is_kafka)) return std::nullopt;
  if (!is_kafka) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "publish: expected none with an embedded journal, found \"{}\"",
                      settings.publish);
  }
  ASSAY_ASSIGN_OR_RETURN(KafkaAddress address, KafkaAddress::Parse(settings.journal));
  PublishingPlace place{.address = std::move(address), .security = settings.kafka};
  for (const auto& [topic, format] : settings.topics) {
    place.formats[topic] = format == "json" ? ValueFormat::kJson : ValueFormat::kProtobuf;
  }
  return place;
}

Publishing::Publishing(HomeKeeper& keeper, Log& log, Metrics& metrics, PublishingPlace place,
                       Options options)
    : keeper_(keeper),
      log_(log),
      metrics_(metrics),
      place_(std::move(place)),
      options_(std::move(options)),
      loop_([this] { return StepAndWait(); }) {}

std::optional<std::chrono::milliseconds> Publishing::StepAndWait() {
  const absl::Status done = Step();
  if (publisher_ != nullptr) metrics_.SetProducer(publisher_->Queued(), publisher_->Failures());
  if (done.ok()) {
    if (said_.has_value()) log_.Info("publishing again");
    said_.reset();
  } else {
    Say(done);
  }
  return done.ok() ? options_.pause : options_.retry;
}

void Publishing::Count(const std::vector<v1::OutputRecord>& sent) {
  std::map<std::string, int64_t> by_topic;
  for (const v1::OutputRecord& record : sent) ++by_topic[record.topic()];
  for (const auto& [topic, records] : by_topic) metrics_.CountPublished(topic, records);
}

void Publishing::Say(const absl::Status& why) {
  const auto now = Steady::now();
  if (said_.has_value() && now - *said_ < options_.say_every) return;
  said_ = now;
  log_.Warn("not publishing", Json::Object().Put("reason", Describe(why)));
}

absl::Status Publishing::Step() {
  if (!keeper_.IsOpen()) return absl::OkStatus();
  if (publisher_ == nullptr) {
    // Topics are made by who knows whose they are.
    if (WaitsForJournal()) return absl::OkStatus();
    ASSAY_ASSIGN_OR_RETURN(publisher_,
                           KafkaPublisher::Open(place_.address, place_.security, place_.formats));
  }
  {
    // What stands in the views does not become more, and what is sent is not taken out any more.
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
    ASSAY_RETURN_IF_ERROR(keeper_.Held().Views().Broken());
  }
  if (!stands_by_) return Publish();
  const absl::Status stood = StandBy();
  // What was not looked at proves nothing.
  if (!stood.ok()) {
    tail_ = nullptr;
    if (standby_.has_value()) standby_->StartAnew(Steady::now());
  }
  return stood;
}

bool Publishing::WaitsForJournal() {
  const auto hold = keeper_.Take("publishing");
  return !hold.ok() || keeper_.Held().WaitsForJournal();
}

// --- while this node publishes ---

absl::Status Publishing::Publish() {
  if (epoch_ == 0) {
    ASSAY_RETURN_IF_ERROR(SettleKept());
    if (loop_.IsStopping()) return absl::OkStatus();
    ASSAY_RETURN_IF_ERROR(Claim());
    // A claim may take long, and another node published what was folded meanwhile.
    has_settled_kept_ = false;
  }
  ASSAY_RETURN_IF_ERROR(SettleKept());
  // What the last life did not send, before anything is compared: it may be there already.
  ASSAY_RETURN_IF_ERROR(Drain(What::kAll));
  if (stands_by_ || loop_.IsStopping()) return absl::OkStatus();
  if (has_compared_) return CompareAgain();
  ASSAY_RETURN_IF_ERROR(Compare());
  return Drain(What::kAll);
}

absl::Status Publishing::SettleKept() {
  if (has_settled_kept_) return absl::OkStatus();
  // What comes from now on is of the time of who is claimed now, or is looked for behind the claim.
  int64_t end = 0;
  {
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
    end = score_table::NextSequence(keeper_.Held().Rows());
  }
  for (int64_t from = 0; from < end;) {
    ASSAY_ASSIGN_OR_RETURN(from, SettleWindow(from, end));
    if (loop_.IsStopping()) return absl::OkStatus();
  }
  has_settled_kept_ = true;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Publishing::SettleWindow(int64_t from, int64_t end) {
  int64_t next = end;
  std::vector<score_table::PendingOutput> kept;
  std::optional<Instant> since;
  {
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
    Home& home = keeper_.Held();
    kept = score_table::Outputs(home.Rows(), from, options_.standby_rows_max);
    ASSAY_RETURN_IF_ERROR(home.Rows().status());
    if (kept.size() == options_.standby_rows_max) next = kept.back().sequence + 1;
    std::erase_if(kept,
                  [&](const auto& row) { return row.sequence >= end || !IsEvent(row.record); });
    for (const auto& row : kept) {
      // A row has the time of the last record that was folded along with it.
      const Instant at = std::min(InstantOf(row.record.recorded_at()), home.FoldedBefore());
      since = std::min(since.value_or(at), at);
    }
  }
  if (!since.has_value()) return next;
  ASSAY_ASSIGN_OR_RETURN(const auto tail,
                         OutputTail::OpenSince(place_.address, place_.security, kEventTopics,
                                               {since->ms - kClocksApartMsMax}));
  Standby seen(options_.standby, Steady::now());
  for (bool is_caught_up = false; !is_caught_up && !loop_.IsStopping();) {
    ASSAY_ASSIGN_OR_RETURN(const auto records, tail->Take());
    is_caught_up = tail->IsCaughtUp();
    for (const v1::OutputRecord& record : records) seen.See(record, Steady::now());
    if (records.empty() && !is_caught_up) std::this_thread::sleep_for(kTailPause);
    const std::vector<int64_t> settled = seen.Settle(kept, Steady::now());
    const std::set<int64_t> gone(settled.begin(), settled.end());
    std::erase_if(kept, [&](const auto& row) { return gone.contains(row.sequence); });
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
    ASSAY_RETURN_IF_ERROR(Delete(keeper_.Held(), settled));
  }
  return next;
}

absl::Status Publishing::Delete(Home& home, const std::vector<int64_t>& sequences) {
  ASSAY_RETURN_IF_ERROR(home.Rows().status());
  if (sequences.empty()) return absl::OkStatus();
  for (const int64_t sequence : sequences) {
    home.Rows().Delete(Table::kOutbox, score_table::OutboxKey(sequence));
  }
  return home.Views().WriteRows();
}

absl::Status Publishing::Claim() {
  v1::PublisherState former;
  {
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
    former = score_table::PublisherOf(keeper_.Held().Rows());
  }
  ASSAY_ASSIGN_OR_RETURN(epoch_, keeper_.ClaimPublisher());
  own_epoch_ = epoch_;
  metrics_.SetPublisher(true, epoch_);
  claimed_at_ = Steady::now();
  comparisons_ = 0;
  has_compared_ = false;
  ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
  Home& home = keeper_.Held();
  // Another node published since: records of an older epoch must not come behind its own, and the
  // comparison finds what they said. What happened to adjustments and refusals it does not find.
  const bool was_claimed = former.node() == home.Node() && former.epoch() + 1 == epoch_;
  return DropScores(home, {epoch_, was_claimed ? former.epoch() : epoch_});
}

absl::Status Publishing::DropScores(Home& home, const std::set<int64_t>& but_of) {
  for (const auto& output : score_table::Outputs(home.Rows(), 0)) {
    if (IsEvent(output.record)) continue;
    if (but_of.contains(output.record.version().epoch())) continue;
    home.Rows().Delete(Table::kOutbox, score_table::OutboxKey(output.sequence));
  }
  return home.Views().WriteRows();
}

absl::Status Publishing::Compare() {
  ASSAY_ASSIGN_OR_RETURN(auto published, publisher_->ReadScores(KafkaPublisher::Format::kOwn));
  ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
  Home& home = keeper_.Held();
  if (IsOver(home)) return absl::OkStatus();
  Runner& views = home.Views();
  const auto seen = static_cast<int64_t>(published.size());
  ASSAY_ASSIGN_OR_RETURN(
      const int64_t differences,
      home.ScoreTable().PublishDifferences(views.Now(), views.RecordedAt(), std::move(published),
                                           has_compared_, home.Rows()));
  ASSAY_RETURN_IF_ERROR(views.WriteRows());
  log_.Info(has_compared_ ? "compared again" : "publishing", Json::Object()
                                                                 .Put("node", home.Node())
                                                                 .Put("epoch", epoch_)
                                                                 .Put("scoresSeen", seen)
                                                                 .Put("differences", differences));
  has_compared_ = true;
  return absl::OkStatus();
}

absl::Status Publishing::CompareAgain() {
  if (comparisons_ == options_.compare_again.size()) return absl::OkStatus();
  if (Steady::now() - claimed_at_ < options_.compare_again[comparisons_]) return absl::OkStatus();
  ASSAY_RETURN_IF_ERROR(Compare());
  ++comparisons_;
  return Drain(What::kAll);
}

bool Publishing::IsOver(Home& home) {
  if (stands_by_) return true;
  const v1::PublisherState claimed = score_table::PublisherOf(home.Rows());
  if (claimed.epoch() == epoch_) return false;
  stands_by_ = true;
  metrics_.SetPublisher(false, claimed.epoch());
  log_.Info("another node publishes", Json::Object()
                                          .Put("node", claimed.node())
                                          .Put("epoch", claimed.epoch())
                                          .Put("ownEpoch", epoch_));
  return true;
}

// What nobody else says: what this node saw by itself, and what happened while it was claimed.
bool Publishing::IsOwn(const v1::OutputRecord& record) const {
  if (record.has_alert() && !record.alert().node().empty()) return true;
  return IsEvent(record) && record.version().epoch() == own_epoch_;
}

absl::Status Publishing::Drain(What what) {
  while (!loop_.IsStopping()) {
    std::vector<v1::OutputRecord> records;
    std::vector<int64_t> sequences;
    {
      ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
      Home& home = keeper_.Held();
      if (what == What::kAll && IsOver(home)) return absl::OkStatus();
      for (auto& output : score_table::Outputs(home.Rows(), 0, options_.records_max)) {
        if (what == What::kOwn && !IsOwn(output.record)) continue;
        sequences.push_back(output.sequence);
        records.push_back(std::move(output.record));
      }
      ASSAY_RETURN_IF_ERROR(home.Rows().status());
    }
    if (records.empty()) return absl::OkStatus();
    // Without the home: callers do not wait for acknowledgements.
    ASSAY_RETURN_IF_ERROR(publisher_->Send(records));
    Count(records);
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
    ASSAY_RETURN_IF_ERROR(Delete(keeper_.Held(), sequences));
  }
  return absl::OkStatus();
}

// --- while another one does ---

absl::Status Publishing::BeginStandby() {
  ASSAY_ASSIGN_OR_RETURN(tail_, OutputTail::Open(place_.address, place_.security, kStandbyTopics,
                                                 static_cast<int64_t>(options_.standby_rows_max)));
  if (standby_.has_value()) return absl::OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
  Home& home = keeper_.Held();
  epoch_ = 0;
  // The other one has compared, or will.
  ASSAY_RETURN_IF_ERROR(DropScores(home));
  const bool was_wrong = took_over_ && Steady::now() - claimed_at_ < options_.settled;
  wrong_takeovers_ = was_wrong ? std::min(wrong_takeovers_ + 1, kWrongTakeoversMax) : 0;
  Standby::Options options = options_.standby;
  options.patience *= 1 << wrong_takeovers_;
  // Of several that stand by, one is first.
  options.patience += std::chrono::milliseconds(std::hash<std::string>{}(home.Node()) % 1'000);
  standby_.emplace(options, Steady::now());
  log_.Info("standing by",
            Json::Object().Put("node", home.Node()).Put("patienceMs", options.patience.count()));
  return absl::OkStatus();
}

absl::Status Publishing::StandBy() {
  if (tail_ == nullptr) ASSAY_RETURN_IF_ERROR(BeginStandby());
  ASSAY_RETURN_IF_ERROR(Drain(What::kOwn));
  ASSAY_RETURN_IF_ERROR(SeeTail().status());
  const auto now = Steady::now();
  ASSAY_ASSIGN_OR_RETURN(const int64_t waiting, Settle());
  if (!standby_->IsAlone(now)) return absl::OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const bool is_missing, IsMissing());
  if (!is_missing) {
    standby_->Looked();
    standby_->StartAnew(Steady::now());
    return absl::OkStatus();
  }
  // It had to read as much before it could say what differs, and may have done so just now.
  ASSAY_ASSIGN_OR_RETURN(const bool has_come, SeeTail());
  if (has_come) return absl::OkStatus();
  log_.Warn("the other node does not publish, taking over",
            Json::Object().Put("otherEpoch", other_epoch_).Put("waiting", waiting));
  stands_by_ = false;
  took_over_ = true;
  standby_.reset();
  tail_ = nullptr;
  return Publish();
}

absl::StatusOr<bool> Publishing::SeeTail() {
  ASSAY_ASSIGN_OR_RETURN(const auto records, tail_->Take());
  for (const v1::OutputRecord& record : records) standby_->See(record, Steady::now());
  return !records.empty();
}

absl::StatusOr<int64_t> Publishing::Settle() {
  ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
  Home& home = keeper_.Held();
  const int64_t claimed = score_table::PublisherOf(home.Rows()).epoch();
  const bool is_new = std::exchange(other_epoch_, claimed) != claimed;
  if (is_new) {
    metrics_.SetPublisher(false, claimed);
    standby_->StartAnew(Steady::now());
  }
  // What was folded before the outbox got all of it, and what the claimed one has to compare.
  if (home.ScoreTable().StandBy() || is_new) standby_->OweLook(Steady::now());
  const auto waiting = score_table::Outputs(home.Rows(), 0, options_.standby_rows_max);
  ASSAY_RETURN_IF_ERROR(home.Rows().status());
  const auto settled = standby_->Settle(waiting, Steady::now());
  ASSAY_RETURN_IF_ERROR(Delete(home, settled));
  return static_cast<int64_t>(waiting.size() - settled.size());
}

absl::StatusOr<std::vector<int64_t>> Publishing::Ends() {
  std::shared_ptr<Home> home;
  {
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
    home = keeper_.Shared();
  }
  return home->Log().Ends();
}

absl::StatusOr<bool> Publishing::IsMissing() {
  // Nodes may write in formats of their own; what is said is the same.
  ASSAY_ASSIGN_OR_RETURN(auto published, publisher_->ReadScores(KafkaPublisher::Format::kAny));
  // Another one that stood by may have been quicker; it needs its time to compare.
  ASSAY_ASSIGN_OR_RETURN(const auto ends, Ends());
  ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take("publishing"));
  Home& home = keeper_.Held();
  ASSAY_RETURN_IF_ERROR(home.Views().CatchUpTo(ends));
  if (score_table::PublisherOf(home.Rows()).epoch() != other_epoch_) return false;
  bool is_missing = false;
  for (const auto& output : score_table::Outputs(home.Rows(), 0, options_.standby_rows_max)) {
    is_missing = is_missing || !output.record.has_score();
  }
  ASSAY_ASSIGN_OR_RETURN(const int64_t differences,
                         home.ScoreTable().CountDifferences(std::move(published), home.Rows()));
  if (is_missing || differences > 0) return true;
  // A score that changed and changed back between two looks of the other node: all is there.
  ASSAY_RETURN_IF_ERROR(DropScores(home));
  return false;
}

}  // namespace assay
