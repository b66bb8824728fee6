#include "engine/commit/authentic.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <ctime>

#include "engine/commit/rule.h"

namespace assay {
namespace {

constexpr const char* kTagLog = "01JZ0LOG";

std::string KeyBytes(char first) {
  std::string key;
  for (int i = 0; i < 32; ++i) key.push_back(static_cast<char>(first + i));
  return key;
}

const LogKeys& Known() {
  static const LogKeys kKnown({KeyBytes(0), KeyBytes(64)});
  return kKnown;
}
const LogKey& First() { return Known().All()[0]; }
const LogKey& Second() { return Known().All()[1]; }

std::string BytesOf(std::string_view hex) { return FromHex(hex).value(); }

v1::Record MarkRecord() {
  v1::Record record;
  record.set_company("acme");
  record.set_log_id(kTagLog);
  record.mutable_source_mark()->set_source("erp");
  return record;
}

Authenticity Checked(const std::string& value, const PartitionKeys& keys,
                     PartitionId partition = FactsPartition(3), int64_t position = 7) {
  v1::Record record;
  const bool parsed = record.ParseFromString(value);
  const auto checked = CheckAuthenticity(parsed ? &record : nullptr, value, kTagLog, partition,
                                         position, keys, Known());
  REQUIRE(checked.ok());
  CHECK(checked->hash == Sha256(value));
  return *checked;
}

std::string Signed(const LogKey& key, PartitionId partition = FactsPartition(3)) {
  std::string value = MarkRecord().SerializeAsString();
  key.Sign(kTagLog, partition, value);
  return value;
}

}  // namespace

// The vectors are from a program of a few lines of Python's hashlib and hmac, by log.md 8 alone.
TEST_CASE("a tag has the bytes of the golden vectors", "[commit][golden]") {
  struct Row {
    PartitionId partition;
    std::string value;
    const char* tail;
    const char* whole;
  };
  std::string many;
  for (int i = 0; i < 20; ++i) many += BytesOf("0a0461636d65");
  const Row rows[] = {
      {kDecisionsPartition, BytesOf("0a0461636d65120830314a5a304c4f471a00"),
       "7a28630dcd2966c4336641422b7b185a75dcc78d7e37b9ea50adffafabd524685edadfcc83e1d6b6a0e3",
       "48d01bb990cd409c139afccf169e26b33e5328da70912bf5cfcf5d6d46735609"},
      {FactsPartition(0), "",
       "7a28630dcd2966c4336689bffa1d0f2954194fcf0e34cb15091930310864cfa7c783c563c51a99cdde8b",
       "7a7162f28057d176fa8d630f11e20252651065ded46f0c02c32936b2964679f8"},
      {FactsPartition(7), many,
       "7a28630dcd2966c43366cfce205437f08efbe7ca5070cd51e31eb62173a039c7f8329b1e060cd4858da0",
       "ac8dbc617d8ca239298cae168d1477159b1c7d092fca5a4bc4137083c079c931"},
  };
  for (const Row& row : rows) {
    std::string value = row.value;
    First().Sign(kTagLog, row.partition, value);
    CHECK(ToHex(value.substr(row.value.size())) == row.tail);
    CHECK(Sha256(value).Hex() == row.whole);
    CHECK(Sha256Split(value, row.value.size()).whole == Sha256(value));
    CHECK(Sha256Split(value, row.value.size()).head == Sha256(row.value));
  }
}

TEST_CASE("a prepared key gives the tags of HMAC-SHA256", "[commit][unit]") {
  for (size_t size : {0, 1, 31, 32, 55, 56, 63, 64, 65, 200}) {
    const std::string text(size, 'x');
    CHECK(HmacKey(KeyBytes(3)).Tag({"a", text}) == HmacSha256(KeyBytes(3), {"a", text}));
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The least processor time of this thread, of a few rounds, so that others on the machine do not
// count.
double SecondsToJudge(const std::string& value, const PartitionKeys& keys) {
  const v1::Record record = MarkRecord();
  double least = 1e9;
  for (int round = 0; round < 5; ++round) {
    timespec begun{};
    timespec ended{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    int foreign = 0;
    for (int i = 0; i < 5'000; ++i) {
      const auto judged =
          CheckAuthenticity(&record, value, kTagLog, FactsPartition(3), 7, keys, Known());
      foreign += judged.ok() && !judged->is_foreign ? 0 : 1;
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
    least = std::min(least, static_cast<double>(ended.tv_sec - begun.tv_sec) +
                                1e-9 * static_cast<double>(ended.tv_nsec - begun.tv_nsec));
    REQUIRE(foreign == 0);
  }
  return least;
}

TEST_CASE("judging a tag costs less than four hashes of a small record", "[commit][unit]") {
  const auto value_of = [](size_t bytes) {
    v1::Record record = MarkRecord();
    record.mutable_source_mark()->set_source(std::string(bytes, 's'));
    std::string value = record.SerializeAsString();
    First().Sign(kTagLog, FactsPartition(3), value);
    return value;
  };
  const std::string value = value_of(330);
  const double hashing = SecondsToJudge(value, {});
  const double judging = SecondsToJudge(value, {{First().Id()}});
  std::printf("a hash and the tag over the hash alone: %.2f\n", judging / hashing);
  CHECK(judging < 4 * hashing);
  // What costs more is found by the same measure.
  CHECK(SecondsToJudge(value_of(8'000), {{First().Id()}}) > 4 * hashing);
}
#endif

TEST_CASE("a partition without keys takes every record and judges no tag", "[commit][unit]") {
  CHECK_FALSE(Checked(MarkRecord().SerializeAsString(), {}).is_foreign);
  CHECK_FALSE(Checked("garbage", {}).is_foreign);
}

TEST_CASE("a record counts with the tag of a key that counts in its partition alone",
          "[commit][unit]") {
  const PartitionKeys keys{{First().Id()}};
  CHECK_FALSE(Checked(Signed(First()), keys).is_foreign);
  CHECK(Checked(MarkRecord().SerializeAsString(), keys).is_foreign);
  CHECK(Checked("", keys).is_foreign);
  CHECK(Checked(Signed(Second()), keys).is_foreign);
  // Moved to another partition.
  CHECK(Checked(Signed(First()), keys, FactsPartition(4)).is_foreign);
  CHECK(Checked(Signed(First()), keys, kDecisionsPartition).is_foreign);
}

TEST_CASE("any changed byte, a second tag and bytes after the tag make a record foreign",
          "[commit][unit]") {
  const PartitionKeys keys{{First().Id()}};
  const std::string good = Signed(First());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    INFO("byte " << i);
    CHECK(Checked(bad, keys).is_foreign);
  }
  std::string twice = good;
  First().Sign(kTagLog, FactsPartition(3), twice);
  CHECK(Checked(twice, keys).is_foreign);
  CHECK(Checked(good + std::string("\x08\x01", 2), keys).is_foreign);
}

TEST_CASE("a key that the partition names and the node lacks is no verdict", "[commit][unit]") {
  const LogKey other(KeyBytes(100));
  const PartitionKeys keys{{other.Id()}};
  std::string value = MarkRecord().SerializeAsString();
  other.Sign(kTagLog, FactsPartition(0), value);
  v1::Record record;
  REQUIRE(record.ParseFromString(value));
  const auto checked =
      CheckAuthenticity(&record, value, kTagLog, FactsPartition(0), 7, keys, Known());
  REQUIRE(checked.status().code() == absl::StatusCode::kDataLoss);
  CHECK(std::string(MessageOf(checked.status())).find("KEY_MISSING") == 0);
}

TEST_CASE("the first key comes with the Genesis, or with a mark that proves it", "[commit][unit]") {
  const LogIdentity identity{"acme", kTagLog, 4};
  const std::string genesis = GenesisValue(identity, FactsPartition(3), &First());
  PartitionKeys keys;
  v1::Record record;
  REQUIRE(record.ParseFromString(genesis));
  CHECK_FALSE(Checked(genesis, keys, FactsPartition(3), 0).is_foreign);
  EvolveKeys(record, keys);
  CHECK(keys == PartitionKeys{{First().Id()}});

  PartitionKeys older;
  v1::Record mark = MarkRecord();
  mark.mutable_key_mark()->set_key_id(Second().Id());
  std::string value = mark.SerializeAsString();
  CHECK(Checked(value, older).is_foreign);
  Second().Sign(kTagLog, FactsPartition(3), value);
  CHECK_FALSE(Checked(value, older).is_foreign);
  EvolveKeys(mark, older);
  CHECK(older == PartitionKeys{{Second().Id()}});
  // In a partition that has a key, a mark is a record like every other.
  CHECK(Checked(value, keys).is_foreign);
}

TEST_CASE("keys overlap until one is retired, and the last one stays", "[commit][unit]") {
  PartitionKeys keys{{First().Id()}};
  v1::Record mark = MarkRecord();
  mark.mutable_key_mark()->set_key_id(Second().Id());
  EvolveKeys(mark, keys);
  CHECK_FALSE(Checked(Signed(First()), keys).is_foreign);
  CHECK_FALSE(Checked(Signed(Second()), keys).is_foreign);
  mark.mutable_key_mark()->set_key_id(First().Id());
  mark.mutable_key_mark()->set_retired(true);
  EvolveKeys(mark, keys);
  CHECK(Checked(Signed(First()), keys).is_foreign);
  mark.mutable_key_mark()->set_key_id(Second().Id());
  EvolveKeys(mark, keys);
  CHECK(keys == PartitionKeys{{Second().Id()}});
}

}  // namespace assay
