#include "engine/base/hash.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "engine/base/wire.h"
#include "tests/support/golden.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

using testing::BytesOf;
using testing::MembersOf;
using testing::TextOf;

constexpr std::string_view kVectors = "tests/engine/base/golden/log_vectors.json";

// The content hash of an intake, from the primitives alone.
Hash32 ContentHash(simdjson::dom::element row) {
  std::string time;
  AppendBig64(time, static_cast<uint64_t>(row["event_ms"].get_int64().value()));
  std::string content;
  AppendPrefixed(content, time);
  AppendPrefixed(content, TextOf(row, "day"));
  std::map<std::string, std::string> attributes;
  for (const auto& [name, value] : MembersOf(row["attributes"])) {
    attributes.emplace(name, value.get_string().value());
  }
  for (const auto& [name, value] : attributes) {
    AppendPrefixed(content, name);
    AppendPrefixed(content, value);
  }
  std::vector<std::vector<std::string>> contributions;
  for (const simdjson::dom::element contribution : row["contributions"]) {
    auto& texts = contributions.emplace_back();
    for (const simdjson::dom::element text : contribution) {
      texts.emplace_back(text.get_string().value());
    }
  }
  std::sort(contributions.begin(), contributions.end());
  for (const auto& texts : contributions) {
    for (const std::string& text : texts) AppendPrefixed(content, text);
  }
  AppendPrefixed(content, std::string(1, row["retraction"].get_bool().value() ? '\1' : '\0'));
  return Sha256(content);
}

