#include "connectors/embedded/end_mark.h"

#include <rocksdb/env.h>

#include <utility>

#include "connectors/embedded/rocksdb_status.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/base/wire.h"

namespace assay {
namespace {

constexpr std::string_view kMagic = "ASSAYEND";
constexpr size_t kDirectoryBytes = 24;
// A slot never shares a page with the other, so that no write of one can tear the other.
constexpr size_t kSlotGrain = 4096;

bool TakeTails(std::string_view& in, size_t count, std::vector<Tail>& tails) {
  tails.resize(count);
  for (Tail& tail : tails) {
    if (!TakeTail(in, tail)) return false;
  }
  return true;
}

}  // namespace

std::string EncodeSlot(const EndMark& mark) {
  std::string slot(kMagic);
  slot += EncodeDirectory(mark.identity);
  AppendBig64(slot, mark.sequence);
  for (const Tail& tail : mark.tails) AppendTail(slot, tail);
  slot += Sha256(slot).View();
  slot.resize((slot.size() + kSlotGrain - 1) / kSlotGrain * kSlotGrain, '\0');
  return slot;
}

std::optional<EndMark> DecodeSlot(std::string_view slot) {
  std::string_view in = slot;
  if (!in.starts_with(kMagic) || in.size() < kMagic.size() + kDirectoryBytes) return std::nullopt;
  in.remove_prefix(kMagic.size());
  const auto identity = DecodeDirectory(in.substr(0, kDirectoryBytes));
  in.remove_prefix(kDirectoryBytes);
  if (!identity || identity->facts_partitions < 1 ||
      identity->facts_partitions > limits::kFactsPartitionsMax) {
    return std::nullopt;
  }
  EndMark mark{.identity = *identity};
  if (!TakeBig64(in, mark.sequence) ||
      !TakeTails(in, static_cast<size_t>(identity->facts_partitions) + 1, mark.tails) ||
      in.size() < 32) {
    return std::nullopt;
  }
  const std::string_view covered = slot.substr(0, slot.size() - in.size());
  if (in.substr(0, 32) != Sha256(covered).View()) return std::nullopt;
  // The padding is part of it: nothing may be changed in silence.
  if (EncodeSlot(mark) != slot) return std::nullopt;
  return mark;
}

EndMarkFile::EndMarkFile(std::string path, std::unique_ptr<rocksdb::RandomRWFile> file,
                         bool one_slot_was_damaged)
    : path_(std::move(path)), file_(std::move(file)), one_slot_was_damaged_(one_slot_was_damaged) {}

EndMarkFile::~EndMarkFile() = default;

absl::Status EndMarkFile::Create(rocksdb::Env* env, const std::string& path, const EndMark& mark) {
  std::unique_ptr<rocksdb::WritableFile> file;
  const std::string slot = EncodeSlot(mark);
  ASSAY_RETURN_IF_ERROR(
      FromRocksdb(env->NewWritableFile(path, &file, rocksdb::EnvOptions()), "create " + path));
  ASSAY_RETURN_IF_ERROR(FromRocksdb(file->Append(slot), "write " + path));
  ASSAY_RETURN_IF_ERROR(FromRocksdb(file->Append(slot), "write " + path));
  ASSAY_RETURN_IF_ERROR(FromRocksdb(file->Fsync(), "sync " + path));
  return FromRocksdb(file->Close(), "close " + path);
}

absl::StatusOr<std::unique_ptr<EndMarkFile>> EndMarkFile::Open(rocksdb::Env* env,
                                                               const std::string& path,
                                                               bool read_only, EndMark& mark) {
  std::string content;
  ASSAY_RETURN_IF_ERROR(
      FromRocksdb(rocksdb::ReadFileToString(env, path, &content), "read " + path));
  const std::string_view halves(content);
  const size_t slot_bytes = content.size() / 2;
  std::optional<EndMark> newest;
  bool one_slot_is_damaged = false;
  for (const std::string_view half : {halves.substr(0, slot_bytes), halves.substr(slot_bytes)}) {
    auto found = DecodeSlot(half);
    if (!found) one_slot_is_damaged = true;
    if (found && (!newest || found->sequence > newest->sequence)) newest = std::move(found);
  }
  // A file that was cut or grew would be written at places where the next opening does not look.
  if (!newest || slot_bytes * 2 != content.size() || EncodeSlot(*newest).size() != slot_bytes) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} is damaged: neither of its two slots can be trusted, so nobody knows how "
                      "long the log was; restore the journal from a copy",
                      path);
  }
  std::unique_ptr<rocksdb::RandomRWFile> file;
  if (!read_only) {
    ASSAY_RETURN_IF_ERROR(
        FromRocksdb(env->NewRandomRWFile(path, &file, rocksdb::EnvOptions()), "open " + path));
  }
  mark = *std::move(newest);
  return std::unique_ptr<EndMarkFile>(new EndMarkFile(path, std::move(file), one_slot_is_damaged));
}

absl::Status EndMarkFile::Write(const EndMark& mark, bool sync) {
  ASSAY_REQUIRE(file_ != nullptr, "{} was opened to be read only", path_);
  const std::string slot = EncodeSlot(mark);
  ASSAY_RETURN_IF_ERROR(
      FromRocksdb(file_->Write((mark.sequence % 2) * slot.size(), slot), "write " + path_));
  if (!sync) return absl::OkStatus();
  return FromRocksdb(file_->Sync(), "sync " + path_);
}

absl::Status EndMarkFile::CheckHas(const EndMark& mark) {
  const std::string slot = EncodeSlot(mark);
  std::string bytes(slot.size(), '\0');
  rocksdb::Slice found;
  ASSAY_RETURN_IF_ERROR(
      FromRocksdb(file_->Read((mark.sequence % 2) * slot.size(), slot.size(), &found, bytes.data()),
                  "read " + path_));
  if (found.ToStringView() == slot) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss, "{} was written by another hand", path_);
}

}  // namespace assay
