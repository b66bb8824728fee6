#include "tools/assay/demo_script.h"

#include <fmt/core.h>

#include <algorithm>

#include "engine/base/check.h"

namespace assay::demo {

void Script::At(std::string_view time) {
  const std::string text = fmt::format("{}T{}:00+08:00", time.substr(0, 10),
                                       time.substr(std::min<size_t>(11, time.size())));
  const auto instant = Instant::Parse(text);
  ASSAY_REQUIRE(instant.has_value(), "{} is no time of the demo story", time);
  now_ = std::max(now_, *instant);
}

Step& Script::Add() {
  constexpr int64_t kSecond = 1'000;
  now_.ms += kSecond;
  return steps_.emplace_back(Step{.chapter = chapter_, .at = now_});
}

v1::Command& Script::By(std::string_view person) {
  auto& command = Add().what.emplace<v1::Command>();
  command.set_command_id(fmt::format("demo.{:06}", steps_.size()));
  command.mutable_actor()->set_person(std::string(person));
  return command;
}

void Script::Deliver(Delivery delivery) { Add().what = std::move(delivery); }

}  // namespace assay::demo
