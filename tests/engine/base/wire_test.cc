#include "engine/base/wire.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "tests/support/aborts.h"
#include "tests/support/golden.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

constexpr std::string_view kWireVectors = "tests/engine/base/golden/log_vectors.json";

std::string Uvarint(uint64_t value) {
  std::string out;
  AppendUvarint(out, value);
  return out;
}

std::string KeyText(std::string_view text) {
  std::string out;
  AppendKeyText(out, text);
  return out;
}

// Every text of up to three of the bytes that matter to the encoding.
std::vector<std::string> AwkwardTexts() {
  const std::string bytes("\x00\x01\x02\x61\xfe\xff", 6);
  std::vector<std::string> texts = {""};
  for (size_t begin = 0, length = 0; length < 3; ++length) {
    const size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char byte : bytes) texts.push_back(texts[begin] + byte);
    }
  }
  return texts;
}

TEST_CASE("a uvarint takes seven bits a byte, low bits first", "[base][unit]") {
  CHECK(ToHex(Uvarint(0)) == "00");
  CHECK(ToHex(Uvarint(127)) == "7f");
  CHECK(ToHex(Uvarint(128)) == "8001");
  CHECK(ToHex(Uvarint(300)) == "ac02");
  CHECK(ToHex(Uvarint(std::numeric_limits<uint64_t>::max())) == "ffffffffffffffffff01");
}

TEST_CASE("a uvarint is read back and what follows it stays", "[base][unit]") {
  for (int shift = 0; shift < 64; ++shift) {
    for (const uint64_t value : {(uint64_t{1} << shift) - 1, uint64_t{1} << shift}) {
      const std::string bytes = Uvarint(value) + "rest";
      std::string_view in = bytes;
      uint64_t read = ~value;
      REQUIRE(TakeUvarint(in, read));
      CHECK(read == value);
      CHECK(in == "rest");
    }
  }
}

TEST_CASE("a uvarint cut short or too long is refused", "[base][unit]") {
  uint64_t value = 0;
  for (const std::string_view hex : {"", "80", "ffff", "ffffffffffffffffff",
                                     "8080808080808080808001", "ffffffffffffffffffff01"}) {
    const std::string bytes = FromHex(hex).value();
    std::string_view in = bytes;
    INFO(hex);
    CHECK_FALSE(TakeUvarint(in, value));
  }
}

TEST_CASE("prefixed bytes are read back, the empty ones too", "[base][unit]") {
  std::string out;
  AppendPrefixed(out, "erp");
  AppendPrefixed(out, "");
  AppendPrefixed(out, std::string(200, 'a'));
  CHECK(ToHex(out.substr(0, 7)) == "0365727000c801");
  std::string_view in = out;
  std::string_view bytes;
  REQUIRE(TakePrefixed(in, bytes));
  CHECK(bytes == "erp");
  REQUIRE(TakePrefixed(in, bytes));
  CHECK(bytes.empty());
  REQUIRE(TakePrefixed(in, bytes));
  CHECK(bytes == std::string(200, 'a'));
  CHECK(in.empty());
  CHECK_FALSE(TakePrefixed(in, bytes));
}

TEST_CASE("a prefix longer than what follows is refused", "[base][unit]") {
  std::string_view bytes;
  for (const std::string_view hex : {"0361", "01", "ffffffffffffffffff0161"}) {
    const std::string text = FromHex(hex).value();
    std::string_view in = text;
    CHECK_FALSE(TakePrefixed(in, bytes));
  }
}

TEST_CASE("ordered integers keep their order as bytes", "[base][unit]") {
  const std::vector<int64_t> values = {std::numeric_limits<int64_t>::min(),
                                       std::numeric_limits<int32_t>::min(),
                                       -65536,
                                       -256,
                                       -2,
                                       -1,
                                       0,
                                       1,
                                       127,
                                       128,
                                       255,
                                       256,
                                       65535,
                                       std::numeric_limits<int32_t>::max(),
                                       std::numeric_limits<int64_t>::max()};
  std::string previous64;
  std::string previous32;
  for (const int64_t value : values) {
    std::string bytes64;
    AppendOrdered64(bytes64, value);
    CHECK(bytes64.size() == 8);
    CHECK(previous64 < bytes64);
    std::string_view in = bytes64;
    int64_t read64 = 0;
    REQUIRE(TakeOrdered64(in, read64));
    CHECK(read64 == value);
    previous64 = std::move(bytes64);
    const auto narrow = static_cast<int32_t>(value);
    if (narrow != value) continue;
    std::string bytes32;
    AppendOrdered32(bytes32, narrow);
    CHECK(previous32 < bytes32);
    in = bytes32;
    int32_t read32 = 0;
    REQUIRE(TakeOrdered32(in, read32));
    CHECK(read32 == narrow);
    previous32 = std::move(bytes32);
  }
}

