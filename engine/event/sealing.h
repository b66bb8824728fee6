// Sealed text and pseudonyms (log.md 5): how personal data goes onto the log.
//
// Pure: keys come in as bytes, nonces are derived and not drawn, so an honest repeat of a command
// gives the same bytes. A key is 32 bytes; the cipher and the nonce each work with a key derived
// from it, HMAC-SHA256(key, "enc") and HMAC-SHA256(key, "mac").

#pragma once

#include <assay/v1/types.pb.h>

#include <string>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/base/time.h"

namespace assay {

inline constexpr std::string_view kSealedAlgorithm = "AES-256-GCM";

// --- names of keys ---

// The key of the pseudonyms of a company.
inline constexpr std::string_view kPseudonymKeyId = "company/pseudonym";
// "person/p-0001"
[[nodiscard]] std::string PersonKeyId(std::string_view person);
// "entity/employee/8503e14a…": always by the pseudonym, also of a key that is not personal, so that
// no text of a record becomes the name of a file.
[[nodiscard]] std::string EntityKeyId(std::string_view entity_type, std::string_view pseudonym);
// "quarantine/2026-06" of the month (UTC) of `received_at`.
[[nodiscard]] std::string QuarantineKeyId(Instant received_at);

// Whether this can be the name of a key: "<kind>/<name>" of letters, digits and "._@:/-", at most
// limits::kKeyIdBytesMax bytes.
[[nodiscard]] bool IsKeyId(std::string_view key_id);

// --- sealing ---

// First 12 bytes of HMAC-SHA256(mac_subkey, command_id, field_path, clear), one after the other.
[[nodiscard]] std::string SealNonce(std::string_view mac_subkey, std::string_view command_id,
                                    std::string_view field_path, std::string_view clear);

// Seals `clear` under the key. `command_id` and `field_path` ("requestAdjustment.remark") tell
// where it stands; what is not in a command uses an id of its own there.
// REQUIRES: key has 32 bytes; `clear` is not empty (an empty text is an absent field).
[[nodiscard]] v1::Sealed SealText(std::string_view key, std::string_view key_id,
                                  std::string_view command_id, std::string_view field_path,
                                  std::string_view clear);

// The text. DATA_LOSS when the bytes were not sealed with this key or are damaged, and for an
// algorithm that is not known. REQUIRES: key has 32 bytes.
[[nodiscard]] absl::StatusOr<std::string> OpenSealed(std::string_view key,
                                                     const v1::Sealed& sealed);

// --- pseudonyms ---

// How a personal entity key stands on the log: the first 16 bytes, in hexadecimal, of
// HMAC-SHA256(company_key, entity_type ‖ 0x00 ‖ entity_key).
[[nodiscard]] std::string Pseudonym(std::string_view company_key, std::string_view entity_type,
                                    std::string_view entity_key);

}  // namespace assay
