// The command line `assay`: runs a verb here, or through the service that holds the home.

#include <sys/stat.h>

#include <cstdlib>

#include "tools/assay/command_line.h"
#include "tools/assay/process.h"
#include "tools/assay/remote.h"

int main(int argc, char** argv) {
  // Also of what the libraries make, nothing is for other users.
  ::umask(S_IRWXG | S_IRWXO);
  assay::GuardProcess();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const char* const home = std::getenv("ASSAY_HOME");
  assay::CommandLine line({.home_variable = home == nullptr ? "" : home});
  if (const auto ended = line.Understand(words)) return *ended;
  if (const auto ended = assay::RunRemotely(line, words)) return *ended;
  line.TheSession().home.sender = assay::SenderAtHome();
  return line.Run();
}
