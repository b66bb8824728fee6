#include "engine/event/engine_ids.h"

#include <catch2/catch.hpp>

#include "engine/base/hash.h"

namespace assay {

TEST_CASE("an engine's id is 24 digits of the hash of its step", "[event][golden]") {
  const std::string zero(1, '\0');
  const std::string hashed = "seal-cut" + zero + "2026-07/1" + zero + "0";
  CHECK(EngineId("seal-cut", "2026-07/1", 0) == "engine:" + Sha256(hashed).Hex().substr(0, 24));
  CHECK(EngineId("seal-cut", "2026-07/1", 1) != EngineId("seal-cut", "2026-07/1", 0));
  CHECK(IsEngineId(EngineId("note-heads", "2026-07-01", 0)));
  CHECK_FALSE(IsEngineId("seal-cut.2026-07.1"));
}

}  // namespace assay
