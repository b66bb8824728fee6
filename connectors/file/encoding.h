// Text of a declared encoding as UTF-8.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace assay {

// Thread-compatible.
class TextDecoder {
 public:
  virtual ~TextDecoder() = default;
  // The text in UTF-8, or nothing when the bytes are not of the encoding. Valid until the next
  // call, or as long as `bytes`; kRecordPaddingBytes more may be read behind it if that holds for
  // `bytes`.
  virtual std::optional<std::string_view> Decode(std::string_view bytes) = 0;
};

// "utf-8" (also when empty) or "gbk". INVALID_ARGUMENT for another name; FAILED_PRECONDITION when
// this system has no table for it.
[[nodiscard]] absl::StatusOr<std::unique_ptr<TextDecoder>> MakeDecoder(std::string_view encoding);

}  // namespace assay
