// AES-256-GCM over bytes: the cipher of everything sealed (OpenSSL inside).
//
// Only the cipher. Which key, which nonce and what stands beside the bytes is
// engine/event/sealing.h.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

inline constexpr size_t kAeadKeyBytes = 32;
inline constexpr size_t kAeadNonceBytes = 12;
inline constexpr size_t kAeadTagBytes = 16;

// The encrypted bytes, then the tag. A key must never see one nonce with two texts.
// REQUIRES: `key` and `nonce` have the sizes above.
[[nodiscard]] std::string AeadSeal(std::string_view key, std::string_view nonce,
                                   std::string_view clear);

// The text, or nothing when key, nonce or bytes are not those of AeadSeal.
// REQUIRES: `key` has the size above.
[[nodiscard]] std::optional<std::string> AeadOpen(std::string_view key, std::string_view nonce,
                                                  std::string_view sealed);

}  // namespace assay
