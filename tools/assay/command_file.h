// Command files: YAML or NDJSON documents in the proto3 JSON form of assay.v1.Command.
//
// Beyond that form, what a person would write is understood: an enumerator without its prefix
// (LOWER_IS_BETTER), a number where a decimal text stands (1000), a plain text where sealed text
// stands (remark: ...), field names in lowerCamelCase or snake_case.

#pragma once

#include <assay/v1/command.pb.h>

#include <string>
#include <vector>

#include "engine/base/status.h"
#include "tools/assay/document.h"

namespace assay {

// Fills `message` from a map. INVALID_ARGUMENT with the line, the path of the field, what was found
// and what was expected; an unknown field names the nearest known one.
[[nodiscard]] absl::Status FillMessage(const Document& document, const std::string& path,
                                       google::protobuf::Message& message);

// INVALID_ARGUMENT with the line of the first bytes that are not UTF-8: what would be appended with
// them could not be read back.
[[nodiscard]] absl::Status CheckUtf8(std::string_view text);

// One document of a command file, and where it stands.
struct CommandDocument {
  v1::Command command;
  // Why it is no command; `command` says nothing then.
  absl::Status fault;
  // From 1: its number in the file, and its first line.
  int number = 0;
  int line = 0;
};

// INVALID_ARGUMENT when the text cannot be divided into documents: nothing of it is known then.
[[nodiscard]] absl::StatusOr<std::vector<CommandDocument>> ParseCommands(const std::string& text,
                                                                         bool ndjson);

// The known word nearest to `word`, or empty when none is near.
[[nodiscard]] std::string NearestWord(const std::string& word,
                                      const std::vector<std::string>& known);

}  // namespace assay
