// `assay verify`: is everything that stands here what the log says?
//
// The journal's own chains and end mark; a fold from zero in a scratch directory; every row of
// every view against it; the stream lists of every applied commit; the result digests of published
// cycles; the keys, and every text that was sealed with them; what records of the facts and their
// encrypted originals say of each other; with --decisions, every applied command decided again.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "engine/base/wire.h"
#include "engine/commit/domains.h"
#include "engine/event/effective.h"
#include "engine/event/streams.h"
#include "projections/decisions/keys.h"
#include "projections/decisions/query.h"
#include "projections/digest/query.h"
#include "tools/assay/decided_again.h"
#include "tools/assay/heads.h"
#include "tools/assay/taken_command.h"
#include "tools/assay/text_file.h"
#include "tools/assay/verbs.h"
#include "tools/assay/verify_facts.h"
#include "tools/assay/verify_keys.h"

namespace assay {
namespace {

// Views folded from zero, beside those of the home.
class Scratch {
 public:
  static absl::StatusOr<std::unique_ptr<Scratch>> Fold(Home& home, const std::string& directory,
                                                       Progress& progress) {
    std::unique_ptr<Scratch> scratch(new Scratch(directory));
    ASSAY_RETURN_IF_ERROR(Store::Destroy(directory));
    Runner::Options options{.log_keys = home.KnownLogKeys()};
    options.progress = [&](int64_t done, int64_t total) { progress.Report(done, total); };
    ASSAY_ASSIGN_OR_RETURN(scratch->runner_,
                           Runner::Open(home.Log(), directory, std::move(options)));
    Runner& runner = *scratch->runner_;
    scratch->evaluator_ = std::make_unique<score_table::Evaluator>(runner.Rows());
    scratch->projector_ = std::make_unique<score_table::Projector>(
        *scratch->evaluator_, score_table::Projector::Options{.publish = false});
    runner.Attach(*scratch->projector_);
    runner.SetScores([scratch = scratch.get()](Overlay& overlay, int64_t position,
                                               const std::vector<int64_t>& facts) {
      return std::make_unique<score_table::LockedScoresAt>(
          *scratch->evaluator_, overlay, position, facts, [scratch](int32_t partition, int64_t at) {
            return scratch->runner_->FactsRootAt(partition, at);
          });
    });
    ASSAY_RETURN_IF_ERROR(runner.CatchUp());
    return scratch;
  }
  ~Scratch() {
    projector_.reset();
    evaluator_.reset();
    runner_.reset();
    // What is left behind is only disk space, and the next call removes it.
    (void)Store::Destroy(directory_);
  }

  [[nodiscard]] Runner& Views() { return *runner_; }

