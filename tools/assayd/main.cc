// The service `assayd`: holds one home, keeps its views at the end of the journal, and runs the
// verbs of `assay` for whoever comes through its socket.

#include <fmt/core.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "connectors/http/connect.h"
#include "connectors/http/server.h"
#include "tools/assay/decided_again.h"
#include "tools/assay/process.h"
#include "tools/assay/remote.h"
#include "tools/assay/settings.h"
#include "tools/assayd/descriptors.h"
#include "tools/assayd/follower.h"
#include "tools/assayd/heads_file.h"
#include "tools/assayd/health.h"
#include "tools/assayd/home_keeper.h"
#include "tools/assayd/journal_watch.h"
#include "tools/assayd/log.h"
#include "tools/assayd/metrics.h"
#include "tools/assayd/publishing.h"
#include "tools/assayd/service.h"
#include "tools/assayd/sources.h"
#include "tools/assayd/watch.h"

namespace assay {
namespace {

// Of one step of the follow loop: others wait for the home meanwhile.
constexpr std::chrono::milliseconds kCheckTime{50};

using std::chrono::milliseconds;

// Where Prometheus looks unless --port says otherwise.
constexpr uint16_t kPort = 9464;
// Of the five seconds that stopping may take, for the calls at hand.
constexpr milliseconds kDrainTime{2'500};
constexpr milliseconds kSourcesTime{500};
constexpr milliseconds kPublishingTime{500};
constexpr milliseconds kFollowerTime{1'000};
constexpr milliseconds kWatchTime{200};
// What most calls take that hold the home when the service starts.
constexpr milliseconds kHomeTime{5'000};
// They wait for the home in turn, and for the journal together.
constexpr int kCallsAtOnce = 64;

struct Options {
  std::string home = "./assay-home";
  uint16_t port = kPort;
  bool force = false;
};

// An exit code when the words end the program.
std::optional<int> Understand(int argc, char** argv, Options& options) {
  CLI::App app("Holds a home and serves the verbs of assay through its socket.", "assayd");
  app.add_option("--home", options.home, "The home directory")->envname("ASSAY_HOME");
  app.add_option("--port", options.port, "Of 127.0.0.1: /livez, /readyz, /metrics; 0 = a free one")
      ->capture_default_str();
  app.add_flag("--force", options.force,
               "Record also while the clock is before the last recorded time, at that time");
  app.footer(
      "SIGTERM stops it, SIGHUP reads the log level of assay.yaml again (log: {level: info}).");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    PrintUsageError(OutputFormat::kTable, error.what(), "see `assayd --help`");
    return kExitUsage;
  }
  return std::nullopt;
}

int FailToStart(const absl::Status& status) {
  PrintError(OutputFormat::kTable, status);
  return ExitCodeOf(status);
}

// For a call of `assay` that was just begun. A service never goes by itself.
absl::Status AwaitHome(const std::string& home) {
  const auto until = std::chrono::steady_clock::now() + kHomeTime;
  SystemClock clock;
  for (;;) {
    const absl::Status held = HomeLock::Acquire(home, clock).status();
    if (!absl::IsUnavailable(held)) return held;
    if (MessageOf(held).find(" is in use by assayd ") != std::string_view::npos) return held;
    if (std::chrono::steady_clock::now() > until) return held;
    std::this_thread::sleep_for(milliseconds(20));
  }
}

// Said now and not waited for: another process holds the home for longer, or it is none.
absl::Status CheckHome(const std::string& home) {
  ASSAY_RETURN_IF_ERROR(ReadSettings(home).status());
  if (::access((home + "/assay.yaml").c_str(), F_OK) != 0) {
    return MakeStatus(absl::StatusCode::kNotFound,
                      "there is no home at {}: make one with `assay init`, or name another with "
                      "--home",
                      home);
  }
  return AwaitHome(home);
}

// Delivered to whoever waits for them, in every thread that is made from now on.
sigset_t BlockSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  // A limit of the size of files is an error of the write, as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void SetLogLevel(const std::string& home, Log& log) {
  const auto settings = ReadSettings(home);
  if (!settings.ok()) {
    log.Error("settings not read", Json::Object().Put("reason", Describe(settings.status())));
    return;
  }
  const std::string level = settings->log_level.empty() ? "info" : settings->log_level;
  log.SetLevel(level);
  log.Info("log level", Json::Object().Put("logLevel", level));
}

class Daemon {
 public:
  explicit Daemon(Options options)
      : options_(std::move(options)),
        keeper_(
            HomeOptions{.directory = options_.home, .force = options_.force, .keeps_others = true},
            readiness_),
        service_({.home = options_.home,
                  .owner = geteuid(),
                  .on_call = [this](const std::string& verb, int code,
                                    auto took) { NoteCall(verb, code, took); }},
                 keeper_, readiness_, log_) {
    keeper_.SetObserver({.opened =
                             [this](Home& home) {
                               home.SetSubmitObserver([this](auto took, const auto& answer) {
                                 metrics_.CountSubmit(took, answer);
                                 watch_->NoteWrite(answer.status());
                               });
                               metrics_.SetHomeFailed(false);
                               if (checks_)
                                 readiness_.Note(condition::kDecisions, CheckDecisions(home, {}));
                               // Opening it writes.
                               watch_->NoteWrite(absl::OkStatus());
                             },
                         .used = [this](Home& home) { metrics_.Observe(home); },
                         .followed =
                             [this](Home& home) {
                               readiness_.Note(condition::kHeads, heads_->Keep(home.Views()));
                               if (checks_) {
                                 readiness_.Note(condition::kDecisions,
                                                 CheckDecisions(home, kCheckTime));
                               }
                             },
                         .failed = [this](const auto&) { metrics_.SetHomeFailed(true); }});
    readiness_.SetObserver(
        [this](const auto& condition, bool is_raised) { TellCondition(condition, is_raised); });
    methods_.Add<v1::CallRequest, v1::CallResponse>(
        kCallPath,
        [this](const HttpRequest& http, const v1::CallRequest& request,
               v1::CallResponse& response) {
          return service_.Call({.uid = http.peer->uid, .gone = [&http] { return http.Gone(); }},
                               request, response);
        },
        {.admit = [this](const HttpRequest& head) { return service_.Admit(head.peer->uid); }});
  }

  // Gives the exit code.
  int Run(const sigset_t& signals) {
    SetLogLevel(options_.home, log_);
    watch_.emplace(keeper_, readiness_);
    // Settings that cannot be read are told by whoever opens the home.
    const auto settings = ReadSettings(options_.home);
    heads_.emplace(settings.ok() ? settings->heads_file : "");
    checks_ = settings.ok() && settings->check == "decisions";
    if (const auto workers = StartWorkers(); !workers.ok()) return FailToStart(workers);
    if (const auto listening = Listen(); !listening.ok()) return FailToStart(listening);
    StartFollowing();
    for (;;) {
      int signal = 0;
      sigwait(&signals, &signal);
      if (signal != SIGHUP) break;
      SetLogLevel(options_.home, log_);
    }
    return Stop();
  }

 private:
  absl::Status Listen() {
    ASSAY_ASSIGN_OR_RETURN(const uint64_t descriptors, RaiseDescriptorLimit());
    ASSAY_ASSIGN_OR_RETURN(const ConnectionBudget budget, ConnectionBudgetOf(descriptors));
    auto health = HttpServer::Start(
        {.port = options_.port, .connections_max = budget.health, .body_bytes_max = 0},
        [this](const HttpRequest& request) {
          return AnswerHealth(request, readiness_, [this] { return MetricsText(); });
        });
    if (!health.ok()) {
      return MakeStatus(health.status().code(), "{}; --port names another one, 0 a free one",
                        MessageOf(health.status()));
    }
    health_ = *std::move(health);
    const std::string socket = fmt::format("{}/{}", options_.home, kServiceSocket);
    ASSAY_ASSIGN_OR_RETURN(
        calls_, HttpServer::Start(
                    {.unix_path = socket,
                     .workers = kCallsAtOnce,
                     .connections_max = budget.calls,
                     .connections_per_user_max = budget.calls_per_user,
                     .admit = [this](const HttpRequest& head) { return methods_.Admit(head); }},
                    [this](const HttpRequest& request) { return methods_.Answer(request); }));
    log_.Info("listening", Json::Object()
                               .Put("socket", socket)
                               .Put("port", int64_t{health_->Port()})
                               .Put("connectionsMax", int64_t{budget.calls + budget.health})
                               .Put("process", int64_t{getpid()}));
    return absl::OkStatus();
  }

  void TellCondition(const Readiness::Condition& condition, bool is_raised) {
    metrics_.SetCondition(condition.name, is_raised);
    const Json fields = Json::Object()
                            .Put("condition", condition.name)
                            .Put("reason", Describe(condition.why))
                            .Put("since", condition.since.ToString());
    is_raised ? log_.Warn("not ready", fields) : log_.Info("condition over", fields);
  }

  void NoteCall(const std::string& verb, int code, std::chrono::nanoseconds took) {
    metrics_.CountCall(verb, code, took);
    if (!Service::IsWriting(verb)) return;
    if (code == kExitOk) return watch_->NoteWrite(absl::OkStatus());
    if (code != kExitUnavailable || !readiness_.Get().conditions.empty()) return;
    watch_->NoteWrite(MakeStatus(absl::StatusCode::kUnavailable,
                                 "the last `assay {}` was not written in whole", verb));
  }

  std::string MetricsText() {
    metrics_.SetReady(readiness_.Get().Ready());
    return metrics_.Text();
  }

  void StartFollowing() {
    FollowerOptions options;
    options.on_ready = [this] {
      log_.Info("ready", Json::Object().Put("moment", keeper_.MomentText()));
      sd_notify(0, "READY=1\nSTATUS=following the journal");
    };
    options.on_waiting = [](const absl::Status& why) {
      // The next word comes in 10 s.
      sd_notifyf(0, "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=waiting: %s",
                 PlainText(Describe(why)).c_str());
    };
    options.on_halted = [this](const absl::Status& why) {
      sd_notifyf(0, "STATUS=halted: %s", PlainText(Describe(why)).c_str());
      if (keeper_.IsOpen()) return;
      // Nothing was ever folded that could be read.
      fatal_ = why;
      ::kill(getpid(), SIGTERM);
    };
    follower_.emplace([this] { return keeper_.Follow(); }, readiness_, log_, std::move(options));
    journal_watch_.emplace(keeper_, log_);
  }

  // They wait until the home is open.
  absl::Status StartWorkers() {
    ASSAY_ASSIGN_OR_RETURN(const HomeSettings settings, ReadSettings(options_.home));
    ASSAY_ASSIGN_OR_RETURN(auto place, PublishingPlaceOf(settings));
    if (place.has_value()) publishing_.emplace(keeper_, log_, metrics_, *std::move(place));
    sources_.emplace(SourceReader::Place{keeper_, readiness_, metrics_, log_}, settings);
    return absl::OkStatus();
  }

  int Stop() {
    log_.Info("stopping");
    sd_notify(0, "STOPPING=1");
    readiness_.Set(Readiness::State::kStopping);
    service_.Stop();
    const bool drained = calls_->Stop(kDrainTime);
    const bool read = sources_->Stop(kSourcesTime);
    const bool published = !publishing_.has_value() || publishing_->Stop(kPublishingTime);
    const bool followed = follower_->Stop(kFollowerTime);
    const bool watched = journal_watch_->Stop(kWatchTime);
    const int code = fatal_.ok() ? static_cast<int>(kExitOk) : ExitCodeOf(fatal_);
    const Json moment = Json::Object().Put("moment", keeper_.MomentText());
    if (!drained || !read || !published || !followed || !watched) {
      // What was acknowledged is on the disk, and what is cut off was not answered.
      log_.Warn("stopped without waiting longer", moment);
      std::_Exit(code);
    }
    watch_.reset();
    sources_.reset();
    publishing_.reset();
    follower_.reset();
    journal_watch_.reset();
    keeper_.Close();
    log_.Info("stopped", moment);
    return code;
  }

  const Options options_;
  Log log_;
  Metrics metrics_;
  Readiness readiness_;
  HomeKeeper keeper_;
  Service service_;
  ConnectMethods methods_;
  std::unique_ptr<HttpServer> health_;
  std::unique_ptr<HttpServer> calls_;
  // The follower's alone.
  std::optional<HeadsFile> heads_;
  // Decides again what it folds.
  bool checks_ = false;
  std::optional<Follower> follower_;
  std::optional<Watch> watch_;
  std::optional<JournalWatch> journal_watch_;
  std::optional<Publishing> publishing_;
  std::optional<Sources> sources_;
  // Written by the follower before it asks to be stopped.
  absl::Status fatal_;
};

int Main(int argc, char** argv) {
  // Also of what the libraries make, nothing is for other users.
  ::umask(S_IRWXG | S_IRWXO);
  Options options;
  if (const auto ended = Understand(argc, argv, options)) return *ended;
  if (const auto fit = CheckHome(options.home); !fit.ok()) return FailToStart(fit);
  if (const auto fit = CheckAddressSpace(AddressSpaceLimit()); !fit.ok()) return FailToStart(fit);
  const sigset_t signals = BlockSignals();
  return Daemon(std::move(options)).Run(signals);
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  assay::GuardProcess();
  return assay::Main(argc, argv);
}
