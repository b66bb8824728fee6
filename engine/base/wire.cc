#include "engine/base/wire.h"

#include "engine/base/check.h"

namespace assay {

void AppendUvarint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

bool TakeUvarint(std::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

void AppendPrefixed(std::string& out, std::string_view bytes) {
  AppendUvarint(out, bytes.size());
  out.append(bytes);
}

bool TakePrefixed(std::string_view& in, std::string_view& bytes) {
  uint64_t size = 0;
  if (!TakeUvarint(in, size) || size > in.size()) return false;
  bytes = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

void AppendBig32(std::string& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void AppendBig64(std::string& out, uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void AppendOrdered64(std::string& out, int64_t value) {
  AppendBig64(out, static_cast<uint64_t>(value) ^ (uint64_t{1} << 63));
}

void AppendOrdered32(std::string& out, int32_t value) {
  AppendBig32(out, static_cast<uint32_t>(value) ^ (uint32_t{1} << 31));
}

bool TakeBig32(std::string_view& in, uint32_t& value) {
  if (in.size() < 4) return false;
  value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(in[i]);
  in.remove_prefix(4);
  return true;
}

bool TakeBig64(std::string_view& in, uint64_t& value) {
  if (in.size() < 8) return false;
  value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<uint8_t>(in[i]);
  in.remove_prefix(8);
  return true;
}

bool TakeOrdered64(std::string_view& in, int64_t& value) {
  uint64_t raw = 0;
  if (!TakeBig64(in, raw)) return false;
  value = static_cast<int64_t>(raw ^ (uint64_t{1} << 63));
  return true;
}

bool TakeOrdered32(std::string_view& in, int32_t& value) {
  uint32_t raw = 0;
  if (!TakeBig32(in, raw)) return false;
  value = static_cast<int32_t>(raw ^ (uint32_t{1} << 31));
  return true;
}

void AppendKeyText(std::string& out, std::string_view text) {
  for (const char c : text) {
    out.push_back(c);
    if (c == '\0') out.push_back('\xff');
  }
  out.append("\0\x01", 2);
}

bool TakeKeyText(std::string_view& in, std::string& text) {
  text.clear();
  while (!in.empty()) {
    const char c = in.front();
    in.remove_prefix(1);
    if (c != '\0') {
      text.push_back(c);
      continue;
    }
    if (in.empty()) return false;
    const char mark = in.front();
    in.remove_prefix(1);
    if (mark == '\x01') return true;
    if (mark != '\xff') return false;
    text.push_back('\0');
  }
  return false;
}

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kM = 0x5bd1e995;
  constexpr int kR = 24;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
  uint32_t h = 0x9747b28c ^ static_cast<uint32_t>(bytes.size());
  const size_t words = bytes.size() / 4;
  for (size_t i = 0; i < words; ++i) {
    uint32_t k = byte(4 * i) | byte(4 * i + 1) << 8 | byte(4 * i + 2) << 16 | byte(4 * i + 3) << 24;
    k *= kM;
    k ^= k >> kR;
    k *= kM;
    h *= kM;
    h ^= k;
  }
  const size_t tail = words * 4;
  switch (bytes.size() - tail) {
    case 3:
      h ^= byte(tail + 2) << 16;
      [[fallthrough]];
    case 2:
      h ^= byte(tail + 1) << 8;
      [[fallthrough]];
    case 1:
      h ^= byte(tail);
      h *= kM;
      break;
    default:
      break;
  }
  h ^= h >> 13;
  h *= kM;
  h ^= h >> 15;
  return h;
}

int32_t PartitionOf(std::string_view key, int32_t partitions) {
  ASSAY_REQUIRE(partitions > 0, "{} partitions", partitions);
  return static_cast<int32_t>((Murmur2(key) & 0x7fffffff) % static_cast<uint32_t>(partitions));
}

}  // namespace assay
