// A journal that changes under a running node: its topics are deleted, made anew, cut or set
// otherwise, and brokers lose what they acknowledged. The node halts within 10 s and says which,
// and nobody hears of records that are gone that they are in.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/kafka_journal.h"
#include "connectors/kafka/reader.h"
#include "connectors/kafka/topics.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/kafka/broker.h"
#include "tests/kafka/own_broker.h"
#include "tests/kafka/topic_writer.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/environment.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

using Steady = std::chrono::steady_clock;
using Words = std::vector<std::string>;

// Ten are promised; a busy machine takes longer for everything.
constexpr std::chrono::seconds kHaltMax = kPatience;

// The home of a company, and the service that holds it.
class Node {
 public:
  explicit Node(const std::string& journal, int records = 40) : program_(scratch_.path()) {
    Must({"--journal", journal, "init", "--company", "acme", "--admin", "p-admin", "--partitions",
          "2"});
    program_.Write("founding.yaml", Founding() + Hire("p-1", "E1"));
    Must({"run", "founding.yaml"});
    program_.Write("contract.yaml", Contract("erp", {"output pcs"}));
    Must({"source", "add", "contract.yaml"});
    WriteRecords("before.csv", records);
    WriteRecords("after.csv", 50);
    program_.Write("more.yaml", By("p-hr", "addPerson: {person: p-late}"));
    Must({"ingest", "erp", "before.csv"});
    daemon_ = std::make_unique<Daemon>(scratch_.path());
    daemon_->AwaitReady();
  }

