#include "tools/assay/origin.h"

#include <catch2/catch.hpp>
#include <map>

#include "engine/event/effective.h"
#include "engine/event/sealing.h"

namespace assay {
namespace {

// One key, or none.
class OneKey : public KeyStore {
 public:
  absl::StatusOr<std::string> Key(std::string_view id, bool create) override {
    CHECK_FALSE(create);
    if (has_key && id == kPseudonymKeyId) return std::string(32, 'k');
    return absl::NotFoundError("there is no such key");
  }

  bool has_key = true;
};

}  // namespace

TEST_CASE("an origin has the user as the pseudonym that a binding has", "[unit]") {
  OneKey keys;
  const auto origin =
      OriginOf({.door = v1::DOOR_SOCKET, .user = "maria"},
               {.now = Instant::Parse("2026-07-02T08:00:00Z"), .is_forced = true}, keys);
  REQUIRE(origin.ok());
  CHECK(origin->door() == v1::DOOR_SOCKET);
  CHECK(origin->user() == Pseudonym(std::string(32, 'k'), "os-user", "maria"));
  CHECK(origin->user().size() == 32);
  CHECK(InstantOf(origin->given_now()).ToString() == "2026-07-02T08:00:00.000Z");
  CHECK(origin->forced());
  const auto names = NamesByPseudonym(keys, {"", "ann", "maria"});
  REQUIRE(names.ok());
  CHECK(names->size() == 2);
  CHECK(names->at(origin->user()) == "maria");
}

TEST_CASE("a user who is not known, or a key that is gone, gives no pseudonym", "[unit]") {
  OneKey keys;
  const auto unknown = OriginOf({.door = v1::DOOR_HOME}, {}, keys);
  REQUIRE(unknown.ok());
  CHECK(unknown->user().empty());
  CHECK_FALSE(unknown->has_given_now());
  keys.has_key = false;
  CHECK(OriginOf({.user = "maria"}, {}, keys).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("people who acted from one login are named to each other", "[unit]") {
  using Others = std::vector<std::vector<std::string>>;
  CHECK(OthersOfLogin({}).empty());
  // Of what was not recorded nothing is known.
  CHECK(OthersOfLogin({{"p-1", ""}, {"p-2", ""}}) == Others{{}, {}});
  CHECK(OthersOfLogin({{"p-1", "m"}, {"p-2", "n"}, {"p-1", "m"}}) == Others{{}, {}, {}});
  CHECK(OthersOfLogin({{"p-1", "m"}, {"p-3", "m"}, {"p-2", "m"}, {"p-4", "n"}}) ==
        Others{{"p-2", "p-3"}, {"p-1", "p-2"}, {"p-1", "p-3"}, {}});
}

}  // namespace assay
