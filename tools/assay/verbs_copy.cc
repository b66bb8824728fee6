// `assay journal copy`: a company's log from one medium to another, record by record.
//
// Bytes, order and recorded times stay; addresses do not. What was copied is read again and
// compared, so that a copy that was called whole is whole.

#include <algorithm>
#include <filesystem>

#include "connectors/kafka/kafka_journal.h"
#include "projections/runner/runner.h"
#include "tools/assay/verbs.h"

namespace assay {
namespace {

constexpr int32_t kRecords = 5'000;
constexpr int64_t kBytes = 8 << 20;

bool AreSame(const StoredRecord& left, const StoredRecord& right) {
  return left.value == right.value && left.appended_at == right.appended_at;
}

// From where on `to` lacks records of `from`: an address for each.
struct Missing {
  Cursor from;
  Cursor to;
};

// Walks both partitions as long as the target has records.
// FAILED_PRECONDITION when the target is no beginning of the source.
absl::StatusOr<Missing> CompareBeginning(Journal& from, Journal& to, PartitionId partition) {
  Missing missing;
  for (;;) {
    ASSAY_ASSIGN_OR_RETURN(const auto present, to.Read(partition, missing.to, kRecords, kBytes));
    if (present.empty()) return missing;
    ASSAY_ASSIGN_OR_RETURN(const auto expected,
                           from.Read(partition, missing.from, kRecords, kBytes));
    const size_t count = std::min(present.size(), expected.size());
    for (size_t i = 0; i < count; ++i) {
      if (AreSame(present[i], expected[i])) continue;
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        "the target is no beginning of this log: position {} differs",
                        present[i].position);
    }
    if (count == 0) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        "the target holds records behind position {} of a partition, where the "
                        "source ends",
                        missing.to.position);
    }
    missing.from = expected[count - 1].Next();
    missing.to = present[count - 1].Next();
  }
}

absl::StatusOr<int64_t> CopyPartition(Journal& from, CopyTarget& target, PartitionId partition,
                                      Cursor cursor) {
  int64_t copied = 0;
  for (;;) {
    ASSAY_ASSIGN_OR_RETURN(const auto records, from.Read(partition, cursor, kRecords, kBytes));
    if (records.empty()) return copied;
    cursor = records.back().Next();
    ASSAY_RETURN_IF_ERROR(target.AppendCopies(partition, records));
    copied += static_cast<int64_t>(records.size());
  }
}

// Continues `to`, which is `target` as a journal, with the records of `from`.
absl::StatusOr<int64_t> CopyAll(Journal& from, Journal& to, CopyTarget& target) {
  std::vector<std::pair<PartitionId, Missing>> missing;
  for (int32_t i = -1; i < from.FactsPartitions(); ++i) {
    const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
    ASSAY_ASSIGN_OR_RETURN(const Missing at, CompareBeginning(from, to, partition));
    missing.emplace_back(partition, at);
  }
  ASSAY_RETURN_IF_ERROR(target.BeginCopy());
  int64_t copied = 0;
  for (const auto& [partition, at] : missing) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t count, CopyPartition(from, target, partition, at.from));
    copied += count;
  }
  for (const auto& [partition, at] : missing) {
    ASSAY_RETURN_IF_ERROR(CompareBeginning(from, to, partition).status());
  }
  ASSAY_RETURN_IF_ERROR(target.EndCopy());
  return copied;
}

absl::Status CopyKeys(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::create_directories(to, error);
  if (!error) {
    std::filesystem::copy(
        from, to,
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::skip_existing,
        error);
  }
  if (!error) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "cannot copy the keys to {}: {}", to,
                    error.message());
}

// Where a log is copied from: a home, or a journal without one.
struct CopySource {
  std::unique_ptr<Home> home;
  std::unique_ptr<KafkaJournal> kafka;
  LogIdentity identity;

  [[nodiscard]] Journal& Log() const { return home != nullptr ? home->Log() : *kafka; }
};

absl::StatusOr<std::unique_ptr<KafkaJournal>> OpenTarget(const KafkaAddress& address,
                                                         int32_t facts_partitions) {
  ASSAY_ASSIGN_OR_RETURN(const KafkaSecurity security, SecurityOfEnvironment());
  return KafkaJournal::Create(address, facts_partitions, {.security = security, .copying = true});
}

absl::StatusOr<CopySource> OpenSource(const Session& session, const std::string& from) {
  CopySource source;
  if (KafkaAddress::IsOne(from)) {
    ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, KafkaAddress::Parse(from));
    ASSAY_ASSIGN_OR_RETURN(const KafkaSecurity security, SecurityOfEnvironment());
    ASSAY_ASSIGN_OR_RETURN(source.kafka, KafkaJournal::Open(address, {.security = security}));
    ASSAY_ASSIGN_OR_RETURN(source.identity, ReadIdentity(*source.kafka));
    return source;
  }
  HomeOptions options = session.home;
  options.directory = from;
  ASSAY_ASSIGN_OR_RETURN(source.home, Home::Open(options));
  source.identity = source.home->Identity();
  return source;
}

absl::StatusOr<int64_t> CopyTo(const Session& session, const CopySource& source,
                               const std::string& to) {
  if (KafkaAddress::IsOne(to)) {
    ASSAY_ASSIGN_OR_RETURN(const KafkaAddress address, KafkaAddress::Parse(to));
    ASSAY_ASSIGN_OR_RETURN(const auto target,
                           OpenTarget(address, source.identity.facts_partitions));
    return CopyAll(source.Log(), *target, *target);
  }
  HomeOptions options = session.home;
  options.directory = to;
  const auto copy = [&](EmbeddedJournal& target) { return CopyAll(source.Log(), target, target); };
  ASSAY_ASSIGN_OR_RETURN(const int64_t copied, Home::Receive(options, source.identity, copy));
  if (source.home != nullptr) {
    ASSAY_RETURN_IF_ERROR(CopyKeys(source.home->KeysDirectory(), to + "/keys"));
  }
  return copied;
}

}  // namespace

int RunJournalCopy(const Session& session, const std::string& from, const std::string& to) {
  for (const std::string& end : {from, to}) {
    if (KafkaAddress::IsOne(end)) {
      ASSAY_OR_FAIL(const KafkaAddress address, session, KafkaAddress::Parse(end));
    } else {
      ASSAY_OR_FAIL(const HomeSettings settings, session, ReadSettings(end));
    }
  }
  ASSAY_OR_FAIL(const CopySource source, session, OpenSource(session, from));
  ASSAY_OR_FAIL(const int64_t copied, session, CopyTo(session, source, to));
  Json object = Json::Object();
  object.Put("from", from).Put("to", to).Put("copied", copied);
  PrintObject(session.format, object);
  // The log without its keys shows ids, and names to nobody.
  if (source.home == nullptr && !KafkaAddress::IsOne(to)) {
    PrintPlain(Err(), "the keys are no part of a journal: copy them to {}/keys\n", to);
  }
  return kExitOk;
}

}  // namespace assay
