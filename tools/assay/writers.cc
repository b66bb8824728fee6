#include "tools/assay/writers.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tools/assay/version.h"

namespace assay {
namespace {

constexpr std::string_view kPrefix = "assay/";
// Of releases before names said it.
constexpr std::string_view kUnnamedRelease = "0.1";

std::string ReleaseOf(std::string_view writer) {
  if (!writer.starts_with(kPrefix)) return std::string(kUnnamedRelease);
  writer.remove_prefix(kPrefix.size());
  return std::string(writer.substr(0, writer.find('-')));
}

}  // namespace

std::string WriterName(std::string_view drawn) {
  return fmt::format("{}{}-{}-{}", kPrefix, kVersion, ::getpid(), drawn);
}

absl::StatusOr<std::vector<Writer>> WritersOf(Home& home) {
  constexpr int32_t kRecords = 1'000;
  const int64_t end = home.Views().Decisions().next.position;
  const int64_t from = std::max<int64_t>(0, end - kRecords);
  std::map<std::string, Writer> writers;
  Cursor cursor = home.Views().CursorAt(kDecisionsPartition, from);
  while (cursor.position < end) {
    ASSAY_ASSIGN_OR_RETURN(const auto records,
                           home.Log().Read(kDecisionsPartition, cursor, kRecords, 8 << 20));
    if (records.empty()) break;
    cursor = records.back().Next();
    for (const StoredRecord& stored : records) {
      v1::Record record;
      if (!record.ParseFromString(stored.value) || !record.has_commit()) continue;
      Writer& writer = writers[record.commit().writer()];
      writer.name = record.commit().writer();
      writer.release = ReleaseOf(writer.name);
      ++writer.commits;
      writer.last = std::max(writer.last, stored.appended_at);
    }
  }
  std::vector<Writer> list;
  for (auto& [name, writer] : writers) list.push_back(std::move(writer));
  return list;
}

std::vector<std::string> OlderWriters(const std::vector<Writer>& writers, Instant now) {
  constexpr int64_t kDayMs = 86'400'000;
  std::vector<std::string> names;
  for (const Writer& writer : writers) {
    if (writer.release != kVersion && now.ms - writer.last.ms < kDayMs) {
      names.push_back(fmt::format("{} ({})", writer.name, writer.release));
    }
  }
  return names;
}

}  // namespace assay
