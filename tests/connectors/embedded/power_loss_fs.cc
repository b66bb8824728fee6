#include "tests/connectors/embedded/power_loss_fs.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace assay::testing {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// A file: what is on the disk, and the writes since then in their order.
struct PowerLossFs::Inode {
  struct Piece {
    uint64_t offset = 0;
    std::string data;
  };

  std::string synced;
  std::vector<Piece> unsynced;
  uint64_t size = 0;
};

namespace {

constexpr size_t kSectorBytes = 512;
constexpr int64_t kChangesAfterFailure = 60;

void Put(std::string& content, uint64_t offset, std::string_view data) {
  if (content.size() < offset + data.size()) content.resize(offset + data.size(), '\0');
  std::memcpy(content.data() + offset, data.data(), data.size());
}

// The files that the journal's own promises rest on; RocksDB answers for the others.
bool IsOurs(const std::string& path) { return path.ends_with(".log") || path.ends_with("/END"); }

std::string DirectoryOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// `path`, or what it became when the directory `from` was renamed to `to`.
std::string Moved(const std::string& path, const std::string& from, const std::string& to) {
  return path.starts_with(from + "/") ? to + path.substr(from.size()) : path;
}

template <typename Names>
void MoveNames(Names& names, const std::string& from, const std::string& to) {
  Names moved;
  for (auto& [path, inode] : names) moved[Moved(path, from, to)] = inode;
  names = std::move(moved);
}

class WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, PowerLossFs& fs,
               std::shared_ptr<PowerLossFs::Inode> inode, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)),
        fs_(fs),
        inode_(std::move(inode)),
        path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = fs_.Append(*inode_, data);
    return status.ok() ? target()->Append(data, options, debug) : status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return fs_.Sync(*inode_, path_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return fs_.Sync(*inode_, path_); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  PowerLossFs& fs_;
  const std::shared_ptr<PowerLossFs::Inode> inode_;
  const std::string path_;
};

class RandomRWFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  RandomRWFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, PowerLossFs& fs,
               std::shared_ptr<PowerLossFs::Inode> inode, std::string path)
      : FSRandomRWFileOwnerWrapper(std::move(file)),
        fs_(fs),
        inode_(std::move(inode)),
        path_(std::move(path)) {}

  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    const IOStatus status = fs_.Write(*inode_, offset, data);
    return status.ok() ? target()->Write(offset, data, options, debug) : status;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return fs_.Sync(*inode_, path_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return fs_.Sync(*inode_, path_); }

 private:
  PowerLossFs& fs_;
  const std::shared_ptr<PowerLossFs::Inode> inode_;
  const std::string path_;
};

class Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, PowerLossFs& fs, std::string path)
      : FSDirectoryWrapper(std::move(directory)), fs_(fs), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return fs_.SyncDirectory(path_); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return fs_.SyncDirectory(path_);
  }

 private:
  PowerLossFs& fs_;
  const std::string path_;
};

}  // namespace

PowerLossFs::PowerLossFs(std::string root, uint64_t seed, int64_t changes_until_cut)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      root_(std::move(root)),
      random_(seed),
      changes_left_(changes_until_cut) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    if (!entry.is_regular_file()) continue;
    auto inode = std::make_shared<Inode>();
    std::ifstream in(entry.path(), std::ios::binary);
    inode->synced.assign(std::istreambuf_iterator<char>(in), {});
    inode->size = inode->synced.size();
    names_[entry.path().string()] = std::move(inode);
  }
  disk_names_ = names_;
}

void PowerLossFs::FailSyncAfter(int64_t changes) {
  const std::lock_guard lock(mutex_);
  changes_until_failure_ = changes;
}

bool PowerLossFs::IsCut() {
  const std::lock_guard lock(mutex_);
  return is_cut_;
}

void PowerLossFs::Cut() {
  const std::lock_guard lock(mutex_);
  is_cut_ = true;
}

IOStatus PowerLossFs::Change() {
  if (changes_left_ >= 0 && --changes_left_ < 0) is_cut_ = true;
  if (changes_until_failure_ > 0) --changes_until_failure_;
  return is_cut_ ? IOStatus::IOError("the power is gone") : IOStatus::OK();
}

IOStatus PowerLossFs::Write(Inode& inode, uint64_t offset, const Slice& data) {
  const std::lock_guard lock(mutex_);
  const bool was_cut = is_cut_;
  const IOStatus status = Change();
  // The write that meets the cut may have been on its way.
  if (!was_cut) inode.unsynced.push_back({offset, data.ToString()});
  inode.size = std::max(inode.size, offset + data.size());
  return status;
}

IOStatus PowerLossFs::Append(Inode& inode, const Slice& data) {
  return Write(inode, inode.size, data);
}

