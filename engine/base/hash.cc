#include "engine/base/hash.h"

#include <openssl/sha.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/wire.h"

namespace assay {
namespace {

Hash32 RowHash(std::string_view key, std::string_view value) {
  std::string framed;
  framed.reserve(key.size() + value.size() + 10);
  AppendPrefixed(framed, key);
  AppendPrefixed(framed, value);
  return Sha256(framed);
}

void AddBigEndian(Hash32& sum, const Hash32& term) {
  unsigned carry = 0;
  for (int i = 31; i >= 0; --i) {
    const unsigned digit = sum.bytes[i] + term.bytes[i] + carry;
    sum.bytes[i] = static_cast<uint8_t>(digit);
    carry = digit >> 8;
  }
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Hash32::Hex() const { return ToHex(View()); }

std::optional<Hash32> Hash32::FromBytes(std::string_view raw) {
  Hash32 hash;
  if (raw.size() != hash.bytes.size()) return std::nullopt;
  std::copy(raw.begin(), raw.end(), hash.bytes.begin());
  return hash;
}

// The low-level calls: the EVP interface costs three times as much on records of 150 bytes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

Hash32 Sha256(std::initializer_list<std::string_view> parts) {
  Hash32 hash;
  SHA256_CTX context;
  SHA256_Init(&context);
  for (std::string_view part : parts) SHA256_Update(&context, part.data(), part.size());
  SHA256_Final(hash.bytes.data(), &context);
  return hash;
}

SplitHashes Sha256Split(std::string_view data, size_t split) {
  ASSAY_REQUIRE(split <= data.size(), "{} of {} bytes", split, data.size());
  SplitHashes hashes;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, data.data(), split);
  SHA256_CTX head = context;
  SHA256_Final(hashes.head.bytes.data(), &head);
  SHA256_Update(&context, data.data() + split, data.size() - split);
  SHA256_Final(hashes.whole.bytes.data(), &context);
  return hashes;
}

HmacKey::HmacKey(std::string_view key) {
  constexpr size_t kBlockBytes = 64;
  const Hash32 hashed = key.size() > kBlockBytes ? Sha256(key) : Hash32{};
  if (key.size() > kBlockBytes) key = hashed.View();
  const auto prepare = [&](uint8_t pad) {
    std::array<uint8_t, kBlockBytes> block;
    block.fill(pad);
    for (size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<uint8_t>(key[i]);
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, block.data(), block.size());
    State state;
    std::copy(std::begin(context.h), std::end(context.h), state.words.begin());
    return state;
  };
  inner_ = prepare(0x36);
  outer_ = prepare(0x5c);
}

Hash32 HmacKey::Tag(std::initializer_list<std::string_view> parts) const {
  // As SHA256_Update leaves it after one whole block.
  const auto resume = [](const State& state) {
    constexpr SHA_LONG kBlockBits = 512;
    SHA256_CTX context;
    SHA256_Init(&context);
    std::copy(state.words.begin(), state.words.end(), std::begin(context.h));
    context.Nl = kBlockBits;
    return context;
  };
  Hash32 hash;
  SHA256_CTX context = resume(inner_);
  for (std::string_view part : parts) SHA256_Update(&context, part.data(), part.size());
  SHA256_Final(hash.bytes.data(), &context);
  context = resume(outer_);
  SHA256_Update(&context, hash.bytes.data(), hash.bytes.size());
  SHA256_Final(hash.bytes.data(), &context);
  return hash;
}

#pragma GCC diagnostic pop

Hash32 HashPair(std::string_view a, std::string_view b) {
  return Sha256({a, std::string_view("\0", 1), b});
}

Hash32 HmacSha256(std::string_view key, std::initializer_list<std::string_view> parts) {
  return HmacKey(key).Tag(parts);
}

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

void RowDigest::Add(std::string_view key, std::string_view value) {
  AddBigEndian(sum_, RowHash(key, value));
}

void RowDigest::Subtract(std::string_view key, std::string_view value) {
  Hash32 negated = RowHash(key, value);
  for (uint8_t& byte : negated.bytes) byte = static_cast<uint8_t>(~byte);
  AddBigEndian(sum_, negated);
  Hash32 one;
  one.bytes[31] = 1;
  AddBigEndian(sum_, one);
}

void RowDigest::Merge(const RowDigest& other) { AddBigEndian(sum_, other.sum_); }

}  // namespace assay
