#include "tools/assayd/watch.h"

#include <sys/statvfs.h>

namespace assay {

Watch::Watch(const HomeKeeper& keeper, Readiness& readiness, WatchOptions options)
    : keeper_(keeper), readiness_(readiness), options_(options), loop_([this] { return Look(); }) {}

void Watch::NoteWrite(const absl::Status& written) {
  const std::lock_guard lock(mutex_);
  if (written.ok() && !failed_.has_value()) return;
  failed_.reset();
  if (!written.ok()) failed_ = std::chrono::steady_clock::now();
  readiness_.Note(condition::kWrite, written);
}

std::chrono::milliseconds Watch::Look() {
  readiness_.Note(condition::kHomeHeld, HeldFault());
  readiness_.Note(condition::kDocuments, ReadingFault());
  readiness_.Note(condition::kDisk, RoomFault());
  const std::lock_guard lock(mutex_);
  if (failed_.has_value() && std::chrono::steady_clock::now() - *failed_ > options_.failure_kept) {
    failed_.reset();
    readiness_.Note(condition::kWrite, absl::OkStatus());
  }
  return options_.pause;
}

absl::Status Watch::HeldFault() const {
  const auto holder = keeper_.HeldBy();
  if (!holder.has_value()) return absl::OkStatus();
  if (std::chrono::steady_clock::now() - holder->begun <= options_.held_max) {
    return absl::OkStatus();
  }
  return MakeStatus(absl::StatusCode::kUnavailable, "{} has the home since {}, others wait",
                    holder->who, holder->since.ToString());
}

absl::Status Watch::ReadingFault() const {
  const auto reader = keeper_.LongestReader();
  if (!reader.has_value() ||
      std::chrono::steady_clock::now() - reader->begun <= options_.reading_max) {
    return absl::OkStatus();
  }
  return MakeStatus(absl::StatusCode::kUnavailable, "{} reads documents since {}", reader->who,
                    reader->since.ToString());
}

absl::Status Watch::RoomFault() const {
  for (const auto& [what, folder] : keeper_.Places()) {
    ASSAY_RETURN_IF_ERROR(RoomFaultOf(what, folder, options_.room_bytes_min));
  }
  return absl::OkStatus();
}

absl::Status RoomFaultOf(const std::string& what, const std::string& folder, uint64_t bytes) {
  struct statvfs room {};
  // A file system that counts no blocks or no files has no limit of them.
  if (statvfs(folder.c_str(), &room) != 0 || room.f_blocks == 0) return absl::OkStatus();
  const uint64_t free_bytes = uint64_t{room.f_bavail} * room.f_frsize;
  if (free_bytes < bytes) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "{} cannot be written: {} KiB are free in {}, expected at least {} KiB", what,
                      free_bytes / 1024, folder, bytes / 1024);
  }
  if (room.f_files != 0 && room.f_favail == 0) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "{} cannot be written: no further file fits into {} (its inodes are used up)",
                      what, folder);
  }
  return absl::OkStatus();
}

}  // namespace assay
