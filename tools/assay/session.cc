#include "tools/assay/session.h"

#include <new>
#include <utility>

#include "engine/event/effective.h"
#include "projections/decisions/query.h"

namespace assay {

int Fail(const Session& session, const absl::Status& status, std::string_view hint) {
  PrintError(session.format, status, hint, session.Chinese());
  return ExitCodeOf(status);
}

int Fail(const Session& session, const Rejection& rejection) {
  PrintError(session.format, rejection, session.Chinese());
  return ExitCodeOf(rejection);
}

std::optional<v1::Actor> ActorOf(const Session& session) {
  if (session.as.empty()) return std::nullopt;
  constexpr std::string_view kClient = "client:";
  v1::Actor actor;
  if (session.as.starts_with(kClient)) {
    actor.set_client(session.as.substr(kClient.size()));
  } else {
    actor.set_person(session.as);
  }
  return actor;
}

absl::StatusOr<std::shared_ptr<Home>> OpenHome(const Session& session) {
  if (session.homes != nullptr) return session.homes->Borrow();
  HomeOptions options = session.home;
  auto progress = std::make_shared<Progress>("folding");
  options.progress = [progress](int64_t done, int64_t total) { progress->Report(done, total); };
  return session.reads ? Home::OpenToRead(options) : Home::Open(options);
}

absl::Status ReadAside(const Session& session, const std::function<absl::Status()>& read) {
  absl::Status status;
  const auto work = [&] {
    try {
      status = read();
    } catch (const std::bad_alloc&) {
      status = MakeStatus(absl::StatusCode::kResourceExhausted,
                          "there is no memory left to read the documents");
    }
  };
  if (session.homes == nullptr) {
    work();
  } else {
    session.homes->ReadDocuments(work);
  }
  return status;
}

absl::StatusOr<SubmitAnswer> Submit(const Session& session, Home& home, v1::Command command) {
  if (const auto actor = ActorOf(session); actor.has_value()) *command.mutable_actor() = *actor;
  if (command.has_actor()) command.mutable_actor()->set_via(session.via);
  const Sender& by = session.home.sender;
  return session.homes ? session.homes->Submit(std::move(command), by)
                       : home.Submit(std::move(command), by);
}

score_table::ScoreMoment View::ScoreMoment() const {
  return at_end ? score_table::ScoreMoment() : score_table::At(moment);
}

absl::StatusOr<View> OpenView(const Session& session) {
  View view;
  ASSAY_ASSIGN_OR_RETURN(view.home, OpenHome(session));
  ASSAY_ASSIGN_OR_RETURN(view.moment, view.home->MomentOf(session.at));
  view.at_end = session.at.empty();
  const auto mark = decisions::MarkOf(view.home->Rows(), view.moment.decisions);
  view.day = session.on.value_or(UtcDayOf(mark.has_value() ? mark->recorded_at : Instant{}));
  return view;
}

}  // namespace assay
