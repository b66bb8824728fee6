#include "connectors/embedded/home_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace assay {
namespace {

std::string CommandName(std::string_view process) {
  const auto file = PosixFile::Open(fmt::format("/proc/{}/comm", process), O_RDONLY);
  const auto name = file.ok() ? file->ReadAll() : file.status();
  if (!name.ok() || name->empty()) return "unknown";
  return name->substr(0, name->find('\n'));
}

// The process that has locked the file, as the system knows it; 0 when it does not say.
//   1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF
pid_t HolderOf(const PosixFile& file) {
  struct stat opened {};
  if (fstat(file.Descriptor(), &opened) != 0) return 0;
  const std::string place =
      fmt::format("{:02x}:{:02x}:{}", major(opened.st_dev), minor(opened.st_dev), opened.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number;
    std::string kind;
    std::string advisory;
    std::string access;
    pid_t process = 0;
    std::string locked;
    // One that waits for it does not hold it.
    if (!(words >> number >> kind) || kind != "FLOCK") continue;
    if (words >> advisory >> access >> process >> locked && locked == place) return process;
  }
  return 0;
}

// Whether the process has the lock's file open, or may have: another user's says nothing.
bool MayHold(std::string_view process, const std::string& path) {
  std::error_code error;
  const std::filesystem::path lock = std::filesystem::canonical(path, error);
  std::filesystem::directory_iterator files(fmt::format("/proc/{}/fd", process), error);
  if (error) return error == std::errc::permission_denied;
  for (const auto& file : files) {
    if (std::filesystem::read_symlink(file.path(), error) == lock) return true;
  }
  return false;
}

// What the last writer said of itself: "assay (process 1234) since ...".
struct Words {
  std::string all;
  std::string command;
  std::string process;
};
Words WordsIn(const PosixFile& file) {
  constexpr std::string_view kProcess = " (process ";
  const auto said = file.ReadAll();
  if (!said.ok()) return {};
  const size_t begin = said->find(kProcess);
  const size_t end = said->find(')', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  const size_t number = begin + kProcess.size();
  return {said->substr(0, said->find('\n')), said->substr(0, begin),
          said->substr(number, end - number)};
}

// A writer says who it is right after it has the lock; who reads, and a program that is not ours,
// says nothing.
absl::Status Held(const std::string& home_dir, const std::string& path, const PosixFile& file) {
  const Words words = WordsIn(file);
  std::string holder = "another process";
  if (const pid_t process = HolderOf(file); process > 0) {
    const std::string number = std::to_string(process);
    holder = number == words.process ? words.all
                                     : fmt::format("{} (process {})", CommandName(number), number);
  } else if (!words.process.empty() && words.command == CommandName(words.process) &&
             MayHold(words.process, path)) {
    holder = words.all;
  }
  return MakeStatus(absl::StatusCode::kUnavailable,
                    "the home {} is in use by {}; wait for it or stop it, or name another home",
                    home_dir, holder);
}

// Whether `file` is still what `path` names; false when it was deleted in between.
bool IsStillAt(const std::string& path, const PosixFile& file) {
  struct stat opened {};
  struct stat named {};
  return fstat(file.Descriptor(), &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

absl::StatusOr<PosixFile> HomeLock::Lock(const std::string& home_dir, int operation) {
  const std::string path = home_dir + "/assay.lock";
  for (;;) {
    ASSAY_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path, O_RDWR | O_CREAT, 0600));
    if (flock(file.Descriptor(), operation | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return Held(home_dir, path, file);
      return ErrnoStatus(errno, "lock " + path);
    }
    if (IsStillAt(path, file)) return file;
  }
}

absl::StatusOr<HomeLock> HomeLock::Acquire(const std::string& home_dir, Clock& clock) {
  ASSAY_ASSIGN_OR_RETURN(PosixFile file, Lock(home_dir, LOCK_EX));
  ASSAY_RETURN_IF_ERROR(file.Overwrite(fmt::format(
      "{} (process {}) since {}\n", CommandName("self"), getpid(), clock.Now().ToString())));
  return HomeLock(std::move(file));
}

absl::StatusOr<HomeLock> HomeLock::AcquireToRead(const std::string& home_dir) {
  ASSAY_ASSIGN_OR_RETURN(PosixFile file, Lock(home_dir, LOCK_SH));
  return HomeLock(std::move(file));
}

}  // namespace assay
