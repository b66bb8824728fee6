// The method that runs a verb for somebody else: who calls, what a service can do, and the answer.
//
// Knows nothing of sockets, so that another transport can call it with another proof of who calls.

#pragma once

#include <assay/v1/service.pb.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "tools/assay/command_line.h"
#include "tools/assay/socket_user.h"
#include "tools/assayd/home_keeper.h"
#include "tools/assayd/log.h"

namespace assay {

// An answer that is larger is refused: it is gathered in memory.
inline constexpr size_t kAnswerBytesMax = size_t{256} * 1024 * 1024;

struct ServiceCaller {
  uid_t uid = 0;
  // Whether the answer has become pointless; may be empty.
  std::function<bool()> gone;
};

// Thread-safe. What is passed in must outlive it.
class Service {
 public:
  struct Options {
    std::string home;
    // Who owns the home: this user and root act as whom they say, and have files opened for them.
    uid_t owner = 0;
    // Called when a call ended; `verb` is empty when its words were not understood.
    std::function<void(const std::string& verb, int exit_code, std::chrono::nanoseconds took)>
        on_call;
  };
  Service(Options options, HomeKeeper& keeper, const Readiness& readiness, Log& log)
      : options_(std::move(options)), keeper_(keeper), readiness_(readiness), log_(log) {}

  // Whether this user may call at all, asked before a call is read: the owner of the home, root,
  // and whoever a person is bound to. UNAUTHENTICATED with why not; UNAVAILABLE while the home is
  // not open yet. Who was bound lately is taken at that word; the call itself looks again.
  absl::Status Admit(uid_t uid);
  // A verb that fails is an answer with its exit code.
  // UNAVAILABLE when the home is not open yet, or the service stops; INVALID_ARGUMENT for a folder
  // that is not absolute, and for words that are longer than a command line; RESOURCE_EXHAUSTED
  // when the answer is too large.
  absl::Status Call(const ServiceCaller& caller, const v1::CallRequest& request,
                    v1::CallResponse& response);

  // Whether the verb writes to the log.
  [[nodiscard]] static bool IsWriting(std::string_view verb);

  // Verbs at hand end at the next place where nothing is torn; no other is begun.
  void Stop() { stopping_ = true; }

 private:
  [[nodiscard]] bool IsOwner(uid_t uid) const { return uid == options_.owner || uid == 0; }
  void Tell(const std::string& verb, const ServiceCaller& caller, const absl::StatusOr<int>& code,
            std::chrono::nanoseconds took) const;
  absl::StatusOr<int> RunVerb(const ServiceCaller& caller, CommandLine& line);
  absl::StatusOr<int> RunWithHome(const ServiceCaller& caller, CommandLine& line);
  [[nodiscard]] std::optional<int> Refused(const CommandLine& line, const Session& session) const;
  // Makes the session act as who calls; gives an exit code when that may not be.
  [[nodiscard]] std::optional<int> Authenticate(const ServiceCaller& caller, Home& home,
                                                Session& session) const;

  const Options options_;
  HomeKeeper& keeper_;
  const Readiness& readiness_;
  Log& log_;
  std::atomic<bool> stopping_{false};
  // One ingest at a time: what a call counts came in while it ran, and two of one file would both
  // begin at its start.
  std::mutex ingest_mutex_;
  std::mutex admitted_mutex_;
  // When a user was last found to be bound to a person.
  std::map<uid_t, std::chrono::steady_clock::time_point> admitted_;
};

}  // namespace assay