  [[nodiscard]] Ended Run(Words words) const {
    words.insert(words.begin(), {"--home", "home"});
    return program_.Run(words);
  }
  void Must(const Words& words) const {
    const Ended ended = Run(words);
    INFO(ended.out << ended.err);
    REQUIRE(ended.code == 0);
  }
  // Again and again until it is done: nothing but "not now" may be heard before.
  void AwaitDone(const Words& words) const {
    const auto begun = Steady::now();
    for (Ended ended = Run(words); ended.code != 0; ended = Run(words)) {
      INFO(ended.out << ended.err);
      REQUIRE(ended.code == 6);
      REQUIRE(Steady::now() - begun < kHaltMax);
    }
  }
  [[nodiscard]] bool IsHalted() const {
    return daemon_->LogText().find("\"message\":\"halted\"") != std::string::npos;
  }
  // Until it halted for that reason.
  void AwaitHalt(const std::string& reason) const {
    const auto begun = Steady::now();
    while (!IsHalted()) {
      INFO(daemon_->LogText());
      REQUIRE(Steady::now() - begun < kHaltMax);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
    std::printf("halted after %lld ms: %s\n", static_cast<long long>(took.count()), reason.c_str());
    INFO(daemon_->LogText());
    CHECK(daemon_->LogText().find(reason) != std::string::npos);
  }
  // Nothing is acknowledged any more, and everything says why.
  void CheckHalted(const std::string& reason, int code) const {
    const HttpResponse ready = daemon_->Get("/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.body.starts_with("halted: "));
    CHECK(ready.body.find(reason) != std::string::npos);
    CHECK(daemon_->Get("/metrics").body.find("\nassay_ready 0\n") != std::string::npos);
    CHECK(Run({"run", "more.yaml"}).code == code);
    CheckNothingIn(code);
    const Ended status = Run({"-o", "json", "status"});
    INFO(status.out << status.err);
    CHECK(status.out.find("\"lag\":-") == std::string::npos);
    CHECK((status.code != 0 || status.err.find(reason) != std::string::npos));
    // What was folded is read.
    CHECK(Run({"org", "show"}).code == 0);
  }
  // Neither new records nor old ones are said to be in.
  void CheckNothingIn(int code) const {
    for (const std::string file : {"after.csv", "before.csv"}) {
      const Ended ended = Run({"ingest", "erp", file});
      INFO(file << "\n" << ended.out << ended.err);
      CHECK(ended.code == code);
      CHECK(ended.err.find("are in already") == std::string::npos);
    }
  }
  [[nodiscard]] const Daemon& Service() const { return *daemon_; }

 private:
  void WriteRecords(const std::string& name, int records) const {
    std::string text = "record,rev,day,emp,output\n";
    for (int i = 0; i < records; ++i) {
      text += fmt::format("{}-{},1,2026-06-{},E1,1\n", name, i, 10 + i % 20);
    }
    program_.Write(name, text);
  }

  ScratchDirectory scratch_;
  Program program_;
  std::unique_ptr<Daemon> daemon_;
};

void Set(const KafkaAddress& address, const std::string& topic, const std::string& setting,
         const std::string& value) {
  const auto client = MakeReaderClient(address, {}, {});
  REQUIRE(client.ok());
  REQUIRE(SetTopicSetting(**client, address.Topic(topic), setting, value).ok());
}

// Deleted and made anew, with partitions that begin as the log did.
void MakeAnew(const KafkaAddress& address, const std::string& topic) {
  std::vector<PartitionId> partitions = {kDecisionsPartition};
  if (topic == "facts") partitions = {FactsPartition(0), FactsPartition(1)};
  std::vector<std::string> beginnings;
  {
    const auto journal = KafkaJournal::Open(address, {});
    REQUIRE(journal.ok());
    for (const PartitionId partition : partitions) {
      beginnings.push_back((*journal)->Read(partition, {}, 1, 1).value().front().value);
    }
  }
  TopicWriter(address.brokers).Delete(address.Topic(topic));
  const auto anew = KafkaJournal::Create(address, 2, {});
  REQUIRE(anew.status() == absl::OkStatus());
  for (size_t i = 0; i < partitions.size(); ++i) {
    REQUIRE((*anew)->Append(partitions[i], {&beginnings[i], 1}).ok());
  }
}

struct Change {
  std::string name;
  std::function<void(const KafkaAddress&)> make;
  std::string reason;
  // Of what is asked to be written then.
  int code = 5;
};

std::vector<Change> Changes() {
  const auto set = [](std::string topic, std::string setting, std::string value) {
    return [=](const KafkaAddress& address) { Set(address, topic, setting, value); };
  };
  return {
      {"the facts are made anew", [](const auto& address) { MakeAnew(address, "facts"); },
       "the topic was made anew or lost records"},
      {"the decisions are made anew", [](const auto& address) { MakeAnew(address, "decisions"); },
       "the topic was made anew or lost records"},
      {"the facts are deleted",
       [](const auto& address) { TopicWriter(address.brokers).Delete(address.Topic("facts")); },
       "is not there any more: the topic was deleted"},
      {"the first decisions are deleted",
       [](const auto& address) {
         TopicWriter(address.brokers).DeleteBefore(address.Topic("decisions"), 0, 3);
       },
       "begins at offset 3: records before it were deleted"},
      {"facts are kept for a second", set("facts", "retention.ms", "1000"),
       "facts: retention.ms is 1000, expected -1", 1},
      {"decisions are compacted", set("decisions", "cleanup.policy", "compact"),
       "decisions: cleanup.policy is compact, expected delete", 1},
      {"facts are stamped by whoever sends them",
       set("facts", "message.timestamp.type", "CreateTime"),
       "facts: message.timestamp.type is CreateTime, expected LogAppendTime", 1}};
}

TEST_CASE("a node whose topics change under it halts within 10 s, and says which", "[kafka]") {
  PreferMemory();
  struct Changed {
    Change change;
    KafkaAddress address = FreshAddress();
    std::unique_ptr<Node> node;
  };
  std::vector<Changed> all;
  for (const Change& change : Changes()) {
    all.push_back({.change = change});
    all.back().node = std::make_unique<Node>(all.back().address.ToString());
  }
  for (const Changed& one : all) one.change.make(one.address);
  for (const Changed& one : all) {
    INFO(one.change.name);
    one.node->AwaitHalt(one.change.reason);
    one.node->CheckHalted(one.change.reason, one.change.code);
  }
}

TEST_CASE("records that were acknowledged and are gone are in by nobody's word", "[kafka]") {
  PreferMemory();
  const KafkaAddress address = FreshAddress();
  const Node node(address.ToString());
  MakeAnew(address, "facts");
  // At once: nobody has looked yet.
  node.CheckNothingIn(5);
  node.CheckNothingIn(5);
  node.AwaitHalt("the topic was made anew or lost records");
}

TEST_CASE("a setting that does no harm to the log is said, and the node goes on", "[kafka]") {
  PreferMemory();
  const KafkaAddress address = FreshAddress();
  const Node node(address.ToString());
  Set(address, "facts", "compression.type", "gzip");
  node.Service().Await("\"message\":\"journal not as expected\"");
  CHECK(node.Service().LogText().find("facts: compression.type is gzip, expected producer") !=
        std::string::npos);
  CHECK(node.Service().Get("/readyz").status == 200);
  node.Must({"ingest", "erp", "after.csv"});
  node.Must({"run", "more.yaml"});
}

// The files of a partition's records, of whatever node.
std::vector<std::filesystem::path> FilesOf(const OwnBroker& broker, const std::string& partition) {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(broker.Path("bootstrap")).parent_path();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().parent_path().filename() != partition) continue;
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  }
  REQUIRE_FALSE(files.empty());
  return files;
}

