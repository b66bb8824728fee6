#include "engine/commit/form.h"

#include <assay/v1/options.pb.h>
#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "engine/base/limits.h"
#include "engine/event/engine_ids.h"
#include "tests/support/domain_spec.h"

namespace assay {
namespace {

using testing::FromText;

v1::Commit CommitOf(std::string_view event, int32_t version = 2) {
  v1::Commit commit;
  commit.set_command_id("c-1");
  commit.set_rules_version(version);
  *commit.add_events() = FromText<v1::Event>(event);
  return commit;
}

}  // namespace

// "Message.field" of every text below the event that is called as days and decimals are, and of
// which options.proto says nothing.
std::set<std::string> Unformed() {
  static const std::set<std::string> kNames = {"from",  "to",     "effective",  "delta", "before",
                                               "after", "limit",  "total_cap",  "share", "cap",
                                               "day",   "target", "difficulty", "points"};
  std::set<std::string> unformed;
  std::set<const google::protobuf::Descriptor*> seen;
  std::vector<const google::protobuf::Descriptor*> next = {v1::Event::descriptor()};
  while (!next.empty()) {
    const auto* type = next.back();
    next.pop_back();
    if (!seen.insert(type).second) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->message_type() != nullptr) next.push_back(field->message_type());
      const bool is_text = field->type() == google::protobuf::FieldDescriptor::TYPE_STRING;
      if (is_text && kNames.contains(field->name()) &&
          field->options().GetExtension(v1::text_form) == v1::TEXT_FORM_UNSPECIFIED) {
        unformed.insert(type->name() + "." + field->name());
      }
    }
  }
  return unformed;
}

TEST_CASE("every day and decimal that an event may hold is declared as one", "[commit][unit]") {
  // The unit that others are merged into.
  CHECK(Unformed() == std::set<std::string>{"UnitsMerged.target"});
}

TEST_CASE("what made a fold abort is malformed under both versions", "[commit][unit]") {
  const char* const kEvents[] = {
      R"(stream: "adjustment/x" adjustment_requested { adjustment: "x" delta: "NaN" })",
      R"(stream: "grant/g" grant_given { grant { grant: "g" span { from: "not a day" } } })",
      R"(stream: "unit/u" unit_created { unit: "u" from: "" })",
      R"(stream: "assignment/a" assignment_started { assignment: "a" person: "p" })",
      R"(stream: "assignment/a" assignment_started { assignment: "a" span { to: "2026-07-01" } })",
      R"(stream: "cycle/c" cycle_planned { cycle: "c" })",
      R"(stream: "cycle/c" cycle_planned { cycle: "c" period { from: "2026-07-01" } })",
      R"(stream: "agreement/a" terms_proposed { agreement: "a" items { target: "1e400" } })",
      R"(stream: "cycle/c" effective: "soon" cycle_opened { cycle: "c" })"};
  for (const char* event : kEvents) {
    INFO(event);
    CHECK(FaultOf(CommitOf(event, 1)).has_value());
    CHECK(FaultOf(CommitOf(event, 2)).has_value());
  }
}

TEST_CASE("version 2 checks streams, enumerators, clear texts and ids too", "[commit][unit]") {
  const char* const kEvents[] = {
      R"(stream: "cycle/2026-07" person_added { person: "p" })",
      R"(stream: "cycle/c" cycle_planned { cycle: "c" grain: 77
         period { from: "2026-07-01" to: "2026-08-01" } })",
      R"(stream: "person/p" person_added { person: "p" name { clear: "Li" } })"};
  for (const char* event : kEvents) {
    INFO(event);
    CHECK_FALSE(FaultOf(CommitOf(event, 1)).has_value());
    CHECK(FaultOf(CommitOf(event, 2)).has_value());
  }
  const char* const kGood = R"(stream: "person/p" person_added { person: "p" })";
  CHECK_FALSE(FaultOf(CommitOf(kGood)).has_value());
  v1::Commit commit = CommitOf(kGood);
  commit.set_command_id(EngineId("seal-cut", "c/1", 0));
  CHECK(FaultOf(commit).has_value());
  commit.mutable_actor()->set_via(v1::AUTHENTICATION_ENGINE);
  CHECK_FALSE(FaultOf(commit).has_value());
  commit.set_command_id("c-1");
  CHECK(FaultOf(commit).has_value());
  commit = CommitOf(kGood);
  commit.add_reads("b");
  commit.add_reads("a");
  CHECK(FaultOf(commit).has_value());
}

TEST_CASE("names of streams and of keys have a limit in version 2", "[commit][unit]") {
  const auto unit = [](size_t bytes) {
    v1::Commit commit = CommitOf(R"(unit_retired { from: "2026-01-01" })");
    v1::Event& event = *commit.mutable_events(0);
    event.mutable_unit_retired()->set_unit(std::string(bytes - std::string("unit/").size(), 'u'));
    event.set_stream("unit/" + event.unit_retired().unit());
    return commit;
  };
  CHECK_FALSE(FaultOf(unit(limits::kStreamBytesMax)).has_value());
  CHECK(FaultOf(unit(limits::kStreamBytesMax + 1)).has_value());
  const auto named = [](const std::string& key_id) {
    v1::Commit commit = CommitOf(R"(stream: "person/p" person_added { person: "p" })");
    v1::Sealed& name = *commit.mutable_events(0)->mutable_person_added()->mutable_name();
    name.set_key_id(key_id);
    return FaultOf(commit).value_or("none");
  };
  CHECK(named("person/p") == "none");
  CHECK(named(std::string(limits::kKeyIdBytesMax + 1, 'K')) ==
        "events[0].personAdded: name: a sealed field names a key that there cannot be");
}

TEST_CASE("the origin of a commit has a form, and a door of a later release is none of it",
          "[commit][unit]") {
  const char* const kGood = R"(stream: "person/p" person_added { person: "p" })";
  v1::Commit commit = CommitOf(kGood);
  commit.mutable_origin()->set_door(static_cast<v1::Door>(77));
  commit.mutable_origin()->set_user(std::string(limits::kIdBytesMax, 'u'));
  commit.mutable_origin()->mutable_given_now()->set_seconds(1'785'000'000);
  CHECK_FALSE(FaultOf(commit).has_value());
  v1::Commit long_user = commit;
  long_user.mutable_origin()->mutable_user()->push_back('u');
  CHECK(FaultOf(long_user).value_or("").starts_with("origin.user: expected at most"));
  for (const int64_t seconds : {std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int64_t>::min(), int64_t{253'402'300'800}}) {
    v1::Commit no_instant = commit;
    no_instant.mutable_origin()->mutable_given_now()->set_seconds(seconds);
    CHECK(FaultOf(no_instant).value_or("").starts_with("origin.givenNow: expected an instant"));
  }
  v1::Commit nanos = commit;
  nanos.mutable_origin()->mutable_given_now()->set_nanos(-1);
  CHECK(FaultOf(nanos).has_value());
}

TEST_CASE("an event of a later release is known for one", "[commit][unit]") {
  v1::Commit commit = CommitOf(R"(stream: "x/y")");
  CHECK_FALSE(FaultOf(commit).has_value());
  CHECK(HoldsUnknownEvent(commit));
}

}  // namespace assay
