#include "engine/event/sealing.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/base/limits.h"
#include "tests/engine/event/vectors.h"
#include "tests/support/aborts.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

using testing::LogVectors;
using testing::TextOf;

const std::string kKey(32, '\x11');

TEST_CASE("nonces are those of the log", "[event][unit][golden]") {
  const auto row = LogVectors("nonce");
  CHECK(ToHex(SealNonce(*FromHex(TextOf(row, "mac_subkey")), TextOf(row, "command_id"),
                        TextOf(row, "path"), TextOf(row, "text"))) == TextOf(row, "nonce"));
}

TEST_CASE("ids of keys are short and plain", "[event][unit]") {
  for (const std::string& id :
       {PersonKeyId("p-0001"), PersonKeyId("client:erp"), EntityKeyId("employee", "8503e14a"),
        std::string(kPseudonymKeyId), std::string("quarantine/2026-06"),
        PersonKeyId(std::string(limits::kIdBytesMax, 'p')),
        EntityKeyId(std::string(limits::kIdBytesMax, 't'), std::string(32, 'a'))}) {
    INFO(id);
    CHECK(IsKeyId(id));
  }
  const std::string longest = PersonKeyId(std::string(limits::kKeyIdBytesMax - 7, 'p'));
  CHECK(IsKeyId(longest));
  for (const std::string& id :
       {longest + "p", std::string(), std::string("person"), std::string("/p"), PersonKeyId(""),
        PersonKeyId("a b"), PersonKeyId("a\n"), PersonKeyId("\x80")}) {
    INFO(id);
    CHECK_FALSE(IsKeyId(id));
  }
}

TEST_CASE("pseudonyms are those of the log", "[event][unit][golden]") {
  const auto row = LogVectors("pseudonym");
  CHECK(Pseudonym(*FromHex(TextOf(row, "key")), TextOf(row, "type"), TextOf(row, "entity")) ==
        TextOf(row, "hex"));
  CHECK(Pseudonym(kKey, "ab", "c") != Pseudonym(kKey, "a", "bc"));
}

TEST_CASE("a sealed text says how it was sealed and holds nothing in clear", "[event][unit]") {
  const v1::Sealed sealed = SealText(kKey, "person/p-1", "c-1", "addPerson.name", "张伟");
  CHECK(sealed.key_id() == "person/p-1");
  CHECK(sealed.alg() == "AES-256-GCM");
  CHECK(sealed.nonce().size() == 12);
  CHECK(sealed.bytes().size() == std::string("张伟").size() + 16);
  CHECK(sealed.clear().empty());
  CHECK(sealed.SerializeAsString().find("张伟") == std::string::npos);
  CHECK(OpenSealed(kKey, sealed).value() == "张伟");
}

TEST_CASE("an honest repeat seals to the same bytes, another place does not", "[event][unit]") {
  const auto sealed = [](std::string_view command, std::string_view path, std::string_view text) {
    return SealText(kKey, "k", command, path, text).SerializeAsString();
  };
  CHECK(sealed("c-1", "a.note", "same") == sealed("c-1", "a.note", "same"));
  CHECK(sealed("c-1", "a.note", "same") != sealed("c-2", "a.note", "same"));
  CHECK(sealed("c-1", "a.note", "same") != sealed("c-1", "b.note", "same"));
  CHECK(sealed("c-1", "a.note", "same") != sealed("c-1", "a.note", "sane"));
}

TEST_CASE("the cipher and the nonce use keys derived from the key", "[event][unit]") {
  const v1::Sealed sealed = SealText(kKey, "k", "c", "p", "text");
  CHECK(sealed.nonce() == SealNonce(HmacSha256(kKey, {"mac"}).View(), "c", "p", "text"));
  CHECK(sealed.nonce() != SealNonce(kKey, "c", "p", "text"));
}

TEST_CASE("a sealed text that was damaged or is under another key does not open", "[event][unit]") {
  const v1::Sealed sealed = SealText(kKey, "k", "c", "p", "text");
  CHECK(OpenSealed(std::string(32, '\x12'), sealed).status().code() == absl::StatusCode::kDataLoss);
  v1::Sealed damaged = sealed;
  (*damaged.mutable_bytes())[0] ^= 1;
  CHECK(OpenSealed(kKey, damaged).status().code() == absl::StatusCode::kDataLoss);
  damaged = sealed;
  (*damaged.mutable_nonce())[0] ^= 1;
  CHECK(OpenSealed(kKey, damaged).status().code() == absl::StatusCode::kDataLoss);
  damaged = sealed;
  damaged.set_alg("ROT13");
  CHECK(OpenSealed(kKey, damaged).status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("sealing an empty text is a bug of the caller", "[event][unit]") {
  CHECK(testing::Aborts([] { (void)SealText(kKey, "k", "c", "p", ""); }));
  CHECK(testing::Aborts([] { (void)SealText("short", "k", "c", "p", "text"); }));
}

TEST_CASE("keys are named by person, pseudonym and month of receipt", "[event][unit]") {
  CHECK(PersonKeyId("p-0001") == "person/p-0001");
  CHECK(EntityKeyId("employee", "8503e14a") == "entity/employee/8503e14a");
  CHECK(QuarantineKeyId(*Instant::Parse("2026-06-30T23:59:59.999Z")) == "quarantine/2026-06");
  CHECK(QuarantineKeyId(*Instant::Parse("2026-07-01T07:59:59+08:00")) == "quarantine/2026-06");
  CHECK(QuarantineKeyId(*Instant::Parse("2026-07-01T00:00:00Z")) == "quarantine/2026-07");
}

}  // namespace
}  // namespace assay
