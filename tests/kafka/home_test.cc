// Companies whose journal is on Kafka, through the program.

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <thread>

#include "connectors/kafka/kafka_journal.h"
#include "engine/commit/fold.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/kafka/broker.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"

namespace assay::testing {
namespace {

using Words = std::vector<std::string>;

Words In(const std::string& home, const Words& words) {
  Words all = {"--home", home};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

Words InitOn(const KafkaAddress& address, const std::string& home, const Words& more) {
  Words all = {"--home", home,      "--journal", address.ToString(), "init", "--company",
               "acme",   "--admin", "p-admin",   "--partitions",     "2"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

constexpr PartitionId kPartitions[] = {kDecisionsPartition, FactsPartition(0), FactsPartition(1)};

// Waits for the answer to an administrator's request.
void Await(rd_kafka_queue_t* queue) {
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  REQUIRE(event != nullptr);
  CHECK(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
}

void DeleteTopics(const KafkaAddress& address) {
  const auto client = MakeReaderClient(address, {}, {});
  REQUIRE(client.ok());
  rd_kafka_DeleteTopic_t* topics[] = {rd_kafka_DeleteTopic_new(address.Topic("decisions").c_str()),
                                      rd_kafka_DeleteTopic_new(address.Topic("facts").c_str())};
  rd_kafka_queue_t* queue = rd_kafka_queue_new((*client)->Handle());
  rd_kafka_DeleteTopics((*client)->Handle(), topics, 2, nullptr, queue);
  Await(queue);
  rd_kafka_DeleteTopic_destroy_array(topics, 2);
}

void DeleteFirstDecisions(const KafkaAddress& address, int64_t before) {
  const auto client = MakeReaderClient(address, {}, {});
  REQUIRE(client.ok());
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), address.Topic("decisions").c_str(), 0)->offset =
      before;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  rd_kafka_queue_t* queue = rd_kafka_queue_new((*client)->Handle());
  rd_kafka_DeleteRecords((*client)->Handle(), &request, 1, nullptr, queue);
  Await(queue);
  rd_kafka_DeleteRecords_destroy(request);
}

TEST_CASE("a log is copied onto Kafka and back, and everything answers as before [MIG-11]",
          "[kafka][scenario]") {
  PreferMemory();
  const ScratchDirectory scratch;
  const Program program(scratch.Path(""));
  const std::string topics = FreshAddress().ToString();
  program.Out(In("first", {"demo", "--people", "40"}));
  program.Out({"journal", "copy", "first", topics});
  program.Out({"journal", "copy", topics, "third"});
  for (const char* home : {"second", "third"}) {
    std::filesystem::create_directories(program.Path(home));
    std::filesystem::copy(program.Path("first/keys"), program.Path(std::string(home) + "/keys"),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
  }
  program.Out(
      {"--home", "second", "--journal", topics, "init", "--company", "demo", "--admin", "p-admin"});
  for (const Words& words :
       {Words{"-o", "json", "digest"}, Words{"score", "list", "2026-06"},
        Words{"-o", "json", "score", "explain", "2026-06", "p-0021", "--all"},
        Words{"--at", "300", "-o", "json", "score", "list", "2026-06"},
        Words{"--at", "2026-07-01T00:00:00+08:00", "score", "show", "2026-06", "p-0021"},
        Words{"rejection", "list"}, Words{"late", "list"},
        Words{"-o", "ndjson", "log", "show", "decisions", "--from", "500"},
        Words{"verify", "--decisions"}}) {
    INFO(words.front() << " " << words.back());
    const std::string expected = program.Out(In("first", words));
    CHECK(program.Out(In("second", words)) == expected);
    CHECK(program.Out(In("third", words)) == expected);
  }
  // A copy that is whole stays as it is, and takes what came since.
  CHECK(program.Out({"-o", "json", "journal", "copy", "first", topics}).find("\"copied\": 0") !=
        std::string::npos);
  // Another log is refused, and so is a log that went its own way.
  program.Out(In("other", {"demo", "--people", "40", "--seed", "2"}));
  const Ended other = program.Run({"journal", "copy", "other", topics});
  CHECK(other.code == 1);
  CHECK(other.err.find("the target is no beginning of this log") != std::string::npos);
}

TEST_CASE("two that found a company at once end in one", "[kafka][scenario]") {
  PreferMemory();
  const ScratchDirectory scratch;
  const Program program(scratch.Path(""));
  for (int round = 0; round < 3; ++round) {
    const KafkaAddress address = FreshAddress();
    Ended ended[2];
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&, i] {
          const std::string home = std::to_string(round) + "-" + std::to_string(i);
          ended[i] = program.Run(InitOn(address, home, {}));
        });
      }
    }
    // The second has none of the first one's keys, and is told how to get them.
    const int winner = ended[0].code == 0 ? 0 : 1;
    INFO(ended[0].err << ended[1].err);
    CHECK(ended[winner].code == 0);
    CHECK(ended[1 - winner].code == 1);
    CHECK(ended[1 - winner].err.find("was founded by another home") != std::string::npos);
    const std::string home = std::to_string(round) + "-" + std::to_string(winner);
    const std::string other = std::to_string(round) + "-" + std::to_string(1 - winner);
    program.Out(InitOn(address, other, {"--keys", program.Path(home + "/keys")}));
    const std::string identity = program.Out(In(home, {"journal", "info"}));
    CHECK(program.Out(In(other, {"journal", "info"})) == identity);
    // What one of them changes, the other one shows.
    program.Write("founding.yaml", Founding());
    program.Out(In(other, {"run", "founding.yaml"}));
    CHECK(program.Out(In(home, {"org", "show"})) == program.Out(In(other, {"org", "show"})));
    CHECK(program.Out(In(home, {"verify", "--decisions"})) ==
          program.Out(In(other, {"verify", "--decisions"})));
  }
}

TEST_CASE("a topic that was made anew or lost its beginning is refused", "[kafka][scenario]") {
  PreferMemory();
  const ScratchDirectory scratch;
  const Program program(scratch.Path(""));
  const KafkaAddress address = FreshAddress();
  program.Out(InitOn(address, "home", {}));
  program.Write("founding.yaml", Founding());
  program.Out(In("home", {"run", "founding.yaml"}));

  SECTION("another company under the same name") {
    program.Out(In("home", {"status"}));
    const KafkaAddress fresh = FreshAddress();
    program.Out(InitOn(fresh, "stranger", {}));
    program.Write("home/assay.yaml", "journal: \"" + fresh.ToString() + "\"\n");
    const Ended ended = program.Run(In("home", {"status"}));
    CHECK(ended.code == 1);
    CHECK(ended.err.find("these views belong to another log") != std::string::npos);
  }
  SECTION("made anew with the same beginning") {
    std::vector<std::string> beginnings;
    {
      const auto journal = KafkaJournal::Open(address, {});
      REQUIRE(journal.ok());
      for (const PartitionId partition : kPartitions) {
        beginnings.push_back((*journal)->Read(partition, {}, 1, 1).value().front().value);
      }
    }
    DeleteTopics(address);
    const auto anew = KafkaJournal::Create(address, 2, {});
    REQUIRE(anew.status() == absl::OkStatus());
    for (size_t i = 0; i < beginnings.size(); ++i) {
      REQUIRE((*anew)->Append(kPartitions[i], {&beginnings[i], 1}).ok());
    }
    const Ended ended = program.Run(In("home", {"status"}));
    CHECK(ended.code == 5);
    CHECK(ended.err.find("the topic was made anew or lost records") != std::string::npos);
    // Longer than before, but not the same.
    const std::vector<std::string> others(50, "another record");
    REQUIRE((*anew)->Append(kDecisionsPartition, others).ok());
    const Ended longer = program.Run(In("home", {"status"}));
    CHECK(longer.code == 5);
    CHECK(longer.err.find("is not the record that was folded: the log diverged") !=
          std::string::npos);
  }
  SECTION("its first records were deleted") {
    DeleteFirstDecisions(address, 2);
    const Ended ended = program.Run(In("home", {"rebuild"}));
    CHECK(ended.code == 5);
    CHECK(ended.err.find("offset") != std::string::npos);
  }
}

TEST_CASE("what a journal on Kafka cannot do is said", "[kafka][scenario]") {
  PreferMemory();
  const ScratchDirectory scratch;
  const Program program(scratch.Path(""));
  const KafkaAddress address = FreshAddress();
  program.Out(InitOn(address, "home", {}));
  const Ended again = program.Run(InitOn(address, "home", {}));
  CHECK(again.code == 4);
  const Ended company = program.Run({"--home", "x", "--journal", address.ToString(), "init",
                                     "--company", "other", "--admin", "p", "--partitions", "2"});
  CHECK(company.code == 1);
  CHECK(company.err.find("is that of the company \"acme\", not of \"other\"") != std::string::npos);
  const Ended partitions = program.Run({"--home", "y", "--journal", address.ToString(), "init",
                                        "--company", "acme", "--admin", "p"});
  CHECK(partitions.code == 1);
  CHECK(partitions.err.find("partitions is 2, expected 12") != std::string::npos);
  const Ended now = program.Run(In("home", {"--now", "2026-07-01T00:00:00Z", "status"}));
  CHECK(now.code == 2);
  CHECK(now.err.find("a broker stamps its records itself") != std::string::npos);
  const Ended embedded = program.Run(In("home", {"--journal", "embedded:", "status"}));
  CHECK(embedded.code == 2);
}

}  // namespace
}  // namespace assay::testing
