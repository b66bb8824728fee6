#include "tools/assayd/service.h"

#include <unistd.h>

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "engine/event/effective.h"
#include "projections/ledger/query.h"
#include "tools/assay/call.h"
#include "tools/assay/socket_user.h"
#include "tools/assay/verb_table.h"

namespace assay {
namespace {

// Between two looks whether another ingest ended.
constexpr std::chrono::milliseconds kIngestPause{20};
// How long a user whose binding was looked up may send bodies without another look.
constexpr std::chrono::seconds kAdmittedFor{60};

bool Writes(const CommandLine& line) { return Service::IsWriting(line.Verb()); }

// Under the pseudonym of the name, or under the name when it was bound in clear.
absl::StatusOr<std::string> PersonOfUser(Home& home, const std::string& user) {
  ASSAY_ASSIGN_OR_RETURN(const std::string pseudonym, PseudonymOfUser(home.Keys(), user));
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const std::string type(kOsUserEntity);
  const Day today = UtcDayOf(home.Time().Now());
  std::string person = ledger::BoundPerson(state, {type, pseudonym}, today);
  if (person.empty()) person = ledger::BoundPerson(state, {type, user}, today);
  ASSAY_RETURN_IF_ERROR(state.status());
  return person;
}

Rejection MayNotActAs(const std::string& as) {
  return {.code = "PERMISSION_DENIED",
          .rejection_class = RejectionClass::kAuth,
          .path = "--as",
          .expected = "nothing",
          .actual = as,
          .message = "only the owner of the home acts as others",
          .hint = "leave --as out: you act as the person whom your user is bound to"};
}

// A word of a command line is no document: what is long comes as a file or standard input.
constexpr int kWordsMax = 10'000;
constexpr size_t kWordBytesMax = 128 * 1024;
constexpr size_t kWordsBytesMax = 1024 * 1024;

absl::Status CheckWords(const v1::CallRequest& request) {
  if (request.words_size() > kWordsMax || request.files_size() > kWordsMax) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "words, files: expected at most {} each, found {} and {}", kWordsMax,
                      request.words_size(), request.files_size());
  }
  size_t bytes = request.folder().size();
  const auto add = [&](std::string_view field, int index, const std::string& word) {
    bytes += word.size();
    if (word.size() <= kWordBytesMax && bytes <= kWordsBytesMax) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "{}[{}]: expected at most {} bytes, and {} of all, found {} and {}", field,
                      index, kWordBytesMax, kWordsBytesMax, word.size(), bytes);
  };
  for (int i = 0; i < request.words_size(); ++i) {
    ASSAY_RETURN_IF_ERROR(add("words", i, request.words(i)));
  }
  for (int i = 0; i < request.files_size(); ++i) {
    ASSAY_RETURN_IF_ERROR(add("files", i, request.files(i).name()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Service::Admit(uid_t uid) {
  if (IsOwner(uid)) return absl::OkStatus();
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(admitted_mutex_);
    const auto found = admitted_.find(uid);
    if (found != admitted_.end() && now - found->second < kAdmittedFor) return absl::OkStatus();
  }
  const std::string user = UserName(uid);
  std::string person;
  if (!user.empty()) {
    ASSAY_ASSIGN_OR_RETURN(auto hold, keeper_.Take(fmt::format("admission of user {}", uid)));
    ASSAY_ASSIGN_OR_RETURN(const auto home, hold.Borrow());
    ASSAY_ASSIGN_OR_RETURN(person, PersonOfUser(*home, user));
  }
  const std::lock_guard lock(admitted_mutex_);
  if (!person.empty()) {
    admitted_[uid] = now;
    return absl::OkStatus();
  }
  admitted_.erase(uid);
  return MakeStatus(absl::StatusCode::kUnauthenticated, "{}", NotBound(uid, user).message);
}

absl::Status Service::Call(const ServiceCaller& caller, const v1::CallRequest& request,
                           v1::CallResponse& response) {
  ASSAY_RETURN_IF_ERROR(CheckWords(request));
  const bool opens_files = caller.uid == options_.owner;
  if (opens_files && !request.folder().starts_with('/')) {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "folder: expected an absolute path, found \"{}\"", request.folder());
  }
  ServedCall served{.folder = request.folder(), .only_brought = !opens_files};
  for (const v1::CallFile& file : request.files()) served.files[file.name()] = file.content();
  served.input = request.input();
  served.is_program = request.caller() == v1::CALLER_UNSPECIFIED;
  if (request.caller() == v1::CALLER_TERMINAL) served.question = response.mutable_question();
  if (request.has_answer()) served.answer = request.answer();
  served.stop = [&] { return stopping_ || (caller.gone && caller.gone()); };
  const ServedCallScope scope(served);
  OutputCapture capture(kAnswerBytesMax);
  CommandLine line({.served_home = options_.home});
  const auto begun = std::chrono::steady_clock::now();
  const std::vector<std::string> words(request.words().begin(), request.words().end());
  absl::StatusOr<int> code = kExitOk;
  std::string verb;
  if (const auto ended = line.Understand(words)) {
    code = *ended;
  } else {
    verb = line.Verb();
    code = RunVerb(caller, line);
  }
  OutputCapture::Printed printed = capture.Take();
  const auto took = std::chrono::steady_clock::now() - begun;
  Tell(verb, caller, code, took);
  ASSAY_RETURN_IF_ERROR(code.status());
  if (printed.overflowed) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "the answer is larger than {} MiB: ask for less (--from and --to, --unit)",
                      kAnswerBytesMax >> 20);
  }
  if (response.question().version() == 0) response.clear_question();
  response.set_exit_code(*code);
  response.set_out(std::move(printed.out));
  response.set_err(std::move(printed.err));
  return absl::OkStatus();
}

