// Topics of a company's systems become facts: what assayd makes of their records, poison, kills and
// pauses, as the people see it who answer for the source.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <thread>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/kafka/broker.h"
#include "tests/kafka/topic_writer.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/environment.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

using Steady = std::chrono::steady_clock;
using Words = std::vector<std::string>;

constexpr int kWorkers = 3;

// A contract whose records come from a topic: keyed, with the plant in a header.
std::string TopicContract(const std::string& topic, const std::string& more = "") {
  return fmt::format(
      "source: erp\norigin: SYSTEM\nowner: {{person: p-fin}}\n"
      "input: {{kafka: {{topic: {}, format: json}}}}\n"
      "record:\n  key: [\"kafka:key\"]\n  version: \"kafka:offset\"\n  tombstone: retract\n"
      "  when: {{field: day, format: \"%Y-%m-%d\", zone: Asia/Shanghai}}\n"
      "entity: {{type: employee, key: emp}}\nattributes: {{plant: \"kafka:header.plant\"}}\n"
      "measures:\n  - {{name: output, value: output, unit: pcs}}\n{}",
      topic, more);
}

std::string Order(int person, int pieces) {
  return fmt::format(R"({{"day": "2026-06-10", "emp": "E{}", "output": {}}})", person, pieces);
}

// A home of a company, on the suite's broker unless said otherwise.
class Factory {
 public:
  explicit Factory(const std::string& journal)
      : journal_(journal), program_(scratch_.path()), folder_(scratch_.path()) {
    Call({"--journal", journal, "init", "--company", "acme", "--admin", "p-admin", "--partitions",
          "3"});
    std::string documents = Founding();
    std::string agreements;
    for (int i = 1; i <= kWorkers; ++i) {
      documents += Hire(fmt::format("p-{}", i), fmt::format("E{}", i));
      agreements += By("p-hr", fmt::format("openAgreement: {{agreement: a-{0}, person: p-{0}, "
                                           "position: pos-op, cycle: 2026-06}}",
                                           i));
    }
    Do(documents);
    agreements_ = agreements;
  }

