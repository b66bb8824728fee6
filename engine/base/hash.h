// SHA-256, HMAC-SHA256 and hexadecimal text: the hashes that stand on the log (OpenSSL inside).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// 32 bytes, compared bytewise; default is all zero.
struct Hash32 {
  std::array<uint8_t, 32> bytes{};

  [[nodiscard]] std::string_view View() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  [[nodiscard]] std::string ToString() const { return std::string(View()); }
  // The 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string Hex() const;
  // Nothing unless `raw` has exactly 32 bytes.
  [[nodiscard]] static std::optional<Hash32> FromBytes(std::string_view raw);

  auto operator<=>(const Hash32&) const = default;
};

// SHA-256 of the parts, one after the other, nothing between them.
[[nodiscard]] Hash32 Sha256(std::initializer_list<std::string_view> parts);
[[nodiscard]] inline Hash32 Sha256(std::string_view data) { return Sha256({data}); }

// The hashes of the first `split` bytes and of all of `data`, which is read once.
// REQUIRES: split <= data.size().
struct SplitHashes {
  Hash32 head;
  Hash32 whole;
};
[[nodiscard]] SplitHashes Sha256Split(std::string_view data, size_t split);

// H(a, b) of the log: SHA-256(a, one zero byte, b).
[[nodiscard]] Hash32 HashPair(std::string_view a, std::string_view b);

// HMAC-SHA256 of the parts, one after the other.
[[nodiscard]] Hash32 HmacSha256(std::string_view key,
                                std::initializer_list<std::string_view> parts);

// HMAC-SHA256 under one key, which is prepared once: a tag over a few bytes
// costs three blocks of SHA-256. Immutable, so any thread may use it.
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);
  // The tag of the parts, one after the other.
  [[nodiscard]] Hash32 Tag(std::initializer_list<std::string_view> parts) const;

 private:
  // The states of SHA-256 after the inner and the outer block of the key.
  struct State {
    std::array<uint32_t, 8> words;
  };
  State inner_;
  State outer_;
};

// Lower-case hexadecimal.
[[nodiscard]] std::string ToHex(std::string_view bytes);
// Nothing when `text` has an odd length or a character that is no hexadecimal digit.
[[nodiscard]] std::optional<std::string> FromHex(std::string_view text);

// Adds the rows of a digest: the sum modulo 2^256 of SHA-256(lp(key) lp(value)), big-endian, so
// that parts computed apart can be added. Order does not matter.
class RowDigest {
 public:
  void Add(std::string_view key, std::string_view value);
  void Subtract(std::string_view key, std::string_view value);
  void Merge(const RowDigest& other);
  [[nodiscard]] const Hash32& Sum() const { return sum_; }

 private:
  Hash32 sum_;
};

}  // namespace assay
