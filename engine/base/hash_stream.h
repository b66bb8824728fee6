// SHA-256 of bytes that come in pieces, for what is too large to be held at once.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "engine/base/hash.h"

namespace assay {

// Thread-compatible.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Update(std::string_view bytes);
  // The hash of everything so far; the stream begins anew.
  [[nodiscard]] Hash32 Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