bool Service::IsWriting(std::string_view verb) { return RowOf(verb).use == HomeUse::kWrites; }

void Service::Tell(const std::string& verb, const ServiceCaller& caller,
                   const absl::StatusOr<int>& code, std::chrono::nanoseconds took) const {
  if (options_.on_call) {
    options_.on_call(verb, code.ok() ? *code : ExitCodeOf(code.status()), took);
  }
  log_.Info("call",
            Json::Object()
                .Put("verb", verb)
                .Put("exit", code.ok() ? Json(*code) : Json())
                .Put("ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count())
                .Put("uid", int64_t{caller.uid})
                .Put("moment", keeper_.MomentText()));
}

absl::StatusOr<int> Service::RunVerb(const ServiceCaller& caller, CommandLine& line) {
  if (const auto refused = Refused(line, line.TheSession())) return *refused;
  return RunWithHome(caller, line);
}

absl::StatusOr<int> Service::RunWithHome(const ServiceCaller& caller, CommandLine& line) {
  const auto stopped = [] {
    return MakeStatus(absl::StatusCode::kUnavailable, "assayd is stopping");
  };
  if (stopping_) return stopped();
  std::unique_lock ingesting(ingest_mutex_, std::defer_lock);
  while (line.Verb() == "ingest" && !ingesting.try_lock()) {
    if (StopAsked()) return stopped();
    std::this_thread::sleep_for(kIngestPause);
  }
  ASSAY_ASSIGN_OR_RETURN(auto hold,
                         keeper_.Take(fmt::format("{} of user {}", line.Verb(), caller.uid)));
  if (stopping_) return stopped();
  Session& session = line.TheSession();
  session.homes = &hold;
  const Readiness::Now now = readiness_.Get();
  if (now.state == Readiness::State::kHalted && Writes(line)) {
    return Fail(session, Annotate(now.why, "assayd halted, nothing is written"),
                "stop assayd and run `assay verify`");
  }
  ASSAY_ASSIGN_OR_RETURN(const auto home, hold.Borrow());
  const absl::Status failure = home->Failure();
  if (!failure.ok() && Writes(line)) {
    return Fail(session, Annotate(failure, "nothing is written"),
                "make room on the disk of the home; assayd goes on by itself");
  }
  if (const auto refused = Authenticate(caller, *home, session)) return *refused;
  if (!session.as.empty()) {
    hold.SayWho(fmt::format("{} of user {} as {}", line.Verb(), caller.uid, session.as));
  }
  const int code = line.Run();
  if (!now.Follows() || !failure.ok()) {
    PrintPlain(Err(), "as of {}: {}\n", home->Views().Now().ToString(),
               now.Follows() ? Describe(failure) : now.ToString());
  }
  return code;
}

std::optional<int> Service::Refused(const CommandLine& line, const Session& session) const {
  const std::string verb = line.Verb();
  if (verb == "init") {
    return Fail(session, MakeStatus(absl::StatusCode::kAlreadyExists,
                                    "assayd serves the company at home in {}", options_.home));
  }
  if (RowOf(verb).use == HomeUse::kAlone) {
    return Fail(session,
                MakeStatus(absl::StatusCode::kUnavailable,
                           "`assay {}` needs the home for itself, and assayd (process {}) holds it",
                           verb, getpid()),
                "stop assayd, run it again, and start assayd");
  }
  if (line.Homes().empty()) {
    return Fail(session, MakeStatus(absl::StatusCode::kInvalidArgument,
                                    "`assay {}` needs no home: run it without assayd", verb));
  }
  return std::nullopt;
}

std::optional<int> Service::Authenticate(const ServiceCaller& caller, Home& home,
                                         Session& session) const {
  const std::string user = UserName(caller.uid);
  session.home.sender = {.door = v1::DOOR_SOCKET, .user = user};
  if (IsOwner(caller.uid)) return std::nullopt;
  if (!session.as.empty()) return Fail(session, MayNotActAs(session.as));
  ASSAY_OR_FAIL(std::string person, session,
                user.empty() ? absl::StatusOr<std::string>("") : PersonOfUser(home, user));
  if (person.empty()) return Fail(session, NotBound(caller.uid, user));
  session.as = std::move(person);
  session.via = v1::AUTHENTICATION_SOCKET_USER;
  return std::nullopt;
}

}  // namespace assay
