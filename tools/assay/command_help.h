// The vocabulary of command files: which commands there are, and what stands in them. All of it
// comes from the descriptors of the messages, comments too, so that it cannot be out of date.

#pragma once

#include <assay/v1/command.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace assay {

// Names of all commands as they stand in a file ("createUnit"), in the order of their areas.
[[nodiscard]] std::vector<std::string> CommandNames();

// A paragraph per area with its commands, for a help text.
[[nodiscard]] std::string CommandList();

// A document with every field of the command, its choices and its comments, to be filled in.
// INVALID_ARGUMENT for an unknown name, with the nearest known one.
[[nodiscard]] absl::StatusOr<std::string> CommandExample(const std::string& name);

// A command as a document of a command file, with what is set in it.
[[nodiscard]] std::string CommandYaml(const v1::Command& command);

// The FileDescriptorSet of the commands with their comments. Its bytes are made by the build from
// proto/, since the compiled-in descriptors have none.
[[nodiscard]] std::string_view CommandDescriptors();

}  // namespace assay
