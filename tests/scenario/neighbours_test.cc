// Who else is on the machine: other users and their file modes, other readers of one home, and
// terminals and spreadsheets that obey what others wrote.

#include <fmt/core.h>
#include <sys/stat.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "connectors/embedded/home_lock.h"
#include "tests/scenario/scene.h"
#include "tools/assay/verb_table.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

std::string ModeOf(const fs::path& path) {
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return fmt::format("{:04o}", found.st_mode & 07777);
}

// What others may do with anything of the home: "views 0755", ...; nothing is right.
std::set<std::string> OpenToOthers(const std::string& home) {
  std::set<std::string> open;
  const auto look = [&](const fs::path& path) {
    const std::string mode = ModeOf(path);
    if (!mode.ends_with("00")) open.insert(path.string().substr(home.size()) + " " + mode);
  };
  look(home);
  for (const auto& file : fs::recursive_directory_iterator(home)) look(file.path());
  return open;
}

// Every file of the home with what tells that it was changed.
std::map<std::string, std::string> FilesOf(const std::string& home) {
  std::map<std::string, std::string> files;
  for (const auto& file : fs::recursive_directory_iterator(home)) {
    if (file.is_directory()) continue;
    files[file.path().string()] =
        fmt::format("{} {}", file.file_size(), file.last_write_time().time_since_epoch().count());
  }
  return files;
}

// What a terminal obeys, in names: a line that looks like another row, colours, titles, writing
// from right to left, characters of C1.
constexpr std::string_view kPlanted =
    "=x\\nFORGED p-0001 99.9\\r\\tT\\x9b31m\\x85\\u202egnp\\u2066\\u200b\\u2028z";
// The same in the fields of a record.
constexpr std::string_view kObeyed = "\x1b[31mR\x1b]0;t\a\xe2\x80\xae\xc2\x9b";

// What in an output is obeyed; empty = nothing.
std::string ObeyedIn(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) return fmt::format("byte {:02x}", byte);
    const std::string_view rest = text.substr(i);
    const auto next = [&](size_t place) {
      return place < rest.size() ? static_cast<uint8_t>(rest[place]) : uint8_t{0};
    };
    if (byte == 0xC2 && next(1) >= 0x80 && next(1) <= 0x9F) return "a control character of C1";
    if (byte != 0xE2) continue;
    if (next(1) == 0x80 && (next(2) == 0x8B || (next(2) >= 0xA8 && next(2) <= 0xAE))) {
      return "a character that turns, ends or hides";
    }
    if (next(1) == 0x81 && next(2) >= 0xA6 && next(2) <= 0xA9) return "an isolate";
  }
  if (text.starts_with("FORGED") || text.find("\nFORGED") != std::string_view::npos) {
    return "a forged line";
  }
  return "";
}

std::string Planted(std::string_view document) {
  std::string text(document);
  for (size_t at = text.find("PLANT"); at != std::string::npos; at = text.find("PLANT")) {
    text.replace(at, 5, "\"" + std::string(kPlanted) + "\"");
  }
  return text;
}

// A month of three people whose every text has something planted in it.
void Plant(Scene& scene) {
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Do(Planted(
      Hire("p-2", "E2") + By("p-hr", "addPerson: {person: p-9, name: PLANT}") +
      By("p-hr", "addPerson: {person: p-8, name: \"@SUM(1+1)*cmd\"}") +
      By("p-hr",
         "createPosition: {position: pos-9, unit: u-1, title: PLANT, headcount: 9, from: "
         "2026-01-01}") +
      By("p-hr",
         "startAssignment: {assignment: as-9, person: p-9, position: pos-9, allocationBp: "
         "10000, kind: PRIMARY, span: {from: 2026-01-01}}") +
      By("p-hr",
         "startAssignment: {assignment: as-8, person: p-8, position: pos-9, allocationBp: "
         "10000, kind: PRIMARY, span: {from: 2026-01-01}}") +
      By("p-hr",
         "setReportingLine: {person: p-9, manager: p-mgr, line: SOLID, span: {from: "
         "2026-01-01}}") +
      By("p-hr",
         "bindSourceKey: {person: p-9, entityType: employee, key: E9, span: {from: "
         "2026-01-01}}") +
      By("p-hr", "renameUnit: {unit: u-1, name: PLANT, from: 2026-01-02}") +
      By("p-hr", "openAgreement: {agreement: a-9, person: p-9, position: pos-9, cycle: 2026-06}") +
      By("p-mgr", "proposeTerms: {agreement: a-9, items: " +
                      Items({{.item = "output", .target = "100", .unit = "pcs"}}) +
                      ", note: PLANT}") +
      By("p-9", "counterTerms: {agreement: a-9, items: " +
                    Items({{.item = "output", .target = "80", .unit = "pcs"}}) +
                    ", note: PLANT}")));
  scene.At("2026-06-25T08:00:00Z");
  const std::string obeyed(kObeyed);
  const std::vector<std::string> rows = {
      obeyed + ",1,2026-06-05,E9,40", obeyed + "2,1,2026-06-06,E9,mu" + obeyed,
      "r" + obeyed + ",1,2026-06-06," + obeyed + ",4", obeyed + "," + obeyed + ",2026-06-06,E9,4"};
  scene.Feed("output", {rows.begin(), rows.end()});
  scene.At("2026-07-02T08:00:00Z");
  scene.Do(By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}"));
  const std::string late = obeyed + "3,1,2026-06-30,E9,9";
  scene.Feed("output", {late});
  scene.Do(Planted(By("p-ex",
                      "requestAdjustment: {adjustment: adj-9, person: p-9, cycle: 2026-06, "
                      "delta: \"-5\", reasonCode: OUTPUT, remark: PLANT}") +
                   By("p-ex2", "approveAdjustment: {adjustment: adj-9}\nreason: PLANT")));
}

