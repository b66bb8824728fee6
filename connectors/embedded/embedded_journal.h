// The embedded journal: RocksDB as the log, in one directory, without a server.
//
// A record's key is its partition and position, so that reading on is a scan (journal_format.h).
// Appends of many threads are written as one batch: the first in the queue leads, the others wait.
// The leader syncs the batch, then the end mark (end_mark.h), and only then is anyone answered, so
// an acknowledged record is either read back or its absence is noticed when opening.
//
// A disk error means *unknown*: the records may be there after the next opening. The journal then
// refuses every call and has to be opened again; it never says that an append failed.
//
// Files that were removed or replaced while they are open take every write and give it to nobody;
// so an append looks at their names before anyone is answered (journal_files.h).

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "connectors/embedded/end_mark.h"
#include "connectors/embedded/journal_files.h"
#include "engine/commit/ports.h"

namespace rocksdb {
class DB;
class Env;
class WriteBatch;
}  // namespace rocksdb

namespace assay {

// Thread-safe. The caller holds the lock of the home (home_lock.h).
//
// Invariants:
//  (1) A record that Read returns is durable and counted by the end mark.
//  (2) Positions of a partition are dense from 0; the address is the position.
//  (3) Append times do not run backwards within a partition.
class EmbeddedJournal final : public Journal, public CopyTarget {
 public:
  struct Options {
    // Stamps the records; must outlive the journal. Not needed when read-only.
    Clock* clock = nullptr;
    // Files go through it; null is the system. Must outlive the journal.
    rocksdb::Env* env = nullptr;
    // Nothing in the directory is changed; appends are refused with FAILED_PRECONDITION.
    bool read_only = false;
    // Only a test that wants to lose records says false.
    bool sync = true;
  };

  // Makes a journal with one decisions partition and `facts_partitions` others, and opens it. The
  // directory that `dir` lies in must exist.
  //
  // INVALID_ARGUMENT  unless 1 <= facts_partitions <= limits::kFactsPartitionsMax.
  // ALREADY_EXISTS    something is at `dir`.
  // UNAVAILABLE       the disk refuses; there is a whole journal at `dir` or none.
  static absl::StatusOr<std::unique_ptr<EmbeddedJournal>> Create(const std::string& dir,
                                                                 int32_t facts_partitions,
                                                                 const Options& options);

  // NOT_FOUND    there is no journal at `dir`.
  // DATA_LOSS    acknowledged records are missing or changed; the text names partition and
  //              position. Not every record is looked at (VerifyChain does that).
  // UNAVAILABLE  the disk refuses, or the directory is open elsewhere.
  static absl::StatusOr<std::unique_ptr<EmbeddedJournal>> Open(const std::string& dir,
                                                               const Options& options);
  ~EmbeddedJournal() override;

  EmbeddedJournal(const EmbeddedJournal&) = delete;
  EmbeddedJournal& operator=(const EmbeddedJournal&) = delete;

  // INVALID_ARGUMENT when there is no such partition, FAILED_PRECONDITION when read-only: nothing
  // is written. Any other error is UNAVAILABLE: unknown, and so is every later call. DATA_LOSS,
  // also of every later call, when the files of the journal were removed or changed by another
  // hand.
  absl::Status Append(PartitionId partition, std::span<const std::string> values) override;

  // Appends copies of another journal's records with the append times that they have there.
  // FAILED_PRECONDITION when their positions do not continue the partition or a time runs
  // backwards, and nothing is written; otherwise as Append.
  absl::Status AppendCopies(PartitionId partition, std::span<const StoredRecord> records) override;
  absl::Status BeginCopy() override { return absl::OkStatus(); }
  absl::Status EndCopy() override { return absl::OkStatus(); }

  // Also DATA_LOSS when `from` lies behind the end: who asks for it has read what is now missing.
  absl::StatusOr<std::vector<StoredRecord>> Read(PartitionId partition, Cursor from,
                                                 int32_t records_max, int64_t bytes_max) override;
  absl::StatusOr<int64_t> End(PartitionId partition) override;
  [[nodiscard]] int64_t KnownEnd(PartitionId partition) override;

  absl::StatusOr<std::string> CheckMedium() override;

  // "embedded:" and the random id of the directory.
  [[nodiscard]] std::string Identity() const override;
  [[nodiscard]] int32_t FactsPartitions() const override;

  // Reads every record of what was there at the call and follows the hash chains to their ends.
  // DATA_LOSS names the first partition and position that is not as it was appended.
  absl::Status VerifyChain();
  // DATA_LOSS when a slot of the end mark could not be read when the journal was opened. The log is
  // whole by the other slot, and the next appends write both anew.
  [[nodiscard]] absl::Status EndMarkStatus() const;

 private:
  struct Fault;
  class FaultListener;
  struct Request;
  struct Lane;

  EmbeddedJournal(std::string dir, const Options& options, std::shared_ptr<Fault> fault,
                  std::unique_ptr<rocksdb::DB> db, std::unique_ptr<EndMarkFile> mark_file,
                  EndMark mark);

  [[nodiscard]] absl::Status CheckUsable(PartitionId partition) const;
  [[nodiscard]] absl::Status Stopped() const;

  // Queues, leads or waits, and returns when the request has its answer.
  absl::Status Submit(Request& request);
  [[nodiscard]] std::vector<Request*> TakeGroup() const;
  // Only one thread at a time, the leader.
  void CommitGroup(const std::vector<Request*>& group);
  [[nodiscard]] absl::Status Stage(const Request& request, int64_t now_ms, EndMark& next,
                                   rocksdb::WriteBatch& batch) const;
  [[nodiscard]] absl::Status Persist(rocksdb::WriteBatch& batch, const EndMark& next);
  // Whether the files that were written last are there, and as they were written.
  [[nodiscard]] absl::Status CheckFiles(const EndMark& written);

  [[nodiscard]] std::unique_ptr<Lane> TakeLane(PartitionId partition, int64_t position);
  [[nodiscard]] std::unique_ptr<Lane> NewLane(PartitionId partition, int64_t position) const;
  void KeepLane(std::unique_ptr<Lane> lane);

  const std::string dir_;
  const Options options_;
  const std::shared_ptr<Fault> fault_;
  const std::unique_ptr<rocksdb::DB> db_;
  const std::unique_ptr<EndMarkFile> mark_file_;
  // None where an Env is between the journal and its files, or nothing is written.
  const std::unique_ptr<JournalFiles> files_;
  const JournalIdentity identity_;

  // What the end mark says. Only the leader writes it, under mark_mutex_; others read it there.
  std::mutex mark_mutex_;
  EndMark mark_;
  // By slot: the ends of `mark_`, for everybody.
  std::vector<std::atomic<int64_t>> ends_;

  std::mutex queue_mutex_;
  // Requests without an answer; the first one's thread leads.
  std::deque<Request*> queue_;

  std::mutex lanes_mutex_;
  // Readers that will probably be read on, the latest first.
  std::list<std::unique_ptr<Lane>> lanes_;
};

}  // namespace assay
