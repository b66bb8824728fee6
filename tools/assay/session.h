// One call of the command line: the global options, and how a verb opens its home and ends.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "tools/assay/home.h"
#include "tools/assay/output.h"
#include "tools/assay/settings.h"

namespace assay {

// Where verbs find an open home instead of opening one themselves. Between its calls a verb has the
// home to itself; during Submit and LetOthers others have it.
class HomeProvider {
 public:
  virtual ~HomeProvider() = default;
  // The home, to be given back before the verb ends, or why there is none.
  virtual absl::StatusOr<std::shared_ptr<Home>> Borrow() = 0;
  // As Home::Submit.
  virtual absl::StatusOr<SubmitAnswer> Submit(v1::Command command, Sender by) = 0;
  // Runs `work`, which needs no home, while those who wait for it have it and may change it.
  virtual void LetOthers(const std::function<void()>& work) = 0;
  // The same for work that reads documents.
  virtual void ReadDocuments(const std::function<void()>& work) = 0;
  // In words, how the records of this source are read, or why not.
  [[nodiscard]] virtual std::string ReadingOf(const std::string& source) const = 0;
};

struct Session {
  // With who sends what the call submits.
  HomeOptions home;
  // The verb changes no file of the home.
  bool reads = false;
  // None = the verb opens the home.
  HomeProvider* homes = nullptr;
  OutputFormat format = OutputFormat::kTable;
  // Who acts: "p-0001" or "client:erp"; empty = as the command says.
  std::string as;
  // How it is known who runs the call.
  v1::Authentication via = v1::AUTHENTICATION_HOME_ACCESS;
  // "en" or "zh-CN".
  std::string lang = "en";
  // --on; none = the day of the last recorded time.
  std::optional<Day> on;
  // --at; empty = the end of the log.
  std::string at;
  // Whether a person at a terminal may be asked.
  bool may_ask = true;
  // What holds for this call, and where it comes from.
  std::vector<Setting> settings;

  [[nodiscard]] bool Chinese() const { return lang == "zh-CN"; }
  // English or Chinese, by the language of the call.
  [[nodiscard]] const char* Say(const char* english, const char* chinese) const {
    return Chinese() ? chinese : english;
  }
};

// Prints the error and gives its exit code.
[[nodiscard]] int Fail(const Session& session, const absl::Status& status,
                       std::string_view hint = "");
[[nodiscard]] int Fail(const Session& session, const Rejection& rejection);

// The actor of --as, or nothing.
[[nodiscard]] std::optional<v1::Actor> ActorOf(const Session& session);

// Opens the home of the call, with progress on a terminal, or borrows it.
[[nodiscard]] absl::StatusOr<std::shared_ptr<Home>> OpenHome(const Session& session);

// Runs `read`, which reads documents and needs no home, while others have the home of the call.
// As `read`; RESOURCE_EXHAUSTED when there is no memory for it.
[[nodiscard]] absl::Status ReadAside(const Session& session,
                                     const std::function<absl::Status()>& read);

// Submits to the home of the call, as who runs it.
[[nodiscard]] absl::StatusOr<SubmitAnswer> Submit(const Session& session, Home& home,
                                                  v1::Command command);

// What a verb that looks at the past looks at.
struct View {
  std::shared_ptr<Home> home;
  // --at, resolved to the full vector.
  Moment moment;
  bool at_end = true;
  // --on, or the UTC day of the moment's last recorded decision.
  Day day;

  // For evaluating scores: at the end of the log without limits, which reads the totals.
  [[nodiscard]] score_table::ScoreMoment ScoreMoment() const;
  // The decisions as of the moment.
  [[nodiscard]] decisions::StateAt State() const {
    return decisions::StateAt(home->Rows(), moment.decisions);
  }
};
[[nodiscard]] absl::StatusOr<View> OpenView(const Session& session);

}  // namespace assay

// In a verb: the value, or the error printed and its exit code returned.
#define ASSAY_OR_FAIL(target, session, expression) \
  ASSAY_OR_FAIL_INNER(ASSAY_CONCAT(assay_or_, __LINE__), target, session, expression)
#define ASSAY_OR_FAIL_INNER(holder, target, session, expression)    \
  auto holder = (expression);                                       \
  if (!holder.ok()) return ::assay::Fail(session, holder.status()); \
  target = *std::move(holder)
