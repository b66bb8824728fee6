// Making and opening the directory of an embedded journal, and proving that nothing is missing.
//
// Opening costs the tail, not the history: each partition's tail row stands in the write batch of
// its last record, so it is compared with the end mark, and only records behind the mark are
// chained again. Such records are normal after a crash between the two syncs of an append: they
// were never acknowledged, but they count from now on.

#pragma once

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <memory>
#include <string>

#include "connectors/embedded/end_mark.h"
#include "connectors/embedded/journal_format.h"
#include "engine/base/status.h"

namespace assay {

struct JournalPlace {
  std::string dir;
  // Must outlive what is opened.
  rocksdb::Env* env = nullptr;
  bool read_only = false;
  bool sync = true;
  // Hears of background errors; may be null.
  std::shared_ptr<rocksdb::EventListener> listener;
};

struct OpenedJournal {
  std::unique_ptr<rocksdb::DB> db;
  std::unique_ptr<EndMarkFile> mark_file;
  // What is there; equal to the mark on disk unless opened read-only.
  EndMark mark;
};

// An empty journal at `place.dir`, durable on return. It is made beside its place and renamed, so
// that a crash leaves a whole journal or none.
//
// ALREADY_EXISTS when something is there; UNAVAILABLE when the disk refuses.
absl::Status CreateJournalDirectory(const JournalPlace& place, const JournalIdentity& identity);

// NOT_FOUND    there is no journal at `place.dir`.
// DATA_LOSS    acknowledged records are missing or not as they were, or a file is damaged; the
//              text names partition and position where that is known. No record was removed: the
//              files can still be examined.
// UNAVAILABLE  the disk refuses, or another process has the directory open.
absl::StatusOr<OpenedJournal> OpenJournalDirectory(const JournalPlace& place);

// Chains the records of `partition` from `from.end` up to `end` and returns the tail there.
//
// DATA_LOSS names the first position whose record is missing, damaged or not what was appended
// there; UNAVAILABLE when the disk refuses.
absl::StatusOr<Tail> ChainRecords(rocksdb::DB& db, PartitionId partition, const Tail& from,
                                  int64_t end);

// How rows are read: with their checksums verified.
[[nodiscard]] rocksdb::ReadOptions JournalReadOptions();

}  // namespace assay