TEST_CASE("big-endian integers have fixed bytes", "[base][unit]") {
  std::string out;
  AppendBig32(out, 0x01020304);
  AppendBig64(out, 0x05060708090a0b0c);
  AppendOrdered32(out, -1);
  AppendOrdered64(out, 1);
  CHECK(ToHex(out) == "0102030405060708090a0b0c7fffffff8000000000000001");
  std::string_view in = out;
  uint32_t value32 = 0;
  uint64_t value64 = 0;
  REQUIRE(TakeBig32(in, value32));
  REQUIRE(TakeBig64(in, value64));
  CHECK(value32 == 0x01020304);
  CHECK(value64 == 0x05060708090a0b0c);
}

TEST_CASE("an integer cut short is refused and nothing is taken", "[base][unit]") {
  uint32_t value32 = 0;
  uint64_t value64 = 0;
  int32_t ordered32 = 0;
  int64_t ordered64 = 0;
  std::string_view in = "abc";
  CHECK_FALSE(TakeBig32(in, value32));
  CHECK_FALSE(TakeOrdered32(in, ordered32));
  CHECK(in == "abc");
  in = "abcdefg";
  CHECK_FALSE(TakeBig64(in, value64));
  CHECK_FALSE(TakeOrdered64(in, ordered64));
  CHECK(in == "abcdefg");
}

TEST_CASE("key text is read back and what follows it stays", "[base][unit]") {
  for (const std::string& text : AwkwardTexts()) {
    const std::string bytes = KeyText(text) + "rest";
    std::string_view in = bytes;
    std::string read = "before";
    REQUIRE(TakeKeyText(in, read));
    CHECK(read == text);
    CHECK(in == "rest");
  }
}

TEST_CASE("no key text is the beginning of another", "[base][unit]") {
  std::vector<std::string> keys;
  for (const std::string& text : AwkwardTexts()) keys.push_back(KeyText(text));
  std::sort(keys.begin(), keys.end());
  // In order, a beginning of anything is a beginning of its successor.
  for (size_t i = 1; i < keys.size(); ++i) {
    REQUIRE(keys[i].compare(0, keys[i - 1].size(), keys[i - 1]) != 0);
  }
}

TEST_CASE("key text keeps the order of the texts, whatever follows", "[base][unit]") {
  std::vector<std::string> texts = AwkwardTexts();
  std::sort(texts.begin(), texts.end());
  for (size_t i = 1; i < texts.size(); ++i) {
    REQUIRE(KeyText(texts[i - 1]) + "\xff" < KeyText(texts[i]) + std::string(1, '\0'));
  }
}

TEST_CASE("key text without its end or with an unknown mark is refused", "[base][unit]") {
  std::string text;
  for (const std::string_view hex : {"", "61", "6100", "00", "0002", "00ff", "610000"}) {
    const std::string bytes = FromHex(hex).value();
    std::string_view in = bytes;
    INFO(hex);
    CHECK_FALSE(TakeKeyText(in, text));
  }
}

TEST_CASE("a partition needs partitions", "[base][unit]") {
  CHECK(testing::Aborts([] { (void)PartitionOf("key", 0); }));
  CHECK(testing::Aborts([] { (void)PartitionOf("key", -1); }));
  CHECK(PartitionOf("", 1) == 0);
}

TEST_CASE("identities, their hashes and partitions are those of the log", "[base][unit][golden]") {
  const testing::Golden golden(kWireVectors);
  int checked = 0;
  for (const simdjson::dom::element row : golden["identity"]) {
    std::string identity;
    AppendPrefixed(identity, testing::TextOf(row, "source"));
    for (const simdjson::dom::element field : row["fields"]) {
      AppendPrefixed(identity, std::string(field.get_string().value()));
    }
    CHECK(ToHex(identity) == testing::TextOf(row, "bytes"));
    CHECK(Murmur2(identity) == row["murmur2"].get_uint64().value());
    for (const auto& [partitions, partition] : testing::MembersOf(row["partition"])) {
      CHECK(PartitionOf(identity, std::stoi(partitions)) == partition.get_int64().value());
      ++checked;
    }
  }
  CHECK(checked == 24);
}

TEST_CASE("murmur2 agrees with Kafka's own known values", "[base][unit][golden]") {
  const testing::Golden golden(kWireVectors);
  for (const auto& [text, hash] : testing::MembersOf(golden["murmur2_known"])) {
    CHECK(static_cast<int32_t>(Murmur2(text)) == hash.get_int64().value());
  }
}

}  // namespace
}  // namespace assay
