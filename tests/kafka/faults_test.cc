// The service is killed, its broker is killed, stopped for a while and started again; behind each,
// nothing that was acknowledged is lost and nothing is there twice.

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/kafka/own_broker.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

using Steady = std::chrono::steady_clock;

// A client that adds people, each under an id of its own, and repeats while the outcome is unknown.
class Client {
 public:
  explicit Client(const Program& program) : program_(program) {}

  // One command until it is answered; gives how long that took.
  std::chrono::milliseconds AddOne() {
    const std::string id = "load-" + std::to_string(++count_);
    program_.Write("load.yaml", "commandId: " + id +
                                    "\nactor: {person: p-hr}\naddPerson: {person: x-" +
                                    std::to_string(count_) + "}\n");
    const auto begun = Steady::now();
    for (;;) {
      const Ended ended = program_.Run({"--home", "home", "run", "load.yaml"});
      if (ended.code == 0) {
        acknowledged_[id] = std::stoll(ended.out.substr(ended.out.find(' ') + 1));
        break;
      }
      INFO(ended.err);
      // Nothing but "not now" may be heard.
      REQUIRE(ended.code == 6);
      REQUIRE(Steady::now() - begun < std::chrono::minutes(3));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
    longest_ = std::max(longest_, took);
    return took;
  }
  [[nodiscard]] const std::map<std::string, int64_t>& Acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::chrono::milliseconds Longest() const { return longest_; }

 private:
  const Program& program_;
  int count_ = 0;
  std::map<std::string, int64_t> acknowledged_;
  std::chrono::milliseconds longest_{0};
};

// Positions at which a command was applied, by its id, as the log has it.
std::map<std::string, std::vector<int64_t>> AppliedAt(const Program& program) {
  std::istringstream lines(
      program.Out({"--home", "home", "-o", "ndjson", "log", "show", "decisions"}));
  std::map<std::string, std::vector<int64_t>> applied;
  std::string line;
  const auto text_of = [&](const std::string& key) {
    const size_t at = line.find("\"" + key + "\":");
    if (at == std::string::npos) return std::string();
    size_t from = at + key.size() + 3;
    if (line[from] == '"') ++from;
    return line.substr(from, line.find_first_of("\",}", from) - from);
  };
  while (std::getline(lines, line)) {
    if (text_of("verdict") != "applied") continue;
    applied[text_of("commandId")].push_back(std::stoll(text_of("position")));
  }
  return applied;
}

void CheckAll(const Program& program, const Client& client) {
  const auto applied = AppliedAt(program);
  for (const auto& [id, position] : client.Acknowledged()) {
    INFO(id);
    const auto found = applied.find(id);
    REQUIRE(found != applied.end());
    CHECK(found->second == std::vector<int64_t>{position});
  }
  program.Out({"--home", "home", "verify", "--decisions"});
  const std::string digest = program.Out({"--home", "home", "digest"});
  program.Out({"--home", "home", "rebuild"});
  CHECK(program.Out({"--home", "home", "digest"}) == digest);
}

// A company on that broker, in the home "home".
void Found(const Program& program, const OwnBroker& broker) {
  program.Out({"--home", "home", "--journal", "kafka://" + broker.Address(), "init", "--company",
               "acme", "--admin", "p-admin", "--partitions", "2"});
  program.Write("founding.yaml", Founding());
  program.Out({"--home", "home", "run", "founding.yaml"});
}

}  // namespace

