#include "connectors/embedded/end_mark.h"

#include <rocksdb/env.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/base/limits.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/support/printing.h"

namespace assay {
namespace {

EndMark SomeMark(uint64_t sequence, int32_t facts_partitions = 12) {
  EndMark mark{.identity = {facts_partitions, "0123456789abcdef"}, .sequence = sequence};
  for (int32_t slot = 0; slot <= facts_partitions; ++slot) {
    const int64_t end = static_cast<int64_t>(sequence) * 10 + slot;
    mark.tails.push_back({end, 1000 + end, Sha256(std::to_string(end))});
  }
  return mark;
}

class MarkOnDisk {
 public:
  MarkOnDisk() { REQUIRE(EndMarkFile::Create(env_, path_, SomeMark(0)) == absl::OkStatus()); }

  void Write(const EndMark& mark) {
    EndMark before;
    const auto file = EndMarkFile::Open(env_, path_, false, before);
    REQUIRE(file.status() == absl::OkStatus());
    REQUIRE((*file)->Write(mark, true) == absl::OkStatus());
  }
  absl::StatusOr<EndMark> Read() const {
    EndMark mark;
    const auto file = EndMarkFile::Open(env_, path_, true, mark);
    if (!file.ok()) return file.status();
    return mark;
  }
  std::string Content() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void Overwrite(const std::string& content) const {
    std::ofstream(path_, std::ios::binary) << content;
  }

 private:
  const testing::ScratchDirectory home_;
  const std::string path_ = home_.Path("END");
  rocksdb::Env* const env_ = rocksdb::Env::Default();
};

TEST_CASE("a slot of the end mark holds the mark", "[embedded][unit]") {
  for (const int32_t partitions : {1, 12, 83, limits::kFactsPartitionsMax}) {
    const EndMark mark = SomeMark(7, partitions);
    const std::string slot = EncodeSlot(mark);
    CHECK(slot.size() % 4096 == 0);
    CHECK(DecodeSlot(slot) == mark);
  }
  CHECK(EncodeSlot(SomeMark(7)).size() == 4096);
}

TEST_CASE("no flipped bit of a slot goes unnoticed", "[embedded][unit]") {
  const EndMark mark = SomeMark(7);
  const std::string slot = EncodeSlot(mark);
  const size_t used = 8 + 24 + 8 + 13 * 48 + 32;
  for (size_t bit = 0; bit < used * 8; ++bit) {
    std::string changed = slot;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    if (DecodeSlot(changed)) FAIL("bit " << bit);
  }
  CHECK_FALSE(DecodeSlot(""));
  CHECK_FALSE(DecodeSlot(slot.substr(0, used - 1)));
}

TEST_CASE("the newest mark is read", "[embedded][integration]") {
  MarkOnDisk disk;
  CHECK(disk.Read().value() == SomeMark(0));
  for (uint64_t sequence = 1; sequence < 5; ++sequence) {
    disk.Write(SomeMark(sequence));
    CHECK(disk.Read().value() == SomeMark(sequence));
    CHECK(disk.Content().size() == 8192);
  }
}

TEST_CASE("a torn write leaves the mark before", "[embedded][integration]") {
  MarkOnDisk disk;
  disk.Write(SomeMark(1));
  disk.Write(SomeMark(2));
  std::string content = disk.Content();
  // Sequence 2 is in the first slot.
  content[100] = static_cast<char>(content[100] ^ 1);
  disk.Overwrite(content);
  CHECK(disk.Read().value() == SomeMark(1));
}

TEST_CASE("an end mark without a whole slot is a loss of data", "[embedded][integration]") {
  MarkOnDisk disk;
  std::string content = disk.Content();
  SECTION("both slots are damaged") {
    content[100] = static_cast<char>(content[100] ^ 1);
    content[4196] = static_cast<char>(content[4196] ^ 1);
  }
  SECTION("the file is empty") { content.clear(); }
  SECTION("the file was cut") { content.resize(5000); }
  SECTION("the file grew") { content += std::string(8192, '\0'); }
  disk.Overwrite(content);
  CHECK(absl::IsDataLoss(disk.Read().status()));
}

}  // namespace
}  // namespace assay
