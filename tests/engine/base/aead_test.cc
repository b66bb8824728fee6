#include "engine/base/aead.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/base/hash.h"
#include "tests/support/aborts.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

const std::string kZeroKey(kAeadKeyBytes, '\0');
const std::string kZeroNonce(kAeadNonceBytes, '\0');

TEST_CASE("AES-256-GCM gives the published values", "[base][unit]") {
  // Test cases 13 and 14 of the GCM specification.
  CHECK(ToHex(AeadSeal(kZeroKey, kZeroNonce, "")) == "530f8afbc74536b9a963b4f1c4cb738b");
  CHECK(ToHex(AeadSeal(kZeroKey, kZeroNonce, std::string(16, '\0'))) ==
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST_CASE("sealed bytes are opened with the same key and nonce", "[base][unit]") {
  for (const size_t size : {0, 1, 15, 16, 17, 1000, 1'048'576}) {
    const std::string clear(size, 'x');
    const std::string sealed = AeadSeal(kZeroKey, kZeroNonce, clear);
    CHECK(sealed.size() == size + kAeadTagBytes);
    CHECK(AeadOpen(kZeroKey, kZeroNonce, sealed) == clear);
  }
}

TEST_CASE("another key, another nonce or any changed byte opens nothing", "[base][unit]") {
  const std::string sealed = AeadSeal(kZeroKey, kZeroNonce, "a name");
  CHECK_FALSE(AeadOpen(std::string(kAeadKeyBytes, '\1'), kZeroNonce, sealed));
  CHECK_FALSE(AeadOpen(kZeroKey, std::string(kAeadNonceBytes, '\1'), sealed));
  CHECK_FALSE(AeadOpen(kZeroKey, "short", sealed));
  CHECK_FALSE(AeadOpen(kZeroKey, kZeroNonce, sealed.substr(1)));
  CHECK_FALSE(AeadOpen(kZeroKey, kZeroNonce, "short"));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CHECK_FALSE(AeadOpen(kZeroKey, kZeroNonce, damaged));
  }
}

TEST_CASE("a key or nonce of a wrong size is a bug of the caller", "[base][unit]") {
  CHECK(testing::Aborts([] { (void)AeadSeal("short", kZeroNonce, "a"); }));
  CHECK(testing::Aborts([] { (void)AeadSeal(kZeroKey, "short", "a"); }));
  CHECK(testing::Aborts([] { (void)AeadOpen("short", kZeroNonce, std::string(20, 'a')); }));
}

}  // namespace
}  // namespace assay
