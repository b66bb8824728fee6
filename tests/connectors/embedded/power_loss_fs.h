// A file system whose power can be cut: what was not synced is then gone, or torn.
//
// It keeps its own picture of what a disk would hold: bytes count when their file was synced, names
// when their directory was. Nothing is really synced, so it is fast as well. Files pass through to
// the real file system for reading; after a cut every change is refused, and RestoreAfterCut makes
// the real directory what a disk could have held.

#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace assay::testing {

// Thread-safe.
class PowerLossFs final : public rocksdb::FileSystemWrapper {
 public:
  // What is below `root` now is on the disk. The power goes at the `changes_until_cut`-th change
  // of a file or directory (never when negative); `seed` decides what a cut leaves.
  PowerLossFs(std::string root, uint64_t seed, int64_t changes_until_cut);

  const char* Name() const override { return "PowerLossFs"; }

  // The first sync of the log or of the end mark after `changes` more changes fails, as a disk does
  // it: the bytes stay readable, and no later sync brings them to the disk.
  void FailSyncAfter(int64_t changes);
  // Whether the power has gone.
  [[nodiscard]] bool IsCut();
  // Makes it go now.
  void Cut();
  // Call when nothing below `root` is open any more.
  void RestoreAfterCut();

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // For the files: one change; an error when the power has gone.
  struct Inode;
  rocksdb::IOStatus Write(Inode& inode, uint64_t offset, const rocksdb::Slice& data);
  rocksdb::IOStatus Append(Inode& inode, const rocksdb::Slice& data);
  rocksdb::IOStatus Sync(Inode& inode, const std::string& path);
  rocksdb::IOStatus SyncDirectory(const std::string& path);

 private:
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  // With the mutex held: counts a change.
  [[nodiscard]] rocksdb::IOStatus Change();
  [[nodiscard]] std::string Remains(const std::string& path, const Inode& inode);

  const std::string root_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  int64_t changes_left_;
  int64_t changes_until_failure_ = -1;
  bool is_cut_ = false;
  // Names as processes see them, and as the disk has them.
  Names names_;
  Names disk_names_;
  // Directories that were renamed, until the directory above is synced.
  std::vector<std::pair<std::string, std::string>> moved_;
};

}  // namespace assay::testing