TEST_CASE("a broker that lost records at its disk halts the node", "[kafka]") {
  PreferMemory();
  OwnBroker broker;
  const Node node("kafka://" + broker.Address());
  broker.Signal(SIGKILL);
  for (const std::string partition : {"assay.facts-0", "assay.facts-1"}) {
    for (const auto& file : FilesOf(broker, partition)) {
      std::filesystem::resize_file(file, std::filesystem::file_size(file) * 4 / 5);
    }
  }
  broker.Start();
  node.AwaitHalt("the topic was made anew or lost records");
  node.CheckHalted("the topic was made anew or lost records", 5);
}

// Facts on the nodes 1 and 2 alone, where one that lacks records may lead; decisions, and the say
// of who leads, on all three.
void LetFactsBeLost(const OwnBroker& broker, const ScratchDirectory& scratch) {
  broker.Tool(
      "kafka.admin.ConfigCommand --alter --entity-type topics --entity-name assay.facts "
      "--add-config min.insync.replicas=1,unclean.leader.election.enable=true");
  std::ofstream(scratch.Path("places.json"))
      << R"({"version": 1, "partitions": [{"topic": "assay.facts", "partition": 0,)"
      << R"( "replicas": [1, 2]}, {"topic": "assay.facts", "partition": 1, "replicas": [1, 2]}]})";
  const std::string words =
      "reassign.ReassignPartitionsCommand --reassignment-json-file " + scratch.Path("places.json");
  broker.Tool("org.apache.kafka.tools." + words + " --execute");
  broker.Tool("org.apache.kafka.tools." + words + " --verify");
  broker.Tool("LeaderElectionCommand --election-type PREFERRED --all-topic-partitions");
}

// Until that broker leads a partition of the facts: the session of the one before must end first.
void AwaitLeader(const OwnBroker& broker, int32_t id) {
  KafkaAddress address;
  address.brokers = broker.Address();
  const auto client = MakeReaderClient(address, {}, {});
  REQUIRE(client.ok());
  const auto begun = Steady::now();
  for (bool leads = false; !leads;) {
    REQUIRE(Steady::now() - begun < kHaltMax);
    const rd_kafka_metadata_t* found = nullptr;
    if (rd_kafka_metadata((*client)->Handle(), 1, nullptr, &found, 1'000) != 0) continue;
    for (int i = 0; i < found->topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& topic = found->topics[i];
      if (topic.topic != std::string("assay.facts")) continue;
      for (int j = 0; j < topic.partition_cnt; ++j) {
        leads = leads || topic.partitions[j].leader == id;
      }
    }
    rd_kafka_metadata_destroy(found);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TEST_CASE("of three nodes, one that lacks records is elected, and the node halts", "[kafka]") {
  PreferMemory();
  OwnBroker broker("--nodes 3");
  const Node node("kafka://" + broker.Address());
  const ScratchDirectory scratch;
  LetFactsBeLost(broker, scratch);
  node.Service().Await("\"message\":\"journal not as expected\"");
  // Node 2 misses what node 1 takes alone; when node 1 is gone too, node 2 is all there is.
  broker.Signal(SIGKILL, 2);
  node.AwaitDone({"ingest", "erp", "after.csv"});
  CHECK_FALSE(node.IsHalted());
  broker.Signal(SIGKILL, 1);
  broker.Start("--node 2");
  AwaitLeader(broker, 2);
  node.AwaitHalt("the topic was made anew or lost records");
  // Node 1 comes back and follows the one that leads: the records are gone for good.
  broker.Start();
  node.CheckHalted("the topic was made anew or lost records", 5);
}

}  // namespace
}  // namespace assay::testing
