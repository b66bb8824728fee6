// Completion of words for shells, from the tree of verbs itself.

#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace assay {

// Prints the completion script of `shell` (bash, zsh or fish) and gives the exit code.
int PrintCompletion(const CLI::App& app, const std::string& shell);

}  // namespace assay
