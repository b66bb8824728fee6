#include "connectors/embedded/private_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "connectors/embedded/posix_file.h"

namespace assay {
namespace {

constexpr mode_t kAnybodyElse = S_IRWXG | S_IRWXO;
constexpr mode_t kPassingThrough = S_IXGRP | S_IXOTH;

// Whether there was something to close.
absl::StatusOr<bool> Close(const std::string& path, mode_t closed) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return false;
    return ErrnoStatus(errno, "look at " + path);
  }
  const bool is_ours = S_ISREG(found.st_mode) || S_ISDIR(found.st_mode);
  if (!is_ours || (found.st_mode & closed) == 0) return false;
  if (chmod(path.c_str(), found.st_mode & 07777U & ~closed) == 0) return true;
  const int error = errno;
  if (error == ENOENT) return false;
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "{} is open to other users (mode {:04o}), and this user may not close it ({}): "
                    "have its owner run `chmod -R go-rwx '{}'`",
                    path, found.st_mode & 07777U, std::generic_category().message(error), path);
}

// Nobody passes through a folder that was closed before, so its files are looked at once.
absl::Status CloseFolder(const std::string& path) {
  ASSAY_ASSIGN_OR_RETURN(const bool was_open, Close(path, kAnybodyElse));
  if (!was_open) return absl::OkStatus();
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(path, error)) {
    ASSAY_RETURN_IF_ERROR(Close(file.path().string(), kAnybodyElse).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MakePrivateDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::path folder(path);
  if (!folder.has_filename()) folder = folder.parent_path();
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
  if (!error && (mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST)) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "cannot make the directory {}: {}", path,
                    error ? error.message() : std::generic_category().message(errno));
}

absl::Status WritePrivateFile(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  {
    ASSAY_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(temporary, O_WRONLY | O_CREAT, 0600));
    ASSAY_RETURN_IF_ERROR(file.Overwrite(text));
    ASSAY_RETURN_IF_ERROR(file.Sync());
  }
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (!error) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "cannot write {}: {}", path, error.message());
}

absl::Status KeepHomePrivate(const std::string& home) {
  ASSAY_RETURN_IF_ERROR(Close(home, kAnybodyElse & ~kPassingThrough).status());
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(home, error)) {
    if (entry.path().filename() == "keys") continue;
    const bool is_folder =
        entry.symlink_status(error).type() == std::filesystem::file_type::directory;
    const std::string path = entry.path().string();
    ASSAY_RETURN_IF_ERROR(is_folder ? CloseFolder(path) : Close(path, kAnybodyElse).status());
  }
  return absl::OkStatus();
}

}  // namespace assay