// Arguments of every verb that reads a home.
const std::map<std::string, std::vector<std::string>> kReading = {
    {"adjustment list", {}},
    {"adjustment show", {"adj-9"}},
    {"agreement show", {"a-9"}},
    {"digest", {}},
    {"grant list", {}},
    {"journal info", {}},
    {"late list", {}},
    {"log foreign", {}},
    {"log show", {"decisions"}},
    {"login list", {}},
    {"org show", {}},
    {"rejection list", {}},
    {"rejection show", {}},
    {"score check", {}},
    {"score explain", {"2026-06", "p-9"}},
    {"score list", {"2026-06"}},
    {"score show", {"2026-06", "p-9"}},
    {"source list", {}},
    {"source show", {"erp"}},
    {"status", {}},
};

std::vector<std::string> WordsOf(const std::string& verb) {
  const size_t space = verb.find(' ');
  std::vector<std::string> words = {verb.substr(0, space)};
  if (space != std::string::npos) words.push_back(verb.substr(space + 1));
  return words;
}

bool IsJson(const std::string& text) {
  simdjson::dom::parser parser;
  return parser.parse(text).error() == simdjson::SUCCESS;
}

// `format` of the call; empty where what was printed need not be JSON.
void CheckOutput(const std::vector<std::string>& words, const Ended& ended,
                 std::string_view format = "") {
  INFO(ended.out << ended.err);
  for (const std::string& word : words) UNSCOPED_INFO(word);
  CHECK(ObeyedIn(ended.out).empty());
  CHECK(ObeyedIn(ended.err).empty());
  if (format == "json" && ended.code == 0) CHECK(IsJson(ended.out));
  if (format != "ndjson") return;
  std::istringstream lines(ended.out);
  for (std::string line; std::getline(lines, line);) CHECK(IsJson(line));
}

}  // namespace

TEST_CASE("a home and all in it are its owner's alone, whatever the umask",
          "[scenario][neighbours]") {
  const mode_t before = umask(0);
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"2026-06-05,E1,4"});
  (void)scene.Tell({"verify"});
  const Ended demo = scene.Files().Run({"--home", "acme", "demo", "--people", "40"});
  umask(before);
  REQUIRE(demo.code == 0);
  CHECK(OpenToOthers(scene.Files().Path("home")).empty());
  CHECK(OpenToOthers(scene.Files().Path("acme")).empty());
  CHECK(fs::exists(scene.Files().Path("acme/keys/SEED")));
  // Nobody is listed by the keys.
  for (const auto& file : fs::directory_iterator(scene.Files().Path("home/keys"))) {
    const std::string name = file.path().filename().string();
    // Which log they belong to, and their list.
    if (name == "LOG" || name.starts_with("KEYS")) continue;
    CHECK(name.size() == 32 + 4);
  }
}

