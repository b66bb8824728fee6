// Whatever the bytes of a document are: reading ends soon, and a refusal says where.
//
// Documents are mutations of valid ones, and drawn from scratch out of what their form gives
// meaning to. ASSAY_FUZZ_CASES of each target, from ASSAY_SEED.

#include <assay/v1/service.pb.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "connectors/document/document_reader.h"
#include "connectors/file/contract_file.h"
#include "connectors/http/connect.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/engine/score/score_fixture.h"
#include "tests/support/environment.h"
#include "tools/assay/command_file.h"
#include "tools/assay/explain_file.h"
#include "tools/assay/settings.h"

namespace assay {
namespace {

// Of the thread's processor time: a case takes microseconds, and a machine may be slow.
constexpr int64_t kMillisecondsMax = 10'000;
// A message repeats no more than beginnings of what it was given.
constexpr size_t kMessageBytesMax = 8'000;
constexpr size_t kDocumentBytesMax = 16'000;

class Noise {
 public:
  explicit Noise(uint64_t seed) : random_(seed) {}

  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

  std::string Document(const std::vector<std::string>& valid,
                       const std::vector<std::string>& tokens) {
    if (Below(4) == 0) return FromScratch(tokens);
    std::string text = valid[Below(valid.size())];
    for (size_t edits = Below(6) + 1; edits > 0; --edits) Edit(text, valid, tokens);
    return text.substr(0, kDocumentBytesMax);
  }

 private:
  std::string FromScratch(const std::vector<std::string>& tokens) {
    std::string text;
    // Some repeat one token, which is how depth and length come about.
    const std::string again = tokens[Below(tokens.size())];
    const bool repeats = Below(3) == 0;
    for (size_t count = Below(300); count > 0; --count) {
      text += repeats && Below(8) != 0 ? again : tokens[Below(tokens.size())];
    }
    return text;
  }

  void Edit(std::string& text, const std::vector<std::string>& valid,
            const std::vector<std::string>& tokens) {
    const size_t at = Below(text.size() + 1);
    switch (Below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(Below(256));
        return;
      case 1:
        text.erase(at, Below(20));
        return;
      case 2:
        text.insert(at, tokens[Below(tokens.size())]);
        return;
      case 3:
        text.insert(at, text.substr(Below(text.size() + 1), Below(200)));
        return;
      case 4: {
        const std::string& other = valid[Below(valid.size())];
        text.insert(at, other.substr(Below(other.size() + 1), Below(200)));
        return;
      }
      default:
        text.resize(at);
    }
  }

