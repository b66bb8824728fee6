#include "engine/event/decision.h"

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("a refusal reads as code, sentence and place", "[event][unit]") {
  const Rejection rejection =
      Invalid("INVALID_DAY", "createUnit.from", "a day", "\"x\"", "\"x\" is no day");
  CHECK(rejection.ToString() == "INVALID_DAY: \"x\" is no day (createUnit.from)");
  CHECK(rejection.rejection_class == RejectionClass::kValidation);
  CHECK(RefusedState("CYCLE_LOCKED", "locked").ToString() == "CYCLE_LOCKED: locked");
}

TEST_CASE("what is not there and what is not shown give the same refusal", "[event][unit]") {
  const Rejection rejection = NotVisible("showPerson", "person", "p-9");
  CHECK(rejection.code == "NOT_FOUND");
  CHECK(rejection.rejection_class == RejectionClass::kNotVisible);
  CHECK(rejection.actual == "p-9");
}

TEST_CASE("every class of refusals has its name", "[event][unit]") {
  CHECK(RejectionClassName(RejectionClass::kValidation) == "VALIDATION");
  CHECK(RejectionClassName(RejectionClass::kNotVisible) == "NOT_VISIBLE");
  CHECK(RejectionClassName(RejectionClass::kAuth) == "AUTH");
  CHECK(RejectionClassName(RejectionClass::kState) == "STATE");
  CHECK(RejectionClassName(RejectionClass::kPolicy) == "POLICY");
  CHECK(RejectionClassName(RejectionClass::kConflict) == "CONFLICT");
  CHECK(RejectionClassName(RejectionClass::kBusy) == "BUSY");
  CHECK(RejectionClassName(RejectionClass::kIntegrity) == "INTEGRITY");
}

}  // namespace assay
