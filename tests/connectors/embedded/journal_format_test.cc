#include "connectors/embedded/journal_format.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/base/hash.h"

namespace assay {
namespace {

// What is on people's disks: a change here makes their journals unreadable.
TEST_CASE("the bytes of the embedded journal stay as they are", "[embedded][unit]") {
  CHECK(ToHex(RecordKey(kDecisionsPartition, 812)) == "010000000000000000000000032c");
  CHECK(ToHex(RecordKey(FactsPartition(3), 1)) == "0101000000030000000000000001");
  CHECK(ToHex(TailKey(FactsPartition(3))) == "020100000003");
  CHECK(ToHex(DirectoryKey()) == "00");
  CHECK(ToHex(EncodeDirectory({12, "0123456789abcdef"})) ==
        "000000010000000c30313233343536373839616263646566");
  // SHA-256 of 32 zero bytes, 8000000000000005 and "abc", computed elsewhere.
  const Tail tail = Chained(Tail(), 5, "abc");
  CHECK(tail.chain.Hex() == "487fb52730dbff7252027345168ad500a4f7f061e85fe4944323e5cefded2b99");
  CHECK(tail.end == 1);
  const auto header = RecordHeader(tail);
  CHECK(ToHex({header.data(), header.size()}) == "8000000000000005487fb527");
}

TEST_CASE("a record comes apart as it was put together", "[embedded][unit]") {
  const Tail tail = Chained(Chained(Tail(), -5, ""), 7, "bytes");
  const auto header = RecordHeader(tail);
  const std::string row = std::string(header.data(), header.size()) + "bytes";
  const auto view = DecodeRecord(row);
  REQUIRE(view);
  CHECK(view->ms == 7);
  CHECK(view->bytes == "bytes");
  CHECK(TagMatches(*view, tail));
  CHECK_FALSE(TagMatches(*view, Chained(tail, 7, "bytes")));
  CHECK_FALSE(DecodeRecord(row.substr(0, kRecordHeaderBytes - 1)));
  CHECK(DecodeRecord(row.substr(0, kRecordHeaderBytes)));
}

TEST_CASE("rows that are no rows are refused", "[embedded][unit]") {
  const std::string directory = EncodeDirectory({12, "0123456789abcdef"});
  CHECK(DecodeDirectory(directory) == JournalIdentity{12, "0123456789abcdef"});
  CHECK_FALSE(DecodeDirectory(directory.substr(1)));
  CHECK_FALSE(DecodeDirectory(directory + "x"));
  std::string other_version = directory;
  other_version[3] = 2;
  CHECK_FALSE(DecodeDirectory(other_version));
  std::string row;
  AppendTail(row, Chained(Tail(), 5, "abc"));
  std::string_view in = row;
  Tail tail;
  REQUIRE(TakeTail(in, tail));
  CHECK(tail == Chained(Tail(), 5, "abc"));
  in = std::string_view(row).substr(1);
  CHECK_FALSE(TakeTail(in, tail));
}

TEST_CASE("slots and partitions are the same in two words", "[embedded][unit]") {
  for (size_t slot = 0; slot < 5; ++slot) CHECK(SlotOf(PartitionOfSlot(slot)) == slot);
  CHECK(PartitionName(PartitionOfSlot(0)) == "decisions");
  CHECK(PartitionName(PartitionOfSlot(4)) == "facts 3");
}

}  // namespace
}  // namespace assay