 private:
  explicit Scratch(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<score_table::Evaluator> evaluator_;
  std::unique_ptr<score_table::Projector> projector_;
};

absl::Status Differs(std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "{}", what);
}

// A key for people: its text where it has one, else hexadecimal.
std::string ShownKey(std::string_view key) {
  std::string shown;
  for (const char c : key) {
    if (c >= 0x20 && c < 0x7f)
      shown.push_back(c);
    else if (!shown.empty() && shown.back() != ' ')
      shown.push_back(' ');
  }
  return fmt::format("{} (hex {})", shown, ToHex(key));
}

absl::Status CompareTable(const Store& stored, const Store& folded, Table table) {
  auto left = stored.NewScan(table, "");
  auto right = folded.NewScan(table, "");
  while (left->Valid() || right->Valid()) {
    const bool missing = !left->Valid() || (right->Valid() && right->Key() < left->Key());
    const bool surplus = !missing && (!right->Valid() || left->Key() < right->Key());
    const std::string_view key = missing ? right->Key() : left->Key();
    // The outbox's counter is no state.
    if (table == Table::kMeta && !key.starts_with("head/")) {
      if (!missing) left->Next();
      if (!surplus) right->Next();
      continue;
    }
    if (missing || surplus || left->Value() != right->Value()) {
      return Differs(fmt::format("the view \"{}\" {} the row {}", TableName(table),
                                 missing ? "misses" : (surplus ? "has too much" : "differs in"),
                                 ShownKey(key)));
    }
    left->Next();
    right->Next();
  }
  ASSAY_RETURN_IF_ERROR(left->status());
  return right->status();
}

absl::Status CompareViews(const Store& stored, const Store& folded) {
  for (int i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    if (table == Table::kOutbox) continue;
    ASSAY_RETURN_IF_ERROR(CompareTable(stored, folded, table));
  }
  return absl::OkStatus();
}

template <typename List>
std::vector<std::string> ListOf(const List& list) {
  return {list.begin(), list.end()};
}

// Writes and touches follow from the events alone.
absl::Status CheckStreams(const v1::Commit& commit, int64_t position) {
  std::set<std::string> writes;
  std::set<std::string> touches;
  for (const v1::Event& event : commit.events()) {
    writes.insert(event.stream());
    for (const SetChange& change : SetsTouchedBy(event)) touches.insert(change.set_stream);
  }
  for (const std::string& stream : writes) touches.erase(stream);
  if (ListOf(commit.writes()) == ListOf(writes) && ListOf(commit.touches()) == ListOf(touches)) {
    return absl::OkStatus();
  }
  return Differs(fmt::format(
      "the commit at decisions position {} lists streams that its events do not change", position));
}

// Nobody may register a contract that is not what its text says; deciding cannot see that.
absl::Status CheckContractText(const v1::SourceContract& contract, const std::string& text,
                               int64_t position) {
  const auto differs = CompareWithText(contract, text);
  if (!differs.has_value()) return absl::OkStatus();
  return Differs(fmt::format("the contract of {} at decisions position {} is not its text: {}",
                             contract.source(), position, differs->ToString()));
}

absl::Status CheckContracts(const v1::Commit& commit, int64_t position) {
  for (const v1::Event& event : commit.events()) {
    if (event.has_source_contract_registered()) {
      const auto& registered = event.source_contract_registered();
      ASSAY_RETURN_IF_ERROR(CheckContractText(registered.contract(), registered.text(), position));
    } else if (event.has_source_contract_proposed()) {
      const auto& proposed = event.source_contract_proposed();
      ASSAY_RETURN_IF_ERROR(CheckContractText(proposed.contract(), proposed.text(), position));
    }
  }
  return absl::OkStatus();
}

struct Checked {
  int64_t commits = 0;
  int64_t decided_again = 0;
  int64_t not_decided_again = 0;
  int64_t foreign = 0;
  int64_t cycles = 0;
  int64_t heads = 0;
  CheckedFacts facts;
  CheckedKeys keys;
};

absl::Status CheckCommits(Home& home, Runner& runner, bool decisions, Checked& checked) {
  constexpr int32_t kRecords = 2'000;
  SealedTexts texts(home);
  Cursor cursor;
  while (true) {
    ASSAY_ASSIGN_OR_RETURN(const auto records,
                           home.Log().Read(kDecisionsPartition, cursor, kRecords, 8 << 20));
    if (records.empty()) return texts.Finish(checked.keys);
    cursor = records.back().Next();
    for (const StoredRecord& stored : records) {
      const auto mark = decisions::MarkOf(runner.Rows(), stored.position);
      if (mark.has_value() && mark->verdict == Verdict::kDiverged) {
        return Differs(fmt::format("the commit at decisions position {} was decided on another log",
                                   stored.position));
      }
      v1::Record record;
      if (!mark.has_value() || mark->verdict != Verdict::kApplied ||
          !record.ParseFromString(stored.value)) {
        continue;
      }
      ++checked.commits;
      ASSAY_RETURN_IF_ERROR(texts.See(record, stored.position));
      ASSAY_RETURN_IF_ERROR(CheckStreams(record.commit(), stored.position));
      ASSAY_RETURN_IF_ERROR(
          CheckStatedRoots(record.commit(), stored.position, runner, checked.facts));
      // Before that, text and contract came apart.
      if (record.commit().rules_version() >= 2) {
        ASSAY_RETURN_IF_ERROR(CheckContracts(record.commit(), stored.position));
      }
      if (!decisions) continue;
      ASSAY_ASSIGN_OR_RETURN(const bool is_decided,
                             DecideAgain(runner, record.commit(), stored.position));
      ++(is_decided ? checked.decided_again : checked.not_decided_again);
    }
  }
}

absl::Status CheckResults(Runner& runner, Checked& checked) {
  decisions::StateAt state(runner.Rows(), decisions::kNewest);
  for (const v1::Member& member : state.Members(streams::Cycles())) {
    const auto cycle = state.Find<v1::CycleState>(streams::Cycle(member.id()));
    if (!cycle.has_value() || cycle->stage() != v1::CYCLE_STAGE_PUBLISHED) continue;
    ASSAY_ASSIGN_OR_RETURN(const DecideSnapshot snapshot,
                           runner.SnapshotAt(cycle->published_position() - 1));
    const LockedScores::Results results = snapshot.scores->ResultsOf(cycle->cycle());
    ASSAY_RETURN_IF_ERROR(snapshot.scores->status());
    if (results.digest.View() != cycle->result_digest()) {
      return Differs(
          fmt::format("the results of cycle {} are not those that were published at "
                      "decisions position {}",
                      cycle->cycle(), cycle->published_position()));
    }
    ++checked.cycles;
  }
  return state.status();
}

// A commit that counts and whose event fits nothing was not decided by these rules.
absl::Status CheckMisfits(Runner& runner) {
  absl::Status first;
  runner.Rows().Visit(
      Table::kMeta, decisions::MisfitPrefix(), [&](std::string_view key, std::string_view) {
        key.remove_prefix(decisions::MisfitPrefix().size());
        uint64_t position = 0;
        (void)TakeBig64(key, position);
        first = Differs(
            fmt::format("the commit at decisions position {} holds an event that does not fit "
                        "the state: it changed nothing",
                        position));
        return false;
      });
  return first;
}

absl::Status VerifyAll(Home& home, const VerifyOptions& options, Checked& checked) {
  Progress progress("verifying");
  if (EmbeddedJournal* const journal = home.EmbeddedLog(); journal != nullptr) {
    ASSAY_RETURN_IF_ERROR(journal->VerifyChain());
    ASSAY_RETURN_IF_ERROR(journal->EndMarkStatus());
  }
  ASSAY_ASSIGN_OR_RETURN(const auto scratch,
                         Scratch::Fold(home, home.Directory() + "/views.verify", progress));
  ASSAY_RETURN_IF_ERROR(CompareViews(home.Views().Tables(), scratch->Views().Tables()));
  ASSAY_RETURN_IF_ERROR(CheckMisfits(scratch->Views()));
  checked.foreign = scratch->Views().ForeignRecords();
  if (!options.against.empty()) {
    ASSAY_ASSIGN_OR_RETURN(const std::string heads, ReadText(options.against));
    ASSAY_ASSIGN_OR_RETURN(checked.heads,
                           CompareWithHeads(scratch->Views(), heads, options.against));
  }
  ASSAY_RETURN_IF_ERROR(CheckFacts(home, scratch->Views(), !options.quick, checked.facts));
  ASSAY_RETURN_IF_ERROR(CheckCommits(home, scratch->Views(), options.decisions, checked));
  return CheckResults(scratch->Views(), checked);
}

void PutKeys(const CheckedKeys& keys, Json& object) {
  object.Put("textsOpened", keys.texts);
  if (keys.texts_unreadable > 0) object.Put("textsUnreadable", keys.texts_unreadable);
  if (!keys.list.has_list) {
    object.Put("keysListed", "not listed");
    return;
  }
  object.Put("keysListed", keys.list.listed).Put("keysFound", keys.list.found);
  if (keys.list.unlisted > 0) object.Put("keysUnlisted", keys.list.unlisted);
  if (keys.list.lost.empty()) return;
  Json lost = Json::Array();
  for (const std::string& file : keys.list.lost) lost.Add(file);
  object.Put("keysLost", std::move(lost));
}

}  // namespace

int RunVerify(const Session& session, const VerifyOptions& options) {
  ASSAY_OR_FAIL(const auto home, session, OpenHome(session));
  Checked checked;
  if (const auto status = VerifyAll(*home, options, checked); !status.ok()) {
    return Fail(session, status);
  }
  Json object = Json::Object();
  object.Put("verified", "ok")
      .Put("moment", home->Views().Now().ToString())
      .Put("commits", checked.commits)
      .Put("decidedAgain", checked.decided_again)
      .Put("notDecidedAgain", checked.not_decided_again)
      .Put("foreign", checked.foreign)
      .Put("authenticity", home->KnownLogKeys().Newest() != nullptr ? "checked" : "not checked")
      .Put("publishedCycles", checked.cycles)
      .Put("facts", checked.facts.records)
      .Put("statedRoots", checked.facts.roots)
      .Put("keysGone", checked.keys.gone);
  if (options.quick) {
    object.Put("originals", "not checked");
  } else {
    object.Put("originals", checked.facts.originals)
        .Put("originalsHashed", checked.facts.originals_hashed)
        .Put("originalsGone", checked.facts.originals_gone);
  }
  if (!options.against.empty()) object.Put("headsCompared", checked.heads);
  if (checked.keys.impossible > 0) object.Put("keysImpossible", checked.keys.impossible);
  PutKeys(checked.keys, object);
  PrintObject(session.format, object);
  return kExitOk;
}

}  // namespace assay
