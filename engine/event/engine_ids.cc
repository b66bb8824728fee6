#include "engine/event/engine_ids.h"

#include <string>

#include "engine/base/hash.h"

namespace assay {

std::string EngineId(std::string_view kind, std::string_view about, int64_t refused) {
  constexpr size_t kDigits = 24;
  constexpr std::string_view kZero("\0", 1);
  const Hash32 hash = Sha256({kind, kZero, about, kZero, std::to_string(refused)});
  return std::string(kEngineIdPrefix) + hash.Hex().substr(0, kDigits);
}

}  // namespace assay
