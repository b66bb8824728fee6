// The story of the demo company as a list of steps, each with the time at which it is recorded.
//
// A step is a command or the delivery of a source file. Steps are numbered and timed by their place
// alone, so that a repeated step is recognised by the log and changes nothing.

#pragma once

#include <assay/v1/command.pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/time.h"

namespace assay::demo {

// A file of one source's records, as the source would deliver it.
struct Delivery {
  std::string source;
  std::string name;
  std::string text;
  int64_t records = 0;
};

struct Step {
  std::string chapter;
  Instant at;
  std::variant<v1::Command, Delivery> what;
  // The code with which the command is refused; empty = it is applied.
  std::string refused_as;
};

// Of the step that ends the story.
inline constexpr std::string_view kLastCommandId = "demo.end";

class Script {
 public:
  explicit Script(std::string_view start) { At(start); }

  // Words for what follows.
  void Chapter(std::string chapter) { chapter_ = std::move(chapter); }
  // "2026-06-16 09:00" of the company's clock. Time does not run backwards: when the story is past
  // it already, it goes on from there.
  void At(std::string_view time);

  // A command of a person, to be filled before the next call; one second after the step before.
  v1::Command& By(std::string_view person);
  // The last command is refused with this code.
  void RefusedAs(std::string code) { steps_.back().refused_as = std::move(code); }
  void Deliver(Delivery delivery);

  // The versions that terms have in this story: a proposal, counter-proposal or amendment makes the
  // next one; acceptances and signatures name the newest.
  void MakeVersion(const std::string& agreement) { ++versions_[agreement]; }
  [[nodiscard]] int32_t NewestVersion(const std::string& agreement) { return versions_[agreement]; }

  [[nodiscard]] Instant Now() const { return now_; }
  [[nodiscard]] std::vector<Step> Take() { return std::move(steps_); }

 private:
  Step& Add();

  std::string chapter_;
  Instant now_;
  std::vector<Step> steps_;
  std::map<std::string, int32_t> versions_;
};

}  // namespace assay::demo
