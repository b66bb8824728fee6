// The views of a service whose journal is on Kafka: without room on the disk, and deleted.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/kafka/broker.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

using Words = std::vector<std::string>;

// The home "home" of acme, with p-1 and the source erp.
class Workshop {
 public:
  Workshop() : program_(scratch_.path()) {
    Call({"--journal", FreshAddress().ToString(), "init", "--company", "acme", "--admin", "p-admin",
          "--partitions", "2"});
    Do(Founding() + Hire("p-1", "E1"));
    program_.Write("contract.yaml", Contract("erp", {"output pcs"}));
    Call({"source", "add", "contract.yaml"});
  }

  [[nodiscard]] Ended Run(Words words) const {
    words.insert(words.begin(), {"--home", "home"});
    return program_.Run(words);
  }
  std::string Call(const Words& words) const {
    const Ended ended = Run(words);
    INFO(ended.out << ended.err);
    REQUIRE(ended.code == 0);
    return ended.out;
  }
  void Do(const std::string& documents) const {
    program_.Write("commands.yaml", documents);
    Call({"run", "commands.yaml"});
  }
  [[nodiscard]] Ended Feed(const std::string& name, int records) const {
    std::string text = "record,rev,day,emp,output\n";
    for (int i = 0; i < records; ++i) {
      text += fmt::format("{}-{},1,2026-06-{},E1,1\n", name, i, 10 + i % 20);
    }
    program_.Write("erp.csv", text);
    return Run({"ingest", "erp", "erp.csv"});
  }
  [[nodiscard]] std::string Path(const std::string& name) const { return program_.Path(name); }

 private:
  ScratchDirectory scratch_;
  Program program_;
};

std::string LineOf(const std::string& text, const std::string& name) {
  const size_t begin = text.find("\n" + name + " ");
  REQUIRE(begin != std::string::npos);
  return text.substr(begin, text.find('\n', begin + 1) - begin);
}

std::string Rename(const std::string& name) {
  return By("p-hr", fmt::format("renameUnit: {{unit: u-1, name: {}, from: 2026-02-01}}", name));
}

TEST_CASE("views without room on the disk are read, and gone on with once there is some",
          "[kafka]") {
  PreferMemory();
  const Workshop workshop;
  Daemon daemon(workshop.Path(""));
  daemon.Await("\"message\":\"publishing\"");
  workshop.Do(Rename("Before"));
  // On the log they are, whatever becomes of the views.
  daemon.LimitFiles(128 << 10);
  const Ended fed = workshop.Feed("r", 20'000);
  INFO(fed.out << fed.err);
  daemon.Await("no room on the disk of the home");
  const HttpResponse ready = daemon.Get("/readyz");
  CHECK(ready.status == 503);
  CHECK(
      ready.body.starts_with("waiting: UNAVAILABLE: no room on the disk of the home, assayd goes "
                             "on by itself once there is: the views cannot be used "
                             "(writing them): "));
  CHECK(daemon.Get("/metrics").body.find("\nassay_home_failed 1\n") != std::string::npos);
  const Ended read = workshop.Run({"org", "show"});
  CHECK(read.code == 0);
  CHECK(read.out.find("Before") != std::string::npos);
  CHECK(read.err.starts_with("as of "));

  daemon.LimitFiles(std::nullopt);
  daemon.Await("following again");
  CHECK(daemon.Get("/readyz").status == 200);
  workshop.Do(Rename("After"));
  CHECK(workshop.Call({"org", "show"}).find("After") != std::string::npos);
  // What was acknowledged is there once.
  CHECK(workshop.Feed("r", 20'000).code == 0);
  CHECK(workshop.Call({"-o", "ndjson", "status"}).find("\"applied\":20000") != std::string::npos);
  const std::string digest = workshop.Call({"digest"});
  daemon.Signal(SIGTERM);
  CHECK(daemon.Ended() == 0);
  workshop.Call({"rebuild"});
  CHECK(workshop.Call({"digest"}) == digest);
}

TEST_CASE("views on Kafka that were deleted while the service was stopped are folded again",
          "[kafka]") {
  PreferMemory();
  const Workshop workshop;
  const auto serve = [&workshop](bool feeds) {
    Daemon daemon(workshop.Path(""));
    // Behind the claim, which is on the log too.
    daemon.Await("\"message\":\"publishing\"");
    if (feeds) CHECK(workshop.Feed("r", 100).code == 0);
    daemon.Signal(SIGTERM);
    CHECK(daemon.Ended() == 0);
    return workshop.Call({"digest"});
  };
  const std::string before = serve(true);
  std::filesystem::remove_all(workshop.Path("home/views"));
  const std::string again = serve(false);
  CHECK(LineOf(again, "digest") == LineOf(before, "digest"));
  CHECK(workshop.Call({"-o", "ndjson", "status"}).find("\"applied\":100,") != std::string::npos);
  // Without the service, from nothing: as its own fold went on.
  std::filesystem::remove_all(workshop.Path("home/views"));
  CHECK(workshop.Call({"digest"}) == again);
}

}  // namespace
}  // namespace assay::testing
