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
      return 2;
    default:
      return 1;
  }
}

}  // namespace assay
