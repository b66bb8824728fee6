#include "connectors/document/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "engine/base/shown_text.h"

namespace assay {
namespace {

// Of a text or a name in a message.
constexpr size_t kShownMax = 80;
// Of the place of a value in a message.
constexpr size_t kPlaceMax = 200;
// Between two looks at the clock and at who waits.
constexpr int kLooksApart = 256;

std::chrono::nanoseconds ThreadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

const Document* Document::Find(std::string_view key) const {
  const auto found = std::ranges::find(map, key, &DocumentField::name);
  return found == map.end() ? nullptr : &found->value;
}

absl::Status DocumentProblem::ToStatus() const {
  if (is_of_form) return MakeStatus(code, "line {}: not {}: {}", line, expected, found);
  return MakeStatus(code, "line {}: {}{}expected {}, found {}", line, path,
                    path.empty() ? "" : ": ", expected, found);
}

DocumentWatch::DocumentWatch(std::function<bool()> stop, std::chrono::nanoseconds time_max)
    : stop_(std::move(stop)), time_max_(time_max), begun_(ThreadTime()) {}

std::optional<DocumentProblem> DocumentWatch::Look(int line) {
  if (looks_++ % kLooksApart != 0) return std::nullopt;
  if (stop_ && stop_()) {
    return DocumentProblem{.code = absl::StatusCode::kUnavailable,
                           .line = line,
                           .expected = "a caller who waits",
                           .found = "none any more"};
  }
  const auto took = ThreadTime() - begun_;
  if (took <= time_max_) return std::nullopt;
  return DocumentProblem{
      .line = line,
      .expected = fmt::format("documents that are read within {} s",
                              std::chrono::duration_cast<std::chrono::seconds>(time_max_).count()),
      .found = "ones that take longer"};
}

void DocumentPlace::Enter(size_t index) { steps_.push_back(fmt::format("[{}]", index)); }

std::string DocumentPlace::ToString(std::string_view below) const {
  std::string text;
  const auto add = [&](std::string_view step) {
    if (step.empty()) return;
    if (!text.empty() && !step.starts_with('[')) text += '.';
    const std::string quoted = Quoted(step);
    text += quoted.substr(1, quoted.size() - 2);
  };
  for (const std::string& step : steps_) add(step);
  add(below);
  return ShownText(text, kPlaceMax);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : ShownText(text, kShownMax)) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace assay
