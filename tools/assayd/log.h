// What the service says of itself: one JSON object a line on standard error.
//
// Facts with positions and counts, never a score, a comment or a person's name.

#pragma once

#include <memory>
#include <string_view>

#include "tools/assay/json.h"

namespace spdlog {
class logger;
}  // namespace spdlog

namespace assay {

// Thread-safe.
class Log {
 public:
  Log();
  ~Log();

  // "debug", "info", "warn" or "error"; says nothing below it. Others are ignored.
  void SetLevel(std::string_view level);

  // {"time": ..., "level": ..., "message": fact, ...fields}
  void Debug(std::string_view fact, const Json& fields = Json::Object());
  void Info(std::string_view fact, const Json& fields = Json::Object());
  void Warn(std::string_view fact, const Json& fields = Json::Object());
  void Error(std::string_view fact, const Json& fields = Json::Object());

 private:
  void Write(int level, std::string_view fact, const Json& fields);

  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace assay
