#include "tools/assay/named_version.h"

#include <unistd.h>

#include <charconv>
#include <iostream>

#include "engine/commit/rule.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "tools/assay/call.h"

namespace assay {
namespace {

// The stream whose versions the command makes or answers; empty for other commands.
std::string StreamOf(const v1::Command& command) {
  using Body = v1::Command::BodyCase;
  switch (command.body_case()) {
    case Body::kProposeTerms:
      return streams::Agreement(command.propose_terms().agreement());
    case Body::kCounterTerms:
      return streams::Agreement(command.counter_terms().agreement());
    case Body::kProposeAmendment:
      return streams::Agreement(command.propose_amendment().agreement());
    case Body::kAcceptItems:
      return streams::Agreement(command.accept_items().agreement());
    case Body::kRejectItem:
      return streams::Agreement(command.reject_item().agreement());
    case Body::kSignAgreement:
      return streams::Agreement(command.sign_agreement().agreement());
    case Body::kRegisterSource:
      return streams::Source(command.register_source().contract().source());
    case Body::kSignContract:
      return streams::Source(command.sign_contract().source());
    case Body::kRejectContract:
      return streams::Source(command.reject_contract().source());
    case Body::kEditMetricDraft:
      return streams::Metric(command.edit_metric_draft().metric());
    case Body::kSignDefinition:
      return streams::Metric(command.sign_definition().metric());
    case Body::kSignSource:
      return streams::Metric(command.sign_source().metric());
    default:
      return "";
  }
}

// Whether the command makes a version; a counter answers one, too.
bool MakesVersion(const v1::Command& command) {
  return command.has_propose_terms() || command.has_counter_terms() ||
         command.has_propose_amendment() || command.has_register_source() ||
         command.has_edit_metric_draft();
}

// What an answer or signature says; nothing for commands that are neither.
std::optional<int32_t> SaidVersion(const v1::Command& command) {
  using Body = v1::Command::BodyCase;
  switch (command.body_case()) {
    case Body::kCounterTerms:
      return command.counter_terms().version();
    case Body::kAcceptItems:
      return command.accept_items().version();
    case Body::kRejectItem:
      return command.reject_item().version();
    case Body::kSignAgreement:
      return command.sign_agreement().version();
    case Body::kSignContract:
      return command.sign_contract().version();
    case Body::kRejectContract:
      return command.reject_contract().version();
    case Body::kSignDefinition:
      return command.sign_definition().revision();
    case Body::kSignSource:
      return command.sign_source().revision();
    default:
      return std::nullopt;
  }
}

struct Newest {
  int32_t version = 0;
  bool is_only_one = false;
};

Newest NewestOf(StateReader& state, const std::string& stream) {
  if (stream.starts_with("agreement/")) {
    const auto row = state.Find<v1::AgreementState>(stream);
    if (!row || row->versions().empty()) return {};
    return {row->versions(row->versions_size() - 1).version(), row->versions_size() == 1};
  }
  if (stream.starts_with("metric/")) {
    const auto row = state.Find<v1::MetricState>(stream);
    return {row ? row->revision() : 0, false};
  }
  const auto row = state.Find<v1::SourceState>(stream);
  return {row ? row->pending().version() : 0, false};
}

// The version that the command had when it was applied; nothing when it was not.
absl::StatusOr<std::optional<int32_t>> AppliedVersion(Home& home, const std::string& command_id) {
  if (command_id.empty()) return std::nullopt;
  ASSAY_ASSIGN_OR_RETURN(const auto applied,
                         home.Views().FindApplied(CommitId(home.Identity().company, command_id)));
  if (!applied.has_value()) return std::nullopt;
  ASSAY_ASSIGN_OR_RETURN(const v1::Commit commit, home.CommitAt(applied->position));
  return SaidVersion(commit.command());
}

}  // namespace

void SetVersion(v1::Command& command, int32_t version) {
  using Body = v1::Command::BodyCase;
  switch (command.body_case()) {
    case Body::kCounterTerms:
      return command.mutable_counter_terms()->set_version(version);
    case Body::kAcceptItems:
      return command.mutable_accept_items()->set_version(version);
    case Body::kRejectItem:
      return command.mutable_reject_item()->set_version(version);
    case Body::kSignAgreement:
      return command.mutable_sign_agreement()->set_version(version);
    case Body::kSignContract:
      return command.mutable_sign_contract()->set_version(version);
    case Body::kRejectContract:
      return command.mutable_reject_contract()->set_version(version);
    case Body::kSignDefinition:
      return command.mutable_sign_definition()->set_revision(version);
    case Body::kSignSource:
      return command.mutable_sign_source()->set_revision(version);
    default:
      return;
  }
}

absl::StatusOr<std::optional<int32_t>> NamedVersions::Fill(Home& home, v1::Command& command) const {
  if (SaidVersion(command) != 0) return std::nullopt;
  ASSAY_ASSIGN_OR_RETURN(const auto applied, AppliedVersion(home, command.command_id()));
  if (applied.has_value()) {
    SetVersion(command, *applied);
    return std::nullopt;
  }
  const std::string stream = StreamOf(command);
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const Newest newest = NewestOf(state, stream);
  ASSAY_RETURN_IF_ERROR(state.status());
  const auto made = made_.find(stream);
  const bool made_here = made != made_.end() && made->second == newest.version;
  const bool is_program = CallAtHand() != nullptr && CallAtHand()->is_program;
  const bool is_clear = made_here || (newest.is_only_one && !is_program);
  if (newest.version == 0 || !is_clear) return std::nullopt;
  SetVersion(command, newest.version);
  return newest.version;
}

absl::Status NamedVersions::Note(Home& home, const v1::Command& command, int64_t position) {
  const std::string stream = StreamOf(command);
  if (!MakesVersion(command)) return absl::OkStatus();
  decisions::StateAt state(home.Rows(), position);
  made_[stream] = NewestOf(state, stream).version;
  return state.status();
}

void NamedVersions::Save(v1::RunPlace& place) const {
  for (const auto& [stream, version] : made_) {
    v1::MadeVersion& made = *place.add_made();
    made.set_stream(stream);
    made.set_version(version);
  }
}

void NamedVersions::Restore(const v1::RunPlace& place) {
  for (const v1::MadeVersion& made : place.made()) made_[made.stream()] = made.version();
}

std::optional<int32_t> NewestIn(const Rejection& refusal) {
  if (refusal.code != "VERSION_REQUIRED") return std::nullopt;
  int32_t version = 0;
  const std::string& text = refusal.expected;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return version;
}

bool CanAsk(const Session& session) {
  return session.may_ask && CallAtHand() == nullptr && isatty(STDIN_FILENO) != 0 &&
         isatty(STDERR_FILENO) != 0;
}

bool AskForVersion(const Session& session, const std::string& shown, int32_t version) {
  PrintPlain(Err(), "{}\n", shown);
  PrintReady(Err(),
             fmt::format(fmt::runtime(session.Say("Is version {} the one that you mean? [y/N] ",
                                                  "您指的是版本 {} 吗？[y/N] ")),
                         version));
  std::fflush(Err());
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

}  // namespace assay
