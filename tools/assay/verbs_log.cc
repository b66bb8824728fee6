#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/hash.h"
#include "engine/commit/rule.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "tools/assay/event_json.h"
#include "tools/assay/show.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

// What is read at once.
constexpr int32_t kReadRecords = 512;
constexpr int64_t kReadBytes = int64_t{4} * 1024 * 1024;

// One JSON object a line; an array of them with -o json. Nothing is gathered: a log is long.
class LinePrinter {
 public:
  explicit LinePrinter(OutputFormat format) : is_array_(format == OutputFormat::kJson) {
    if (is_array_) fmt::print("[");
  }
  void Print(const Json& line) {
    if (is_array_) fmt::print("{}\n", is_first_ ? "" : ",");
    fmt::print("{}{}", line.Dump(), is_array_ ? "" : "\n");
    is_first_ = false;
  }
  void End() {
    if (is_array_) fmt::print("{}]\n", is_first_ ? "" : "\n");
  }

 private:
  bool is_array_;
  bool is_first_ = true;
};

// Positions to show, both ends included.
struct Range {
  int64_t from = 0;
  int64_t to = 0;
};

// A negative `to` is the end of what is looked at, `last`.
Range RangeOf(int64_t from, int64_t to, int64_t last) {
  return {std::max<int64_t>(from, 0), to < 0 ? last : std::min(to, last)};
}

// Calls `visit` for the records of the range. `address` is that of its first.
template <typename Visit>
absl::Status VisitRecords(Journal& journal, PartitionId partition, const Range& range,
                          int64_t address, const Visit& visit) {
  Cursor next{range.from, address};
  while (next.position <= range.to) {
    ASSAY_ASSIGN_OR_RETURN(const auto records,
                           journal.Read(partition, next, kReadRecords, kReadBytes));
    if (records.empty()) {
      return MakeStatus(absl::StatusCode::kDataLoss, "the journal ends before position {}",
                        range.to);
    }
    for (const StoredRecord& record : records) {
      if (record.position > range.to) return absl::OkStatus();
      visit(record);
      next = record.Next();
    }
  }
  return absl::OkStatus();
}

bool Changes(const v1::Commit& commit, const std::string& stream) {
  const auto has = [&](const auto& list) {
    return std::find(list.begin(), list.end(), stream) != list.end();
  };
  return has(commit.writes()) || has(commit.touches());
}

absl::Status ShowDecisions(const View& view, int64_t from, int64_t to, const std::string& stream,
                           LinePrinter& lines) {
  Home& home = *view.home;
  const Range range = RangeOf(from, to, view.moment.decisions);
  const auto first = decisions::MarkOf(home.Rows(), range.from);
  if (!first.has_value()) return home.Rows().status();
  return VisitRecords(
      home.Log(), kDecisionsPartition, range, first->address, [&](const StoredRecord& stored) {
        v1::Record record;
        const bool is_readable = record.ParseFromString(stored.value);
        if (!stream.empty() && !(is_readable && Changes(record.commit(), stream))) return;
        const auto mark = decisions::MarkOf(home.Rows(), stored.position).value_or(DecisionMark());
        lines.Print(DecisionJson(stored, is_readable ? &record : nullptr, mark));
      });
}

// An entity's stream is touched by what credits it, a source's by its records, a cycle's by its
// cuts.
bool Concerns(const v1::Record& record, const std::string& stream) {
  if (record.has_cycle_cut()) return stream == streams::Cycle(record.cycle_cut().cycle());
  if (record.has_source_mark()) return stream == streams::Source(record.source_mark().source());
  if (!record.has_intake()) return false;
  if (stream == streams::Source(record.intake().source())) return true;
  const auto& contributions = record.intake().facts().contributions();
  return std::any_of(
      contributions.begin(), contributions.end(), [&](const v1::Contribution& contribution) {
        return stream == streams::Entity(contribution.entity_type(), contribution.entity_key());
      });
}

absl::Status ShowFacts(const View& view, int64_t from, int64_t to, const std::string& stream,
                       LinePrinter& lines) {
  for (size_t i = 0; i < view.moment.facts.size(); ++i) {
    const auto partition = static_cast<int32_t>(i);
    const Range range = RangeOf(from, to, view.moment.facts[i]);
    ASSAY_RETURN_IF_ERROR(
        VisitRecords(view.home->Log(), FactsPartition(partition), range, range.from,
                     [&](const StoredRecord& stored) {
                       v1::Record record;
                       const bool is_readable = record.ParseFromString(stored.value);
                       if (!stream.empty() && !(is_readable && Concerns(record, stream))) return;
                       lines.Print(FactJson(partition, stored, is_readable ? &record : nullptr));
                     }));
  }
  return absl::OkStatus();
}

void ShowOutputs(const View& view, int64_t from, int64_t to, LinePrinter& lines) {
  const Range range = RangeOf(from, to, std::numeric_limits<int64_t>::max());
  for (const auto& output : score_table::Outputs(view.home->Rows(), range.from)) {
    if (output.sequence <= range.to) lines.Print(OutputJson(output));
  }
}

}  // namespace

int RunLogShow(const Session& session, const std::string& journal, int64_t from, int64_t to,
               const std::string& stream) {
  if (session.format == OutputFormat::kCsv) {
    PrintUsageError(session.format, "the log has no form of rows and columns",
                    "leave -o out, or use -o json or ndjson");
    return kExitUsage;
  }
  const bool has_stream = journal == "decisions" || journal == "facts";
  if (!has_stream && (journal != "outputs" || !stream.empty())) {
    PrintUsageError(session.format,
                    journal == "outputs" ? "outputs belong to no stream"
                                         : fmt::format("there is no journal \"{}\"", journal),
                    "decisions, facts or outputs; --stream with the first two");
    return kExitUsage;
  }
  if (journal == "outputs" && !session.at.empty()) {
    PrintUsageError(session.format, "assay log show outputs: cannot honour --at",
                    "outputs are numbered: use --from and --to");
    return kExitUsage;
  }
  ASSAY_OR_FAIL(const View view, session, OpenView(session));
  LinePrinter lines(session.format);
  absl::Status status;
  if (journal == "decisions") {
    status = ShowDecisions(view, from, to, stream, lines);
  } else if (journal == "facts") {
    status = ShowFacts(view, from, to, stream, lines);
  } else {
    ShowOutputs(view, from, to, lines);
  }
  lines.End();
  if (status.ok()) status = view.home->Rows().status();
  return status.ok() ? kExitOk : Fail(session, status);
}

}  // namespace assay