  std::mt19937_64 random_;
};

const std::vector<std::string> kYamlTokens = {"a",         "actor",
                                              "commandId", "command_id",
                                              ": ",        ":",
                                              "- ",        "? ",
                                              "[",         "]",
                                              "{",         "}",
                                              ",",         "'",
                                              "\"",        "|\n",
                                              ">-\n",      "&a ",
                                              "*a",        "!!str ",
                                              "!a ",       "%YAML 1.2\n",
                                              "---\n",     "...\n",
                                              "# x\n",     "\n",
                                              "  ",        "\t",
                                              "\r",        "~",
                                              "null",      "\\",
                                              "\\x1b",     "\xef\xbb\xbf",
                                              "\xc2\x85",  "\xe2\x80\xa8",
                                              "\xff",      "1e400",
                                              "<<: "};
const std::vector<std::string> kJsonTokens = {
    "{",         "}",         "[",    "]",    ",",     ":",    "\"",   "\"a\"",
    "\"words\"", "\"actor\"", "1",    "-0",   "1e999", "true", "null", "\\",
    "\\u0000",   "\\ud800",   " ",    "\n",   "'",     "/*",   "NaN",  "\"files\":[{",
    "\"name\":", "\xff",      "\x01", "words"};

const std::vector<std::string> kCommands = {
    "commandId: a\nactor: {person: p-hr}\naddPerson: {person: p-1, name: \"Ann \\u00e9\"}\n",
    "actor:\n  person: p-hr\nopenCycle:\n  cycle: '2026-06'\n---\n# two\nactor: {client: erp}\n"
    "createUnit: {unit: u-1, name: >-\n    a\n    b\n  , kind: TEAM}\n",
    "giveGrant:\n  grant: g-1\n  to: {person: p-1}\n  role: HR\n  units: [u-1, u-2]\n"
    "  span: {from: 2026-01-01}\n...\n--- {closeIntake: {cycle: c}}\n"};
const std::vector<std::string> kJsonCommands = {
    R"({"commandId":"a","actor":{"person":"p-hr"},"openCycle":{"cycle":"2026-06"}})"
    "\n",
    R"({"giveGrant":{"grant":"g","to":{"person":"p"},"role":"HR","span":{"from":"2026-01-01"}}})"
    "\n\n{\"reason\": \"\\u00e9\", \"addPerson\": {\"person\": \"p-1\"}}\n"};
const std::vector<std::string> kContracts = {
    "source: erp\norigin: SYSTEM\nowner: {person: p-fin}\ninput: {format: csv, delimiter: \";\"}\n"
    "record:\n  key: [no, line]\n  version: {field: rev, type: decimal}\n"
    "  when: {field: at, format: \"%Y-%m-%d\", zone: Asia/Shanghai}\n  retract: 'op == \"D\"'\n"
    "entity: {type: employee, key: emp}\nattributes: {product: sku}\nmeasures:\n"
    "  - {name: output, value: qty, unit: pcs, range: [\"0\", null]}\n",
    "source: mes\norigin: MACHINE\nowner: {person: p-fin}\n"
    "input: {kafka: {topic: t, format: json, generation: 2}}\nrecord:\n  key: id\n"
    "  when: {field: at, format: rfc3339, zone: UTC}\npersonal: {key: plain}\nmeasures:\n"
    "  - {name: hours, value: h, unit: h, entity: {type: machine, key: m, personal: false}}\n"};
const std::vector<std::string> kSettings = {
    "journal: \"embedded:\"\nlang: zh-CN\nlog: {level: debug}\npublish: none\n",
    "kafka:\n  security.protocol: SASL_SSL\n  sasl.username: u\nsources:\n"
    "  default: {brokers: \"a:1,b:2\"}\n  erp:\n    brokers: c:3\n    kafka: {ssl.ca.location: f}\n"
    "topics: {scores: json}\n"};
const std::vector<std::string> kBodies = {
    R"({"words":["score","list"],"folder":"/","files":[{"name":"a","content":"YWJj"}]})",
    R"({"words":["run","-"],"input":"YWN0b3I6IHt9","folder":"/tmp"})"};
int64_t ThreadMilliseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000 + time.tv_nsec / 1'000'000;
}

struct Target {
  const std::vector<std::string>& valid;
  const std::vector<std::string>& tokens;
  // The refusals of a text.
  std::function<std::vector<std::string>(const std::string& text)> read;
  // What each of them holds, for a place; empty = nothing certain.
  std::string_view place;
};

// `share`: one of so many cases, where each takes longer.
void Try(const Target& target, int64_t share = 1) {
  const int64_t cases = testing::NumberFrom("ASSAY_FUZZ_CASES", 20'000) / share;
  const auto seed = static_cast<uint64_t>(testing::NumberFrom("ASSAY_SEED", 20'261'201));
  Noise noise(seed);
  int64_t accepted = 0;
  int64_t slowest = 0;
  for (int64_t i = 0; i < cases; ++i) {
    const std::string text = noise.Document(target.valid, target.tokens);
    const int64_t begun = ThreadMilliseconds();
    const std::vector<std::string> refusals = target.read(text);
    const int64_t took = ThreadMilliseconds() - begun;
    slowest = std::max(slowest, took);
    accepted += refusals.empty() ? 1 : 0;
    bool fits = took < kMillisecondsMax;
    for (const std::string& refusal : refusals) {
      fits = fits && !refusal.empty() && refusal.size() < kMessageBytesMax &&
             refusal.find(target.place) != std::string::npos;
    }
    if (fits) continue;
    INFO("ASSAY_SEED=" << seed << " case " << i << " took " << took << " ms\n" << text);
    for (const std::string& refusal : refusals) UNSCOPED_INFO(refusal);
    FAIL("a refusal without a place, or too long, or too late");
  }
  INFO(accepted << " of " << cases << " accepted, the slowest in " << slowest << " ms");
  // Mutations that reach nothing but the first check would be no campaign.
  CHECK(accepted > 0);
  CHECK(accepted < cases);
}

std::vector<std::string> CommandsOf(const std::string& text, bool ndjson) {
  std::vector<std::string> refusals;
  const absl::Status read = ReadCommands(text, ndjson, {}, [&](const CommandDocument& document) {
    if (!document.fault.ok()) refusals.emplace_back(MessageOf(document.fault));
    return absl::OkStatus();
  });
  if (!read.ok()) refusals.emplace_back(MessageOf(read));
  return refusals;
}

TEST_CASE("campaign: whatever a command file holds, reading ends and a refusal says where",
          "[campaign][documents]") {
  Try({kCommands, kYamlTokens, [](const auto& text) { return CommandsOf(text, false); }, "line "});
  Try({kJsonCommands, kJsonTokens, [](const auto& text) { return CommandsOf(text, true); },
       "line "});
}

TEST_CASE("campaign: whatever a contract holds, reading ends and a refusal says where",
          "[campaign][documents]") {
  const auto read = [](const std::string& text) -> std::vector<std::string> {
    if (const auto utf8 = CheckUtf8(text); !utf8.ok()) return {std::string(MessageOf(utf8))};
    const auto parsed = ParseContract(text);
    const auto* const refused = std::get_if<Rejection>(&parsed);
    if (refused == nullptr) return {};
    return {refused->message};
  };
  Try({kContracts, kYamlTokens, read, "line "});
}

TEST_CASE("campaign: whatever the settings hold, reading ends and a refusal says where",
          "[campaign][documents]") {
  const testing::ScratchDirectory scratch;
  const auto read = [&](const std::string& text) -> std::vector<std::string> {
    std::ofstream(scratch.Path("assay.yaml"), std::ios::binary) << text;
    const auto settings = ReadSettings(scratch.path());
    if (settings.ok()) return {};
    return {std::string(MessageOf(settings.status()))};
  };
  Try({kSettings, kYamlTokens, read, "line "}, /*share=*/5);
}

TEST_CASE("campaign: whatever a derivation holds, reading ends and a refusal says where",
          "[campaign][documents]") {
  const auto read = [](const std::string& text) -> std::vector<std::string> {
    const auto parsed = ParseExplains(text);
    const auto* const refused = std::get_if<Rejection>(&parsed);
    if (refused == nullptr) return {};
    return {refused->message + " at " + refused->path + ": " + refused->expected};
  };
  testing::Card card;
  card.Part("a-1", {{.item = "output"}}, 10'000, 10'000);
  card.facts.Add("employee/e-1", "erp.output", "2026-06-02", "60.5");
  card.Adjust("adj-1", "-2.5");
  const std::string tree = ExplainJson(card.Explain().tree);
  const std::vector<std::string> trees = {tree, "[" + tree + "," + tree + "]", tree + "\n" + tree};
  Try({trees, kJsonTokens, read, " at "});
}

TEST_CASE("campaign: whatever a body holds, reading ends and the caller hears what was expected",
          "[campaign][documents]") {
  ConnectMethods methods;
  methods.Add<v1::CallRequest, v1::CallResponse>(
      "/Call", [](const HttpRequest&, const v1::CallRequest& /*request*/,
                  v1::CallResponse& /*response*/) { return absl::OkStatus(); });
  const auto answer = [&](std::string type, const std::string& text) -> std::vector<std::string> {
    const HttpResponse response = methods.Answer({.method = "POST",
                                                  .target = "/Call",
                                                  .headers = {{"Content-Type", std::move(type)}},
                                                  .body = text});
    if (response.status == 200) return {};
    return {response.body};
  };
  const auto json = [&](const std::string& text) { return answer("application/json", text); };
  Try({kBodies, kJsonTokens, json, "the body"});
  std::vector<std::string> messages;
  v1::CallRequest request;
  for (const char* const word : {"score", "list", ""}) request.add_words(word);
  request.set_input("a: b");
  messages.push_back(request.SerializeAsString());
  request.add_files()->set_name("x");
  request.mutable_files(0)->set_content(std::string(100, 'y'));
  messages.push_back(request.SerializeAsString());
  const std::vector<std::string> wires = {
      std::string("\x0a\x00", 2), "\x22\x04",        "\x0b", "\x0c", "\x78\x01",
      "\xff\xff\xff\xff\x0f",     "\x12\x80\x80\x80"};
  const auto proto = [&](const std::string& text) { return answer("application/proto", text); };
  Try({messages, wires, proto, "the body"});
}

}  // namespace
}  // namespace assay
