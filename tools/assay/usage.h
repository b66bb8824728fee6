// What is wrong with the words of a call, in words: which word, where, what was expected.

#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace assay {

struct UsageFault {
  std::string message;
  std::string hint;
};

// Explains why `app` refused its words with `error`. The hint names the help of the innermost verb
// that was understood.
[[nodiscard]] UsageFault UsageFaultOf(const CLI::App& app, const CLI::ParseError& error);

// The verb that was understood, in words: "score show".
[[nodiscard]] std::string VerbOf(const CLI::App& app);

}  // namespace assay
