#include "engine/event/record_version.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/event/effective.h"

namespace assay {
namespace {

v1::FactVersion Present(const std::string& version, const std::string& content, int contract = 1,
                        int64_t at_ms = 1'000) {
  v1::FactVersion present;
  present.set_version(version);
  present.set_content_hash(content);
  present.set_contract_version(contract);
  present.set_event_time_ms(at_ms);
  return present;
}

v1::Intake Arrived(const std::string& version, const std::string& content, int contract = 1,
                   int64_t at_ms = 1'000) {
  v1::Intake arrived;
  if (!version.empty()) arrived.set_version(version);
  arrived.set_content_hash(content);
  arrived.set_contract_version(contract);
  *arrived.mutable_event_time() = TimestampOf({at_ms});
  return arrived;
}

}  // namespace

TEST_CASE("versions compare as numbers, and none is below all", "[event][unit]") {
  CHECK(CompareVersions("9", "10") < 0);
  CHECK(CompareVersions("1.5", "1.25") > 0);
  CHECK(CompareVersions("2", "2") == 0);
  CHECK(CompareVersions("", "-1") < 0);
  CHECK(CompareVersions("0", "") > 0);
}

TEST_CASE("the higher version of a record holds, whenever it comes", "[event][unit]") {
  CHECK(JudgeVersion(Arrived("2", "b"), Present("1", "a")) == VersionOutcome::kReplaces);
  CHECK(JudgeVersion(Arrived("1", "b"), Present("2", "a")) == VersionOutcome::kStale);
  CHECK(JudgeVersion(Arrived("7", "a"), Present("1", "a")) == VersionOutcome::kDuplicate);
  CHECK(JudgeVersion(Arrived("1", "b"), Present("1", "a")) == VersionOutcome::kConflict);
  // A contract may read the same version otherwise than the one before it.
  CHECK(JudgeVersion(Arrived("1", "b", 2), Present("1", "a", 1)) == VersionOutcome::kReplaces);
  CHECK(JudgeVersion(Arrived("1", "b", 1), Present("1", "a", 2)) == VersionOutcome::kStale);
}

TEST_CASE("without versions the later event holds, then the later arrival", "[event][unit]") {
  auto present = Present("", "b");
  present.add_earlier_hashes("a");
  CHECK(JudgeVersion(Arrived("", "c"), present) == VersionOutcome::kReplaces);
  CHECK(JudgeVersion(Arrived("", "c", 1, 999), present) == VersionOutcome::kStale);
  CHECK(JudgeVersion(Arrived("", "a", 1, 2'000), present) == VersionOutcome::kDuplicate);
}

}  // namespace assay
