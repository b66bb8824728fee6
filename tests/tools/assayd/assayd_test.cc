// The built programs together: what `assay` says while `assayd` holds the home.

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "connectors/embedded/home_lock.h"
#include "connectors/embedded/system_clock.h"
#include "tests/attack/rogue.h"
#include "tests/scenario/scene.h"
#include "tests/support/kept_home.h"
#include "tests/tools/assayd/daemon.h"
#include "tools/assay/home.h"

namespace assay::testing {
namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

// Exit code, standard output and standard error in one text.
std::string Answer(const Program& program, const std::vector<std::string>& words) {
  const Ended ended = program.Run(AtHome(words));
  return "exit " + std::to_string(ended.code) + "\n" + ended.out + ended.err;
}

bool IsServed(const Daemon& daemon, const std::string& verb) {
  return daemon.LogText().find("\"message\":\"call\",\"verb\":\"" + verb + "\"") !=
         std::string::npos;
}

// Commands that rename a unit, each day another one.
std::string Renames(int count) {
  std::string documents;
  for (int i = 0; i < count; ++i) {
    documents +=
        By("p-hr", "renameUnit: {unit: u-1, name: N" + std::to_string(i) + ", from: 2026-02-01}");
  }
  return documents;
}

size_t Lines(const std::string& text, std::string_view begin) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (std::string_view(text).substr(at).starts_with(begin)) ++count;
    if (text.find('\n', at) == std::string::npos) break;
  }
  return count;
}

// The exit code of a call in a thread beside that of the test, which may not check anything; what
// it prints is in the files out and err of the folder.
int CodeOfCall(const std::string& folder, const std::string& home, const std::string& words) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto program = self.parent_path().parent_path() / "tools" / "assay" / "assay";
  const std::string call = "cd '" + folder + "' && '" + program.string() + "' --home '" + home +
                           "' " + words + " >out 2>err";
  const int status = std::system(call.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Bytes of the files in a folder.
uintmax_t SizeOf(const std::string& folder) {
  uintmax_t size = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto bytes = entry.file_size(error);
    if (!error) size += bytes;
  }
  return size;
}

TEST_CASE("every verb that shows something says the same through the socket", "[assayd]") {
  PreferMemory();
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  REQUIRE(program.Run(AtHome({"demo", "--people", "40"})).code == 0);
  const std::string explained =
      program.Run(AtHome({"-o", "json", "score", "explain", "2026-06", "p-0021"})).out;
  program.Write("p.json", explained);
  const std::vector<std::vector<std::string>> calls = {
      {"status"},
      {"-o", "json", "digest"},
      {"score", "list", "2026-06"},
      {"-o", "csv", "score", "list", "2026-06", "--unit", "u-d01"},
      {"--lang", "zh-CN", "score", "list", "2026-06"},
      {"score", "show", "2026-06", "p-0021"},
      {"score", "explain", "2026-06", "p-0021"},
      {"-o", "json", "score", "explain", "2026-06", "p-0021", "--all"},
      {"score", "check", "p.json"},
      {"org", "show"},
      {"--on", "2026-05-31", "org", "show", "u-d01"},
      {"agreement", "show", "a-2026-06-p-0021"},
      {"adjustment", "list"},
      {"late", "list"},
      {"rejection", "list"},
      {"source", "list"},
      {"--at", "300", "log", "show", "--from", "290"},
      {"log", "show", "facts", "--to", "20"},
      {"journal", "info"},
      {"verify"},
      {"score", "list", "1999-01"},
      {"score", "check", "no.json"},
      {"--at", "99999999", "org", "show"},
      {"-o", "json", "agreement", "show", "nothing"},
      {"run", "no.yaml"},
      {"ingest", "erp", "no.csv"},
  };
  std::vector<std::string> direct;
  for (const auto& words : calls) direct.push_back(Answer(program, words));
  const Daemon daemon(scratch.path());
  daemon.AwaitReady();
  for (size_t i = 0; i < calls.size(); ++i) {
    const std::string verb = calls[i][calls[i].size() - 1];
    INFO(verb);
    CHECK(Answer(program, calls[i]) == direct[i]);
  }
  CHECK(Lines(daemon.LogText(), "{") >= calls.size());
  for (const char* verb : {"score list", "score explain", "org show", "log show", "verify"}) {
    CHECK(IsServed(daemon, verb));
  }
}

