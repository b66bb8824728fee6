// Command files: YAML or NDJSON documents in the proto3 JSON form of assay.v1.Command.
//
// Beyond that form, what a person would write is understood: an enumerator without its prefix
// (LOWER_IS_BETTER), a number where a decimal text stands (1000), a plain text where sealed text
// stands (remark: ...), field names in lowerCamelCase or snake_case.

#pragma once

#include <assay/v1/command.pb.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/document/document.h"
#include "engine/base/status.h"

namespace assay {

// Fills `message` from a map. INVALID_ARGUMENT with the line, the path of the field, what was found
// and what was expected; an unknown field names the nearest known one. A field that is given in
// both of its spellings is refused.
[[nodiscard]] absl::Status FillMessage(const Document& document, const std::string& path,
                                       google::protobuf::Message& message);

// One document of a command file, and where it stands.
struct CommandDocument {
  v1::Command command;
  // Why it is no command; `command` says nothing then.
  absl::Status fault;
  // From 1: its number in the file, and its first line.
  int number = 0;
  int line = 0;
};

// Gives the commands of a text one after the other. INVALID_ARGUMENT with the line when the text
// cannot be divided into documents, or is beyond a limit: what was given before says nothing then.
// What `take` gives unless it is OK, which ends the reading.
[[nodiscard]] absl::Status ReadCommands(std::string_view text, bool ndjson, DocumentWatch watch,
                                        const std::function<absl::Status(CommandDocument)>& take);

// The known word nearest to `word`, or empty when none is near.
[[nodiscard]] std::string NearestWord(const std::string& word,
                                      const std::vector<std::string>& known);

}  // namespace assay
