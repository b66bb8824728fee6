// What mapping needs keys for: pseudonyms of entity keys, and sealing of original bytes.

#pragma once

#include <assay/v1/types.pb.h>

#include <functional>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/commit/ports.h"

namespace assay {

struct SourceSecrets {
  // How a personal entity key stands on the log.
  std::function<std::string(std::string_view entity_type, std::string_view key)> pseudonym;
  // Seals `clear`, which stands at `field_path` of the intake of the record at `origin` ("input
  // log/partition/offset", in the place of a command id: the same record gives the same bytes).
  // Errors are those of the key store.
  std::function<absl::StatusOr<v1::Sealed>(std::string_view key_id, std::string_view origin,
                                           std::string_view field_path, std::string_view clear)>
      seal;
};

// With the keys of a company, which are made as they are needed. `keys` must outlive it.
// Thread-safe. Errors are those of the key store.
[[nodiscard]] absl::StatusOr<SourceSecrets> SecretsOf(KeyStore& keys);

// What stands in Sealed.alg when nothing was sealed; no one opens it as sealed.
inline constexpr std::string_view kClearAlgorithm = "CLEAR";

// For a dry run, without keys: entity keys stay in clear, and so do originals, as Sealed.bytes
// (they may be no text). What was mapped with it must not be appended to a journal.
[[nodiscard]] SourceSecrets ClearSecrets();

}  // namespace assay