TEST_CASE("a home of an open umask is closed when it is opened, and open keys are refused",
          "[scenario][neighbours]") {
  const Scene scene;
  const std::string home = scene.Files().Path("home");
  const auto open = [](const fs::path& path) {
    REQUIRE(chmod(path.c_str(), fs::is_directory(path) ? 0755 : 0644) == 0);
  };
  for (const auto& file : fs::recursive_directory_iterator(home)) open(file.path());
  open(home);
  for (const char* const verb : {"status", "verify"}) {
    const Ended refused = scene.Files().Run({"--home", "home", verb});
    CHECK(refused.code == 1);
    CHECK(refused.err ==
          "error FAILED_PRECONDITION: home/keys is open to other users (mode 0755), and whoever "
          "reads the keys reads all that they seal: find out who could, then run `chmod -R go-rwx "
          "'home/keys'`\n");
  }
  for (const auto& file : fs::directory_iterator(home + "/keys")) {
    fs::permissions(file.path(), fs::perms::owner_read | fs::perms::owner_write);
  }
  fs::permissions(home + "/keys", fs::perms::owner_all);
  CHECK(scene.Files().Run({"--home", "home", "status"}).code == 0);
  // Who passes through the home reaches a socket that lets him in, and nothing else.
  CHECK(OpenToOthers(home) == std::set<std::string>{" 0711"});
}

TEST_CASE("key files that list people are renamed when the home is written, and read before",
          "[scenario][neighbours]") {
  Scene scene;
  const std::string keys = scene.Files().Path("home/keys/");
  fs::rename(keys + "8a54cef7645caf711a601b2d64434bd3.key", keys + "person%2Fp-1.key");
  fs::rename(keys + "75ae237e5e67a88f999bf98fa13b9624.key", keys + "company%2Fpseudonym.key");
  CHECK(scene.Tell({"org", "show"}).find("员工 p-1") != std::string::npos);
  CHECK(fs::exists(keys + "person%2Fp-1.key"));
  scene.Do(By("p-hr", "addPerson: {person: p-2, name: 员工 p-2}"));
  CHECK_FALSE(fs::exists(keys + "person%2Fp-1.key"));
  CHECK_FALSE(fs::exists(keys + "company%2Fpseudonym.key"));
  CHECK(scene.Tell({"org", "show"}).find("员工 p-1") != std::string::npos);
  CHECK(scene.Tell({"-o", "json", "verify"}).find("\"keysGone\": 0") != std::string::npos);
}

// 1,000 in an optimised build; fewer where each takes longer.
TEST_CASE("reads leave no file, and the time of one is printed", "[scenario][neighbours]") {
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kReads = 50;
#else
  constexpr int kReads = 1'000;
#endif
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"2026-06-05,E1,4"});
  const std::string home = scene.Files().Path("home");
  const auto before = FilesOf(home);
  std::vector<std::chrono::microseconds> times;
  for (int i = 0; i < kReads; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    const Ended ended = scene.Files().Run({"--home", "home", "score", "show", "2026-06", "p-1"});
    times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun));
    if (ended.code != 0) FAIL(ended.err);
  }
  CHECK(FilesOf(home) == before);
  std::ranges::sort(times);
  WARN(fmt::format("{} reads, the middle one took {} us", kReads, times[times.size() / 2].count()));
}

TEST_CASE("every verb that reads changes no file, also without room, and beside others",
          "[scenario][neighbours]") {
  Scene scene("2026-06-01T08:00:00Z");
  Plant(scene);
  const std::string home = scene.Files().Path("home");
  const auto before = FilesOf(home);
  const auto lock = HomeLock::AcquireToRead(home);
  REQUIRE(lock.ok());
  scene.Files().Write("tree.json",
                      scene.Tell({"-o", "json", "score", "explain", "2026-06", "p-9"}));
  for (const VerbRow& row : VerbTable()) {
    if (row.use != HomeUse::kReads) continue;
    const std::string verb(row.verb);
    INFO(verb);
    REQUIRE(kReading.contains(verb));
    std::vector<std::string> words = {"--home", "home"};
    for (const std::string& word : WordsOf(verb)) words.push_back(word);
    for (const std::string& word : kReading.at(verb)) words.push_back(word);
    if (verb == "rejection show") continue;
    if (verb == "score check") words.emplace_back("tree.json");
    CHECK(scene.Files().Run(words).code == 0);
  }
  // No file may have more than 8 KiB, as on a disk that is full: the answer is all that is written.
  const Ended full = scene.Files().RunWithin(8, {"--home", "home", "status"});
  INFO(full.err);
  CHECK(full.code == 0);
  CHECK(FilesOf(home) == before);
}

