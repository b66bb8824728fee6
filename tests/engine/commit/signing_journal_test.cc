#include "engine/commit/signing_journal.h"

#include <catch2/catch.hpp>

#include "connectors/simulated/simulated_journal.h"

namespace assay {

TEST_CASE("what is appended has a tag from when its partition says under which key",
          "[commit][unit]") {
  const LogKeys keys({std::string(32, 'a'), std::string(32, 'b')});
  SimulatedJournal medium({.facts_partitions = 2});
  SigningJournal journal(medium.Connect(), keys);
  const std::vector<std::string> values = {"one"};
  REQUIRE(journal.Append(FactsPartition(1), values).ok());
  journal.Use("log-1", FactsPartition(1), {{keys.All()[0].Id(), keys.All()[1].Id()}});
  REQUIRE(journal.Append(FactsPartition(1), values).ok());
  REQUIRE(journal.Append(FactsPartition(0), values).ok());
  const auto records = journal.Read(FactsPartition(1), {}, 10, 1 << 20);
  REQUIRE(records.ok());
  REQUIRE(records->size() == 2);
  CHECK((*records)[0].value == "one");
  std::string tagged = "one";
  keys.All()[1].Sign("log-1", FactsPartition(1), tagged);
  CHECK((*records)[1].value == tagged);
  CHECK(journal.Read(FactsPartition(0), {}, 10, 1 << 20)->front().value == "one");
}

}  // namespace assay
