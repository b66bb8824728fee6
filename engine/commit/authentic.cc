#include "engine/commit/authentic.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/wire.h"

namespace assay {
namespace {

using google::protobuf::internal::WireFormatLite;

// Field 15, a text of 40 bytes.
constexpr char kAuthFrame[] = {0x7a, 0x28};
constexpr int kAuthField = v1::Record::kAuthFieldNumber;
static_assert(kAuthField == 15);

std::string PartitionBytes(PartitionId partition) {
  const int32_t number = partition.kind == PartitionId::Kind::kDecisions ? -1 : partition.index;
  std::string bytes;
  AppendBig32(bytes, static_cast<uint32_t>(number));
  return bytes;
}

std::string NameOf(PartitionId partition) {
  return partition.kind == PartitionId::Kind::kDecisions
             ? std::string("decisions")
             : fmt::format("facts partition {}", partition.index);
}

// Whether a field `auth` stands among the fields of `head`, which are those before the last one.
bool HoldsAuth(std::string_view head) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(head.data()),
                                                static_cast<int>(head.size()));
  while (const uint32_t tag = stream.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) == kAuthField) return true;
    if (!WireFormatLite::SkipField(&stream, tag)) return true;
  }
  return false;
}

// The id of the key that a value which ends in a tag says it is tagged with; empty without a tag.
std::string_view KeyIdIn(std::string_view value) {
  if (value.size() < kAuthBytes) return "";
  const std::string_view auth = value.substr(value.size() - kAuthBytes);
  if (!auth.starts_with(std::string_view(kAuthFrame, sizeof kAuthFrame))) return "";
  return auth.substr(sizeof kAuthFrame, kLogKeyIdBytes);
}

// The key that a Genesis or the first KeyMark of an older log brings with it.
std::string_view KeyBroughtBy(const v1::Record* record, int64_t position) {
  if (record == nullptr) return "";
  if (position == 0 && record->has_genesis()) return record->genesis().auth().key_id();
  const bool adds = record->has_key_mark() && !record->key_mark().retired();
  return adds ? std::string_view(record->key_mark().key_id()) : "";
}

}  // namespace

std::string LogKeyId(std::string_view key) {
  return Sha256(key).ToString().substr(0, kLogKeyIdBytes);
}

std::string ShownKeyId(std::string_view key_id) { return ToHex(key_id); }

Hash32 LogKey::Tag(std::string_view log_id, PartitionId partition, const Hash32& head) const {
  return mac_.Tag({log_id, std::string_view("\0", 1), PartitionBytes(partition), head.View()});
}

void LogKey::Sign(std::string_view log_id, PartitionId partition, std::string& value) const {
  const Hash32 tag = Tag(log_id, partition, Sha256(value));
  value.append(kAuthFrame, sizeof kAuthFrame).append(id_).append(tag.View());
}

const LogKey* LogKeys::Find(std::string_view id) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const LogKey& key) { return key.Id() == id; });
  return found == keys_.end() ? nullptr : &*found;
}

const LogKeys& NoLogKeys() {
  static const LogKeys kNone;
  return kNone;
}

bool PartitionKeys::Contain(std::string_view id) const {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

absl::StatusOr<Authenticity> CheckAuthenticity(const v1::Record* record, std::string_view value,
                                               std::string_view log_id, PartitionId partition,
                                               int64_t position, const PartitionKeys& keys,
                                               const LogKeys& known) {
  const std::string_view brought = keys.AreNeeded() ? "" : KeyBroughtBy(record, position);
  if (!keys.AreNeeded() && brought.empty()) return Authenticity{.hash = Sha256(value)};
  const std::string_view id = KeyIdIn(value);
  const bool counts = !id.empty() && (keys.Contain(id) || id == brought);
  if (!counts) return Authenticity{.hash = Sha256(value), .is_foreign = true};
  const LogKey* const key = known.Find(id);
  if (key == nullptr) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "KEY_MISSING: {} names the log key {} at position {}, and the key store does "
                      "not have it: copy the company's keys here before this node goes on",
                      NameOf(partition), ShownKeyId(id), position);
  }
  const size_t head_bytes = value.size() - kAuthBytes;
  const SplitHashes hashes = Sha256Split(value, head_bytes);
  const Hash32 tag = key->Tag(log_id, partition, hashes.head);
  const std::string_view stated = value.substr(value.size() - tag.bytes.size());
  return Authenticity{.hash = hashes.whole,
                      .is_foreign = tag.View() != stated || HoldsAuth(value.substr(0, head_bytes))};
}

void EvolveKeys(const v1::Record& record, PartitionKeys& keys) {
  if (record.has_genesis()) {
    if (!keys.AreNeeded() && record.genesis().has_auth()) {
      keys.ids.push_back(record.genesis().auth().key_id());
    }
    return;
  }
  if (!record.has_key_mark()) return;
  const std::string& id = record.key_mark().key_id();
  if (!record.key_mark().retired()) {
    if (!keys.Contain(id)) keys.ids.push_back(id);
  } else if (keys.ids.size() > 1) {
    std::erase(keys.ids, id);
  }
}

}  // namespace assay
