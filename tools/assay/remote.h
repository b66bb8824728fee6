// A verb through the socket of the service that holds its home.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/assay/command_line.h"

namespace assay {

// In the home, while assayd holds it.
inline constexpr std::string_view kServiceSocket = "assayd.sock";
// The method that runs a verb, of proto/assay/v1/service.proto.
inline constexpr const char* kCallPath = "/assay.v1.Service/Call";

// When a service answers at a home of the call, has it run the call, prints its answer and gives
// its exit code. Nothing when there is none, also behind a socket that a killed one left: the verb
// is to be run here.
[[nodiscard]] std::optional<int> RunRemotely(CommandLine& line,
                                             const std::vector<std::string>& words);

}  // namespace assay
