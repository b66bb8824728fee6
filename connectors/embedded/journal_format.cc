#include "connectors/embedded/journal_format.h"

#include <fmt/core.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/wire.h"

namespace assay {
namespace {

constexpr char kDirectoryRow = 0;
constexpr char kRecordRow = 1;
constexpr char kTailRow = 2;
constexpr uint32_t kFormatVersion = 1;
constexpr size_t kIdentityBytes = 16;

std::string PartitionKey(char row, PartitionId partition) {
  std::string key(1, row);
  key.push_back(partition.kind == PartitionId::Kind::kDecisions ? 0 : 1);
  AppendBig32(key, static_cast<uint32_t>(partition.index));
  return key;
}

}  // namespace

std::string PartitionName(PartitionId partition) {
  if (partition.kind == PartitionId::Kind::kDecisions) return "decisions";
  return fmt::format("facts {}", partition.index);
}

std::string DirectoryKey() { return std::string(1, kDirectoryRow); }

std::string RecordKey(PartitionId partition, int64_t position) {
  std::string key = PartitionKey(kRecordRow, partition);
  AppendBig64(key, static_cast<uint64_t>(position));
  return key;
}

std::string TailKey(PartitionId partition) { return PartitionKey(kTailRow, partition); }

std::string EncodeDirectory(const JournalIdentity& identity) {
  ASSAY_REQUIRE(identity.id.size() == kIdentityBytes, "{} bytes", identity.id.size());
  std::string row;
  AppendBig32(row, kFormatVersion);
  AppendBig32(row, static_cast<uint32_t>(identity.facts_partitions));
  row += identity.id;
  return row;
}

std::optional<JournalIdentity> DecodeDirectory(std::string_view row) {
  uint32_t version = 0;
  uint32_t partitions = 0;
  if (!TakeBig32(row, version) || !TakeBig32(row, partitions) || version != kFormatVersion ||
      row.size() != kIdentityBytes) {
    return std::nullopt;
  }
  return JournalIdentity{static_cast<int32_t>(partitions), std::string(row)};
}

void AppendTail(std::string& out, const Tail& tail) {
  AppendBig64(out, static_cast<uint64_t>(tail.end));
  AppendOrdered64(out, tail.last_ms);
  out += tail.chain.View();
}

bool TakeTail(std::string_view& in, Tail& tail) {
  uint64_t end = 0;
  if (!TakeBig64(in, end) || !TakeOrdered64(in, tail.last_ms) || in.size() < 32) return false;
  tail.end = static_cast<int64_t>(end);
  tail.chain = *Hash32::FromBytes(in.substr(0, 32));
  in.remove_prefix(32);
  return true;
}

Tail Chained(const Tail& tail, int64_t ms, std::string_view bytes) {
  ASSAY_REQUIRE(ms >= tail.last_ms, "append time {} after {}", ms, tail.last_ms);
  std::string time;
  AppendOrdered64(time, ms);
  return {tail.end + 1, ms, Sha256({tail.chain.View(), time, bytes})};
}

std::array<char, kRecordHeaderBytes> RecordHeader(const Tail& behind) {
  std::string time;
  AppendOrdered64(time, behind.last_ms);
  std::array<char, kRecordHeaderBytes> header{};
  const auto tag = std::copy(time.begin(), time.end(), header.begin());
  std::copy_n(behind.chain.bytes.begin(), kRecordTagBytes, tag);
  return header;
}

std::optional<RecordView> DecodeRecord(std::string_view row) {
  RecordView view;
  if (!TakeOrdered64(row, view.ms) || row.size() < kRecordTagBytes) return std::nullopt;
  view.tag = row.substr(0, kRecordTagBytes);
  view.bytes = row.substr(kRecordTagBytes);
  return view;
}

bool TagMatches(const RecordView& view, const Tail& behind) {
  return view.tag == behind.chain.View().substr(0, kRecordTagBytes);
}

}  // namespace assay
