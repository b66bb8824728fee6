#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/hash.h"
#include "engine/commit/rule.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/decisions/keys.h"
#include "projections/decisions/query.h"
#include "projections/facts/keys.h"
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
    if (is_array_) PrintReady(Out(), "[");
  }
  void Print(const Json& line) {
    if (is_array_) PrintReady(Out(), is_first_ ? "\n" : ",\n");
    PrintReady(Out(), line.Dump() + (is_array_ ? "" : "\n"));
    is_first_ = false;
  }
  void End() {
    if (is_array_) PrintReady(Out(), is_first_ ? "]\n" : "\n]\n");
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

// An empty or reversed range would print nothing, which looks like an empty log.
std::string RangeFault(int64_t from, int64_t to, int64_t last) {
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  if (from < 0) return fmt::format("--from: expected a position from 0 on, found {}", from);
  if (to != kEnd && to < from) {
    return fmt::format("--to: expected {} (--from) or a later position, found {}", from, to);
  }
  if (from > last) {
    return fmt::format("--from: expected a position up to {}, where the log ends, found {}", last,
                       from);
  }
  return "";
}

// Whether anything on the log can have changed the stream: a stream or a set with rows, or, among
// the facts, a source, a cycle or an entity that is known or was credited.
bool IsKnownStream(const View& view, const std::string& stream) {
  Overlay& rows = view.home->Rows();
  bool known = rows.Get(Table::kHeads, stream).has_value();
  const auto see = [&](std::string_view, std::string_view) {
    known = true;
    return false;
  };
  rows.Visit(Table::kState, decisions::StatePrefix(stream), see);
  rows.Visit(Table::kMembers, decisions::MembersPrefix(stream), see);
  constexpr std::string_view kEntity = "entity/";
  const size_t slash = stream.find('/', kEntity.size());
  if (!known && stream.starts_with(kEntity) && slash != std::string::npos) {
    const facts::EntityRef entity{stream.substr(kEntity.size(), slash - kEntity.size()),
                                  stream.substr(slash + 1)};
    rows.Visit(Table::kFacts, facts::EntityPrefix(entity), see);
  }
  return known;
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
        VisitRecords(view.home->Log(), FactsPartition(partition), range,
                     view.home->Views().CursorAt(FactsPartition(partition), range.from).address,
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

// The last position that can be shown: of the facts, that of the longest partition. Outputs are
// numbered on their own.
int64_t LastOf(const View& view, const std::string& journal) {
  if (journal == "decisions") return view.moment.decisions;
  if (journal == "outputs") return std::numeric_limits<int64_t>::max();
  return view.moment.facts.empty()
             ? 0
             : *std::max_element(view.moment.facts.begin(), view.moment.facts.end());
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
  if (const std::string wrong = RangeFault(from, to, LastOf(view, journal)); !wrong.empty()) {
    PrintUsageError(session.format, wrong, "leave --from and --to out to see all");
    return kExitUsage;
  }
  if (!stream.empty() && !IsKnownStream(view, stream)) {
    Rejection missing = NotVisible("--stream", "stream", stream);
    missing.expected = "a stream of the log, as agreement/a-1, person/p-1 or source/erp";
    missing.hint = "`assay log show` names the streams that a commit changes";
    return Fail(session, missing);
  }
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
