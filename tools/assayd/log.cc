#include "tools/assayd/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "connectors/embedded/system_clock.h"

namespace assay {

Log::Log()
    : logger_(std::make_shared<spdlog::logger>("assayd",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%v");
  logger_->flush_on(spdlog::level::trace);
}
Log::~Log() = default;

void Log::SetLevel(std::string_view level) {
  for (const auto known :
       {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err}) {
    const auto name = spdlog::level::to_string_view(known);
    const std::string_view text(name.data(), name.size());
    // "warning" is written "warn" in a configuration.
    if (text.starts_with(level)) logger_->set_level(known);
  }
}

void Log::Debug(std::string_view fact, const Json& fields) {
  Write(spdlog::level::debug, fact, fields);
}
void Log::Info(std::string_view fact, const Json& fields) {
  Write(spdlog::level::info, fact, fields);
}
void Log::Warn(std::string_view fact, const Json& fields) {
  Write(spdlog::level::warn, fact, fields);
}
void Log::Error(std::string_view fact, const Json& fields) {
  Write(spdlog::level::err, fact, fields);
}

void Log::Write(int level, std::string_view fact, const Json& fields) {
  const auto at = static_cast<spdlog::level::level_enum>(level);
  if (!logger_->should_log(at)) return;
  const auto name = spdlog::level::to_string_view(at);
  SystemClock clock;
  Json line = Json::Object();
  line.Put("time", clock.Now().ToString())
      .Put("level", std::string_view(name.data(), name.size()))
      .Put("message", fact);
  for (const auto& [key, value] : fields.Entries()) line.Put(key, value);
  logger_->log(at, "{}", line.Dump());
}

}  // namespace assay
