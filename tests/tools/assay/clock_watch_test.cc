#include "tools/assay/clock_watch.h"

#include <catch2/catch.hpp>
#include <string>

#include "connectors/embedded/system_clock.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

constexpr int64_t kMinute = 60'000;
constexpr int64_t kDay = 24 * 60 * kMinute;
constexpr Instant kMorning{1'767'225'600'000};

struct Machine {
  std::shared_ptr<StoryClock> wall = std::make_shared<StoryClock>(kMorning);
  std::shared_ptr<StoryClock> monotonic = std::make_shared<StoryClock>(Instant{500});
  ClockWatch watch{wall, monotonic};

  void Pass(int64_t ms) {
    wall->Advance(ms);
    monotonic->Advance(ms);
  }
  [[nodiscard]] std::string Fault() {
    const absl::Status fault = watch.Fault();
    CHECK((fault.ok() || absl::IsUnavailable(fault)));
    return std::string(MessageOf(fault));
  }
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a clock that goes on is right, however long it went on", "[unit]") {
  Machine machine;
  for (int i = 0; i < 100; ++i) {
    CHECK(machine.Fault().empty());
    machine.Pass(30 * kDay);
  }
}

TEST_CASE("a clock that jumps is off until it is back, either way", "[unit]") {
  for (const int64_t jump : {11 * kMinute, -11 * kMinute, 3'650 * kDay}) {
    Machine machine;
    CHECK(machine.Fault().empty());
    machine.wall->Advance(jump);
    CHECK(Has(machine.Fault(), "by the time that passed since the start it is 2026-01-01T00:00"));
    CHECK(machine.watch.OffMs() == jump);
    machine.Pass(kDay);
    CHECK_FALSE(machine.Fault().empty());
    machine.wall->Advance(-jump + 9 * kMinute);
    CHECK(machine.Fault().empty());
  }
}

TEST_CASE("a start after a pause is bounded by nothing, and one before the last record is",
          "[unit]") {
  Machine late;
  late.watch.NoteRecorded({kMorning.ms - 100 * kDay});
  CHECK(late.Fault().empty());

  Machine early;
  early.watch.NoteRecorded({kMorning.ms + 11 * kMinute});
  CHECK(Has(early.Fault(), "and the log has a record of 2026-01-01T00:11"));
  CHECK(early.watch.OffMs() == -11 * kMinute);
  // It was never right before: what it is set to is no jump.
  early.wall->Advance(40 * kDay);
  CHECK(early.Fault().empty());
  early.wall->Advance(40 * kDay);
  CHECK_FALSE(early.Fault().empty());
}

TEST_CASE("brokers that stamped a record of ours know the time better", "[unit]") {
  Machine machine;
  machine.wall->Advance(-kDay);
  CHECK(machine.Fault().empty());
  CHECK_FALSE(machine.watch.HasStamp());
  machine.watch.NoteStamp(kMorning, machine.watch.Ticks());
  CHECK(machine.watch.HasStamp());
  // One that is long ago says nothing of today.
  machine.watch.NoteStamp({kMorning.ms - kDay}, {machine.watch.Ticks().ms - 2 * kMinute});
  CHECK(Has(machine.Fault(), "says 2025-12-31T00:00"));
  machine.Pass(5 * kMinute);
  CHECK_FALSE(machine.Fault().empty());
  machine.wall->Advance(kDay);
  CHECK(machine.Fault().empty());
  // Ahead of them as well.
  machine.wall->Advance(kDay);
  CHECK(Has(machine.Fault(), "and by the brokers it is 2026-01-01T00:05"));
  machine.wall->Advance(-kDay);
  CHECK(machine.Fault().empty());
}

TEST_CASE("an old record of a broker that was ahead once is not believed against newer stamps",
          "[unit]") {
  Machine machine;
  machine.watch.NoteRecorded({kMorning.ms + 3'650 * kDay});
  CHECK_FALSE(machine.Fault().empty());
  machine.watch.NoteStamp(kMorning, machine.watch.Ticks());
  CHECK(machine.Fault().empty());
  // A record of others behind it, later than it can be by that.
  machine.watch.NoteRecorded({kMorning.ms + 20 * kMinute});
  CHECK_FALSE(machine.Fault().empty());
  machine.watch.NoteStamp({kMorning.ms + kMinute}, machine.watch.Ticks());
  CHECK(machine.Fault().empty());
}

}  // namespace
}  // namespace assay
