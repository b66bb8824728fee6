#include "connectors/document/document_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace assay {
namespace {

constexpr DocumentForm kYaml = DocumentForm::kYaml;
constexpr DocumentForm kJson = DocumentForm::kJsonLines;
constexpr size_t kMiB = size_t{1024} * 1024;

// As short as JSON: {a: [1, ~]}.
std::string Shown(const Document& document) {
  switch (document.kind) {
    case Document::Kind::kNull:
      return "~";
    case Document::Kind::kScalar:
      return document.text;
    case Document::Kind::kList: {
      std::string text;
      for (const Document& entry : document.list) {
        text += (text.empty() ? "" : ", ") + Shown(entry);
      }
      return "[" + text + "]";
    }
    case Document::Kind::kMap:
      break;
  }
  std::string text;
  for (const DocumentField& field : document.map) {
    text += (text.empty() ? "" : ", ") + field.name + ": " + Shown(field.value);
  }
  return "{" + text + "}";
}

std::vector<Document> All(std::string_view text, DocumentForm form = kYaml) {
  DocumentReader reader(text, form);
  std::vector<Document> documents;
  while (auto document = reader.Next()) documents.push_back(*std::move(document));
  INFO((reader.Problem() ? reader.Problem()->ToStatus().ToString() : ""));
  REQUIRE_FALSE(reader.Problem().has_value());
  return documents;
}

std::string One(std::string_view text, DocumentForm form = kYaml) {
  const auto documents = All(text, form);
  REQUIRE(documents.size() == 1);
  return Shown(documents.front());
}

DocumentProblem Refused(std::string_view text, DocumentForm form = kYaml,
                        DocumentLimits limits = {}, DocumentWatch watch = {}) {
  DocumentReader reader(text, form, std::move(watch), limits);
  while (reader.Next().has_value()) {
  }
  REQUIRE(reader.Problem().has_value());
  CHECK(reader.Problem()->line > 0);
  CHECK(MessageOf(reader.Problem()->ToStatus()).size() < 600);
  return *reader.Problem();
}

std::string Message(std::string_view text, DocumentForm form = kYaml, DocumentLimits limits = {}) {
  return std::string(MessageOf(Refused(text, form, limits).ToStatus()));
}

std::string Repeated(std::string_view text, size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST_CASE("YAML and JSON are read into one shape", "[document][unit]") {
  CHECK(One("a: 1\nb: [x, 'y', \"z\\n\"]\nc: {d: ~, e: null, f: , g: \"null\"}\n") ==
        "{a: 1, b: [x, y, z\n], c: {d: ~, e: ~, f: ~, g: null}}");
  CHECK(One(R"({"a": 1, "b": ["x", -0.50, true], "c": {"d": null}})", kJson) ==
        "{a: 1, b: [x, -0.5, true], c: {d: ~}}");
  CHECK(One("a: |\n  two\n  lines\n") == "{a: two\nlines\n}");
  CHECK(One("- a\n- - b\n") == "[a, [b]]");
  CHECK(One("<<: {a: b}\n") == "{<<: {a: b}}");
  CHECK(All("").empty());
  CHECK(All("# nothing\n\n---\n--- # more\n...\n~\n").empty());
  const auto documents = All("a: b\nc:\n  - d\n");
  CHECK(documents.front().map[1].line == 2);
  CHECK(documents.front().map[1].value.list.front().line == 3);
  REQUIRE(documents.front().Find("c") != nullptr);
  CHECK(documents.front().Find("d") == nullptr);
}

TEST_CASE("a text is divided into documents where YAML divides it", "[document][unit]") {
  const auto documents =
      All("# of the first\na: 1\n---\n# of the second\nb: 2\n...\n\n--- {c: 3}\n--- |\n text\n---\n"
          "\"---\": \"...\"\n");
  REQUIRE(documents.size() == 5);
  CHECK(Shown(documents[1]) == "{b: 2}");
  CHECK(documents[1].line == 5);
  CHECK(Shown(documents[2]) == "{c: 3}");
  CHECK(documents[2].line == 8);
  CHECK(Shown(documents[3]) == "text\n");
  CHECK(Shown(documents[4]) == "{---: ...}");
  CHECK(All("a: 1\r\n---\r\nb: 2\r\n").size() == 2);
  CHECK(One("a: ---b\n") == "{a: ---b}");
  // A marker within quotes divides all the same, so that what is before it does not end.
  CHECK(Refused("a: \"b\n---\nc\"\n").expected == "YAML");
  CHECK(Refused("a: 1\r--- \rb: 2\r").found == "another end of a line");
  const auto lines = All("{\"a\": 1}\n\n  \r\n{\"b\": 2}", kJson);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].line == 4);
}