TEST_CASE(
    "a service that is started without its broker answers from the views and goes on by itself",
    "[kafka]") {
  PreferMemory();
  OwnBroker broker;
  const ScratchDirectory scratch;
  const Program program(scratch.Path(""));
  Found(program, broker);
  const std::vector<std::string> read = {"--home", "home", "org", "show"};
  const std::string shown = program.Out(read);
  program.Write("more.yaml", By("p-hr", "addPerson: {person: p-late}"));
  const std::vector<std::string> write = {"--home", "home", "run", "more.yaml"};

  broker.Signal(SIGKILL);
  const Daemon daemon(program.Path(""));
  const auto begun = Steady::now();
  daemon.Await("\"message\":\"waiting\"");
  std::printf(
      "without a broker: readable after %lld ms\n",
      static_cast<long long>(
          std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun).count()));
  CHECK(daemon.LogText().find("no answer from Kafka at " + broker.Address()) != std::string::npos);
  const HttpResponse readiness = daemon.Get("/readyz");
  CHECK(readiness.status == 503);
  CHECK(readiness.body.find("waiting: UNAVAILABLE: no answer from Kafka") != std::string::npos);
  const Ended answered = program.Run(read);
  CHECK(answered.code == 0);
  CHECK(answered.out == shown);
  CHECK(answered.err.find("as of ") != std::string::npos);
  const Ended refused = program.Run(write);
  CHECK(refused.code == 6);
  CHECK(refused.err.find("error UNAVAILABLE: no answer from Kafka at") != std::string::npos);

  SECTION("its broker comes") {
    const auto started = Steady::now();
    broker.Start();
    const auto up = Steady::now();
    daemon.AwaitReady();
    const auto ms = [](auto time) {
      return static_cast<long long>(
          std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
    };
    std::printf("broker up in %lld ms, ready %lld ms later\n", ms(up - started),
                ms(Steady::now() - up));
    CHECK(daemon.Get("/readyz").status == 200);
    program.Out(write);
    CHECK(program.Run(read).err.empty());
  }
  SECTION("another broker comes, which does not have the log") {
    broker.StartAnew();
    daemon.Await("\"message\":\"halted\"");
    CHECK(daemon.LogText().find("there is no journal at") != std::string::npos);
    CHECK(program.Run(read).out == shown);
    CHECK(program.Run(write).code == 3);
  }
}

// What is written waits for a broker that is stopped; who only reads is answered beside it. The
// broker goes on when that was seen, and `stop_s` after it was stopped at the earliest.
void StopBroker(const OwnBroker& broker, const Program& program, Client& client, int stop_s) {
  broker.Signal(SIGSTOP);
  const ScratchDirectory elsewhere;
  const pid_t writer = fork();
  if (writer == 0) {
    const Program beside(elsewhere.Path(""));
    beside.Write("waits.yaml", By("p-hr", "addPerson: {person: x-waits}"));
    _exit(beside.Run({"--home", program.Path("home"), "run", "waits.yaml"}).code);
  }
  const auto stopped = Steady::now();
  const auto since = [](Steady::time_point begun) {
    return static_cast<long long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun).count());
  };
  auto asked = stopped;
  for (Ended read; read.err.find("as of ") == std::string::npos;) {
    REQUIRE(Steady::now() - stopped < std::chrono::minutes(3));
    asked = Steady::now();
    read = program.Run({"--home", "home", "org", "show"});
    INFO(read.err);
    REQUIRE(read.code == 0);
  }
  std::printf("broker stopped: reads tell their moment after %lld ms, the last took %lld ms\n",
              since(stopped), since(asked));
  int written = 0;
  const bool waits = waitpid(writer, &written, WNOHANG) == 0;
  std::jthread waker([&] {
    std::this_thread::sleep_until(stopped + std::chrono::seconds(stop_s));
    broker.Signal(SIGCONT);
  });
  const auto gap = client.AddOne();
  waker.join();
  if (waits) REQUIRE(waitpid(writer, &written, 0) == writer);
  // Who was told before the broker went on cannot have been told that it is written; later, its
  // answer may have been lost with the broker's silence, and that is said.
  CHECK((WEXITSTATUS(written) == 6 || (waits && WEXITSTATUS(written) == 0)));
  std::printf("broker stopped for %d s or more: a write took %lld ms\n", stop_s,
              static_cast<long long>(gap.count()));
}

