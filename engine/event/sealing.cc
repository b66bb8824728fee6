#include "engine/event/sealing.h"

#include <fmt/format.h>

#include "engine/base/aead.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

constexpr size_t kPseudonymBytes = 16;

}  // namespace

std::string PersonKeyId(std::string_view person) { return fmt::format("person/{}", person); }

std::string EntityKeyId(std::string_view entity_type, std::string_view pseudonym) {
  return fmt::format("entity/{}/{}", entity_type, pseudonym);
}

std::string QuarantineKeyId(Instant received_at) {
  constexpr size_t kMonthTextBytes = 7;
  return fmt::format("quarantine/{}", UtcDayOf(received_at).ToString().substr(0, kMonthTextBytes));
}

bool IsKeyId(std::string_view key_id) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@:/-";
  const size_t slash = key_id.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < key_id.size() &&
         key_id.size() <= limits::kKeyIdBytesMax &&
         key_id.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string SealNonce(std::string_view mac_subkey, std::string_view command_id,
                      std::string_view field_path, std::string_view clear) {
  const Hash32 mac = HmacSha256(mac_subkey, {command_id, field_path, clear});
  return std::string(mac.View().substr(0, kAeadNonceBytes));
}

v1::Sealed SealText(std::string_view key, std::string_view key_id, std::string_view command_id,
                    std::string_view field_path, std::string_view clear) {
  ASSAY_REQUIRE(key.size() == kAeadKeyBytes, "key {} has {} bytes", key_id, key.size());
  ASSAY_REQUIRE(!clear.empty(), "an empty text at {} is an absent field", field_path);
  v1::Sealed sealed;
  sealed.set_key_id(std::string(key_id));
  sealed.set_alg(std::string(kSealedAlgorithm));
  sealed.set_nonce(SealNonce(HmacSha256(key, {"mac"}).View(), command_id, field_path, clear));
  sealed.set_bytes(AeadSeal(HmacSha256(key, {"enc"}).View(), sealed.nonce(), clear));
  return sealed;
}

absl::StatusOr<std::string> OpenSealed(std::string_view key, const v1::Sealed& sealed) {
  ASSAY_REQUIRE(key.size() == kAeadKeyBytes, "key {} has {} bytes", sealed.key_id(), key.size());
  if (sealed.alg() != kSealedAlgorithm) {
    return MakeStatus(absl::StatusCode::kDataLoss, "sealed under {} with the unknown algorithm {}",
                      sealed.key_id(), sealed.alg());
  }
  auto clear = AeadOpen(HmacSha256(key, {"enc"}).View(), sealed.nonce(), sealed.bytes());
  if (!clear) {
    return MakeStatus(absl::StatusCode::kDataLoss, "sealed under {}: another key, or damaged bytes",
                      sealed.key_id());
  }
  return *std::move(clear);
}

std::string Pseudonym(std::string_view company_key, std::string_view entity_type,
                      std::string_view entity_key) {
  const Hash32 mac = HmacSha256(company_key, {entity_type, std::string_view("\0", 1), entity_key});
  return ToHex(mac.View().substr(0, kPseudonymBytes));
}

}  // namespace assay
