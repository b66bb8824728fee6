// Where the bytes of an input come from: a file, or a text at hand.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/base/status.h"

namespace assay {

// Thread-compatible.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Writes the next bytes, at most `size`, to `out` and returns how many; fewer than `size` only
  // at the end. After an error the source is of no more use.
  virtual absl::StatusOr<size_t> Read(char* out, size_t size) = 0;
};

// Thread-compatible.
class HashedBytes : public ByteSource {
 public:
  // SHA-256 of all its bytes: the identity of the input. May be asked for at any time.
  [[nodiscard]] virtual const Hash32& Hash() const = 0;
};

// Reads the file once for its hash, and a second time for Read.
//
// NOT_FOUND when it is not there; FAILED_PRECONDITION when it may not be read or is no regular
// file, and from Read when it changed after it was opened (what was hashed is not what is read);
// UNAVAILABLE when the disk fails.
[[nodiscard]] absl::StatusOr<std::unique_ptr<HashedBytes>> OpenBytes(const std::string& path);
// The same, where errors call the file `named`.
[[nodiscard]] absl::StatusOr<std::unique_ptr<HashedBytes>> OpenBytes(const std::string& path,
                                                                     const std::string& named);

// The same without the hash, for whoever looks at the beginning only.
[[nodiscard]] absl::StatusOr<std::unique_ptr<ByteSource>> OpenUnhashed(const std::string& path,
                                                                       const std::string& named);

// Of a text at hand. Never fails.
[[nodiscard]] std::unique_ptr<HashedBytes> BytesOf(std::string text);

}  // namespace assay