TEST_CASE("run, source add and ingest write the same through the socket", "[assayd]") {
  Scene scene;
  const Program& direct = scene.Files();
  const ScratchDirectory scratch;
  const Program served(scratch.path());
  std::filesystem::copy(direct.Path("home"), served.Path("home"),
                        std::filesystem::copy_options::recursive);
  Daemon daemon(scratch.path());
  daemon.AwaitReady();
  for (const Program* program : {&direct, &served}) {
    program->Write("two.yaml", WithIds("x", Hire("p-2", "E2") + Renames(1)));
    program->Write("refused.yaml", Renames(1) + By("p-1",
                                                   "renameUnit: {unit: u-1, name: No, "
                                                   "from: 2026-02-01}"));
    program->Write("erp.yaml", Contract("erp", {"output pcs"}));
    program->Write("erp.csv", "record,rev,day,emp,output\nr-1,1,2026-06-01,E1,5\nr-2,1,x,E2,5\n");
  }
  const std::vector<std::vector<std::string>> calls = {{"run", "two.yaml"},
                                                       {"run", "two.yaml"},
                                                       {"run", "refused.yaml"},
                                                       {"source", "add", "erp.yaml"},
                                                       {"ingest", "erp", "erp.csv"},
                                                       {"-o", "json", "ingest", "erp", "erp.csv"},
                                                       {"--as", "p-1", "ingest", "erp", "erp.csv"},
                                                       {"--as", "p-hr", "run", "refused.yaml"},
                                                       {"status"},
                                                       {"org", "show"}};
  for (const auto& words : calls) {
    INFO(words[words.size() - 1]);
    const std::string through = Answer(served, words);
    if (words.back() != "status") CHECK(through == Answer(direct, words));
  }
  // From standard input.
  const Ended piped = served.Run(AtHome({"run", "-"}), Renames(3));
  CHECK(piped.code == 0);
  CHECK(Lines(piped.out, "ok ") == 3);
  for (const char* verb : {"run", "source add", "ingest"}) CHECK(IsServed(daemon, verb));
  daemon.Signal(SIGTERM);
  CHECK(daemon.Ended() == 0);
  CHECK(Answer(served, {"verify", "--decisions"}).starts_with("exit 0\n"));
}

TEST_CASE("at a terminal the newest version is asked for through the socket, too", "[assayd]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "1000", .unit = "pcs"}}});
  const Program& program = scene.Files();
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  const auto terms = [](std::string_view verb, const char* target) {
    return std::string(verb) + ": {agreement: a-1, items: " +
           Items({{.item = "output", .target = target, .unit = "pcs"}}) + "}";
  };
  program.Write("terms.yaml", By("p-mgr", terms("proposeTerms", "900")) +
                                  By("p-1", terms("counterTerms", "800")));
  REQUIRE(program.Run(AtHome({"run", "terms.yaml"})).code == 0);
  // A document before, one that asks, one behind, which the run made clear itself.
  program.Write("now.yaml",
                By("p-hr", "renameUnit: {unit: u-1, name: Once, from: 2026-02-01}") +
                    By("p-mgr", "acceptItems: {agreement: a-1}") +
                    By("p-hr", "renameUnit: {unit: u-1, name: Twice, from: 2026-02-02}"));
  const std::vector<std::string> words = AtHome({"run", "now.yaml"});
  std::string shown = program.RunAtTerminal(words, "n\n");
  INFO(shown);
  CHECK(shown.find("items[output].target: 900 -> 800") != std::string::npos);
  CHECK(shown.find("Is version 2 the one that you mean? [y/N]") != std::string::npos);
  CHECK(shown.find("error VERSION_REQUIRED: now.yaml: document 2") != std::string::npos);
  CHECK(shown.ends_with("exit 1"));
  // With a name that is another one by now the first document would be refused.
  program.Write("now.yaml", By("p-mgr", "acceptItems: {agreement: a-1}") +
                                By("p-hr",
                                   "renameUnit: {unit: u-1, name: Twice, from: "
                                   "2026-02-02}"));
  shown = program.RunAtTerminal(words, "y\n");
  INFO(shown);
  CHECK(shown.find("(version 2)") != std::string::npos);
  CHECK(shown.find("error") == std::string::npos);
  CHECK(shown.ends_with("exit 0"));
  const std::string log = program.Out(AtHome({"log", "show", "--stream", "unit/u-1"}));
  // Each document was run once.
  for (const char* name : {"Once", "Twice"}) {
    const size_t first = log.find("\"name\":\"" + std::string(name) + "\"");
    CHECK(first != std::string::npos);
    CHECK(log.find("\"name\":\"" + std::string(name) + "\"", first + 1) == std::string::npos);
  }
  // Whoever is not to be asked is refused.
  program.Write("sign.yaml", By("p-mgr", "signAgreement: {agreement: a-1}"));
  shown = program.RunAtTerminal(AtHome({"--no-input", "run", "sign.yaml"}), "y\n");
  INFO(shown);
  CHECK(shown.find("[y/N]") == std::string::npos);
  CHECK(shown.find("error VERSION_REQUIRED") != std::string::npos);
}

