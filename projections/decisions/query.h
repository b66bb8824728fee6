// The state of the decisions as of any position, and positions as of any instant.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/commit/fold.h"
#include "engine/event/state.h"
#include "projections/store/overlay.h"

namespace assay::decisions {

inline constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();

// The rows as they were after the record at `position`. One thread; `overlay` must outlive this.
class StateAt : public StateReader {
 public:
  StateAt(Overlay& overlay, int64_t position) : overlay_(overlay), position_(position) {}

  bool Get(std::string_view stream, google::protobuf::MessageLite* state) override;
  std::vector<v1::Member> Members(std::string_view set_stream) override;
  std::vector<std::string> Streams(std::string_view prefix) override;
  [[nodiscard]] absl::Status status() const override;
  [[nodiscard]] int64_t Position() const { return position_; }

 private:
  Overlay& overlay_;
  int64_t position_;
  absl::Status status_;
};

// What is kept of a decisions position; nothing when it was not folded.
[[nodiscard]] std::optional<DecisionMark> MarkOf(Overlay& overlay, int64_t position);

// The last position recorded at or before `instant`, -1 when there is none. `end` is the next
// position to be folded.
[[nodiscard]] int64_t PositionAtInstant(Overlay& overlay, int64_t end, Instant instant);

}  // namespace assay::decisions