TEST_CASE("SHA-256 gives the published values", "[base][unit]") {
  CHECK(Sha256("").Hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256("abc").Hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").Hex() ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(Sha256(std::string(1'000'000, 'a')).Hex() ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("parts are hashed one after the other with nothing between", "[base][unit]") {
  CHECK(Sha256({"a", "", "bc"}) == Sha256("abc"));
  CHECK(Sha256({}) == Sha256(""));
  CHECK(HashPair("a", "bc") != HashPair("ab", "c"));
  CHECK(HashPair("a", "b") == Sha256(std::string_view("a\0b", 3)));
}

TEST_CASE("HMAC-SHA256 gives the values of RFC 4231", "[base][unit]") {
  CHECK(HmacSha256(std::string(20, '\x0b'), {"Hi There"}).Hex() ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(HmacSha256("Jefe", {"what do ya want ", "for nothing?"}).Hex() ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(HmacSha256(std::string(131, '\xaa'),
                   {"Test Using Larger Than Block-Size Key - Hash Key First"})
            .Hex() == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("hexadecimal text is read back", "[base][unit]") {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  CHECK(ToHex(bytes).substr(0, 8) == "00010203");
  CHECK(ToHex(bytes).substr(504) == "fcfdfeff");
  CHECK(FromHex(ToHex(bytes)) == bytes);
  CHECK(FromHex("AbCd") == std::string("\xab\xcd"));
  CHECK(FromHex("") == std::string());
}

TEST_CASE("a text that is no hexadecimal is refused", "[base][unit]") {
  for (const std::string_view text : {"0", "abc", "0g", "g0", " 0", "0x", "--"}) {
    CHECK_FALSE(FromHex(text));
  }
}

TEST_CASE("a hash is made of exactly 32 bytes", "[base][unit]") {
  const Hash32 hash = Sha256("abc");
  CHECK(Hash32::FromBytes(hash.View()) == hash);
  CHECK(hash.ToString().size() == 32);
  CHECK_FALSE(Hash32::FromBytes(hash.View().substr(1)));
  CHECK_FALSE(Hash32::FromBytes(hash.ToString() + "x"));
  CHECK(Hash32().Hex() == std::string(64, '0'));
}

TEST_CASE("hashes are ordered by their bytes", "[base][unit]") {
  Hash32 low;
  Hash32 high;
  low.bytes[31] = 0xff;
  high.bytes[0] = 0x80;
  CHECK(low < high);
}

TEST_CASE("a digest does not depend on the order of its rows or parts", "[base][unit]") {
  RowDigest together;
  RowDigest backwards;
  RowDigest odd;
  RowDigest even;
  for (int i = 0; i < 100; ++i) {
    together.Add(std::to_string(i), "value");
    backwards.Add(std::to_string(99 - i), "value");
    (i % 2 == 0 ? even : odd).Add(std::to_string(i), "value");
  }
  odd.Merge(even);
  CHECK(together.Sum() == backwards.Sum());
  CHECK(together.Sum() == odd.Sum());
}

TEST_CASE("a row subtracted from a digest leaves no trace", "[base][unit]") {
  RowDigest digest;
  digest.Subtract("k1", "v1");
  CHECK(digest.Sum() != Hash32());
  digest.Add("k1", "v1");
  CHECK(digest.Sum() == Hash32());
  digest.Add("k2", "v2");
  const Hash32 before = digest.Sum();
  for (int i = 0; i < 100; ++i) digest.Add(std::to_string(i), "");
  for (int i = 0; i < 100; ++i) digest.Subtract(std::to_string(i), "");
  CHECK(digest.Sum() == before);
}

TEST_CASE("a digest tells where the key ends and the value begins", "[base][unit]") {
  RowDigest one;
  RowDigest other;
  one.Add("ab", "c");
  other.Add("a", "bc");
  CHECK(one.Sum() != other.Sum());
}

TEST_CASE("a digest of one row is the hash of its prefixed bytes", "[base][unit]") {
  std::string row;
  AppendPrefixed(row, "key");
  AppendPrefixed(row, "value");
  RowDigest digest;
  digest.Add("key", "value");
  CHECK(digest.Sum() == Sha256(row));
}

TEST_CASE("commit ids are those of the log", "[base][unit][golden]") {
  const testing::Golden golden(kVectors);
  int checked = 0;
  for (const simdjson::dom::element row : golden["commit_id"]) {
    CHECK(HashPair(TextOf(row, "company"), TextOf(row, "command_id")).Hex() ==
          TextOf(row, "sha256"));
    ++checked;
  }
  CHECK(checked == 2);
}

TEST_CASE("running roots are those of the log", "[base][unit][golden]") {
  const testing::Golden golden(kVectors);
  const simdjson::dom::array expected = golden["roots"]["root_after_each"].get_array();
  Hash32 root;
  size_t checked = 0;
  for (const simdjson::dom::element record : golden["roots"]["records"]) {
    const std::string value = BytesOf(record.at(0));
    const auto verdict = static_cast<char>(record.at(1).get_uint64().value());
    root = Sha256({root.View(), Sha256(value).View(), std::string_view(&verdict, 1)});
    CHECK(root.Hex() == expected.at(checked).get_string().value());
    ++checked;
  }
  CHECK(checked == 5);
}

TEST_CASE("content hashes are those of the log", "[base][unit][golden]") {
  const testing::Golden golden(kVectors);
  int checked = 0;
  for (const simdjson::dom::element row : golden["content_hash"]) {
    CHECK(ContentHash(row).Hex() == TextOf(row, "sha256"));
    ++checked;
  }
  CHECK(checked == 2);
}

TEST_CASE("the digest of rows is that of the log", "[base][unit][golden]") {
  const testing::Golden golden(kVectors);
  RowDigest digest;
  for (const simdjson::dom::element row : golden["digest"]["rows"]) {
    digest.Add(BytesOf(row.at(0)), BytesOf(row.at(1)));
  }
  CHECK(digest.Sum().Hex() == TextOf(golden["digest"], "sum_mod_2_256_hex"));
}

TEST_CASE("the nonce of a sealed text is that of the log", "[base][unit][golden]") {
  const testing::Golden golden(kVectors);
  const simdjson::dom::element nonce = golden["nonce"];
  const Hash32 mac =
      HmacSha256(BytesOf(nonce["mac_subkey"]),
                 {TextOf(nonce, "command_id"), TextOf(nonce, "path"), TextOf(nonce, "text")});
  CHECK(ToHex(mac.View().substr(0, 12)) == TextOf(nonce, "nonce"));
}

TEST_CASE("the pseudonym of an entity is that of the log", "[base][unit][golden]") {
  const testing::Golden golden(kVectors);
  const simdjson::dom::element row = golden["pseudonym"];
  const Hash32 mac = HmacSha256(
      BytesOf(row["key"]), {TextOf(row, "type"), std::string_view("\0", 1), TextOf(row, "entity")});
  CHECK(ToHex(mac.View().substr(0, 16)) == TextOf(row, "hex"));
}

}  // namespace
}  // namespace assay
