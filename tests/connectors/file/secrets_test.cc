#include "connectors/file/secrets.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/event/sealing.h"
#include "tests/connectors/file/fixture.h"

namespace assay {
namespace {

using testing::MemoryKeys;
using testing::Opened;

class BrokenKeys : public KeyStore {
 public:
  absl::StatusOr<std::string> Key(std::string_view key_id, bool) override {
    if (key_id == kPseudonymKeyId && !broken_) return testing::kCompanyKey;
    return MakeStatus(absl::StatusCode::kUnavailable, "disk");
  }
  bool broken_ = true;
};

TEST_CASE("secrets of a company are its pseudonyms and its keys", "[file][unit]") {
  MemoryKeys keys;
  const SourceSecrets secrets = SecretsOf(keys).value();
  CHECK(secrets.pseudonym("employee", "10023") == "8503e14a9808c82e6913efc64dccbb0c");
  const v1::Sealed sealed = secrets.seal("entity/employee/x", "log/0/7", "raw", "text").value();
  CHECK(Opened(keys, sealed) == "text");
  CHECK(sealed.SerializeAsString() == SealText(keys.Key("entity/employee/x", false).value(),
                                               "entity/employee/x", "log/0/7", "raw", "text")
                                          .SerializeAsString());
}

TEST_CASE("a key store that fails is passed on", "[file][unit]") {
  BrokenKeys keys;
  CHECK(SecretsOf(keys).status().code() == absl::StatusCode::kUnavailable);
  keys.broken_ = false;
  const SourceSecrets secrets = SecretsOf(keys).value();
  CHECK(secrets.seal("k", "log/0/7", "raw", "text").status().code() ==
        absl::StatusCode::kUnavailable);
}

TEST_CASE("a dry run keeps everything in clear and says so", "[file][unit]") {
  const SourceSecrets secrets = ClearSecrets();
  CHECK(secrets.pseudonym("employee", "10023") == "10023");
  const v1::Sealed sealed = secrets.seal("k", "log/0/7", "raw", "\xff").value();
  CHECK(sealed.alg() == kClearAlgorithm);
  CHECK(sealed.bytes() == "\xff");
  CHECK_FALSE(OpenSealed(std::string(32, '\1'), sealed).ok());
}

}  // namespace
}  // namespace assay
