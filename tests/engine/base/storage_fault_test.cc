#include "engine/base/storage_fault.h"

#include <catch2/catch.hpp>
#include <utility>

namespace assay {

TEST_CASE("a fault of the storage engine is told as file, place and cause", "[base][unit]") {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"Corruption: block checksum mismatch: stored = 1, computed = 2, type = 4  in "
       "/h/views/000012.sst offset 4096 size 34",
       "the table file 000012.sst, at byte 4096: its checksum is wrong"},
      {"Corruption: file is too short (0 bytes) to be an sstable: /h/000007.sst",
       "the table file 000007.sst: it was cut short"},
      {"Corruption: Can't access /000012.sst: IO error: No such file or directory: While open a "
       "file for random read: /h/000012.ldb: No such file or directory  The file "
       "/h/MANIFEST-000005 may be corrupted.",
       "the table file 000012.sst: it is missing"},
      {"IO error: No such file or directory: While open a file for random read: /h/000099.ldb: No "
       "such file or directory",
       "the table file 000099.sst: it is missing"},
      {"Corruption: CURRENT file does not end with newline",
       "the list of its files: it is not what was written"},
      {"Corruption: checksum mismatch  The file /h/MANIFEST-000005 may be corrupted.",
       "the list of its files: its checksum is wrong"},
      {"IO error: No such file or directory: While opening a file for sequentially reading: "
       "/h/MANIFEST-999999: No such file or directory",
       "the list of its files: it is missing"},
      {"IO error: No space left on device: While appending to file: /h/000004.log: No space left "
       "on device",
       "the log file 000004.log: the disk is full, make room"},
      {"IO error: While lock file: /h/LOCK: Resource temporarily unavailable",
       "another process holds it"},
      {"IO error: While open a file: /h/x: Too many open files",
       "the process has as many files open as it may"},
      {"Invalid argument: no such option", "it cannot be used"},
      {"", "it cannot be used"},
  };
  for (const auto& [said, words] : table) {
    INFO(said);
    CHECK(StorageFaultWords(said) == words);
  }
}

}  // namespace assay
