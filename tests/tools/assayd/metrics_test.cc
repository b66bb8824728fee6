#include "tools/assayd/metrics.h"

#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "tests/connectors/embedded/scratch_directory.h"

namespace assay {
namespace {

using std::chrono::milliseconds;

bool Has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// What `promtool check metrics` asks for, of every family: a help and a type before its samples,
// counters that end with _total and no others, base units, and names of the right letters.
std::vector<std::string> FaultsIn(const std::string& text) {
  static const std::regex kSample(
      "([a-z_][a-z0-9_]*)(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})? "
      "[0-9.e+-]+|.*\\+Inf.* [0-9]+");
  std::vector<std::string> faults;
  std::set<std::string> helped;
  std::set<std::string> families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string mark;
    std::string what;
    std::string name;
    std::string type;
    words >> mark >> what >> name >> type;
    if (mark == "#" && what == "HELP") {
      helped.insert(name);
      continue;
    }
    if (mark == "#") {
      if (!helped.contains(name)) faults.push_back("no help: " + line);
      if (!families.insert(name).second) faults.push_back("twice: " + line);
      if (!name.starts_with("assay_")) faults.push_back("whose: " + line);
      if ((type == "counter") != name.ends_with("_total")) faults.push_back("total: " + line);
      if (name.find("_ms") != std::string::npos || name.find("milli") != std::string::npos) {
        faults.push_back("no base unit: " + line);
      }
      continue;
    }
    if (!std::regex_match(line, kSample)) faults.push_back("no sample: " + line);
    std::string family = line.substr(0, line.find_first_of("{ "));
    for (const std::string end : {"_bucket", "_sum", "_count"}) {
      if (family.ends_with(end)) family.resize(family.size() - end.size());
    }
    if (!families.contains(family)) faults.push_back("no type: " + line);
  }
  return faults;
}

TEST_CASE("what was seen and counted is told, by the rules of Prometheus") {
  const testing::ScratchDirectory scratch;
  auto home = Home::Init({.directory = scratch.Path("home"), .facts_partitions = 2},
                         {.company = "acme", .admins = {"p-admin"}}, false);
  REQUIRE(home.ok());
  Metrics metrics;
  (*home)->SetSubmitObserver(
      [&](auto took, const auto& answer) { metrics.CountSubmit(took, answer); });
  v1::Command command;
  command.mutable_actor()->set_person("p-stranger");
  command.mutable_add_person()->set_person("p-1");
  REQUIRE((*home)->Submit(command).ok());
  command.mutable_actor()->set_person("p-admin");
  command.clear_add_person();
  command.mutable_give_grant()->set_grant("g-hr");
  command.mutable_give_grant()->mutable_to()->set_person("p-hr");
  command.mutable_give_grant()->set_role(v1::ROLE_HR);
  command.mutable_give_grant()->mutable_span()->set_from("2026-01-01");
  const auto given = (*home)->Submit(command);
  REQUIRE(given.ok());
  INFO((std::holds_alternative<Rejection>(*given) ? std::get<Rejection>(*given).ToString() : ""));
  REQUIRE(std::holds_alternative<Committed>(*given));
  metrics.Observe(**home);
  metrics.Observe(**home);
  metrics.CountCall("score list", 0, milliseconds(20));
  metrics.CountCall("", 2, milliseconds(1));
  metrics.SetReady(true);
  metrics.CountPublished("scores", 3);
  metrics.CountPublished("scores", 2);
  metrics.SetPublisher(true, 7);
  metrics.SetProducer(4, 1);
  metrics.SetProducer(0, 2);
  const std::string text = metrics.Text();
  INFO(text);
  CHECK(FaultsIn(text) == std::vector<std::string>{});
  CHECK(Has(text, "assay_ready 1"));
  CHECK(Has(text, "assay_published_records_total{topic=\"scores\"} 5"));
  CHECK(Has(text, "assay_publisher 1"));
  CHECK(Has(text, "assay_publisher_epoch 7"));
  CHECK(Has(text, "assay_kafka_producer_queue_records 0"));
  CHECK(Has(text, "assay_kafka_producer_failures_total 2"));
  CHECK(Has(text, "assay_outbox_records 0"));
  CHECK(Has(text, "assay_view_position{partition=\"decisions\",view=\"scores\"} 2"));
  CHECK(Has(text, "assay_view_lag_events{partition=\"facts/1\",view=\"facts\"} 0"));
  CHECK(Has(text, "assay_view_lag_seconds{partition=\"decisions\",view=\"decisions\"} 0"));
  CHECK(Has(text, "assay_commits_total{verdict=\"applied\"} 2"));
  CHECK(Has(text, "assay_refusals_total{code=\"PERMISSION_DENIED\"} 1"));
  CHECK(Has(text, "assay_commit_duration_seconds_count 1"));
  CHECK(Has(text, "assay_calls_total{exit_code=\"0\",verb=\"score list\"} 1"));
  CHECK(Has(text, "assay_call_duration_seconds_bucket{verb=\"score list\",le=\"0.025\"} 1"));
}

TEST_CASE("records that were not folded are a lag in events and in seconds") {
  const testing::ScratchDirectory scratch;
  auto home = Home::Init({.directory = scratch.Path("home"), .facts_partitions = 1},
                         {.company = "acme", .admins = {"p-admin"}}, false);
  REQUIRE(home.ok());
  const std::string other = "three of them";
  REQUIRE((*home)->Log().Append(FactsPartition(0), std::vector<std::string>(3, other)).ok());
  Metrics metrics;
  metrics.Observe(**home);
  const std::string text = metrics.Text();
  INFO(text);
  CHECK(Has(text, "assay_view_lag_events{partition=\"facts/0\",view=\"scores\"} 3"));
  CHECK(Has(text, "assay_view_lag_events{partition=\"decisions\",view=\"scores\"} 0"));
  CHECK_FALSE(Has(text, "assay_view_lag_seconds{partition=\"facts/0\",view=\"scores\"} -1"));
}

}  // namespace
}  // namespace assay
