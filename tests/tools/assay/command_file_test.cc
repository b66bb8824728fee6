#include "tools/assay/command_file.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace assay {
namespace {

struct Read {
  std::vector<CommandDocument> documents;
  absl::Status status;
};

Read Commands(const std::string& text, bool ndjson = false) {
  Read read;
  read.status = ReadCommands(text, ndjson, {}, [&](CommandDocument document) {
    read.documents.push_back(std::move(document));
    return absl::OkStatus();
  });
  return read;
}

// Why the one document of a text is no command.
std::string Fault(const std::string& text, bool ndjson = false) {
  const Read read = Commands(text, ndjson);
  INFO(read.status.ToString());
  REQUIRE(read.status.ok());
  REQUIRE(read.documents.size() == 1);
  return std::string(MessageOf(read.documents.front().fault));
}

TEST_CASE("commands are read with their places, in either spelling", "[commands][unit]") {
  const Read read = Commands(
      "commandId: a\nopenCycle: {cycle: \"2026-06\"}\n---\n\ncommand_id: b\n"
      "open_cycle:\n  cycle: 2026-07\n");
  REQUIRE(read.documents.size() == 2);
  CHECK(read.documents[1].fault.ok());
  CHECK(read.documents[1].number == 2);
  CHECK(read.documents[1].line == 5);
  CHECK(read.documents[1].command.command_id() == "b");
  CHECK(read.documents[1].command.open_cycle().cycle() == "2026-07");
}

TEST_CASE("a field in both of its spellings is refused, and both are named", "[commands][unit]") {
  CHECK(Fault("commandId: a\ncommand_id: b\nopenCycle: {cycle: c}\n") ==
        "line 2: commandId: expected the field once, found it as \"command_id\" and, in line 1, as "
        "\"commandId\"");
  CHECK(Fault("actor: {person: p}\nopen_cycle: {cycle: c}\nopenCycle: {cycle: d}\n") ==
        "line 3: openCycle: expected the field once, found it as \"openCycle\" and, in line 2, as "
        "\"open_cycle\"");
  CHECK(Fault(R"({"bindSourceKey": {"entityType": "a", "entity_type": "b"}})", true)
            .starts_with("line 1: bindSourceKey.entityType: expected the field once"));
  // Also where the same is said twice, and where one of the two says nothing.
  CHECK_FALSE(Fault("commandId: a\ncommand_id: a\nopenCycle: {cycle: c}\n").empty());
  CHECK_FALSE(Fault("commandId: a\ncommand_id:\nopenCycle: {cycle: c}\n").empty());
}

TEST_CASE("a message repeats no more than the beginning of what is wrong", "[commands][unit]") {
  const std::string word(500'000, 'w');
  for (const std::string& text :
       {"? " + word + "\n: x\n", "openCycle: " + word + "\n",
        "openCycle:\n  ? " + word + "\n  : x\n", "createPosition: {headcount: " + word + "}\n",
        "draftMetric: {definition: {kind: " + word + "}}\n"}) {
    const std::string fault = Fault(text);
    INFO(fault);
    CHECK(fault.starts_with("line "));
    CHECK(fault.size() < 2'000);
  }
}

TEST_CASE("reading commands ends where its taker says so", "[commands][unit]") {
  int taken = 0;
  const absl::Status status =
      ReadCommands("a: b\n---\nc: d\n", false, {}, [&](const CommandDocument& /*document*/) {
        ++taken;
        return MakeStatus(absl::StatusCode::kAborted, "enough");
      });
  CHECK(absl::IsAborted(status));
  CHECK(taken == 1);
  CHECK(MessageOf(Commands("a: b\n---\n,").status).starts_with("line 3: not YAML: "));
}

}  // namespace
}  // namespace assay
