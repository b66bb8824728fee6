#include "engine/event/versions.h"

namespace assay {

int32_t SinceVersion(const v1::Event& event) {
  using Body = v1::Event::BodyCase;
  switch (event.body_case()) {
    case Body::kLogAuthenticated:
    case Body::kLogKeyRotated:
    case Body::kHeadsNoted:
    case Body::kSourceContractProposed:
    case Body::kSourceContractSigned:
    case Body::kSourceContractRejected:
    case Body::kSourceKeyProposed:
    case Body::kSourceKeyRejected:
    case Body::kGrantRevocationProposed:
    case Body::kGrantRevocationSigned:
    case Body::kGrantRevocationRejected:
      return 2;
    // Fields that a reader of version 1 would pass over.
    case Body::kCompanyFounded:
      return event.company_founded().has_grants() ? 2 : 1;
    case Body::kCyclePlanned:
      return event.cycle_planned().has_budgets() ? 2 : 1;
    default:
      return 1;
  }
}

}  // namespace assay
