#include "tools/assayd/publishing.h"

#include <utility>
#include <vector>

#include "projections/score_table/keys.h"
#include "projections/score_table/query.h"

namespace assay {

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

Publishing::Publishing(HomeKeeper& keeper, Log& log, PublishingPlace place, Options options)
    : keeper_(keeper), log_(log), place_(std::move(place)), options_(options), loop_([this] {
        return StepAndWait();
      }) {}

std::optional<std::chrono::milliseconds> Publishing::StepAndWait() {
  const absl::Status done = Step();
  if (done.ok()) {
    if (said_.has_value()) log_.Info("publishing again");
    said_.reset();
  } else {
    Say(done);
  }
  if (is_over_) return std::nullopt;
  return done.ok() ? options_.pause : options_.retry;
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
    ASSAY_ASSIGN_OR_RETURN(publisher_,
                           KafkaPublisher::Open(place_.address, place_.security, place_.formats));
  }
  if (epoch_ == 0) ASSAY_RETURN_IF_ERROR(Claim());
  // What the last life did not send, before anything is compared: it may be there already.
  ASSAY_RETURN_IF_ERROR(Drain());
  if (has_compared_ || is_over_ || loop_.IsStopping()) return absl::OkStatus();
  ASSAY_ASSIGN_OR_RETURN(auto published, publisher_->ReadScores());
  ASSAY_RETURN_IF_ERROR(PublishDifferences(std::move(published)));
  return Drain();
}

absl::Status Publishing::Claim() {
  ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take());
  Home& home = keeper_.Held();
  ASSAY_RETURN_IF_ERROR(DropStaleScores(home));
  ASSAY_ASSIGN_OR_RETURN(epoch_, home.ClaimPublisher());
  return absl::OkStatus();
}

// Another node published since: records of an older epoch must not come behind its own, and the
// comparison finds what they said. What happened to adjustments and refusals is said by nobody
// else.
absl::Status Publishing::DropStaleScores(Home& home) {
  if (score_table::PublisherOf(home.Rows()).node() == home.Node()) return absl::OkStatus();
  for (const auto& output : score_table::Outputs(home.Rows(), 0)) {
    if (!output.record.has_score() && !output.record.has_score_change()) continue;
    home.Rows().Delete(Table::kOutbox, score_table::OutboxKey(output.sequence));
  }
  return home.Views().WriteRows();
}

absl::Status Publishing::PublishDifferences(KafkaPublisher::Scores published) {
  ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take());
  Home& home = keeper_.Held();
  if (IsOver(home)) return absl::OkStatus();
  Runner& views = home.Views();
  const auto seen = static_cast<int64_t>(published.size());
  ASSAY_ASSIGN_OR_RETURN(const int64_t differences,
                         home.ScoreTable().PublishDifferences(views.Now(), views.RecordedAt(),
                                                              std::move(published), home.Rows()));
  ASSAY_RETURN_IF_ERROR(views.WriteRows());
  has_compared_ = true;
  log_.Info("publishing", Json::Object()
                              .Put("node", home.Node())
                              .Put("epoch", epoch_)
                              .Put("scoresSeen", seen)
                              .Put("differences", differences));
  return absl::OkStatus();
}

bool Publishing::IsOver(Home& home) {
  const v1::PublisherState claimed = score_table::PublisherOf(home.Rows());
  if (claimed.epoch() == epoch_) return false;
  is_over_ = true;
  log_.Info("another node publishes", Json::Object()
                                          .Put("node", claimed.node())
                                          .Put("epoch", claimed.epoch())
                                          .Put("ownEpoch", epoch_));
  return true;
}

absl::Status Publishing::Drain() {
  while (!loop_.IsStopping()) {
    std::vector<v1::OutputRecord> records;
    std::vector<int64_t> sequences;
    {
      ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take());
      Home& home = keeper_.Held();
      if (IsOver(home)) return absl::OkStatus();
      for (auto& output : score_table::Outputs(home.Rows(), 0, options_.records_max)) {
        sequences.push_back(output.sequence);
        records.push_back(std::move(output.record));
      }
      ASSAY_RETURN_IF_ERROR(home.Rows().status());
    }
    if (records.empty()) return absl::OkStatus();
    // Without the home: callers do not wait for acknowledgements.
    ASSAY_RETURN_IF_ERROR(publisher_->Send(records));
    ASSAY_ASSIGN_OR_RETURN(const auto hold, keeper_.Take());
    Home& home = keeper_.Held();
    for (const int64_t sequence : sequences) {
      home.Rows().Delete(Table::kOutbox, score_table::OutboxKey(sequence));
    }
    ASSAY_RETURN_IF_ERROR(home.Views().WriteRows());
  }
  return absl::OkStatus();
}

}  // namespace assay
