#include "connectors/embedded/rocksdb_status.h"

#include <rocksdb/status.h>

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "tests/support/printing.h"

namespace assay {
namespace {

using rocksdb::Status;

TEST_CASE("each error of RocksDB asks for what it needs", "[embedded][unit]") {
  const std::vector<std::pair<Status, absl::StatusCode>> table = {
      {Status::OK(), absl::StatusCode::kOk},
      {Status::NotFound("x"), absl::StatusCode::kNotFound},
      {Status::Corruption("x"), absl::StatusCode::kDataLoss},
      {Status::PathNotFound("x"), absl::StatusCode::kDataLoss},
      {Status::IOError("x"), absl::StatusCode::kUnavailable},
      {Status::NoSpace("x"), absl::StatusCode::kUnavailable},
      {Status::Busy("x"), absl::StatusCode::kUnavailable},
      {Status::ShutdownInProgress("x"), absl::StatusCode::kUnavailable},
      {Status::TimedOut("x"), absl::StatusCode::kDeadlineExceeded},
      {Status::InvalidArgument("x"), absl::StatusCode::kInternal},
      {Status::NotSupported("x"), absl::StatusCode::kInternal},
  };
  for (const auto& [status, code] : table) {
    INFO(status.ToString());
    CHECK(FromRocksdb(status, "try").code() == code);
  }
}

TEST_CASE("an error of RocksDB says what was tried", "[embedded][unit]") {
  CHECK(MessageOf(FromRocksdb(Status::NoSpace("While appending", "/j/000004.log"), "append")) ==
        "append: the log file 000004.log: the disk is full, make room");
  CHECK(MessageOf(FromRocksdb(Status::Corruption("block checksum mismatch", "/j/000007.sst"),
                              "read facts 3 position 8")) ==
        "read facts 3 position 8: the table file 000007.sst: its checksum is wrong; restore the "
        "journal from a copy");
}

}  // namespace
}  // namespace assay
