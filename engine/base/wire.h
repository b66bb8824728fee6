// Bytes of keys and hashes: variable-length integers, length prefixes, ordered integers, murmur2.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Seven bits a byte, low bits first, as protobuf writes it.
void AppendUvarint(std::string& out, uint64_t value);
// Takes one uvarint off the front of `in`; false when it is cut short or longer than 64 bits.
[[nodiscard]] bool TakeUvarint(std::string_view& in, uint64_t& value);

// lp(x): uvarint length, then the bytes.
void AppendPrefixed(std::string& out, std::string_view bytes);
[[nodiscard]] bool TakePrefixed(std::string_view& in, std::string_view& bytes);

// Big-endian, so that bytewise order is numeric order (signed: the sign bit is flipped).
void AppendBig32(std::string& out, uint32_t value);
void AppendBig64(std::string& out, uint64_t value);
void AppendOrdered64(std::string& out, int64_t value);
void AppendOrdered32(std::string& out, int32_t value);
[[nodiscard]] bool TakeBig32(std::string_view& in, uint32_t& value);
[[nodiscard]] bool TakeBig64(std::string_view& in, uint64_t& value);
[[nodiscard]] bool TakeOrdered64(std::string_view& in, int64_t& value);
[[nodiscard]] bool TakeOrdered32(std::string_view& in, int32_t& value);

// Text of any bytes in a key that stays ordered and prefix-free: 0x00 becomes 0x00 0xff, the end
// is 0x00 0x01.
void AppendKeyText(std::string& out, std::string_view text);
[[nodiscard]] bool TakeKeyText(std::string_view& in, std::string& text);

// murmur2 with Kafka's seed, as the Java client computes it.
[[nodiscard]] uint32_t Murmur2(std::string_view bytes);
// (murmur2 & 0x7fffffff) mod partitions. REQUIRES: partitions > 0
[[nodiscard]] int32_t PartitionOf(std::string_view key, int32_t partitions);

}  // namespace assay