TEST_CASE("what a document may not hold is refused with line, place and reason",
          "[document][unit]") {
  struct Row {
    std::string text;
    std::string message;
    DocumentForm form = kYaml;
  };
  const std::vector<Row> rows = {
      {"a: &x b\n", "line 1: a: expected no anchor, found \"&x\""},
      {"a: b\nc: [d, *x]\n", "line 2: c[1]: expected no alias, found \"*x\""},
      {"a: !!str b\n", "line 1: a: expected no tag, found \"tag:yaml.org,2002:str\""},
      {"a: !b {}\n", "line 1: a: expected no tag, found \"!b\""},
      {"%YAML 1.2\n---\na: b\n", "line 1: expected no directive (%NAME), found \"%YAML 1.2\""},
      {"a: {b: 1,\n  b: 2}\n",
       "line 2: a.b: expected each name once, found \"b\" again (it stands in line 1)"},
      {"{\"a\": [{}, {\"b\": 1, \"b\": 2}]}",
       "line 1: a[1].b: expected each name once, found \"b\" again", kJson},
      {"? [a]\n: b\n", "line 1: expected a name before the colon, found a list"},
      {"a:\n  ? {b: c}\n  : d\n", "line 2: a: expected a name before the colon, found a mapping"},
      {"a: b\nc: d\x1b[31m\n",
       "line 2: expected text without control characters, found the character 0x1b"},
  };
  for (const Row& row : rows) CHECK(Message(row.text, row.form) == row.message);
  CHECK(Message("\"\\e]0;x\": 1\n\"\\e]0;x\": 2\n") ==
        "line 2: \\x1b]0;x: expected each name once, found \"\\x1b]0;x\" again (it stands in line "
        "1)");
  for (const char* const text :
       {"a: [b", "a: b: c", "a: 'b", "a:\n\tb: c\n", "]", "a: {b\nc", ","}) {
    INFO(text);
    CHECK(Refused(text).expected == "YAML");
  }
  CHECK(Message(",").starts_with("line 1: not YAML: "));
  CHECK(Message("a: b\n---\n\n,").starts_with("line 4: not YAML: "));
  for (const char* const text : {"{\"a\": 1", "{,}", "a", "{\"a\": 1} {}", "\"", ","}) {
    INFO(text);
    CHECK(Refused(text, kJson).expected == "JSON");
  }
  CHECK(MessageOf(CheckUtf8("a: b\nc: \xff\n")) ==
        "line 2: expected UTF-8 text, found other bytes");
}

