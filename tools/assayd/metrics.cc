#include "tools/assayd/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "engine/commit/rule.h"
#include "tools/assay/decided_again.h"
#include "tools/assayd/readiness.h"

namespace assay {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr std::chrono::seconds kStoreEvery{1};

// From a commit on a fast disk to an import.
const Histogram::BucketBoundaries kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                              0.25,  0.5,    1,     2.5,  5,     10,   60};

double SecondsOf(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// A counter that is kept elsewhere, by what may be made anew and count from 0 again.
void Follow(Counter& counter, int64_t value, int64_t& seen) {
  counter.Increment(static_cast<double>(value < seen ? value : value - seen));
  seen = value;
}

// What a view was folded from one partition.
struct Folded {
  std::string partition;
  PartitionId id;
  Cursor next;
  Instant recorded_at;
};

std::vector<Folded> FoldedOf(Home& home) {
  const DecisionsHead& decisions = home.Views().Decisions();
  std::vector<Folded> all = {
      {"decisions", kDecisionsPartition, decisions.next, decisions.recorded_at}};
  for (const facts::PartitionHead& head : home.Views().Facts()) {
    const auto index = static_cast<int32_t>(all.size()) - 1;
    all.push_back(
        {fmt::format("facts/{}", index), FactsPartition(index), head.next, head.recorded_at});
  }
  return all;
}

// Views that a partition is folded into.
std::array<std::string_view, 2> ViewsOf(const PartitionId& id) {
  return {id.kind == PartitionId::Kind::kDecisions ? "decisions" : "facts", "scores"};
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  std::map<Verdict, int64_t> commits_seen;
  int64_t evaluations_seen = 0;
  int64_t producer_failures_seen = 0;

  Family<Gauge>& Gauges(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  Family<Counter>& Counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& Histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  Gauge& ready = Gauges("assay_ready", "1 while /readyz says ready.").Add({});
  Gauge& home_failed = Gauges("assay_home_failed",
                              "1 while the home could not be written and waits to be opened again.")
                           .Add({});
  Family<Gauge>& conditions =
      Gauges("assay_condition", "1 while this condition keeps the service from being ready.");
  Gauge& clock_off = Gauges("assay_clock_off_seconds",
                            "By how much the machine's clock is ahead of the time that passed, the "
                            "log and the brokers; nothing is written beyond 600 either way.")
                         .Add({});
  Family<Gauge>& decisions_checked =
      Gauges("assay_decisions_checked",
             "Commits that were decided again (check: decisions), by result: follows, other-rules, "
             "does-not-follow.");
  Family<Gauge>& positions = Gauges(
      "assay_view_position", "Last position of the partition that the view was folded from.");
  Family<Gauge>& lag_events =
      Gauges("assay_view_lag_events", "Records of the partition that the view does not have yet.");
  Family<Gauge>& lag_seconds =
      Gauges("assay_view_lag_seconds",
             "Age of the last record that the view has of the partition; 0 without lag.");
  Family<Counter>& commits =
      Counters("assay_commits_total", "Commits read since the start, by verdict.");
  Family<Counter>& refusals =
      Counters("assay_refusals_total", "Commands refused since the start, by code.");
  Counter& failures = Counters("assay_submit_failures_total",
                               "Commands without an answer: journal, disk or damage.")
                          .Add({});
  Counter& evaluations =
      Counters("assay_evaluations_total", "Scorecards evaluated since the start.").Add({});
  Histogram& commit_seconds =
      Histograms("assay_commit_duration_seconds",
                 "From a command to its answer, deciding, appending and reading back.")
          .Add({}, kSeconds);
  Family<Counter>& calls =
      Counters("assay_calls_total", "Calls through the socket, by verb and exit code.");
  Family<Histogram>& call_seconds =
      Histograms("assay_call_duration_seconds", "Calls through the socket, with their waiting.");
  Family<Counter>& source_records =
      Counters("assay_source_records_total", "Records that this node read from a source's topic.");
  Family<Counter>& source_refusals =
      Counters("assay_source_refusals_total", "Of those, the ones that were refused.");
  Family<Gauge>& source_lag =
      Gauges("assay_source_lag_records", "Records of an input partition that are not mapped yet.");
  Family<Gauge>& source_paused = Gauges("assay_source_paused", "1 while the source is paused.");
  Family<Counter>& published = Counters("assay_published_records_total",
                                        "Records acknowledged by the brokers, by published topic.");
  Gauge& publisher =
      Gauges("assay_publisher", "1 while this node is the one that publishes.").Add({});
  Gauge& publisher_epoch =
      Gauges("assay_publisher_epoch", "The epoch that is claimed on the log, by any node.").Add({});
  Gauge& published_at = Gauges("assay_published_last_timestamp_seconds",
                               "When records were acknowledged last; 0 before the first.")
                            .Add({});
  Gauge& outbox_records =
      Gauges("assay_outbox_records",
             "Records that wait to be published, by this node or, while it stands by, another one.")
          .Add({});
  Gauge& outbox_seconds =
      Gauges("assay_outbox_oldest_seconds", "Age of the record that waits longest; 0 without one.")
          .Add({});
  Gauge& producer_queue = Gauges("assay_kafka_producer_queue_records",
                                 "Records of the publisher on their way to the brokers.")
                              .Add({});
  Counter& producer_failures = Counters("assay_kafka_producer_failures_total",
                                        "Appends of the publisher that were not acknowledged.")
                                   .Add({});
  Gauge& table_bytes =
      Gauges("assay_rocksdb_tables_bytes", "Files of RocksDB's tables of the views.").Add({});
  Gauge& memory_bytes =
      Gauges("assay_rocksdb_memtables_bytes", "Rows of the views that are not in files yet.")
          .Add({});
  Gauge& cache_bytes =
      Gauges("assay_rocksdb_block_cache_bytes", "Blocks of the views in memory.").Add({});
  Gauge& pending_bytes =
      Gauges("assay_rocksdb_pending_compaction_bytes", "What compaction has still to rewrite.")
          .Add({});
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  // Seen from the start, so that a first increment is one.
  for (int i = 0; i <= static_cast<int>(Verdict::kMalformed); ++i) {
    families_->commits.Add({{"verdict", std::string(VerdictName(static_cast<Verdict>(i)))}});
  }
  for (const std::string_view name : condition::kAll) SetCondition(std::string(name), false);
}
Metrics::~Metrics() = default;

void Metrics::Observe(Home& home) {
  families_->clock_off.Set(static_cast<double>(home.ClockOffMs()) / 1000);
  ObserveLag(home);
  ObserveCounts(home);
  ObserveStore(home);
  ObserveOutbox(home);
}

void Metrics::ObserveOutbox(Home& home) {
  // Where nobody could publish, nothing waits to be.
  if (home.Node().empty()) return;
  const score_table::OutboxFigures figures = score_table::FiguresOfOutbox(home.Rows());
  const int64_t now_ms = home.Time().Now().ms;
  const int64_t age_ms = std::max<int64_t>(now_ms - figures.oldest.value_or(Instant{now_ms}).ms, 0);
  families_->outbox_records.Set(static_cast<double>(figures.records));
  families_->outbox_seconds.Set(static_cast<double>(age_ms) / 1000);
}

void Metrics::CountPublished(const std::string& topic, int64_t records) {
  families_->published.Add({{"topic", topic}}).Increment(static_cast<double>(records));
  families_->published_at.SetToCurrentTime();
}

void Metrics::SetPublisher(bool is_publisher, int64_t epoch) {
  families_->publisher.Set(is_publisher ? 1 : 0);
  families_->publisher_epoch.Set(static_cast<double>(epoch));
}

void Metrics::SetProducer(int64_t queued, int64_t failures) {
  families_->producer_queue.Set(static_cast<double>(queued));
  Follow(families_->producer_failures, failures, families_->producer_failures_seen);
}

void Metrics::ObserveLag(Home& home) {
  const Instant now = home.Time().Now();
  for (const Folded& folded : FoldedOf(home)) {
    // As of the last step, which asked; a broker is not asked again for a figure.
    const int64_t end = home.Log().KnownEnd(folded.id);
    for (const std::string_view view : ViewsOf(folded.id)) {
      const prometheus::Labels labels = {{"view", std::string(view)},
                                         {"partition", folded.partition}};
      families_->positions.Add(labels).Set(static_cast<double>(folded.next.position - 1));
      const int64_t events = std::max<int64_t>(end - folded.next.address, 0);
      families_->lag_events.Add(labels).Set(static_cast<double>(events));
      const bool lags = events > 0;
      const int64_t age_ms = std::max<int64_t>(now.ms - folded.recorded_at.ms, 0);
      families_->lag_seconds.Add(labels).Set(lags ? static_cast<double>(age_ms) / 1000 : 0);
    }
  }
}

void Metrics::ObserveCounts(Home& home) {
  for (const auto& [verdict, count] : home.Views().Verdicts()) {
    Follow(families_->commits.Add({{"verdict", std::string(VerdictName(verdict))}}), count,
           families_->commits_seen[verdict]);
  }
  Follow(families_->evaluations, home.Scores().Evaluated(), families_->evaluations_seen);
  const auto check = DecisionCheckOf(home.Rows());
  if (!check.has_value()) return;
  const auto set = [&](const char* result, size_t count) {
    families_->decisions_checked.Add({{"result", result}}).Set(static_cast<double>(count));
  };
  set("follows", static_cast<size_t>(check->decided_again) - check->wrong.size());
  set("other-rules", static_cast<size_t>(check->not_decided_again));
  set("does-not-follow", check->wrong.size());
}

void Metrics::ObserveStore(Home& home) {
  const auto now = std::chrono::steady_clock::now();
  if (now - store_asked_ < kStoreEvery) return;
  store_asked_ = now;
  const StoreFigures figures = home.Views().Tables().Figures();
  families_->table_bytes.Set(static_cast<double>(figures.table_bytes));
  families_->memory_bytes.Set(static_cast<double>(figures.memory_bytes));
  families_->cache_bytes.Set(static_cast<double>(figures.cache_bytes));
  families_->pending_bytes.Set(static_cast<double>(figures.pending_bytes));
}

void Metrics::CountSubmit(std::chrono::nanoseconds took,
                          const absl::StatusOr<SubmitAnswer>& answer) {
  if (!answer.ok()) return families_->failures.Increment();
  if (const auto* refused = std::get_if<Rejection>(&*answer)) {
    return families_->refusals.Add({{"code", refused->code}}).Increment();
  }
  families_->commit_seconds.Observe(SecondsOf(took));
}

void Metrics::CountCall(const std::string& verb, int exit_code, std::chrono::nanoseconds took) {
  families_->calls.Add({{"verb", verb}, {"exit_code", std::to_string(exit_code)}}).Increment();
  families_->call_seconds.Add({{"verb", verb}}, kSeconds).Observe(SecondsOf(took));
}

void Metrics::SetHomeFailed(bool failed) { families_->home_failed.Set(failed ? 1 : 0); }

void Metrics::SetReady(bool ready) { families_->ready.Set(ready ? 1 : 0); }

void Metrics::SetCondition(const std::string& name, bool is_raised) {
  families_->conditions.Add({{"condition", name}}).Set(is_raised ? 1 : 0);
}

void Metrics::CountRecords(const std::string& source, int64_t read, int64_t refused) {
  const prometheus::Labels labels = {{"source", source}};
  families_->source_records.Add(labels).Increment(static_cast<double>(read));
  families_->source_refusals.Add(labels).Increment(static_cast<double>(refused));
}

void Metrics::SetSourceLag(const std::string& source, int32_t input_partition, int64_t records) {
  families_->source_lag.Add({{"source", source}, {"partition", std::to_string(input_partition)}})
      .Set(static_cast<double>(records));
}

void Metrics::SetSourcePaused(const std::string& source, bool paused) {
  families_->source_paused.Add({{"source", source}}).Set(paused ? 1 : 0);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace assay