TEST_CASE("the service and its broker are killed and stopped under load", "[kafka][campaign]") {
  const int kills = NumberFrom("ASSAY_KILLS", 4);
  const int broker_kills = NumberFrom("ASSAY_BROKER_KILLS", 1);
  const int stop_s = NumberFrom("ASSAY_BROKER_STOP_S", 10);
  PreferMemory();
  OwnBroker broker;
  const ScratchDirectory scratch;
  const Program program(scratch.Path(""));
  Found(program, broker);
  Client client(program);
  auto daemon = std::make_unique<Daemon>(program.Path(""));
  daemon->AwaitReady();

  for (int i = 0; i < kills; ++i) {
    std::jthread killer([&, i] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + 37 * (i % 10)));
      daemon->Signal(SIGKILL);
    });
    for (int k = 0; k < 10; ++k) client.AddOne();
    killer.join();
    daemon = std::make_unique<Daemon>(program.Path(""));
    daemon->AwaitReady();
  }
  std::printf("%d kills of the service, longest write %lld ms\n", kills,
              static_cast<long long>(client.Longest().count()));

  for (int i = 0; i < broker_kills; ++i) {
    client.AddOne();
    broker.Signal(SIGKILL);
    std::jthread starter([&] { broker.Start(); });
    const auto gap = client.AddOne();
    starter.join();
    std::printf("broker killed and started: a write took %lld ms\n",
                static_cast<long long>(gap.count()));
  }

  StopBroker(broker, program, client, stop_s);

  daemon->Signal(SIGTERM);
  CHECK(daemon->Ended() == 0);
  CheckAll(program, client);
  std::printf("%zu acknowledged commands, each there once\n", client.Acknowledged().size());

  // Views that somebody deleted are folded again.
  const std::string digest = program.Out({"--home", "home", "digest"});
  std::filesystem::remove_all(program.Path("home/views"));
  daemon = std::make_unique<Daemon>(program.Path(""));
  daemon->AwaitReady();
  CHECK(program.Out({"--home", "home", "digest"}) == digest);
}

// The node that leads a partition; 0 when there is none.
int LeaderOf(const std::string& brokers, const std::string& topic, int partition) {
  const std::string command = "kcat -L -m 10 -b " + brokers + " -t " + topic +
                              " | sed -n 's/^ *partition " + std::to_string(partition) +
                              ", leader \\([0-9]*\\),.*/\\1/p'";
  FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  int leader = 0;
  const int read = fscanf(pipe, "%d", &leader);
  pclose(pipe);
  return read == 1 ? leader : 0;
}

TEST_CASE("the leaders of three nodes are killed in turn: campaign", "[kafka][campaign]") {
  const int kills = NumberFrom("ASSAY_LEADER_KILLS", 1);
  PreferMemory();
  OwnBroker broker("--nodes 3");
  const ScratchDirectory scratch;
  const Program program(scratch.Path(""));
  Found(program, broker);
  Client client(program);
  const auto daemon = std::make_unique<Daemon>(program.Path(""));
  daemon->AwaitReady();
  const std::vector<std::pair<std::string, int>> partitions = {
      {"assay.decisions", 0}, {"assay.facts", 0}, {"assay.facts", 1}};
  int64_t longest = 0;
  for (int i = 0; i < kills; ++i) {
    client.AddOne();
    const auto& [topic, partition] = partitions[static_cast<size_t>(i) % partitions.size()];
    const int leader = LeaderOf(broker.Address(), topic, partition);
    REQUIRE(leader > 0);
    broker.Signal(SIGKILL, leader);
    const auto gap = client.AddOne().count();
    longest = std::max<int64_t>(longest, gap);
    std::printf("node %d, leader of %s/%d, killed: a write took %lld ms\n", leader, topic.c_str(),
                partition, static_cast<long long>(gap));
    broker.Start();
    client.AddOne();
  }
  daemon->Signal(SIGTERM);
  CHECK(daemon->Ended() == 0);
  CheckAll(program, client);
  std::printf("%d leaders killed, longest write %lld ms, %zu commands, each there once\n", kills,
              static_cast<long long>(longest), client.Acknowledged().size());
}

}  // namespace assay::testing
