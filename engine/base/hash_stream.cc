#include "engine/base/hash_stream.h"

#include <openssl/sha.h>

// The low-level calls, as in engine/base/hash.cc.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace assay {

struct Sha256Stream::State {
  SHA256_CTX context;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(std::string_view bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

Hash32 Sha256Stream::Finish() {
  Hash32 hash;
  SHA256_Final(hash.bytes.data(), &state_->context);
  SHA256_Init(&state_->context);
  return hash;
}

}  // namespace assay
