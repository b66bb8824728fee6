// From words to a verb: the options and verbs of the command line, for every program that takes
// them.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/assay/session.h"

namespace assay {

struct CommandLineOptions {
  // What ASSAY_HOME says where the call was made.
  std::string home_variable;
  // Inside a service: the home that it serves, whatever home the words name.
  std::string served_home;
};

// The words of one call. What it prints goes to Out() and Err(). One thread.
class CommandLine {
 public:
  explicit CommandLine(CommandLineOptions options);
  ~CommandLine();

  // Understands words (without the name of the program). Gives an exit code when the call ends with
  // them: help was asked for, or they are wrong, and that was printed.
  [[nodiscard]] std::optional<int> Understand(const std::vector<std::string>& words);

  // --- once the words were understood ---

  // The verb in words: "score show".
  [[nodiscard]] std::string Verb() const;
  // The homes that the verb works in, as they were named; none for a verb that needs none.
  [[nodiscard]] std::vector<std::string> Homes() const;
  // The files that the verb reads, as they were named; "-" = standard input.
  [[nodiscard]] std::vector<std::string> Files() const;
  // For how long a service that runs the verb may give no sign of life.
  [[nodiscard]] std::chrono::seconds Timeout() const;
  // May be changed before the verb runs.
  [[nodiscard]] Session& TheSession();
  // Runs the verb and gives its exit code.
  [[nodiscard]] int Run();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace assay
