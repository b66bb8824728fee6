#include "projections/facts/projector.h"

#include <catch2/catch.hpp>

#include "engine/event/effective.h"
#include "engine/event/intake.h"
#include "projections/facts/query.h"
#include "tests/support/scratch_store.h"

namespace assay::facts {
namespace {

const LogIdentity kLog{"acme", "log-1", 12};
const Day kDay = *Day::Parse("2026-06-15");
const DaySpan kJune{*Day::Parse("2026-06-01"), *Day::Parse("2026-07-01")};

struct Row {
  std::string key = "881";
  std::string person = "p-1";
  std::string value = "500";
  std::string version;
  std::string day = "2026-06-15";
  int64_t event_ms = 0;
  bool retraction = false;
  std::string machine;
  std::string hours;
  int contract = 1;
  std::string input = "file-1";
  int64_t offset = -1;  // -1 = the next one
};

// Twelve partitions of facts, folded as they come.
class Facts {
 public:
  Facts() : projector_(*scratch_.rows), heads_(12) {
    for (int32_t i = 0; i < 12; ++i) Append(i, GenesisValue(kLog, FactsPartition(i)));
  }

  Facts& Take(const Row& row) {
    v1::Record record;
    record.set_company(kLog.company);
    record.set_log_id(kLog.log_id);
    v1::Intake& intake = *record.mutable_intake();
    intake.set_source("erp");
    intake.set_contract_version(row.contract);
    intake.mutable_src()->set_input_log(row.input);
    intake.mutable_src()->set_offset(row.offset >= 0 ? row.offset : next_offset_++);
    intake.add_record_key(row.key);
    intake.add_record_key("1");
    if (!row.version.empty()) intake.set_version(row.version);
    intake.set_day(row.day);
    *intake.mutable_event_time() =
        TimestampOf({int64_t{DayOf(row.day).number} * 86'400'000 + row.event_ms});
    if (row.retraction) {
      intake.mutable_retraction();
    } else {
      Add(intake, "employee", row.person, "output", row.value, "pcs");
      if (!row.machine.empty()) Add(intake, "machine", row.machine, "run_time", row.hours, "h");
    }
    intake.set_content_hash(ContentHash(intake).ToString());
    Append(PartitionOfIntake(intake, 12), record.SerializeAsString());
    return *this;
  }

  Facts& Refuse(const std::string& code) {
    v1::Record record;
    record.set_company(kLog.company);
    record.set_log_id(kLog.log_id);
    v1::Intake& intake = *record.mutable_intake();
    intake.set_source("erp");
    intake.mutable_src()->set_offset(next_offset_++);
    intake.mutable_refusal()->set_code(code);
    Append(3, record.SerializeAsString());
    return *this;
  }

  v1::TotalsRow Month(const std::string& person, const std::string& type = "employee",
                      const std::string& measure = "erp.output") {
    FactView view(*scratch_.rows, {});
    v1::TotalsRow totals;
    for (const SeriesDay& day : view.Series({type, person}, measure, kJune)) {
      MergeTotals(totals, day.totals);
    }
    return totals;
  }
  std::string Sum(const std::string& person) { return Month(person).sum(); }
  v1::LedgerRow Ledger() { return LedgerRows(*scratch_.rows)["erp"]; }
  Overlay& Rows() { return *scratch_.rows; }
  void WriteBack() { scratch_.WriteBack(); }

 private:
  static void Add(v1::Intake& intake, const std::string& type, const std::string& key,
                  const std::string& measure, const std::string& value, const std::string& unit) {
    v1::Contribution& contribution = *intake.mutable_facts()->add_contributions();
    contribution.set_entity_type(type);
    contribution.set_entity_key(key);
    contribution.set_measure(measure);
    contribution.set_value(value);
    contribution.set_unit(unit);
  }
  void Append(int32_t partition, std::string value) {
    PartitionHead& head = heads_[static_cast<size_t>(partition)];
    const StoredRecord record{
        .position = head.next.position, .address = head.next.address, .value = std::move(value)};
    REQUIRE(projector_.Fold(partition, {&record, 1}, kLog, head).ok());
    projector_.PutShared();
  }

