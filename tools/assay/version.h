// The release that this program is.

#pragma once

namespace assay {

inline constexpr const char* kVersion = "0.2.0";

}  // namespace assay