IOStatus PowerLossFs::Sync(Inode& inode, const std::string& path) {
  const std::lock_guard lock(mutex_);
  const IOStatus status = Change();
  if (!status.ok()) return status;
  if (changes_until_failure_ == 0 && IsOurs(path)) {
    changes_until_failure_ = -1;
    inode.unsynced.clear();
    // What is done about it is where a cut hurts.
    if (changes_left_ > kChangesAfterFailure) {
      changes_left_ = static_cast<int64_t>(random_() % kChangesAfterFailure);
    }
    return IOStatus::IOError("the disk failed");
  }
  for (const auto& [offset, data] : inode.unsynced) Put(inode.synced, offset, data);
  inode.unsynced.clear();
  return status;
}

IOStatus PowerLossFs::SyncDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const IOStatus status = Change();
  if (!status.ok()) return status;
  for (const auto& [from, to] : moved_) {
    if (DirectoryOf(to) == path) MoveNames(disk_names_, from, to);
  }
  std::erase_if(moved_, [&](const auto& move) { return DirectoryOf(move.second) == path; });
  std::erase_if(disk_names_, [&](const auto& name) { return DirectoryOf(name.first) == path; });
  for (const auto& [name, inode] : names_) {
    if (DirectoryOf(name) == path) disk_names_[name] = inode;
  }
  return status;
}

IOStatus PowerLossFs::NewWritableFile(const std::string& path, const FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus status = Change();
  if (status.ok()) status = target()->NewWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  names_[path] = std::make_shared<Inode>();
  *file = std::make_unique<WritableFile>(std::move(*file), *this, names_[path], path);
  return status;
}

IOStatus PowerLossFs::ReopenWritableFile(const std::string& path, const FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* file,
                                         IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus status = Change();
  if (status.ok()) status = target()->ReopenWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  auto& inode = names_[path];
  if (!inode) inode = std::make_shared<Inode>();
  *file = std::make_unique<WritableFile>(std::move(*file), *this, inode, path);
  return status;
}

IOStatus PowerLossFs::NewRandomRWFile(const std::string& path, const FileOptions& options,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                      IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  const IOStatus status = target()->NewRandomRWFile(path, options, file, debug);
  if (!status.ok()) return status;
  *file = std::make_unique<RandomRWFile>(std::move(*file), *this, names_.at(path), path);
  return status;
}

IOStatus PowerLossFs::NewDirectory(const std::string& path, const IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* directory,
                                   IODebugContext* debug) {
  const IOStatus status = target()->NewDirectory(path, options, directory, debug);
  if (!status.ok()) return status;
  // RocksDB sometimes ends a directory's name with a slash.
  const std::string name = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  *directory = std::make_unique<Directory>(std::move(*directory), *this, name);
  return status;
}

IOStatus PowerLossFs::DeleteFile(const std::string& path, const IOOptions& options,
                                 IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus status = Change();
  if (status.ok()) status = target()->DeleteFile(path, options, debug);
  if (status.ok()) names_.erase(path);
  return status;
}

IOStatus PowerLossFs::RenameFile(const std::string& from, const std::string& to,
                                 const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus status = Change();
  if (status.ok()) status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  if (const auto file = names_.find(from); file != names_.end()) {
    names_[to] = file->second;
    names_.erase(from);
  } else {
    MoveNames(names_, from, to);
    moved_.emplace_back(from, to);
  }
  return status;
}

std::string PowerLossFs::Remains(const std::string& path, const Inode& inode) {
  std::string content = inode.synced;
  if (random_() % 4 == 0) return content;
  // Sectors may reach the disk in any order. RocksDB checks its other files only against torn ends.
  const bool is_scattered = IsOurs(path) && random_() % 3 != 0;
  for (const auto& [offset, data] : inode.unsynced) {
    const size_t kept = is_scattered ? data.size() : random_() % (data.size() + 1);
    for (size_t at = 0; at < kept; at += kSectorBytes) {
      if (is_scattered && random_() % 2 == 0) continue;
      Put(content, offset + at,
          std::string_view(data).substr(at, std::min(kSectorBytes, kept - at)));
    }
    if (!is_scattered && kept < data.size()) break;
  }
  return content;
}

void PowerLossFs::RestoreAfterCut() {
  const std::lock_guard lock(mutex_);
  is_cut_ = true;
  for (const auto& entry : std::filesystem::directory_iterator(root_)) {
    std::filesystem::remove_all(entry);
  }
  // Names that were not synced may have reached the disk all the same.
  const Names& names = random_() % 2 == 0 ? disk_names_ : names_;
  for (const auto& [path, inode] : names) {
    std::filesystem::create_directories(DirectoryOf(path));
    std::ofstream(path, std::ios::binary) << Remains(path, *inode);
  }
}

}  // namespace assay::testing