  testing::ScratchStore scratch_;
  Projector projector_;
  std::vector<PartitionHead> heads_;
  int64_t next_offset_ = 0;
};

}  // namespace

TEST_CASE("order 881/1 corrected from p-1 to p-2 takes its value along", "[facts][unit][ING-16]") {
  Facts facts;
  facts.Take({.person = "p-1", .value = "500", .version = "1"});
  CHECK(facts.Sum("p-1") == "500");
  facts.Take({.person = "p-2", .value = "480", .version = "2"});
  CHECK(facts.Month("p-1").count() == 0);
  CHECK(facts.Sum("p-2") == "480");
  // Both versions stay readable: the old one up to the position that replaced it.
  FactView before(facts.Rows(), {std::vector<int64_t>(12, 2)});
  REQUIRE(before.Series({"employee", "p-1"}, "erp.output", kJune).size() == 1);
  CHECK(before.Series({"employee", "p-1"}, "erp.output", kJune)[0].totals.sum() == "500");
  CHECK(before.Series({"employee", "p-2"}, "erp.output", kJune).empty());
}

TEST_CASE("one record credits a person and a machine", "[facts][unit][ING-02]") {
  Facts facts;
  facts.Take({.person = "p-1", .value = "12", .machine = "M-7", .hours = "7.5"});
  CHECK(facts.Sum("p-1") == "12");
  CHECK(facts.Month("M-7", "machine", "erp.run_time").sum() == "7.5");
}

TEST_CASE("the same record again is counted and has no effect", "[facts][unit]") {
  Facts facts;
  facts.Take({.version = "1"}).Take({.version = "1"});
  CHECK(facts.Sum("p-1") == "500");
  CHECK(facts.Ledger().applied() == 1);
  CHECK(facts.Ledger().duplicate() == 1);
}

TEST_CASE("an older version is stale, also after a write-back", "[facts][unit]") {
  Facts facts;
  facts.Take({.value = "500", .version = "3"});
  facts.WriteBack();
  facts.Take({.value = "400", .version = "2"});
  CHECK(facts.Sum("p-1") == "500");
  CHECK(facts.Ledger().stale() == 1);
}

TEST_CASE("versions are compared as numbers and not as text", "[facts][unit]") {
  Facts facts;
  facts.Take({.value = "1", .version = "9"}).Take({.value = "2", .version = "10"});
  CHECK(facts.Sum("p-1") == "2");
}

TEST_CASE("the same version with other content is quarantined", "[facts][unit]") {
  Facts facts;
  facts.Take({.value = "500", .version = "1"}).Take({.value = "501", .version = "1"});
  CHECK(facts.Sum("p-1") == "500");
  CHECK(facts.Ledger().rejected() == 1);
  const auto refusals = Refusals(facts.Rows());
  REQUIRE(refusals.size() == 1);
  CHECK(refusals[0].row.code() == "VERSION_CONTENT_CONFLICT");
}

TEST_CASE("a source without versions goes by event time, and knows a re-delivery of an old content",
          "[facts][unit]") {
  Facts facts;
  facts.Take({.value = "1", .event_ms = 1'000});
  facts.Take({.value = "2", .event_ms = 2'000});
  facts.Take({.value = "1", .event_ms = 1'000});
  CHECK(facts.Sum("p-1") == "2");
  CHECK(facts.Ledger().duplicate() == 1);
  facts.Take({.value = "3", .event_ms = 500});
  CHECK(facts.Sum("p-1") == "2");
  CHECK(facts.Ledger().stale() == 1);
}

TEST_CASE("a retraction removes what the record stated, and a later version brings it back",
          "[facts][unit]") {
  Facts facts;
  facts.Take({.version = "1"}).Take({.version = "2", .retraction = true});
  CHECK(facts.Month("p-1").count() == 0);
  facts.Take({.value = "490", .version = "3"});
  CHECK(facts.Sum("p-1") == "490");
}

TEST_CASE("minimum, maximum and last survive corrections", "[facts][unit]") {
  Facts facts;
  facts.Take({.key = "a", .value = "5", .version = "1", .event_ms = 1});
  facts.Take({.key = "b", .value = "1", .version = "1", .event_ms = 2});
  facts.Take({.key = "c", .value = "9", .version = "1", .event_ms = 3});
  facts.Take({.key = "b", .value = "6", .version = "2", .event_ms = 2});
  facts.Take({.key = "c", .value = "2", .version = "2", .event_ms = 0});
  const v1::TotalsRow month = facts.Month("p-1");
  CHECK(month.sum() == "13");
  CHECK(month.min() == "2");
  CHECK(month.max() == "6");
  CHECK(month.last() == "6");
  CHECK(month.count() == 3);
}

TEST_CASE("an input offset that was seen is a re-read: no effect, no count", "[facts][unit]") {
  Facts facts;
  facts.Take({.value = "500", .version = "1", .offset = 4});
  facts.Take({.value = "999", .version = "2", .offset = 4});
  CHECK(facts.Sum("p-1") == "500");
  CHECK(facts.Ledger().applied() == 1);
  // A newer contract maps the same input again and supersedes.
  facts.Take({.value = "510", .version = "1", .contract = 2, .offset = 4});
  CHECK(facts.Sum("p-1") == "510");
}

TEST_CASE("a refusal is counted under its source and code", "[facts][unit]") {
  Facts facts;
  facts.Refuse("NOT_A_NUMBER");
  CHECK(facts.Ledger().rejected() == 1);
  REQUIRE(Refusals(facts.Rows()).size() == 1);
  CHECK(Refusals(facts.Rows())[0].row.code() == "NOT_A_NUMBER");
}

TEST_CASE("an intake that no reader can read is refused and stops nothing", "[facts][unit]") {
  Facts facts;
  facts.Take({.key = "x", .value = "twelve"});
  CHECK(facts.Ledger().rejected() == 1);
  facts.Take({.key = "y"});
  CHECK(facts.Sum("p-1") == "500");
}

TEST_CASE("a fact that moved to another day is late for both days", "[facts][unit]") {
  Facts facts;
  facts.Take({.version = "1", .day = "2026-06-10"});
  facts.Take({.version = "2", .day = "2026-07-10"});
  int64_t late = 0;
  for (int32_t i = 0; i < 12; ++i) {
    late += static_cast<int64_t>(IntakesBehind(facts.Rows(), kJune, i, 2).size());
  }
  CHECK(late == 1);
}

TEST_CASE("totals of partitions merge to what one partition would have", "[facts][unit]") {
  Facts facts;
  for (int i = 0; i < 50; ++i) {
    facts.Take({.key = "k" + std::to_string(i), .value = std::to_string(i), .version = "1"});
  }
  const v1::TotalsRow month = facts.Month("p-1");
  CHECK(month.sum() == "1225");
  CHECK(month.count() == 50);
  CHECK(month.min() == "0");
  CHECK(month.max() == "49");
}

TEST_CASE("a day with many facts has the totals that its facts add up to, also through corrections",
          "[facts][unit]") {
  // One partition, one day and one window: the row begins without totals and grows into keeping
  // them.
  Facts facts;
  FactView all(facts.Rows(), {});
  FactView limited(facts.Rows(), {.before = std::vector<int64_t>(12, 1'000'000)});
  const EntityRef person{"employee", "p-1"};
  for (int i = 0; i < 700; ++i) {
    const std::string number = std::to_string(i);
    facts.Take({.key = "k" + number, .value = number, .version = "1"});
    if (i % 9 == 0) facts.Take({.key = "k" + number, .value = "-" + number, .version = "2"});
    if (i % 50 == 0) facts.WriteBack();
    if (i % 70 != 69) continue;
    auto kept = all.Series(person, "erp.output", kJune);
    const auto added = limited.Series(person, "erp.output", kJune);
    REQUIRE(kept.size() == 1);
    REQUIRE(added.size() == 1);
    CHECK(kept[0].totals.count() == i + 1);
    // Kept totals name their measure.
    kept[0].totals.clear_measure();
    CHECK(kept[0].totals.SerializeAsString() == added[0].totals.SerializeAsString());
  }
  int64_t records = 0;
  VisitEntityDays(facts.Rows(), [&](const EntityDay& day) { records += day.records; });
  CHECK(records == 700 + 78);
}

TEST_CASE("a record that was corrected many times counts once, also where it is alone",
          "[facts][unit]") {
  Facts facts;
  FactView all(facts.Rows(), {});
  for (int version = 1; version <= 60; ++version) {
    const std::string text = std::to_string(version);
    facts.Take({.key = "k", .value = text, .version = text});
    const auto series = all.Series({"employee", "p-1"}, "erp.output", kJune);
    REQUIRE(series.size() == 1);
    CHECK(series[0].totals.count() == 1);
    CHECK(series[0].totals.sum() == text);
  }
  facts.Take({.key = "k", .version = "61", .retraction = true});
  CHECK(all.Series({"employee", "p-1"}, "erp.output", kJune).empty());
  facts.Take({.key = "k", .value = "7", .version = "62"});
  CHECK(all.Series({"employee", "p-1"}, "erp.output", kJune).at(0).totals.sum() == "7");
}

TEST_CASE("a damaged row is a failure that says what to do, and no crash", "[facts][unit]") {
  Facts counted;
  counted.Take({});
  counted.WriteBack();
  counted.Rows().Put(Table::kLedger, LedgerKey("erp"), "x");
  (void)LedgerRows(counted.Rows());
  CHECK(MessageOf(counted.Rows().status()) ==
        "a row in the view \"ledger\" is damaged: run `assay rebuild`");
  Facts days;
  days.Take({});
  days.WriteBack();
  days.Rows().Put(Table::kFacts, FactsKey({"employee", "p-1"}, kDay, 0, 0), "x");
  VisitEntityDays(days.Rows(), [](const EntityDay&) {});
  CHECK(MessageOf(days.Rows().status()) ==
        "a row in the view \"facts\" is damaged: run `assay rebuild`");
}

}  // namespace assay::facts
