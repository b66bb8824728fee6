// Files that the words of a call name: commands, contracts, derivations, records.
//
// A served call may bring their bytes along (tools/assay/call.h); whoever may not have the service
// open its files is never given one.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/document/document.h"
#include "connectors/file/byte_source.h"
#include "engine/base/status.h"
#include "engine/event/decision.h"

namespace assay {

// The bytes of the file; "-" = standard input, which may be a pipe.
// NOT_FOUND when there is none; FAILED_PRECONDITION when it may not be read, is no regular file, or
// changes meanwhile; INVALID_ARGUMENT when it has more than `bytes_max` bytes; UNAVAILABLE when
// reading stopped before its end.
[[nodiscard]] absl::StatusOr<std::string> ReadText(const std::string& path,
                                                   size_t bytes_max = kDocumentFileBytesMax);

// As ReadText, of a file of the home or the machine, whoever calls; errors call it `named`.
[[nodiscard]] absl::StatusOr<std::string> ReadFile(const std::string& path,
                                                   const std::string& named, size_t bytes_max);

// What was refused in the file, its path before the message: Annotate, of a rejection.
[[nodiscard]] Rejection InFile(Rejection rejection, std::string_view path);

// The file as a source of records. As OpenBytes; NOT_FOUND also for what a call did not bring.
[[nodiscard]] absl::StatusOr<std::unique_ptr<HashedBytes>> OpenFile(const std::string& path);
// The same without its hash.
[[nodiscard]] absl::StatusOr<std::unique_ptr<ByteSource>> OpenUnhashedFile(const std::string& path);

}  // namespace assay
