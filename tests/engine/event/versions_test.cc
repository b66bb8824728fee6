#include "engine/event/versions.h"

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("events of later kinds are for logs of version 2", "[event][unit]") {
  v1::Event event;
  event.mutable_person_added();
  CHECK(SinceVersion(event) == 1);
  event.mutable_heads_noted();
  CHECK(SinceVersion(event) == 2);
  event.mutable_log_authenticated();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_contract_registered();
  CHECK(SinceVersion(event) == 1);
  event.mutable_source_contract_proposed();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_contract_signed();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_contract_rejected();
  CHECK(SinceVersion(event) == 2);
}

}  // namespace assay
