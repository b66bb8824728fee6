// Files that the words of a call name: commands, contracts, derivations, records.
//
// A served call may bring their bytes along (tools/assay/call.h); whoever may not have the service
// open its files is never given one.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "connectors/file/byte_source.h"
#include "engine/base/status.h"
#include "engine/event/decision.h"

namespace assay {

// The bytes of the file; "-" = standard input.
// NOT_FOUND when there is none that can be read, or it is a directory; UNAVAILABLE when reading
// stopped before its end.
[[nodiscard]] absl::StatusOr<std::string> ReadText(const std::string& path);

// What was refused in the file, its path before the message: Annotate, of a rejection.
[[nodiscard]] Rejection InFile(Rejection rejection, std::string_view path);

// The file as a source of records. As OpenBytes; NOT_FOUND also for what a call did not bring.
[[nodiscard]] absl::StatusOr<std::unique_ptr<HashedBytes>> OpenFile(const std::string& path);
// The same without its hash.
[[nodiscard]] absl::StatusOr<std::unique_ptr<ByteSource>> OpenUnhashedFile(const std::string& path);

}  // namespace assay
