#include "engine/base/storage_fault.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

constexpr std::string_view kDigits = "0123456789";

// In the order in which they are looked for: what the operating system said says most.
constexpr std::pair<std::string_view, std::string_view> kCauses[] = {
    {"No space left", "the disk is full, make room"},
    {"quota exceeded", "the quota of the disk is used up, make room"},
    {"File too large", "it may not grow any more, make room"},
    {"Too many open files", "the process has as many files open as it may"},
    {"Permission denied", "this user may not use it"},
    {"Operation not permitted", "this user may not use it"},
    {"Read-only file system", "the file system can only be read"},
    {"No such file", "it is missing"},
    {"Can't access", "it is missing"},
    {"Input/output error", "the disk fails"},
    {"lock", "another process holds it"},
    {"checksum", "its checksum is wrong"},
    {"too short", "it was cut short"},
    {"runcated", "it was cut short"},
    {"Corruption", "it is not what was written"},
};

std::string_view CauseIn(std::string_view said) {
  const auto* const cause = std::ranges::find_if(kCauses, [&](const auto& each) {
    // A checksum of a block is not the lock of a directory.
    if (each.first != "lock") return said.find(each.first) != std::string_view::npos;
    return said.find("lock hold") != std::string_view::npos ||
           said.find("While lock") != std::string_view::npos;
  });
  return cause == std::end(kCauses) ? "it cannot be used" : cause->second;
}

// "000012.sst" at the end of a path; empty when there is none.
std::string_view FileNamed(std::string_view said, std::string_view ending) {
  for (size_t end = said.find(ending); end != std::string_view::npos;
       end = said.find(ending, end + 1)) {
    const size_t before = said.substr(0, end).find_last_not_of(kDigits);
    const size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (begin < end) return said.substr(begin, end + ending.size() - begin);
  }
  return {};
}

// ", at byte 4096" where the engine says "offset 4096".
std::string PlaceIn(std::string_view said) {
  constexpr std::string_view kOffset = "offset ";
  const size_t begin = said.find(kOffset);
  if (begin == std::string_view::npos) return "";
  std::string_view digits = said.substr(begin + kOffset.size());
  digits = digits.substr(0, digits.find_first_not_of(kDigits));
  return digits.empty() ? "" : ", at byte " + std::string(digits);
}

// A table that is missing is looked for under an older ending, too, which no file here has.
std::string TableNamed(std::string_view said) {
  constexpr std::string_view kEnding = ".sst";
  std::string_view name = FileNamed(said, kEnding);
  if (name.empty()) name = FileNamed(said, ".ldb");
  if (name.empty()) return "";
  name.remove_suffix(kEnding.size());
  return std::string(name) + std::string(kEnding);
}

std::string FileIn(std::string_view said) {
  if (const std::string table = TableNamed(said); !table.empty()) {
    return "the table file " + table + PlaceIn(said);
  }
  if (const auto log = FileNamed(said, ".log"); !log.empty()) {
    return "the log file " + std::string(log) + PlaceIn(said);
  }
  const bool is_list = said.find("MANIFEST") != std::string_view::npos ||
                       said.find("CURRENT") != std::string_view::npos ||
                       said.find("descriptor") != std::string_view::npos;
  return is_list ? "the list of its files" : "";
}

}  // namespace

std::string StorageFaultWords(std::string_view said) {
  const std::string file = FileIn(said);
  return (file.empty() ? "" : file + ": ") + std::string(CauseIn(said));
}

}  // namespace assay