TEST_CASE("verbs that need the home for themselves are refused in a sentence", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  for (const std::string verb : {"demo", "rebuild"}) {
    CHECK(Answer(program, {verb})
              .starts_with("exit 6\nerror UNAVAILABLE: `assay " + verb +
                           "` needs the home for itself, and assayd (process "));
  }
  CHECK(Answer(program, {"journal", "copy", "home", "copy"})
            .starts_with("exit 6\nerror UNAVAILABLE: `assay journal copy` needs the home"));
  CHECK_FALSE(std::filesystem::exists(program.Path("copy")));
  CHECK(Answer(program, {"init", "--company", "x", "--admin", "p-x"})
            .starts_with(
                "exit 4\nerror ALREADY_EXISTS: assayd serves the company at home in home\n"));
  CHECK(Answer(program, {"--now", "2026-09-01T00:00:00Z", "status"})
            .starts_with("exit 2\nerror USAGE: --now: assayd holds the home and records at its own "
                         "time\n"));
  // These need no home and say what they always say.
  CHECK(Answer(program, {"version"}).starts_with("exit 0\nassay "));
  CHECK(Answer(program, {"config", "show"}).starts_with("exit 0\nKEY"));
  CHECK(Answer(program, {"run", "--example", "renameUnit"}).starts_with("exit 0\n"));
}

TEST_CASE("health is told on the loopback port, and calls are not taken there", "[assayd]") {
  const Scene scene;
  const Daemon daemon(scene.Files().Path("."));
  daemon.AwaitReady();
  CHECK(daemon.Get("/livez").body == "alive\n");
  CHECK(daemon.Get("/readyz").status == 200);
  CHECK(daemon.Get("/assay.v1.Service/Call").status == 404);
}

