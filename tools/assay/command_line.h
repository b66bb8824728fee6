// From words to a verb: the options and verbs of the command line, for every program that takes
// them.

#pragma once

#include <string>
#include <vector>

namespace assay {

// Understands the words of one call (without the name of the program) and runs its verb, which
// prints to Out() and Err(). Gives the exit code.
[[nodiscard]] int RunCommandLine(const std::vector<std::string>& words);

}  // namespace assay
