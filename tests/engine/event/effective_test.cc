#include "engine/event/effective.h"

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("ids are short, begin with a letter or digit and hold no slash", "[event][unit]") {
  for (const char* id : {"p-0001", "2026-06", "a", "x.y_z@1:2"}) CHECK(IsId(id));
  for (const char* id : {"", "-a", "a/b", "a b", "客户"}) CHECK_FALSE(IsId(id));
  CHECK(IsId(std::string(64, 'a')));
  CHECK_FALSE(IsId(std::string(65, 'a')));
}

TEST_CASE("a definition's id ends in its version", "[event][unit]") {
  CHECK(IsVersionedId("output@1"));
  CHECK(NameOf("output@12") == "output");
  CHECK(VersionOf("output@12") == 12);
  for (const char* id : {"output", "output@", "output@0", "output@01", "output@x", "@1"}) {
    INFO(id);
    CHECK_FALSE(IsVersionedId(id));
  }
}

TEST_CASE("refusals of texts name the place, what was expected and what was there",
          "[event][unit]") {
  CHECK_FALSE(CheckDay("a.from", "2024-02-29").has_value());
  CHECK(CheckDay("a.from", "2023-02-29")->path == "a.from");
  v1::Span span;
  span.set_from("2026-06-30");
  CHECK_FALSE(CheckSpan("a.span", span).has_value());
  span.set_to("2026-06-30");
  CHECK(CheckSpan("a.span", span)->code == "INVALID_SPAN");
  span.set_to("tomorrow");
  CHECK(CheckSpan("a.span", span)->path == "a.span.to");
  CHECK(CheckDecimal("a.delta", "1,5")->actual == "1,5");
  CHECK(CheckDecimal("a.delta", "")->actual == "nothing");
}

TEST_CASE("on a day the latest entry not after it holds, of equals the one recorded last",
          "[event][unit]") {
  v1::UnitState unit;
  const auto name = [&](const char* from, const char* value) {
    v1::DatedText* entry = unit.add_names();
    entry->set_from(from);
    entry->set_value(value);
  };
  name("2026-01-01", "first");
  name("2026-06-01", "june");
  name("2026-03-01", "back-dated");
  name("2026-06-01", "june again");
  const auto on = [&](const char* day) -> std::string {
    const auto* held = HoldingOn(unit.names(), *Day::Parse(day));
    return held == nullptr ? "" : held->value();
  };
  CHECK(on("2025-12-31").empty());
  CHECK(on("2026-02-28") == "first");
  CHECK(on("2026-05-31") == "back-dated");
  CHECK(on("2026-06-01") == "june again");
}

TEST_CASE("instants before 1970 travel as timestamps too", "[event][unit]") {
  for (const int64_t ms : {int64_t{0}, int64_t{-1}, int64_t{-1'001}, int64_t{1'767'225'600'123}}) {
    CHECK(InstantOf(TimestampOf({ms})).ms == ms);
    CHECK(TimestampOf({ms}).nanos() >= 0);
  }
  CHECK(UtcDayOf({-1}).ToString() == "1969-12-31");
}

TEST_CASE("an actor is a person's id or a client's", "[event][unit]") {
  v1::Actor actor;
  CHECK(ActorName(actor).empty());
  actor.set_person("p-1");
  CHECK(ActorName(actor) == "p-1");
  actor.set_client("erp");
  CHECK(ActorName(actor) == "client:erp");
}

}  // namespace assay