  // Another home of the same company, beside this one and with its keys.
  void Join(const std::string& home) const {
    const Ended ended =
        program_.Run({"--home", home, "--journal", journal_, "init", "--company", "acme", "--admin",
                      "p-admin", "--partitions", "3", "--keys", program_.Path("home/keys")});
    INFO(ended.out << ended.err);
    REQUIRE(ended.code == 0);
  }
  void Register(const std::string& contract) {
    program_.Write("contract.yaml", contract);
    Call({"source", "add", "contract.yaml"});
    ++contracts_;
    if (std::exchange(is_measured_, true)) {
      // A metric rests on it: its owner's side and finance sign the change.
      const std::string sign =
          fmt::format("signContract: {{source: erp, version: {}}}", contracts_);
      return Do(By("p-fin", sign) + By("p-head", sign));
    }
    Do(Publish({.id = "output", .formula = "sum(erp.output)"}) + CurveAndBands() +
       Template("std@1", {{.item = "output", .target = "100"}}) + June("std@1") + agreements_);
  }
  std::string Call(Words words) const {
    words.insert(words.begin(), {"--home", "home"});
    const Ended ended = program_.Run(words);
    INFO(ended.out << ended.err);
    REQUIRE(ended.code == 0);
    return ended.out;
  }
  void Do(const std::string& documents) const {
    program_.Write("commands.yaml", documents);
    Call({"run", "commands.yaml"});
  }
  // Until a call prints the text, at most that long.
  void Await(const Words& words, const std::string& text,
             std::chrono::seconds most = kPatience) const {
    const auto begun = Steady::now();
    std::string out;
    while ((out = Call(words)).find(text) == std::string::npos) {
      INFO("expected " << text << ", found " << out);
      REQUIRE(Steady::now() - begun < most);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  // "applied=3 duplicate=0 stale=0 rejected=1"
  [[nodiscard]] std::string Ledger() const {
    const std::string text = Call({"-o", "ndjson", "status"});
    std::string ledger;
    for (const std::string name : {"applied", "duplicate", "stale", "rejected"}) {
      const size_t at = text.find("\"" + name + "\":");
      REQUIRE(at != std::string::npos);
      const size_t from = at + name.size() + 3;
      ledger += fmt::format("{}{}={}", ledger.empty() ? "" : " ", name,
                            text.substr(from, text.find_first_of(",}", from) - from));
    }
    return ledger;
  }
  void AwaitLedger(const std::string& ledger, std::chrono::seconds most = kPatience) const {
    const auto begun = Steady::now();
    while (Ledger() != ledger) {
      INFO("expected " << ledger << ", found " << Ledger());
      REQUIRE(Steady::now() - begun < most);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  [[nodiscard]] const std::string& Folder() const { return folder_; }
  [[nodiscard]] const Program& Files() const { return program_; }

 private:
  const std::string journal_;
  ScratchDirectory scratch_;
  Program program_;
  const std::string folder_;
  std::string agreements_;
  bool is_measured_ = false;
  int contracts_ = 0;
};

struct Broker {
  KafkaAddress address = FreshAddress();
  std::string topic = address.Topic("orders");
  TopicWriter writer{address.brokers};
};

// Until a published topic has a record of that key.
void AwaitKey(const KafkaAddress& address, const std::string& topic, const std::string& key) {
  const std::string command = fmt::format("kcat -q -C -e -b {} -t {} -f '%k\\n' | grep -qx '{}'",
                                          address.brokers, address.Topic(topic), key);
  for (int i = 0; i < 1'200; ++i) {
    if (std::system(command.c_str()) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  FAIL("no record of " << key << " on " << topic);
}

TEST_CASE("a record of a topic is a fact with its coordinates, and its score follows",
          "[kafka][source][ING-05][ING-10]") {
  PreferMemory();
  Broker broker;
  broker.writer.Make(broker.topic, 3);
  Factory factory(broker.address.ToString());
  factory.Register(TopicContract(broker.topic));
  const Daemon daemon(factory.Folder());
  daemon.AwaitReady();
  broker.writer.Put(broker.topic, 2, "881", Order(1, 50), {{"plant", "north"}});
  broker.writer.Flush();
  const auto put = Steady::now();
  factory.Await({"-o", "ndjson", "score", "show", "2026-06", "p-1"}, "\"computed\":\"50\"");
  fmt::print("from the record to its score: {} ms\n",
             std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - put).count());
  // Corrected, and gone.
  broker.writer.Put(broker.topic, 2, "881", Order(1, 40));
  broker.writer.Flush();
  factory.Await({"-o", "ndjson", "score", "show", "2026-06", "p-1"}, "\"computed\":\"40\"");
  const std::string explained =
      factory.Call({"-o", "ndjson", "score", "explain", "2026-06", "p-1"});
  INFO(explained);
  CHECK(explained.find("/" + broker.topic + "/1\"") != std::string::npos);
  CHECK(explained.find("\"offset\":1") != std::string::npos);
  broker.writer.Put(broker.topic, 2, "881", std::nullopt);
  broker.writer.Flush();
  factory.AwaitLedger("applied=3 duplicate=0 stale=0 rejected=0");
  factory.Await({"-o", "ndjson", "score", "show", "2026-06", "p-1"}, "NOT_COMPUTABLE");
}

TEST_CASE("the marker of a transaction is no record that somebody left unread", "[kafka][source]") {
  PreferMemory();
  Broker broker;
  broker.writer.Make(broker.topic, 1);
  Factory factory(broker.address.ToString());
  factory.Register(TopicContract(broker.topic));
  const Daemon daemon(factory.Folder());
  daemon.AwaitReady();
  broker.writer.PutInTransaction(broker.topic, 0, "1", Order(1, 5));
  factory.AwaitLedger("applied=1 duplicate=0 stale=0 rejected=0");
  // A look at the topic later.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  std::string metrics;
  const std::string lag = "assay_source_lag_records{partition=\"0\",source=\"erp\"} 0";
  for (int i = 0; i < 2'400 && metrics.find(lag) == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    metrics = daemon.Get("/metrics").body;
  }
  INFO(metrics);
  CHECK(metrics.find(lag) != std::string::npos);
  CheckByPromtool(metrics);
}

TEST_CASE("no record stops a partition: poison is quarantined with its coordinates",
          "[kafka][source]") {
  PreferMemory();
  Broker broker;
  broker.writer.Make(broker.topic, 1);
  Factory factory(broker.address.ToString());
  factory.Register(TopicContract(broker.topic));
  const std::string nonsense(900 * 1024, '\x8f');
  const std::string oversize = R"({"day": ")" + std::string(1200 * 1024, 'x') + R"("})";
  const std::vector<std::pair<std::string, std::string>> poison = {
      {"not json", "MALFORMED"},
      {nonsense, "MALFORMED"},
      {oversize, "RECORD_TOO_LARGE"},
      {R"({"day": "2026-06-10", "emp": "E1", "output": "many"})", "NOT_A_NUMBER"},
      {R"({"day": "2126-06-10", "emp": "E1", "output": 1})", "FUTURE_DATED"},
      {R"({"day": "2026-06-10", "emp": "E1", "output": 1, "colour": "red"})", "SCHEMA_REJECTED"},
      {R"({"kafka:key": "1", "day": "2026-06-10", "emp": "E1", "output": 1})", "MALFORMED"},
      {"", "MALFORMED"}};
  int64_t key = 0;
  for (const auto& [value, code] : poison) {
    broker.writer.Put(broker.topic, 0, std::to_string(key++), value);
    broker.writer.Put(broker.topic, 0, std::to_string(key++), Order(1, 1));
  }
  broker.writer.Flush();
  const Daemon daemon(factory.Folder());
  daemon.AwaitReady();
  factory.AwaitLedger(fmt::format("applied={0} duplicate=0 stale=0 rejected={0}", poison.size()));
  const std::string list = factory.Call({"-o", "ndjson", "rejection", "list"});
  INFO(list);
  std::istringstream lines(list);
  std::string line;
  size_t found = 0;
  while (std::getline(lines, line)) {
    for (size_t i = 0; i < poison.size(); ++i) {
      if (line.find(fmt::format("\"inputOffset\":{},", 2 * i)) == std::string::npos) continue;
      CHECK(line.find("\"" + poison[i].second + "\"") != std::string::npos);
      CHECK(line.find("topic " + broker.topic + "/0") != std::string::npos);
      ++found;
    }
  }
  CHECK(found == poison.size());
}

TEST_CASE("too many refusals pause the source and not the service, until somebody acts",
          "[kafka][source]") {
  PreferMemory();
  Broker broker;
  broker.writer.Make(broker.topic, 1);
  Factory factory(broker.address.ToString());
  factory.Register(TopicContract(broker.topic, "refusals: {share: \"0.5\", of: 20}\n"));
  for (int i = 0; i < 20; ++i) broker.writer.Put(broker.topic, 0, std::to_string(i), "poison");
  broker.writer.Flush();
  const Daemon daemon(factory.Folder());
  daemon.Await("\"source paused\"");
  factory.Await({"source", "list"}, "REFUSALS: 20 of the last 20 records");
  AwaitKey(broker.address, "alerts", "acme/REFUSALS/source/erp");
  broker.writer.Put(broker.topic, 0, "good", Order(1, 60));
  broker.writer.Flush();
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  CHECK(factory.Ledger() == "applied=0 duplicate=0 stale=0 rejected=20");
  factory.Do(By("p-hr", "resumeSource: {source: erp}"));
  factory.AwaitLedger("applied=1 duplicate=0 stale=0 rejected=20");
  CHECK(factory.Call({"source", "list"}).find("REFUSALS") == std::string::npos);
  // By hand, and ended by a newer contract, which maps the topic from its beginning.
  factory.Do(By("p-hr", "pauseSource: {source: erp}"));
  factory.Await({"source", "list"}, "BY_HAND");
  factory.Register(TopicContract(broker.topic, "refusals: {share: \"1\", of: 1000}\n"));
  factory.AwaitLedger("applied=1 duplicate=1 stale=0 rejected=40");
}

TEST_CASE("who asks is told how a topic is read, and why not while it is not", "[kafka][source]") {
  PreferMemory();
  Broker broker;
  Factory factory(broker.address.ToString());
  factory.Register(TopicContract(broker.topic));
  CHECK(factory.Call({"source", "list"}).find("no assayd serves this home") != std::string::npos);
  const Daemon daemon(factory.Folder());
  daemon.AwaitReady();
  factory.Await({"source", "list"}, "not read: NOT_FOUND: there is no topic " + broker.topic);
  broker.writer.Make(broker.topic, 2);
  broker.writer.Put(broker.topic, 0, "1", Order(1, 1));
  broker.writer.Flush();
  factory.AwaitLedger("applied=1 duplicate=0 stale=0 rejected=0");
  factory.Await({"source", "list"}, "2 of 2 partitions, 0 records behind");
  factory.Do(By("p-hr", "pauseSource: {source: erp}"));
  factory.Await({"-o", "json", "source", "list"}, "\"reading\": \"paused\"");
}

TEST_CASE("a topic that lost what was mapped pauses its source until its generation is named",
          "[kafka][source]") {
  PreferMemory();
  Broker broker;
  broker.writer.Make(broker.topic, 1);
  Factory factory(broker.address.ToString());
  factory.Register(TopicContract(broker.topic));
  {
    const Daemon daemon(factory.Folder());
    daemon.AwaitReady();
    for (int i = 0; i < 5; ++i) broker.writer.Put(broker.topic, 0, std::to_string(i), Order(1, 1));
    broker.writer.Flush();
    factory.AwaitLedger("applied=5 duplicate=0 stale=0 rejected=0");
  }
  broker.writer.Delete(broker.topic);
  broker.writer.Make(broker.topic, 1);
  TopicWriter anew(broker.address.brokers);
  anew.Put(broker.topic, 0, "4", Order(1, 2));
  anew.Flush();
  const Daemon daemon(factory.Folder());
  daemon.AwaitReady();
  factory.Await({"source", "list"}, "SOURCE_LOG_SHORTENED");
  factory.Await({"source", "list"}, "register its contract with generation: 2");
  std::string contract = TopicContract(broker.topic);
  contract.replace(contract.find("format: json"), 12, "format: json, generation: 2");
  factory.Register(contract);
  factory.AwaitLedger("applied=6 duplicate=0 stale=0 rejected=0");
}

TEST_CASE("a source whose unread records are gone is resumed behind them, and says which they were",
          "[kafka][source]") {
  PreferMemory();
  Broker broker;
  broker.writer.Make(broker.topic, 1);
  Factory factory(broker.address.ToString());
  factory.Register(TopicContract(broker.topic));
  const auto put = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      broker.writer.Put(broker.topic, 0, std::to_string(i), Order(1, 1));
    }
    broker.writer.Flush();
  };
  {
    const Daemon daemon(factory.Folder());
    daemon.AwaitReady();
    put(0, 5);
    factory.AwaitLedger("applied=5 duplicate=0 stale=0 rejected=0");
  }
  put(5, 10);
  broker.writer.DeleteBefore(broker.topic, 0, 8);
  {
    const Daemon daemon(factory.Folder());
    daemon.AwaitReady();
    factory.Await({"source", "list"}, "SOURCE_RECORDS_GONE");
    factory.Await({"source", "list"}, "begins at offset 8, mapped was up to 5");
    factory.Do(By("p-hr", "resumeSource: {source: erp}"));
    daemon.Await("\"partition\":0,\"fromOffset\":5,\"toOffset\":7}");
    factory.AwaitLedger("applied=7 duplicate=0 stale=0 rejected=0");
  }
  // The gap was accepted for good.
  put(10, 11);
  const Daemon daemon(factory.Folder());
  daemon.AwaitReady();
  factory.AwaitLedger("applied=8 duplicate=0 stale=0 rejected=0");
}

TEST_CASE("a source of an embedded home is read from the cluster that its settings name",
          "[kafka][source]") {
  PreferMemory();
  Broker broker;
  broker.writer.Make(broker.topic, 2);
  Factory factory("embedded:");
  factory.Register(TopicContract(broker.topic));
  broker.writer.Put(broker.topic, 1, "1", Order(2, 7));
  broker.writer.Flush();
  {
    const Daemon daemon(factory.Folder());
    daemon.Await("no setting names its cluster");
  }
  factory.Files().Write(
      "home/assay.yaml",
      fmt::format("journal: \"embedded:\"\nsources: {{default: {{brokers: \"{}\"}}}}\n",
                  broker.address.brokers));
  const Daemon daemon(factory.Folder());
  daemon.AwaitReady();
  factory.AwaitLedger("applied=1 duplicate=0 stale=0 rejected=0");
}

// --- kills and pauses ---

pid_t ProcessOf(const Daemon& daemon) {
  const std::string log = daemon.LogText();
  const std::string name = "\"process\":";
  const size_t at = log.find(name);
  REQUIRE(at != std::string::npos);
  return std::stoi(log.substr(at + name.size()));
}

// The most memory that the process ever had.
int64_t PeakKib(const Daemon& daemon) {
  std::ifstream file(fmt::format("/proc/{}/status", ProcessOf(daemon)));
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  }
  return 0;
}

// Records of a plant: of a hundred one corrects an earlier one, and of two hundred one comes twice.
struct Flood {
  int64_t applied = 0;
  int64_t duplicate = 0;

  void Send(Broker& broker, int from, int to, std::mt19937& random) {
    for (int i = from; i < to; ++i) {
      const int key = random() % 100 == 0 && i > 0 ? static_cast<int>(random() % i) : i;
      const int pieces = key == i ? 1 : 2 + i;
      const std::string order = Order(key % kWorkers + 1, pieces);
      broker.writer.Put(broker.topic, key % 4, std::to_string(key), order);
      ++applied;
      if (random() % 200 != 0) continue;
      broker.writer.Put(broker.topic, key % 4, std::to_string(key), order);
      ++duplicate;
    }
    broker.writer.Flush();
  }
  [[nodiscard]] std::string Ledger() const {
    return fmt::format("applied={} duplicate={} stale=0 rejected=0", applied, duplicate);
  }
};

TEST_CASE("kills and pauses in the middle of a topic change neither ledger nor totals: campaign",
          "[kafka][source][campaign]") {
  PreferMemory();
  const int records = NumberFrom("ASSAY_SOURCE_RECORDS", 50'000);
  const int kills = NumberFrom("ASSAY_KILLS", 3);
  const int seed = NumberFrom("ASSAY_SEED", 5);
  const auto most = kPatience + std::chrono::seconds(records / 500);
  INFO("ASSAY_SEED=" << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  Broker broker;
  broker.writer.Make(broker.topic, 4);
  const std::string sources =
      fmt::format("sources: {{default: {{brokers: \"{}\"}}}}\n", broker.address.brokers);
  Factory disturbed(broker.address.ToString());
  disturbed.Register(TopicContract(broker.topic));
  Factory quiet("embedded:");
  quiet.Register(TopicContract(broker.topic));
  quiet.Files().Write("home/assay.yaml", "journal: \"embedded:\"\n" + sources);
  Flood flood;
  flood.Send(broker, 0, records / 2, random);
  const auto begun = Steady::now();
  int64_t peak_kib = 0;
  auto daemon = std::make_unique<Daemon>(disturbed.Folder());
  for (int i = 0; i < kills; ++i) {
    daemon->AwaitReady();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 700));
    peak_kib = std::max(peak_kib, PeakKib(*daemon));
    daemon->Signal(SIGKILL);
    CHECK(daemon->Ended() == 128 + SIGKILL);
    daemon = std::make_unique<Daemon>(disturbed.Folder());
  }
  daemon->AwaitReady();
  // A second node, which takes over when the first one sleeps; that one writes on when it wakes.
  disturbed.Join("second");
  const Daemon second(disturbed.Folder(), {"--home", "second"});
  second.AwaitReady();
  std::thread flooding([&] { flood.Send(broker, records / 2, records, random); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  daemon->Signal(SIGSTOP);
  second.Await("\"message\":\"reading\"");
  daemon->Signal(SIGCONT);
  flooding.join();
  disturbed.AwaitLedger(flood.Ledger(), most);
  peak_kib = std::max({peak_kib, PeakKib(*daemon), PeakKib(second)});
  const double seconds = std::chrono::duration<double>(Steady::now() - begun).count();
  const Daemon undisturbed(quiet.Folder());
  undisturbed.AwaitReady();
  quiet.AwaitLedger(flood.Ledger(), most);
  CHECK(disturbed.Call({"-o", "json", "score", "list", "2026-06"}) ==
        quiet.Call({"-o", "json", "score", "list", "2026-06"}));
  const std::string digest = disturbed.Call({"digest"});
  daemon.reset();
  disturbed.Call({"rebuild"});
  CHECK(disturbed.Call({"digest"}) == digest);
  CHECK(peak_kib < 1024 * 1024);
  fmt::print("{} records, {} kills, a sleeper: {:.1f} s, at most {} MiB\n", records, kills, seconds,
             peak_kib / 1024);
}

}  // namespace
}  // namespace assay::testing