TEST_CASE("a document beyond a limit is refused as soon as that is met", "[document][unit]") {
  const std::string full = "a: " + std::string(kMiB - 4, 'b') + "\n";
  CHECK(full.size() == kMiB);
  CHECK(All(full + "---\nc: d\n").size() == 2);
  CHECK(Message("x: y\n---\nb" + full) ==
        "line 3: expected at most 1048576 bytes a document, found 1048577 bytes");
  CHECK(Message("{\"a\": \"" + std::string(kMiB, 'b') + "\"}", kJson)
            .starts_with("line 1: expected at most 1048576 bytes a document"));
  CHECK(Message(Repeated("---\na: b\n", 11), kYaml, {.documents = 10}) ==
        "line 22: expected at most 10 documents a file, found more");
  CHECK(All(Repeated("[", 64) + Repeated("]", 64)).size() == 1);
  CHECK(Message(Repeated("[", 65) + Repeated("]", 65))
            .ends_with("expected at most 64 levels of lists and maps, found more"));
  CHECK(All(Repeated("{\"a\":", 63) + "[]" + Repeated("}", 63), kJson).size() == 1);
  CHECK(Message("{\"a\":" + Repeated("[", 64) + Repeated("]", 64) + "}", kJson)
            .ends_with("expected at most 64 levels of lists and maps, found more"));
  for (const auto& text : {Repeated("[", 500'000), Repeated("- ", 500'000),
                           Repeated("{a: ", 200'000), "a: " + Repeated("[{b: ", 100'000)}) {
    CHECK(Refused(text).expected == "at most 64 levels of lists and maps");
  }
  CHECK(Refused(Repeated("[", 500'000), kJson).line == 1);
  CHECK(Message("{a: {b: 1}, c: 2}\n", kYaml, {.keys = 2}) ==
        "line 1: expected at most 2 names, found more");
  CHECK(Refused("{\"a\": {\"b\": 1}, \"c\": 2}", kJson, {.keys = 2}).found == "more");
}

TEST_CASE("texts that took a reader's time or memory end with a sentence", "[document][unit]") {
  CHECK(Refused(Repeated("- a\n", 10 * kMiB / 4)).found == "10485760 bytes");
  std::string map;
  for (int i = 0; map.size() < 10 * kMiB; ++i) map += fmt::format("k{}: {}\n", i, i);
  CHECK(Refused(map).found == fmt::format("{} bytes", map.size()));
  CHECK(Refused(Repeated("---\na\n", 1'000'001)).expected == "at most 1000000 documents a file");
  CHECK(Refused("{\"" + std::string(20 * kMiB, 'k') + "\":1}", kJson).expected ==
        "at most 1048576 bytes a document");
  CHECK(Refused("'" + std::string(kMiB / 2, 'k') + "': 1").expected == "YAML");
  CHECK(Refused("? '" + std::string(kMiB / 2, 'k') + "'\n: {a: 1, a: 2}\n").path.size() < 300);
  std::string bomb = "a: &a [lol]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    bomb += fmt::format("{0}: &{0} [{1}]\n", c, Repeated(fmt::format("*{},", char(c - 1)), 9));
  }
  CHECK(Refused(bomb).expected == "no anchor");
  CHECK(Refused("a: &a [*a]\n").expected == "no anchor");
}

// Of the thread, so that others on the machine do not count.
double SecondsOf(const std::string& text, DocumentForm form) {
  double least = 1e9;
  for (int round = 0; round < 3; ++round) {
    timespec begun{};
    timespec ended{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    DocumentReader reader(text, form, {}, {.bytes = 100 * kMiB, .depth = 64, .keys = 10'000'000});
    REQUIRE(reader.Next().has_value());
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
    least = std::min(least, static_cast<double>(ended.tv_sec - begun.tv_sec) +
                                1e-9 * static_cast<double>(ended.tv_nsec - begun.tv_nsec));
  }
  return least;
}

std::string Keys(int count, DocumentForm form) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) {
    text += fmt::format("{}\"k{}\": 1", i == 0 ? "" : form == kYaml ? ",\n" : ",", i);
  }
  return text + "}";
}

TEST_CASE("four times the names take some four times as long, and not sixteen",
          "[document][unit]") {
  constexpr int kNames = 50'000;
  for (const DocumentForm form : {kYaml, kJson}) {
    const double ratio =
        SecondsOf(Keys(4 * kNames, form), form) / SecondsOf(Keys(kNames, form), form);
    INFO("200,000 names over 50,000: " << ratio);
    CHECK(ratio < 9);
  }
  const double lists =
      SecondsOf(Repeated("- a\n", 4 * kNames), kYaml) / SecondsOf(Repeated("- a\n", kNames), kYaml);
  INFO("200,000 entries over 50,000: " << lists);
  CHECK(lists < 9);
}

TEST_CASE("a reader stops when nobody waits, and when it took too long", "[document][unit]") {
  int asked = 0;
  const auto gone = [&] { return ++asked > 3; };
  const auto stopped = Refused(Repeated("---\n- a\n- b\n", 10'000), kYaml, {}, DocumentWatch(gone));
  CHECK(stopped.code == absl::StatusCode::kUnavailable);
  CHECK(asked == 4);
  CHECK(stopped.line < 3'000);
  const auto late = Refused(Repeated("[1]\n", 100'000), kJson, {},
                            DocumentWatch(nullptr, std::chrono::nanoseconds(1)));
  CHECK(late.code == absl::StatusCode::kInvalidArgument);
  CHECK(late.expected.starts_with("documents that are read within"));
}

TEST_CASE("texts and places in messages are short and hold nothing that a terminal obeys",
          "[document][unit]") {
  CHECK(Quoted("a b") == "\"a b\"");
  CHECK(Quoted("\x1b]0;x\a\n") == "\"\\x1b]0;x\\x07\\x0a\"");
  CHECK(Quoted(std::string(kMiB, 'x')).size() < 100);
  DocumentPlace place;
  place.Enter("items");
  place.Enter(2);
  place.Enter("target");
  CHECK(place.ToString() == "items[2].target");
  CHECK(place.ToString("x\r") == "items[2].target.x\\x0d");
  place.Leave();
  place.Enter(std::string(kMiB, 'k'));
  CHECK(place.ToString().size() < 300);
}

}  // namespace
}  // namespace assay
