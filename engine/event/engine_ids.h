// The ids of commands that the engine sends: a name space that no caller enters.
//
// Command ids are one name space of the company, and an id that was applied stays taken. A step of
// a process needs an id that follows from what it is about, so that two nodes which take it make
// one commit; so its id is of a form that is refused from everybody else, where commands are taken
// and where they are decided.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

inline constexpr std::string_view kEngineIdPrefix = "engine:";

[[nodiscard]] inline bool IsEngineId(std::string_view command_id) {
  return command_id.starts_with(kEngineIdPrefix);
}

// "engine:" and 24 hexadecimal digits of H(kind, about, refused): `about` names the subject of the
// step, `refused` counts the ids of this step that stand on the log for something else.
[[nodiscard]] std::string EngineId(std::string_view kind, std::string_view about, int64_t refused);

}  // namespace assay
