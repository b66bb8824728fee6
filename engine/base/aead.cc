#include "engine/base/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "engine/base/check.h"

namespace assay {
namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string AeadSeal(std::string_view key, std::string_view nonce, std::string_view clear) {
  ASSAY_REQUIRE(key.size() == kAeadKeyBytes, "a key of {} bytes", key.size());
  ASSAY_REQUIRE(nonce.size() == kAeadNonceBytes, "a nonce of {} bytes", nonce.size());
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string sealed(clear.size() + kAeadTagBytes, '\0');
  int written = 0;
  int rest = 0;
  const bool done =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), Bytes(sealed), &written, Bytes(clear),
                        static_cast<int>(clear.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), Bytes(sealed) + written, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kAeadTagBytes,
                          Bytes(sealed) + clear.size()) == 1;
  ASSAY_INVARIANT(done, "AES-256-GCM of {} bytes failed", clear.size());
  return sealed;
}

std::optional<std::string> AeadOpen(std::string_view key, std::string_view nonce,
                                    std::string_view sealed) {
  ASSAY_REQUIRE(key.size() == kAeadKeyBytes, "a key of {} bytes", key.size());
  if (nonce.size() != kAeadNonceBytes || sealed.size() < kAeadTagBytes) return std::nullopt;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string tag(sealed.substr(sealed.size() - kAeadTagBytes));
  sealed.remove_suffix(kAeadTagBytes);
  std::string clear(sealed.size(), '\0');
  int written = 0;
  int rest = 0;
  const bool done =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Bytes(clear), &written, Bytes(sealed),
                        static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kAeadTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), Bytes(clear) + written, &rest) == 1;
  if (!done) return std::nullopt;
  return clear;
}

}  // namespace assay
