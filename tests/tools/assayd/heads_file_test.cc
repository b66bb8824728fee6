// Heads that the service keeps outside of the home, by the built programs.

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/scenario/scene.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

int64_t Lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

// Runs the service until the file of heads has so many lines, and ends it.
void Serve(const Program& program, int64_t lines) {
  Daemon daemon(program.Path("."));
  daemon.AwaitReady();
  const auto last = std::chrono::steady_clock::now() + kPatience;
  while (Lines(program.Read("heads.ndjson")) < lines && std::chrono::steady_clock::now() < last) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(daemon.Get("/readyz").status == 200);
  daemon.Signal(SIGTERM);
  CHECK(daemon.Ended() == 0);
}

}  // namespace

TEST_CASE("heads are kept outside of a home, and one that was put back is told", "[assayd]") {
  Scene scene;
  const Program& program = scene.Files();
  const std::string kept = fs::absolute(program.Path("heads.ndjson"));
  program.Write("home/assay.yaml",
                program.Read("home/assay.yaml") + "heads: {file: \"" + kept + "\"}\n");
  Serve(program, 1);
  const std::string first = program.Read("heads.ndjson");
  CHECK(first.ends_with("]}\n"));
  CHECK(Lines(first) == 1);
  CHECK((fs::status(kept).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  // Nothing new has no line of its own, and a line that was torn off does not spoil the next one.
  Serve(program, 1);
  CHECK(program.Read("heads.ndjson") == first);
  fs::copy(program.Path("home"), program.Path("older"), fs::copy_options::recursive);
  scene.Do(By("p-hr", "addPerson: {person: p-2}"));
  program.Write("heads.ndjson", first + "{\"moment\":");
  Serve(program, 3);
  const std::string second = program.Read("heads.ndjson");
  CHECK(second.starts_with(first + "{\"moment\":\n{\"moment\":"));
  program.Write("whole.ndjson", second.substr(first.size() + std::string("{\"moment\":\n").size()));
  CHECK(program.Run(AtHome({"verify", "--against", "whole.ndjson"})).code == 0);

  fs::remove_all(program.Path("home"));
  fs::copy(program.Path("older"), program.Path("home"), fs::copy_options::recursive);
  const Daemon daemon(program.Path("."));
  daemon.Await("\"condition\":\"heads\"");
  const HttpResponse ready = daemon.Get("/readyz");
  INFO(ready.body);
  CHECK(ready.status == 503);
  CHECK(ready.body.find("not ready: heads: DATA_LOSS: decisions is shorter than it was") !=
        std::string::npos);
  CHECK(program.Read("heads.ndjson") == second);
}

TEST_CASE("heads that cannot be kept keep the service from being ready", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const std::string settings = program.Read("home/assay.yaml");
  const std::string missing = fs::absolute(program.Path("nowhere/heads.ndjson"));
  program.Write("home/assay.yaml", settings + "heads: {file: \"" + missing + "\"}\n");
  const Daemon daemon(program.Path("."));
  daemon.Await("\"condition\":\"heads\"");
  CHECK(daemon.Get("/readyz").status == 503);
  CHECK(daemon.Get("/readyz").body.find(missing) != std::string::npos);
  CHECK(program.Run(AtHome({"status"})).code == 0);
}

TEST_CASE("a file of heads stands outside of the home", "[assayd]") {
  const Scene scene;
  const Program& program = scene.Files();
  const std::string settings = program.Read("home/assay.yaml");
  const std::string inside = fs::absolute(program.Path("home/keys/../heads"));
  program.Write("home/assay.yaml", settings + "heads: {file: \"" + inside + "\"}\n");
  Ended ended = program.Run(AtHome({"status"}));
  CHECK(ended.code == 2);
  CHECK(
      ended.err.find("home/assay.yaml: heads.file: expected a file outside of the home, found \"" +
                     inside) != std::string::npos);
  program.Write("home/assay.yaml", settings + "heads: {file: heads.ndjson}\n");
  ended = program.Run(AtHome({"status"}));
  CHECK(ended.code == 2);
  CHECK(ended.err.find("heads.file: expected a whole path (/...) of a file outside of the home, "
                       "found \"heads.ndjson\"") != std::string::npos);
}

}  // namespace assay::testing
