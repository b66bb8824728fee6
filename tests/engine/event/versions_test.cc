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
  event.mutable_grant_revocation_proposed();
  CHECK(SinceVersion(event) == 2);
  event.mutable_source_key_proposed();
  CHECK(SinceVersion(event) == 2);
}

TEST_CASE("a later field of an older event is for logs of version 2", "[event][unit]") {
  v1::Event event;
  event.mutable_company_founded();
  CHECK(SinceVersion(event) == 1);
  event.mutable_company_founded()->mutable_grants()->set_known(true);
  CHECK(SinceVersion(event) == 2);
  event.mutable_cycle_planned();
  CHECK(SinceVersion(event) == 1);
  event.mutable_cycle_planned()->mutable_budgets()->set_per_unit("5");
  CHECK(SinceVersion(event) == 2);
}

}  // namespace assay