TEST_CASE("what calls did is in the metrics, and promtool finds no fault in them", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  program.Write("r.yaml", Renames(3));
  CHECK(Answer(program, {"run", "r.yaml"}).starts_with("exit 0\n"));
  const HttpResponse metrics = daemon.Get("/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.body.find("\nassay_commit_duration_seconds_count 3\n") != std::string::npos);
  CHECK(metrics.body.find("\nassay_calls_total{exit_code=\"0\",verb=\"run\"} 1\n") !=
        std::string::npos);
  CHECK(metrics.body.find("\nassay_ready 1\n") != std::string::npos);
  CheckByPromtool(metrics.body);
}

TEST_CASE("a second service on a home says who holds it, and the first goes on", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  Daemon first(program.Path("."));
  first.AwaitReady();
  Daemon second(program.Path("."));
  CHECK(second.Ended() == 6);
  CHECK(second.LogText().starts_with(
      "error UNAVAILABLE: the home home is in use by assayd (process "));
  CHECK(Answer(program, {"org", "show"}).starts_with("exit 0\n"));
  Daemon nowhere(program.Path("."), {"--home", "nowhere"});
  CHECK(nowhere.Ended() == 3);
  Daemon wrong(program.Path("."), {"--wrong"});
  CHECK(wrong.Ended() == 2);
}

TEST_CASE("a service waits for the call that was begun just before it", "[assayd]") {
  const Scene scene;
  SystemClock clock;
  auto call = std::make_optional(HomeLock::Acquire(scene.Files().Path("home"), clock));
  REQUIRE(call->ok());
  const Daemon daemon(scene.Files().Path("."));
  std::this_thread::sleep_for(milliseconds(200));
  call.reset();
  daemon.AwaitReady();
}

TEST_CASE("a killed service leaves a socket that nobody stumbles over", "[assayd]") {
  Scene scene;
  const Program& program = scene.Files();
  Daemon killed(program.Path("."));
  killed.AwaitReady();
  program.Write("r.yaml", Renames(3));
  CHECK(Answer(program, {"run", "r.yaml"}).starts_with("exit 0\n"));
  killed.Signal(SIGKILL);
  CHECK(killed.Ended() == 128 + SIGKILL);
  REQUIRE(std::filesystem::exists(program.Path("home/assayd.sock")));
  const std::string shown = Answer(program, {"org", "show"});
  CHECK(shown.find(" N2 ") != std::string::npos);
  Daemon next(program.Path("."));
  next.AwaitReady();
  CHECK(Answer(program, {"org", "show"}) == shown);
  CHECK(IsServed(next, "org show"));
  next.Signal(SIGTERM);
  CHECK(next.Ended() == 0);
  CHECK_FALSE(std::filesystem::exists(program.Path("home/assayd.sock")));
}

TEST_CASE("SIGTERM under load ends the service, and what was answered is there", "[assayd]") {
  Scene scene;
  const Program& program = scene.Files();
  Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  // Two writers and a reader, each with a folder of its own for what it prints.
  const std::string home = std::filesystem::absolute(program.Path("home")).string();
  const uintmax_t size_before = SizeOf(home + "/journal");
  const ScratchDirectory folders[3];
  int codes[3] = {};
  std::atomic<bool> stops = false;
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    const std::string& folder = folders[i].path();
    if (i < 2) Program(folder).Write("r.yaml", Renames(5'000));
    callers.emplace_back([&home, &stops, folder, &code = codes[i], is_writer = i < 2] {
      do {
        code = CodeOfCall(folder, home, is_writer ? "run r.yaml" : "status");
      } while (!is_writer && code == 0 && !stops);
    });
  }
  // Until one of them is at work.
  while (SizeOf(home + "/journal") < size_before + 100'000) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  const auto begun = std::chrono::steady_clock::now();
  stops = true;
  daemon.Signal(SIGTERM);
  CHECK(daemon.Ended() == 0);
  std::printf("SIGTERM under load: ended after %lld ms\n",
              static_cast<long long>(
                  std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun)
                      .count()));
  for (std::thread& caller : callers) caller.join();
  INFO(daemon.LogText());
  size_t answered = 0;
  for (int i = 0; i < 2; ++i) {
    // Stopped at its next command, or not begun.
    CHECK((codes[i] == 130 || codes[i] == 6));
    answered += Lines(Program(folders[i].path()).Read("out"), "ok ");
  }
  CHECK(answered > 0);
  // Told that the service stops, or between two calls of its own.
  CHECK((codes[2] == 6 || codes[2] == 0));
  Daemon next(program.Path("."));
  next.AwaitReady();
  const std::string log = program.Run(AtHome({"log", "show"})).out;
  size_t renames = 0;
  for (size_t at = log.find("\"renameUnit\""); at != std::string::npos;
       at = log.find("\"renameUnit\"", at + 1)) {
    ++renames;
  }
  CHECK(renames == answered);
}

TEST_CASE("a disk without room is said, read on, and gone on from by itself", "[assayd]") {
  PreferMemory();
  Scene scene;
  scene.Source("erp", {"output pcs"});
  const Program& program = scene.Files();
  program.Write("erp.csv", ErpRecords(20'000));
  program.Write("r.yaml", Renames(3));
  Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  const std::string shown = Answer(program, {"org", "show"});
  daemon.LimitFiles(256 << 10);
  const Ended full = program.Run(AtHome({"ingest", "erp", "erp.csv"}));
  INFO(full.err);
  CHECK(full.code == 6);
  daemon.Await("no room on the disk of the home");
  const HttpResponse ready = daemon.Get("/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.body.find("no room on the disk of the home") != std::string::npos);
  CHECK(daemon.Get("/metrics").body.find("\nassay_home_failed 1\n") != std::string::npos);
  CHECK(Answer(program, {"org", "show"}).starts_with(shown + "as of "));
  const std::string refused = Answer(program, {"run", "r.yaml"});
  CHECK(refused.starts_with("exit 6\n"));
  CHECK(refused.find("nothing is written") != std::string::npos);

  daemon.LimitFiles(std::nullopt);
  daemon.Await("following again");
  CHECK(daemon.Get("/readyz").status == 200);
  CHECK(daemon.Get("/metrics").body.find("\nassay_home_failed 0\n") != std::string::npos);
  CHECK(Answer(program, {"run", "r.yaml"}).starts_with("exit 0\n"));
  CHECK(program.Run(AtHome({"ingest", "erp", "erp.csv"})).code == 0);
  const std::string digest = Answer(program, {"digest"});
  daemon.Signal(SIGTERM);
  CHECK(daemon.Ended() == 0);
  CHECK(Answer(program, {"rebuild"}).starts_with("exit 0\n"));
  CHECK(Answer(program, {"digest"}) == digest);
  CHECK(Answer(program, {"verify", "--decisions"}).starts_with("exit 0\n"));
}

TEST_CASE("a step of the engine that fails is told by every door, and taken again by itself",
          "[assayd]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", program.Path("home"));
  // A log that is not authentic yet becomes so by a key that this node does not have.
  CopyKeptHome("home_0.1", program.Path("other"));
  std::string key;
  {
    auto other = Home::Open({.directory = program.Path("other")});
    REQUIRE(other.ok());
    key = (*other)->MakeNextLogKey().value();
  }
  std::string escaped;
  for (const char c : key) escaped += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
  const Rogue rogue(program.Path("home"));
  rogue.Append(
      kDecisionsPartition,
      rogue
          .Forge({fmt::format(R"(stream: "log" log_authenticated {{ key_id: "{}" }})", escaped)}, 1,
                 "2026-08-01T08:00:00Z")
          .SerializeAsString(),
      "2026-08-01T08:00:00Z");
  program.Write("r.yaml", Renames(1));
  const Daemon daemon(scratch.path());
  daemon.AwaitReady();
  // It refuses nobody's command.
  CHECK(program.Run(AtHome({"run", "r.yaml"})).code == 0);
  const HttpResponse ready = daemon.Get("/readyz");
  CHECK(ready.status == 503);
  INFO(ready.body);
  CHECK(ready.body.find("not ready: engine-step: DATA_LOSS: KEY_MISSING: the log names the key " +
                        ToHex(key)) != std::string::npos);
  CHECK(daemon.Get("/metrics").body.find("assay_condition{condition=\"engine-step\"} 1") !=
        std::string::npos);
  daemon.Await("\"condition\":\"engine-step\"");
  // Nobody writes any more; the keys are copied here, and the step is taken.
  fs::copy(program.Path("other/keys"), program.Path("home/keys"),
           fs::copy_options::overwrite_existing | fs::copy_options::recursive);
  daemon.Await("\"message\":\"condition over\"");
  CHECK(daemon.Get("/readyz").status == 200);
}

TEST_CASE("a log key that this node lacks is taken into use by nobody", "[assayd]") {
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  CopyKeptHome("home_0.1", program.Path("home"));
  program.Write("up.yaml", By("p-admin", "upgradeLog: {keyId: \"12345678\"}"));
  const std::string refused =
      "error LOG_KEY_MISSING: up.yaml: document 1, line 2: the key store of this node has no log "
      "key "
      "3132333435363738 (upgradeLog.keyId)";
  const Ended at_home = program.Run(AtHome({"run", "up.yaml"}));
  INFO(at_home.err);
  CHECK(at_home.code == 1);
  CHECK(at_home.err.starts_with(refused));
  const Daemon daemon(scratch.path());
  daemon.AwaitReady();
  CHECK(program.Run(AtHome({"run", "up.yaml"})).err.starts_with(refused));
  CHECK(daemon.Get("/readyz").status == 200);
}

TEST_CASE("a journal that another hand changes under the service halts it, in one answer",
          "[assayd]") {
  PreferMemory();
  Scene scene;
  scene.Source("erp", {"output pcs"});
  const Program& program = scene.Files();
  program.Write("erp.csv", ErpRecords(100));
  program.Write("r.yaml", Renames(1));
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  const std::filesystem::path journal = program.Path("home/journal");
  std::string said;
  SECTION("it is removed") {
    std::filesystem::remove_all(journal);
    said = "was removed";
  }
  SECTION("it is replaced by a copy") {
    std::filesystem::rename(journal, program.Path("away"));
    std::filesystem::copy(program.Path("away"), journal);
    said = "journal was replaced by another one";
  }
  SECTION("its files are gone, and others are there") {
    for (const auto& entry : std::filesystem::directory_iterator(journal)) {
      std::filesystem::remove(entry.path());
    }
    std::ofstream(journal / "END") << "another";
    said = "END was replaced by another one";
  }
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"run", "r.yaml"}, {"ingest", "erp", "erp.csv"}}) {
    const std::string answer = Answer(program, words);
    INFO(answer);
    CHECK(answer.starts_with("exit 5\n"));
    CHECK(answer.find("was changed by another hand while it was in use") != std::string::npos);
    CHECK(answer.find(said) != std::string::npos);
  }
  daemon.Await("\"message\":\"halted\"");
  const HttpResponse ready = daemon.Get("/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.body.find(said) != std::string::npos);
  CHECK(daemon.Get("/metrics").body.find("\nassay_ready 0\n") != std::string::npos);
  CHECK(Answer(program, {"org", "show"}).starts_with("exit 0\n"));
}

TEST_CASE("views that were deleted while the service was stopped are folded again", "[assayd]") {
  PreferMemory();
  Scene scene;
  scene.Source("erp", {"output pcs"});
  const Program& program = scene.Files();
  program.Write("erp.csv", ErpRecords(100));
  std::string digest;
  {
    Daemon daemon(program.Path("."));
    daemon.AwaitReady();
    CHECK(program.Run(AtHome({"ingest", "erp", "erp.csv"})).code == 0);
    digest = Answer(program, {"digest"});
    daemon.Signal(SIGTERM);
    CHECK(daemon.Ended() == 0);
  }
  std::filesystem::remove_all(program.Path("home/views"));
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  CHECK(Answer(program, {"digest"}) == digest);
}

TEST_CASE("SIGHUP reads the log level again", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  const std::string settings = program.Read("home/assay.yaml");
  program.Write("home/assay.yaml", settings + "log: {level: debug}\n");
  daemon.Signal(SIGHUP);
  daemon.Await("\"message\":\"log level\",\"logLevel\":\"debug\"");
  program.Write("home/assay.yaml", settings + "log: {level: loud}\n");
  daemon.Signal(SIGHUP);
  daemon.Await("\"message\":\"settings not read\"");
  program.Write("home/assay.yaml", settings + "log: {level: error}\n");
  daemon.Signal(SIGHUP);
  // Below error nothing is said, so wait by asking.
  for (int i = 0; i < 200; ++i) {
    const size_t before = Lines(daemon.LogText(), "{");
    CHECK(Answer(program, {"org", "show"}).starts_with("exit 0\n"));
    if (Lines(daemon.LogText(), "{") == before) return;
  }
  FAIL("the level is not in force");
}

TEST_CASE("systemd is told when it follows and when it stops", "[assayd]") {
  const Scene scene;
  const ScratchDirectory scratch;
  const std::string path = scratch.Path("notify");
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  Daemon daemon(scene.Files().Path("."), {"--home", "home"}, {"NOTIFY_SOCKET=" + path});
  const auto hear = [&] {
    char text[512];
    const ssize_t got = recv(socket, text, sizeof(text), 0);
    return std::string(text, static_cast<size_t>(std::max<ssize_t>(got, 0)));
  };
  CHECK(hear() == "READY=1\nSTATUS=following the journal");
  daemon.Signal(SIGTERM);
  CHECK(hear() == "STOPPING=1");
  CHECK(daemon.Ended() == 0);
  close(socket);
}

}  // namespace
}  // namespace assay::testing
