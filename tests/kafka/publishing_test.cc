// What assayd brings to the published topics, as its readers see it.

#include <fmt/core.h>
#include <simdjson.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>

#include "connectors/kafka/publisher.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/kafka/broker.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/tools/assayd/daemon.h"
#include "tools/assay/home.h"

namespace assay::testing {
namespace {

using Words = std::vector<std::string>;

constexpr int kPeople = 5;

// What a command of a shell prints, and its exit code.
std::pair<std::string, int> Shell(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  char part[4096];
  for (size_t size = 0; (size = fread(part, 1, sizeof(part), pipe)) > 0;) out.append(part, size);
  const int status = pclose(pipe);
  return {out, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

// A company on the suite's broker, whose people are scored by what they put out in June.
class Plant {
 public:
  Plant() : program_(scratch_.path()), address_(FreshAddress()) {
    Call({"--journal", address_.ToString(), "init", "--company", "acme", "--admin", "p-admin",
          "--partitions", "2"});
    std::string documents = Founding();
    std::string agreements;
    for (int i = 1; i <= kPeople; ++i) {
      documents += Hire(fmt::format("p-{}", i), fmt::format("E{}", i));
      agreements += By("p-hr", fmt::format("openAgreement: {{agreement: a-{0}, person: p-{0}, "
                                           "position: pos-op, cycle: 2026-06}}",
                                           i));
    }
    Do(documents);
    program_.Write("contract.yaml", Contract("erp", {"output pcs"}));
    Call({"source", "add", "contract.yaml"});
    Do(Publish({.id = "output", .formula = "sum(erp.output)"}) + CurveAndBands() +
       Template("std@1", {{.item = "output", .target = "100"}}) + June("std@1") + agreements);
  }

  std::string Call(Words words) const {
    words.insert(words.begin(), {"--home", "home"});
    const Ended ended = program_.Run(words);
    INFO(ended.out << ended.err);
    REQUIRE(ended.code == 0);
    return ended.out;
  }
  void Do(const std::string& documents) {
    program_.Write("commands.yaml", documents);
    Call({"run", "commands.yaml"});
  }
  // Another home of the same company, with the same keys.
  void Join(const std::string& home) const {
    const Ended ended = program_.Run({"--home", home, "--journal", address_.ToString(), "init",
                                      "--company", "acme", "--admin", "p-admin", "--partitions",
                                      "2", "--keys", program_.Path("home/keys")});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
  }
  // A record more of that person.
  void Feed(int person, int pieces) {
    program_.Write("erp.csv", fmt::format("record,rev,day,emp,output\nr-{},1,2026-06-10,E{},{}\n",
                                          ++records_, person, pieces));
    Call({"ingest", "erp", "erp.csv"});
  }
  // Until nothing waits in the outbox.
  void AwaitPublished() const {
    for (int i = 0; i < 2'400; ++i) {
      if (Call({"log", "show", "outputs"}).empty()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL("the outbox is not emptied");
  }
  // "cycle person status computed adjustments total band" by person, with tabs.
  [[nodiscard]] std::string Table() const {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(Call({"-o", "json", "score", "list", "2026-06"}));
    std::string table;
    for (const simdjson::dom::element row : parser.parse(text).get_array()) {
      table += "2026-06";
      for (const char* name : {"person", "status", "computed", "adjustments", "total", "band"}) {
        const simdjson::dom::element value = row[name].value();
        table += "\t";
        if (value.is_string()) table += value.get_string().value();
      }
      table += "\n";
    }
    return table;
  }

  // A record of E1 that is refused, through a home; with the other value a good one.
  void FeedThrough(const std::string& home, const std::string& record,
                   const std::string& value = "secret") const {
    program_.Write("fed.csv", fmt::format("record,rev,day,emp,output\n{},1,2026-06-10,E1,{}\n",
                                          record, value));
    (void)program_.Run({"--home", home, "ingest", "erp", "fed.csv"});
  }

  [[nodiscard]] const KafkaAddress& Address() const { return address_; }
  [[nodiscard]] const std::string& Folder() const { return folder_; }
  [[nodiscard]] const Program& Files() const { return program_; }

 private:
  ScratchDirectory scratch_;
  const std::string folder_ = scratch_.path();
  Program program_;
  KafkaAddress address_;
  int records_ = 0;
};

struct Seen {
  std::string key;
  std::string id;
  std::pair<int64_t, int64_t> version;
  std::string content;
  v1::OutputRecord record;
  bool is_tombstone = false;
};

// All records of a topic, in the order of their partitions.
std::vector<Seen> ReadAll(const KafkaAddress& address, const std::string& name) {
  const auto client = MakeReaderClient(address, {}, {});
  REQUIRE(client.ok());
  std::vector<std::pair<std::string, int32_t>> partitions;
  for (int32_t i = 0; i < 3; ++i) partitions.emplace_back(address.Topic(name), i);
  const auto ends = EndOffsets(**client, partitions, 20'000);
  REQUIRE(ends.ok());
  std::vector<Seen> seen;
  for (int32_t i = 0; i < 3; ++i) {
    const int64_t end = (*ends)[static_cast<size_t>(i)];
    if (end == 0) continue;
    const auto reader = PartitionReader::Start(**client, address.Topic(name), i, 0);
    REQUIRE(reader.ok());
    while ((*reader)->NextOffset() < end && (*reader)->EndSeen() < end) {
      const auto record = (*reader)->Next(2'000);
      REQUIRE(record.ok());
      if (record->message == nullptr) continue;
      Seen& one = seen.emplace_back();
      one.is_tombstone = record->IsTombstone();
      one.key = record->Key();
      one.id = record->Header("ce_id");
      one.version = {std::stoll(std::string(record->Header("ce_epoch"))),
                     std::stoll(std::string(record->Header("ce_sum")))};
      if (one.is_tombstone) continue;
      one.content = record->Value();
      CHECK(one.record.ParseFromString(one.content));
      CHECK(one.record.id() == one.id);
    }
  }
  return seen;
}

// Who keeps the highest version of a key sees every effect once: the changes of a score follow one
// another without a gap, and end in the row of the topic of scores.
void CheckOnce(const KafkaAddress& address) {
  std::map<std::string, std::string> contents;
  std::map<std::string, std::map<std::pair<int64_t, int64_t>, Seen>> changes;
  for (const Seen& seen : ReadAll(address, "score-changes")) {
    const auto [known, is_new] = contents.emplace(seen.id, seen.content);
    CHECK(known->second == seen.content);
    const auto [change, is_first] = changes[seen.key].emplace(seen.version, seen);
    CHECK(change->second.id == seen.id);
  }
  std::map<std::string, Seen> newest;
  for (const Seen& seen : ReadAll(address, "scores")) {
    const auto [known, is_new] = contents.emplace(seen.id, seen.content);
    CHECK(known->second == seen.content);
    Seen& held = newest[seen.key];
    if (held.version == seen.version) CHECK(held.content == seen.content);
    if (held.version <= seen.version) held = seen;
  }
  CHECK(newest.size() == kPeople);
  for (const auto& [key, versions] : changes) {
    v1::ScoreRecord score;
    for (const auto& [version, seen] : versions) {
      const v1::ScoreChange& change = seen.record.score_change();
      CHECK(change.before().SerializeAsString() == score.SerializeAsString());
      CHECK_FALSE(change.cause().empty());
      score = change.after();
    }
    CHECK(score.SerializeAsString() == newest[key].record.score().SerializeAsString());
  }
}

TEST_CASE("the topic of scores alone is the score table", "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  const std::string topic = plant.Address().Topic("scores");
  const std::string kcat = "kcat -q -b " + plant.Address().brokers + " -C -e -t ";
  const auto keys = [&] {
    return Shell(kcat + topic + " -f '%k\\n' | sort -u | tr '\\n' ' '").first;
  };
  {
    const Daemon daemon(plant.Folder());
    daemon.Await("\"message\":\"publishing\"");
    plant.AwaitPublished();
    CHECK(keys() ==
          "acme/2026-06/p-1 acme/2026-06/p-2 acme/2026-06/p-3 acme/2026-06/p-4 "
          "acme/2026-06/p-5 ");
    for (int i = 0; i < 6; ++i) plant.Feed(i % 3 + 1, 20 + 7 * i);
    plant.AwaitPublished();
    const std::string headers =
        Shell(kcat + topic +
              " -c 1 -f '%h' | sed 's/ce_id=[0-9a-f]*/ce_id=X/; s/ce_time=[^,]*/ce_time=T/; "
              "s/ce_sum=[0-9]*/ce_sum=S/; s/p-[1-5]/P/'")
            .first;
    CHECK(headers ==
          "ce_specversion=1.0,ce_type=assay.score.v1,ce_id=X,ce_source=/companies/acme,"
          "ce_subject=acme/2026-06/P,ce_time=T,ce_epoch=1,ce_sum=S,"
          "content-type=application/protobuf");
    CheckOnce(plant.Address());
    const auto [table, code] = Shell(SourceDir() + "/tests/kafka/scores " +
                                     plant.Address().brokers + " " + plant.Address().prefix);
    if (code == 77) {
      WARN("no Python client: pip reached nothing");
    } else {
      CHECK(code == 0);
      CHECK(table == plant.Table());
    }
  }
  // Nothing changed, so nothing comes again, also from views that were made anew.
  const size_t before = ReadAll(plant.Address(), "scores").size();
  plant.Call({"rebuild"});
  const Daemon again(plant.Folder());
  again.Await("\"differences\":0");
  plant.AwaitPublished();
  CHECK(ReadAll(plant.Address(), "scores").size() == before);
}

TEST_CASE("a topic may be in JSON, and its rows come again when that is set",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  plant.Feed(1, 40);
  for (const char* format : {"protobuf", "json"}) {
    plant.Files().Write("home/assay.yaml", fmt::format("journal: \"{}\"\ntopics: {{scores: {}}}\n",
                                                       plant.Address().ToString(), format));
    const Daemon daemon(plant.Folder());
    daemon.Await(fmt::format("\"differences\":{}", kPeople));
    plant.Feed(2, 50);
    plant.AwaitPublished();
  }
  const std::string last =
      Shell("kcat -q -C -e -b " + plant.Address().brokers + " -t " +
            plant.Address().Topic("scores") + " -f '%k %h %s\\n' | grep -a p-2 | tail -n 1")
          .first;
  CHECK(last.find("content-type=application/json {\"topic\":\"scores\"") != std::string::npos);
  const auto [table, code] = Shell(SourceDir() + "/tests/kafka/scores " + plant.Address().brokers +
                                   " " + plant.Address().prefix);
  if (code != 77) CHECK(table == plant.Table());
}

TEST_CASE("a refused record is published with its place and no readable original",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  const Daemon daemon(plant.Folder());
  daemon.Await("\"message\":\"publishing\"");
  plant.Files().Write("erp.csv", "record,rev,day,emp,output\nr-bad,1,2026-06-10,E1,secret\n");
  (void)plant.Files().Run({"--home", "home", "ingest", "erp", "erp.csv"});
  plant.AwaitPublished();
  const std::vector<Seen> refused = ReadAll(plant.Address(), "rejections");
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].key.starts_with("acme/erp/"));
  CHECK(refused[0].record.rejection().source() == "erp");
  CHECK(refused[0].content.find("secret") == std::string::npos);
}

TEST_CASE("a score that is gone leaves a tombstone, and its change says what it was",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  const Daemon daemon(plant.Folder());
  daemon.Await("\"message\":\"publishing\"");
  plant.Feed(2, 40);
  plant.AwaitPublished();
  plant.Do(By("p-mgr", "withdrawAgreement: {agreement: a-2}"));
  plant.AwaitPublished();
  std::vector<Seen> rows;
  for (const Seen& seen : ReadAll(plant.Address(), "scores")) {
    if (seen.key == "acme/2026-06/p-2") rows.push_back(seen);
  }
  REQUIRE(rows.size() >= 2);
  CHECK(rows.back().is_tombstone);
  CHECK(rows.back().version > rows[rows.size() - 2].version);
  CHECK_FALSE(rows.back().id.empty());
  const Seen last = [&] {
    Seen found;
    for (const Seen& seen : ReadAll(plant.Address(), "score-changes")) {
      if (seen.key == "acme/2026-06/p-2" && seen.version >= found.version) found = seen;
    }
    return found;
  }();
  CHECK(last.record.score_change().before().SerializeAsString() ==
        rows[rows.size() - 2].record.score().SerializeAsString());
  CHECK_FALSE(last.record.score_change().has_after());
  CHECK(last.record.score_change().cause().starts_with("agreementWithdrawn "));
  const auto [table, code] = Shell(SourceDir() + "/tests/kafka/scores " + plant.Address().brokers +
                                   " " + plant.Address().prefix);
  if (code != 77) CHECK(table == plant.Table());
}

TEST_CASE("an adjustment is published through its life, with reason, before and after",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  plant.Feed(1, 40);
  plant.Feed(2, 40);
  const Daemon daemon(plant.Folder());
  daemon.Await("\"message\":\"publishing\"");
  const auto request = [](int i) {
    return By("p-ex", fmt::format("requestAdjustment: {{adjustment: adj-{0}, person: p-{0}, cycle: "
                                  "2026-06, delta: \"5\", reasonCode: DATA, remark: secret}}",
                                  i));
  };
  plant.Do(By("p-hr", "closeIntake: {cycle: 2026-06}") + By("p-hr", "lockCycle: {cycle: 2026-06}"));
  plant.Do(request(1) + By("p-ex2", "approveAdjustment: {adjustment: adj-1}") +
           By("p-ex2", "revokeAdjustment: {adjustment: adj-1}\nreason: twice") + request(2) +
           By("p-ex2", "rejectAdjustment: {adjustment: adj-2}\nreason: no"));
  plant.AwaitPublished();
  std::map<std::string, std::string> lives;
  std::map<std::string, int> ids;
  for (const Seen& seen : ReadAll(plant.Address(), "adjustments")) {
    const v1::AdjustmentRecord& record = seen.record.adjustment();
    INFO(record.DebugString());
    ++ids[seen.id];
    CHECK(seen.content.find("secret") == std::string::npos);
    CHECK(record.reason_code() == "DATA");
    CHECK(record.delta() == "5");
    lives[seen.key] += fmt::format("{} by {}", record.event(), record.by());
    if (!record.before().empty()) {
      lives[seen.key] += fmt::format(" {} -> {}", record.before(), record.after());
    }
    lives[seen.key] += "; ";
  }
  CHECK(ids.size() == 6);
  CHECK(lives["acme/2026-06/adj-1"] ==
        "REQUESTED by p-ex; APPROVED by p-ex2; APPLIED by p-ex2 40 -> 45; "
        "REVOKED by p-ex2 45 -> 40; ");
  CHECK(lives["acme/2026-06/adj-2"] == "REQUESTED by p-ex; REJECTED by p-ex2; ");
}

TEST_CASE("records that come again with other content are an alert, one of a source and day",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  const Daemon daemon(plant.Folder());
  daemon.Await("\"message\":\"publishing\"");
  for (const char* value : {"5", "6"}) {
    std::string rows = "record,rev,day,emp,output\n";
    for (int i = 0; i < 20; ++i) rows += fmt::format("c-{},1,2026-06-10,E1,{}\n", i, value);
    plant.Files().Write("erp.csv", rows);
    (void)plant.Files().Run({"--home", "home", "ingest", "erp", "erp.csv"});
  }
  plant.AwaitPublished();
  CHECK(ReadAll(plant.Address(), "rejections").size() == 20);
  const std::vector<Seen> alerts = ReadAll(plant.Address(), "alerts");
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].key == "acme/VERSION_CONTENT_CONFLICT/source/erp");
  CHECK(alerts[0].record.alert().subject() == "source/erp");
  CHECK(alerts[0].record.alert().node().empty());
  const std::string shown = Shell("kcat -q -C -e -b " + plant.Address().brokers + " -t " +
                                  plant.Address().Topic("alerts") + " -f '%h'")
                                .first;
  CHECK(shown.starts_with("ce_specversion=1.0,ce_type=assay.alert.v1,ce_id=" + alerts[0].id +
                          ",ce_source=/companies/acme,ce_subject=" + alerts[0].key + ",ce_time="));
}

TEST_CASE("a score whose numbers leave the range is an alert, told once", "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  const Daemon daemon(plant.Folder());
  daemon.Await("\"message\":\"publishing\"");
  for (const char* record : {"r-1", "r-2", "r-3"}) {
    plant.FeedThrough("home", record, std::string(26, '9'));
  }
  plant.AwaitPublished();
  const std::vector<Seen> alerts = ReadAll(plant.Address(), "alerts");
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].key == "acme/SCORE_OVERFLOW/score/2026-06/p-1");
  CHECK(alerts[0].record.alert().text() ==
        "a number of the score of p-1 in 2026-06 is beyond 1.7e26, so there is no score: assay "
        "score explain 2026-06 p-1");
}

TEST_CASE("what is published is in the metrics", "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  const Daemon daemon(plant.Folder());
  daemon.Await("\"message\":\"publishing\"");
  plant.Feed(1, 40);
  plant.AwaitPublished();
  // The figures are those of the last look into the outbox.
  const Words lines = {"assay_published_records_total{topic=\"scores\"} 6",
                       "assay_published_records_total{topic=\"score-changes\"} 6",
                       "assay_publisher 1",
                       "assay_publisher_epoch 1",
                       "assay_outbox_records 0",
                       "assay_outbox_oldest_seconds 0",
                       "assay_kafka_producer_queue_records 0",
                       "assay_kafka_producer_failures_total 0"};
  std::string body;
  std::string missing = "all";
  for (int i = 0; i < 2'400 && !missing.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    body = daemon.Get("/metrics").body;
    missing.clear();
    for (const std::string& line : lines) {
      if (body.find("\n" + line + "\n") == std::string::npos) missing += line + "\n";
    }
  }
  INFO(body);
  CHECK(missing.empty());
  CHECK(body.find("\nassay_published_last_timestamp_seconds 0\n") == std::string::npos);
  CheckByPromtool(body);
}

// The highest epoch on the topic of scores.
int64_t EpochSeen(const KafkaAddress& address) {
  int64_t epoch = 0;
  for (const Seen& seen : ReadAll(address, "scores")) epoch = std::max(epoch, seen.version.first);
  return epoch;
}

TEST_CASE("when the publisher is killed another node goes on", "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  for (const char* home : {"second", "third"}) plant.Join(home);
  const Daemon first(plant.Folder());
  first.Await("\"message\":\"publishing\"");
  plant.AwaitPublished();
  const Daemon second(plant.Folder(), {"--home", "second"});
  second.Await("\"message\":\"publishing\"");
  first.Await("\"message\":\"another node publishes\"");
  auto third = std::make_unique<Daemon>(plant.Folder(), Words{"--home", "third"});
  third->Await("\"message\":\"publishing\"");
  for (const Daemon* standby : {&first, &second}) {
    standby->Await("\"message\":\"standing by\"");
  }
  for (int i = 0; i < 5; ++i) plant.Feed(i + 1, 20 + 7 * i);
  // Of one that stands by: it saw on the topics what it waited for.
  plant.AwaitPublished();
  CHECK(EpochSeen(plant.Address()) == 3);

  third->Signal(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  CHECK(third->Ended() == 128 + SIGKILL);
  plant.Feed(1, 10);
  plant.Files().Write("erp.csv", "record,rev,day,emp,output\nr-bad,1,2026-06-10,E1,secret\n");
  (void)plant.Files().Run({"--home", "home", "ingest", "erp", "erp.csv"});
  while (EpochSeen(plant.Address()) == 3) {
    REQUIRE(std::chrono::steady_clock::now() - killed < kPatience);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - killed);
  fmt::print("from the kill to the first record of the next publisher: {} ms\n", took.count());
  for (int i = 0; i < 5; ++i) plant.Feed(5 - i, 3);
  plant.AwaitPublished();
  CheckOnce(plant.Address());
  const auto [table, code] = Shell(SourceDir() + "/tests/kafka/scores " + plant.Address().brokers +
                                   " " + plant.Address().prefix);
  if (code != 77) CHECK(table == plant.Table());
  std::set<std::string> refused;
  for (const Seen& seen : ReadAll(plant.Address(), "rejections")) refused.insert(seen.id);
  CHECK(refused.size() == 1);
  // One publishes and the other stands by: nothing comes twice from now on.
  const size_t before = ReadAll(plant.Address(), "scores").size();
  plant.Feed(4, 5);
  plant.AwaitPublished();
  std::this_thread::sleep_for(std::chrono::seconds(6));
  CHECK(ReadAll(plant.Address(), "scores").size() == before + 1);

  // Who comes back publishes, as who is started last does, and who published stands by.
  const auto standing_by = [&] {
    const std::string text = first.LogText() + second.LogText();
    int count = 0;
    for (size_t at = 0; (at = text.find("\"standing by\"", at)) != text.npos; ++at) ++count;
    return count;
  };
  const int stood_by = standing_by();
  third = std::make_unique<Daemon>(plant.Folder(), Words{"--home", "third"});
  third->Await("\"message\":\"publishing\"");
  const auto published = std::chrono::steady_clock::now();
  while (standing_by() == stood_by) {
    REQUIRE(std::chrono::steady_clock::now() - published < kPatience);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  plant.Feed(2, 5);
  plant.AwaitPublished();
  CheckOnce(plant.Address());
}

// Waits until so many records are on the topic.
void AwaitOn(const KafkaAddress& address, const std::string& topic, size_t records) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (ReadAll(address, topic).size() < records) {
    INFO(topic);
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

TEST_CASE("what was folded while a home was opened is published when the publisher never did",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  for (const char* home : {"second", "third"}) plant.Join(home);
  Daemon first(plant.Folder());
  first.Await("\"message\":\"publishing\"");
  plant.FeedThrough("home", "r-published");
  AwaitOn(plant.Address(), "rejections", 1);
  // It lives and says nothing; what comes is folded by the second while that is opened.
  first.Signal(SIGSTOP);
  plant.FeedThrough("third", "r-unsaid");
  const Daemon second(plant.Folder(), {"--home", "second"});
  second.Await("\"message\":\"publishing\"");
  first.Signal(SIGKILL);
  CHECK(first.Ended() == 128 + SIGKILL);
  AwaitOn(plant.Address(), "rejections", 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  // What the first one had said does not come again.
  std::set<std::string> refused;
  const auto on_topic = ReadAll(plant.Address(), "rejections");
  for (const Seen& seen : on_topic) refused.insert(seen.id);
  CHECK(on_topic.size() == 2);
  CHECK(refused.size() == 2);
}

TEST_CASE("however much was folded while a home was opened, what is published does not come again",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  plant.Join("second");
  const Daemon first(plant.Folder());
  first.Await("\"message\":\"publishing\"");
  // More than two looks at 10,000 rows each, before the claim and behind it.
  constexpr int kRecords = 21'000;
  std::string rows = "record,rev,day,emp,output\n";
  for (int i = 0; i < kRecords; ++i) rows += fmt::format("r-{},1,2026-06-10,E1,secret\n", i);
  plant.Files().Write("many.csv", rows);
  (void)plant.Files().Run({"--home", "home", "ingest", "erp", "many.csv"});
  plant.AwaitPublished();
  const Daemon second(plant.Folder(), {"--home", "second"});
  second.Await("\"message\":\"publishing\"");
  // It is emptied, by deleting or by sending.
  for (;;) {
    const Ended outputs = plant.Files().Run({"--home", "second", "log", "show", "outputs"});
    REQUIRE(outputs.code == 0);
    if (outputs.out.empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  CHECK(ReadAll(plant.Address(), "rejections").size() == kRecords);
}

TEST_CASE("what a node claimed to publish and never said is said by who stands by",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  plant.Join("second");
  const Daemon first(plant.Folder());
  first.Await("\"message\":\"publishing\"");
  plant.AwaitPublished();
  const auto claim = [&] {
    const auto second = Home::Open({.directory = plant.Folder() + "/second"});
    REQUIRE(second.ok());
    return (*second)->ClaimPublisher().value();
  };
  // The first one folds a record together with the claim behind it, before it stands by: of a
  // score nothing waits then, only a look is owed.
  int64_t epoch = 1;
  for (const char* value : {"40", "secret"}) {
    first.Signal(SIGSTOP);
    plant.FeedThrough("second", fmt::format("r-{}", value), value);
    CHECK(claim() == epoch + 1);
    first.Signal(SIGCONT);
    epoch += 2;
    first.Await(
        fmt::format("\"epoch\":{},\"scoresSeen\":5,\"differences\":{}", epoch, epoch == 3 ? 1 : 0));
  }
  AwaitOn(plant.Address(), "rejections", 1);
  plant.AwaitPublished();
  CHECK(EpochSeen(plant.Address()) == 3);
  const auto [table, code] = Shell(SourceDir() + "/tests/kafka/scores " + plant.Address().brokers +
                                   " " + plant.Address().prefix);
  if (code != 77) CHECK(table == plant.Table());

  // Where nothing is missing nobody takes over.
  CHECK(claim() == 6);
  first.Await("\"epoch\":6");
  std::this_thread::sleep_for(std::chrono::seconds(7));
  CHECK(first.LogText().find("\"otherEpoch\":6") == std::string::npos);
}

TEST_CASE("two live nodes that write different formats do not claim in turns",
          "[kafka][publishing]") {
  PreferMemory();
  Plant plant;
  plant.Join("second");
  plant.Files().Write("second/assay.yaml",
                      plant.Files().Read("second/assay.yaml") + "topics: {scores: json}\n");
  const Daemon first(plant.Folder());
  first.Await("\"message\":\"publishing\"");
  const Daemon second(plant.Folder(), {"--home", "second"});
  second.Await("\"message\":\"publishing\"");
  first.Await("\"message\":\"standing by\"");
  for (int i = 0; i < 5; ++i) plant.Feed(i + 1, 20 + 7 * i);
  plant.AwaitPublished();
  std::this_thread::sleep_for(std::chrono::seconds(7));
  CHECK(first.LogText().find("taking over") == std::string::npos);
  CHECK(second.LogText().find("another node publishes") == std::string::npos);
}

TEST_CASE("kills of the publisher repeat records and change none: campaign",
          "[kafka][publishing][campaign]") {
  PreferMemory();
  const auto kills = static_cast<int>(NumberFrom("ASSAY_KILLS", 2));
  const auto seed = static_cast<unsigned>(NumberFrom("ASSAY_SEED", 7));
  INFO("ASSAY_SEED=" << seed);
  std::mt19937 random(seed);
  Plant plant;
  for (int i = 0; i < kills; ++i) {
    Daemon daemon(plant.Folder());
    daemon.Await("\"message\":\"publishing\"");
    for (int record = 0; record < 3; ++record) plant.Feed(static_cast<int>(random() % 5) + 1, 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 130));
    daemon.Signal(SIGKILL);
    CHECK(daemon.Ended() == 128 + SIGKILL);
  }
  const Daemon daemon(plant.Folder());
  daemon.Await("\"message\":\"publishing\"");
  plant.AwaitPublished();
  CheckOnce(plant.Address());
  const auto [table, code] = Shell(SourceDir() + "/tests/kafka/scores " + plant.Address().brokers +
                                   " " + plant.Address().prefix);
  if (code != 77) CHECK(table == plant.Table());
}

}  // namespace
}  // namespace assay::testing
