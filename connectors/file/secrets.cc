#include "connectors/file/secrets.h"

#include <utility>

#include "engine/event/sealing.h"

namespace assay {

absl::StatusOr<SourceSecrets> SecretsOf(KeyStore& keys) {
  ASSAY_ASSIGN_OR_RETURN(std::string company_key, keys.Key(kPseudonymKeyId, /*create=*/true));
  SourceSecrets secrets;
  secrets.pseudonym = [company_key = std::move(company_key)](std::string_view entity_type,
                                                             std::string_view key) {
    return Pseudonym(company_key, entity_type, key);
  };
  secrets.seal = [&keys](std::string_view key_id, std::string_view origin,
                         std::string_view field_path,
                         std::string_view clear) -> absl::StatusOr<v1::Sealed> {
    ASSAY_ASSIGN_OR_RETURN(const std::string key, keys.Key(key_id, /*create=*/true));
    return SealText(key, key_id, origin, field_path, clear);
  };
  return secrets;
}

SourceSecrets ClearSecrets() {
  SourceSecrets secrets;
  secrets.pseudonym = [](std::string_view, std::string_view key) { return std::string(key); };
  secrets.seal = [](std::string_view key_id, std::string_view, std::string_view,
                    std::string_view clear) -> absl::StatusOr<v1::Sealed> {
    v1::Sealed sealed;
    sealed.set_key_id(std::string(key_id));
    sealed.set_alg(std::string(kClearAlgorithm));
    sealed.set_bytes(std::string(clear));
    return sealed;
  };
  return secrets;
}

}  // namespace assay
