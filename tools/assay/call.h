// What a verb has of its caller: files, standard input, and the wish to stop.
//
// On the command line these are the process's own. Inside a service a call brings them along, for
// the thread that runs its verb.

#pragma once

#include <assay/v1/service.pb.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/base/status.h"

namespace assay {

struct ServedCall {
  // Where the names of files begin that are not absolute.
  std::string folder;
  // The caller may not have the service open files: those that the call brought are all there are.
  bool only_brought = false;
  std::map<std::string, std::string> files;
  // Standard input.
  std::string input;
  // A program calls: nothing that it should have read is filled in for it.
  bool is_program = false;
  // Where a run puts what it needs to ask; null when there is nobody to be asked.
  v1::RunQuestion* question = nullptr;
  // What an earlier run asked.
  std::optional<v1::RunAnswer> answer;
  // Whether the work should end at the next place where nothing is torn; may be empty.
  std::function<bool()> stop;
};

// Verbs of this thread work for `call`, which must outlive this. One at a time.
class ServedCallScope {
 public:
  explicit ServedCallScope(const ServedCall& call);
  ~ServedCallScope();
  ServedCallScope(const ServedCallScope&) = delete;
  ServedCallScope& operator=(const ServedCallScope&) = delete;
};

// The call that this thread serves; null on the command line.
[[nodiscard]] const ServedCall* CallAtHand();

// On the command line: from here on Ctrl-C or a polite kill asks the verb to stop, and a second one
// ends the process at once, which no home minds. A service has its own ways.
void StopOnInterrupt();
// The record or command at hand is to be finished, and no other begun.
[[nodiscard]] bool StopAsked();

}  // namespace assay