TEST_CASE("without room and without views, a home is folded in memory for who reads",
          "[scenario][neighbours]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"2026-06-05,E1,4"});
  const std::string digest = scene.Tell({"digest"});
  fs::remove_all(scene.Files().Path("home/views"));
  // Where views would be made stands what is no folder.
  scene.Files().Write("home/views", "");
  const Ended read = scene.Files().Run({"--home", "home", "digest"});
  INFO(read.err);
  CHECK(read.code == 0);
  CHECK(read.out == digest);
  CHECK(scene.Files().Read("home/views").empty());
  CHECK(scene.Files().Run({"--home", "home", "verify"}).code == 6);
  fs::remove(scene.Files().Path("home/views"));
  CHECK(scene.Tell({"digest"}) == digest);
  CHECK(fs::is_directory(scene.Files().Path("home/views")));
}

TEST_CASE("several read a home at once", "[scenario][neighbours]") {
  Scene scene;
  const std::string expected = scene.Tell({"org", "show"});
  std::vector<std::thread> readers;
  std::array<bool, 4> are_right{};
  for (bool& is_right : are_right) {
    readers.emplace_back([&scene, &is_right, &expected] {
      const ScratchDirectory own;
      const Program program(own.path());
      is_right = true;
      for (int i = 0; i < 5; ++i) {
        const Ended ended = program.Run({"--home", scene.Files().Path("home"), "org", "show"});
        is_right = is_right && ended.code == 0 && ended.out == expected;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  for (const bool is_right : are_right) CHECK(is_right);
}

TEST_CASE("nothing that others wrote is obeyed by a terminal, in any output of any verb",
          "[scenario][neighbours]") {
  Scene scene("2026-06-01T08:00:00Z");
  Plant(scene);
  const Program& program = scene.Files();
  program.Write("tree.json", scene.Tell({"-o", "json", "score", "explain", "2026-06", "p-9"}));
  std::vector<std::vector<std::string>> calls = {{"verify"},
                                                 {"source", "check", "erp.yaml", "o.csv"}};
  for (const auto& [verb, arguments] : kReading) {
    std::vector<std::string> words = WordsOf(verb);
    words.insert(words.end(), arguments.begin(), arguments.end());
    if (verb == "score check") words.emplace_back("tree.json");
    if (verb == "rejection show") {
      for (const auto& refused : scene.Json({"rejection", "list"})) {
        calls.push_back({"rejection", "show", TextIn(refused, "id")});
      }
      continue;
    }
    calls.push_back(words);
    if (verb == "log show") calls.push_back({"log", "show", "facts"});
  }
  const std::string obeyed(kObeyed);
  program.Write("erp.yaml", Contract("erp", {"output pcs"}));
  program.Write("o.csv", "record,rev,day,emp,output\n" + obeyed + ",1,2026-06-05,E1,4\n" + obeyed +
                             "2,1,2026-06-05," + obeyed + ",mu" + obeyed + "\n");
  for (const auto& call : calls) {
    for (const char* const format : {"table", "json", "ndjson", "csv"}) {
      for (const std::string lang : {"en", "zh-CN"}) {
        if (lang != "en" && std::string_view(format) != "table") continue;
        std::vector<std::string> words = {"--home", "home", "-o", format, "--lang", lang};
        words.insert(words.end(), call.begin(), call.end());
        CheckOutput(words, program.Run(words), format);
      }
    }
  }
  // What was planted is there: the names were not lost on the way.
  const std::string org = program.Out({"--home", "home", "-o", "csv", "org", "show"});
  CHECK_THAT(org, Catch::Contains("'=x\\nFORGED p-0001 99.9\\r\\tT\\u009b31m\\u0085\\u202egnp") &&
                      Catch::Contains("'@SUM(1+1)*cmd"));
  CHECK_THAT(program.Out({"--home", "home", "-o", "csv", "adjustment", "list"}),
             Catch::Contains(",-5,"));
}

TEST_CASE("nothing that a caller brings is obeyed when it is told as wrong",
          "[scenario][neighbours]") {
  const Scene scene;
  const Program& program = scene.Files();
  const std::string obeyed(kObeyed);
  program.Write("key.yaml", "\"\\e]0;pwn\\a\\e[31m\\x9bkey\\n FORGED\": x\n");
  program.Write("deep.yaml", By("p-hr", "addPerson: {person: p-7, \"\\e[31m\\nFORGED\": 1}"));
  program.Write("value.yaml", By("p-hr", "addPerson: {person: \"\\e[31m\\nFORGED\", name: x}"));
  program.Write("bad.yaml", By("p-hr", "\"\\e[31m\\u202e\": {}"));
  program.Write(obeyed + ".yaml", "x: [");
  program.Write("contract.yaml", Contract("erp", {"output pcs"}) + "\"\\e[31m\\nFORGED\": 1\n");
  program.Write("header.csv", "record,rev,day,emp," + obeyed + "\n1,1,2026-06-05,E1,4\n");
  program.Write("erp.yaml", Contract("erp", {"output pcs"}));
  const std::vector<std::vector<std::string>> calls = {
      {"run", "key.yaml"},
      {"run", "deep.yaml"},
      {"run", "value.yaml"},
      {"run", "bad.yaml"},
      {"run", obeyed + ".yaml"},
      {"run", obeyed},
      {"run", "--example", obeyed},
      {"source", "add", "contract.yaml"},
      {"source", "add", obeyed},
      {"source", "check", "erp.yaml", "header.csv"},
      {"score", "show", "2026-06", obeyed},
      {"score", "list", obeyed},
      {"score", "check", obeyed},
      {"org", "show", obeyed},
      {"ingest", obeyed, "header.csv"},
      {"rejection", "show", obeyed},
      {"rejection", "list", "--source", obeyed},
      {"log", "show", "--stream", obeyed},
      {"log", "show", obeyed},
      {obeyed},
      {"status", "--" + obeyed},
      {"--as", obeyed, "status"},
      {"--at", obeyed, "org", "show"},
      {"--lang", obeyed, "status"},
      {"--journal", obeyed, "status"},
      {"journal", "copy", obeyed, obeyed + "2"},
  };
  for (const auto& call : calls) {
    for (const char* const format : {"table", "json"}) {
      std::vector<std::string> words = {"--home", "home", "-o", format};
      words.insert(words.end(), call.begin(), call.end());
      const Ended ended = program.Run(words);
      CheckOutput(words, ended);
      CHECK((ended.code != 0 || call.front() == "log" || call.front() == "rejection"));
    }
  }
  CheckOutput({"--home"}, program.Run({"--home", obeyed, "status"}));
  program.Write("home/assay.yaml", "\"\\e[31m\\nFORGED\": 1\n");
  CheckOutput({"settings"}, program.Run({"--home", "home", "status"}));
}

TEST_CASE("a damaged file is told as which, where and what to do, in our words",
          "[scenario][neighbours]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Feed("output", {"2026-06-05,E1,4"});
  const std::string home = scene.Files().Path("home");
  fs::copy(home, scene.Files().Path("saved"), fs::copy_options::recursive);
  std::set<std::string> sentences;
  std::set<std::string> kinds;
  for (const char* const folder : {"journal", "views"}) {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(home + "/" + folder)) {
      if (!file.is_directory()) names.push_back(file.path().filename());
    }
    for (const std::string& name : names) {
      const size_t point = name.find('.');
      const std::string kind =
          point == std::string::npos ? name.substr(0, name.find('-')) : name.substr(point);
      const bool has_bytes = fs::file_size(home + "/" + folder + "/" + name) > 0;
      if (!has_bytes || !kinds.insert(folder + kind).second) continue;
      for (const char* const how : {"flip", "cut", "empty", "gone"}) {
        const std::string path = fmt::format("home/{}/{}", folder, name);
        std::string bytes = scene.Files().Read(path);
        const std::string_view damage(how);
        if (damage == "flip") bytes[bytes.size() / 2] ^= 1;
        if (damage == "cut") bytes.resize(bytes.size() / 2);
        if (damage == "empty") bytes.clear();
        if (damage == "gone") {
          fs::remove(scene.Files().Path(path));
        } else {
          scene.Files().Write(path, bytes);
        }
        for (const char* const verb : {"status", "verify"}) {
          const Ended ended = scene.Files().Run({"--home", "home", verb});
          INFO(path << " " << how << " " << verb << ": " << ended.err);
          for (const char* const word : {"MANIFEST", ".ldb", "IO error", "Corruption", "CURRENT f",
                                         "mismatch", "rocksdb", "While "}) {
            CHECK(ended.err.find(word) == std::string::npos);
          }
          CHECK((ended.code == 0 || ended.code == 5));
          const bool says_what_to_do =
              ended.err.find("rebuild`") != std::string::npos ||
              ended.err.find("restore ") != std::string::npos ||
              // Nothing is to be done.
              ended.err.find("appends write both anew") != std::string::npos;
          CHECK((ended.code == 0 || says_what_to_do));
          if (ended.code != 0) sentences.insert(ended.err);
        }
        fs::remove_all(home);
        fs::copy(scene.Files().Path("saved"), home, fs::copy_options::recursive);
      }
    }
  }
  CHECK(sentences.size() > 4);
}

}  // namespace assay::testing
