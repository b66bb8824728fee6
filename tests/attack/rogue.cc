#include "tests/attack/rogue.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/file_key_store.h"
#include "connectors/embedded/system_clock.h"
#include "engine/commit/domains.h"
#include "engine/event/effective.h"
#include "projections/runner/runner.h"
#include "tests/support/domain_spec.h"
#include "tools/assay/log_pin.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<EmbeddedJournal> OpenJournal(const std::string& directory, Clock& clock) {
  auto journal = EmbeddedJournal::Open(directory, {.clock = &clock});
  REQUIRE(journal.ok());
  return *std::move(journal);
}

LogKeys KeysOf(const std::string& home) {
  const auto store = FileKeyStore::Open(home + "/keys");
  REQUIRE(store.ok());
  const auto keys = LoadLogKeys(**store);
  REQUIRE(keys.ok());
  return *keys;
}

std::vector<StoredRecord> AllOf(Journal& journal, PartitionId partition) {
  std::vector<StoredRecord> all;
  Cursor cursor;
  while (true) {
    const auto records = journal.Read(partition, cursor, 1'000, 8 << 20);
    REQUIRE(records.ok());
    if (records->empty()) return all;
    cursor = records->back().Next();
    all.insert(all.end(), records->begin(), records->end());
  }
}

}  // namespace

void Rogue::Append(PartitionId partition, const std::string& value, std::string_view at) const {
  StoryClock clock(Instant::Parse(at).value());
  REQUIRE(OpenJournal(home_ + "/journal", clock)->Append(partition, {&value, 1}).ok());
}

std::vector<std::string> Rogue::Values(PartitionId partition) const {
  SystemClock clock;
  const auto journal = OpenJournal(home_ + "/journal", clock);
  std::vector<std::string> values;
  for (const StoredRecord& record : AllOf(*journal, partition)) values.push_back(record.value);
  return values;
}

v1::Record Rogue::Forge(const std::vector<std::string>& events, int32_t rules_version,
                        std::string_view at) const {
  StoryClock clock(Instant::Parse(at).value());
  const auto journal = OpenJournal(home_ + "/journal", clock);
  const auto identity = ReadIdentity(*journal);
  REQUIRE(identity.ok());
  const std::string views = home_ + "/views.rogue";
  const LogKeys keys = KeysOf(home_);
  v1::Record record;
  {
    auto runner = Runner::Open(*journal, views, {.log_keys = keys});
    REQUIRE(runner.ok());
    REQUIRE((*runner)->CatchUp().ok());
    record.set_company(identity->company);
    record.set_log_id(identity->log_id);
    v1::Commit& commit = *record.mutable_commit();
    static int number = 0;
    commit.set_command_id(fmt::format("forged-{}", ++number));
    commit.mutable_command()->set_command_id(commit.command_id());
    commit.mutable_actor()->set_person("p-admin");
    commit.mutable_actor()->set_via(v1::AUTHENTICATION_HOME_ACCESS);
    commit.set_rules_version(rules_version);
    *commit.mutable_decided_at() = TimestampOf(clock.Now());
    commit.mutable_basis()->set_position((*runner)->Decisions().next.position - 1);
    commit.mutable_basis()->set_root((*runner)->Decisions().root.ToString());
    std::set<std::string> writes;
    std::set<std::string> touches;
    for (const std::string& text : events) {
      const auto event = FromText<v1::Event>(text);
      writes.insert(event.stream());
      for (const SetChange& change : SetsTouchedBy(event)) touches.insert(change.set_stream);
      *commit.add_events() = event;
    }
    for (const std::string& stream : writes) commit.add_writes(stream);
    for (const std::string& stream : touches) commit.add_touches(stream);
  }
  fs::remove_all(views);
  return record;
}

std::string Rogue::Tagged(PartitionId partition, const v1::Record& record) const {
  std::string value = record.SerializeAsString();
  const LogKeys keys = KeysOf(home_);
  REQUIRE(keys.Newest() != nullptr);
  keys.Newest()->Sign(record.log_id(), partition, value);
  return value;
}

void Rogue::Rewrite(const std::function<std::string(PartitionId, const std::string&)>& change,
                    std::string_view at) const {
  StoryClock clock(Instant::Parse(at).value());
  const std::string anew = home_ + "/journal.anew";
  {
    const auto journal = OpenJournal(home_ + "/journal", clock);
    auto made = EmbeddedJournal::Create(anew, journal->FactsPartitions(), {.clock = &clock});
    REQUIRE(made.ok());
    for (int32_t i = -1; i < journal->FactsPartitions(); ++i) {
      const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
      std::vector<StoredRecord> copies = AllOf(*journal, partition);
      for (StoredRecord& record : copies) record.value = change(partition, record.value);
      REQUIRE((*made)->BeginCopy().ok());
      REQUIRE((*made)->AppendCopies(partition, copies).ok());
    }
    REQUIRE((*made)->EndCopy().ok());
  }
  fs::remove_all(home_ + "/journal");
  fs::rename(anew, home_ + "/journal");
}

}  // namespace assay::testing
