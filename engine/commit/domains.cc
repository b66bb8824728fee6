#include "engine/commit/domains.h"

#include <fmt/ranges.h>

#include <array>
#include <vector>

#include "engine/adjustment/domain.h"
#include "engine/agreement/domain.h"
#include "engine/base/check.h"
#include "engine/commit/checkers.h"
#include "engine/commit/contract_signers.h"
#include "engine/company/domain.h"
#include "engine/cycle/domain.h"
#include "engine/metric/domain.h"
#include "engine/org/domain.h"
#include "engine/source/domain.h"

namespace assay {
namespace {

// The domains with their rows by number: folding asks for one per event.
struct Index {
  std::vector<Domain> domains;
  std::vector<const CommandRow*> commands;
  std::vector<const EventRow*> events;
};

template <typename Row>
void Enter(const Row& row, size_t number, std::vector<const Row*>& rows) {
  if (rows.size() <= number) rows.resize(number + 1, nullptr);
  rows[number] = &row;
}

Index MakeIndex() {
  static const ScoreDefinitionChecker kDefinitions;
  static const ScoreConditionChecker kConditions;
  static const GrantedContractSigners kSigners;
  Index index{.domains = {company::Table(), org::Table(), metric::Table(kDefinitions),
                          cycle::Table(), agreement::Table(), adjustment::Table(),
                          source::Table(kConditions, kSigners)}};
  const std::vector<std::string> faults = FaultsOf(index.domains);
  ASSAY_INVARIANT(faults.empty(), "{}", fmt::join(faults, "; "));
  for (const Domain& domain : index.domains) {
    for (const CommandRow& row : domain.commands) {
      Enter(row, static_cast<size_t>(row.command), index.commands);
    }
    for (const EventRow& row : domain.events) {
      Enter(row, static_cast<size_t>(row.event), index.events);
    }
  }
  return index;
}

const Index& TheIndex() {
  static const Index kIndex = MakeIndex();
  return kIndex;
}

template <typename Row>
const Row* At(const std::vector<const Row*>& rows, int number) {
  const auto at = static_cast<size_t>(number);
  return number >= 0 && at < rows.size() ? rows[at] : nullptr;
}

}  // namespace

std::span<const Domain> Domains() { return TheIndex().domains; }

const CommandRow* RowOf(v1::Command::BodyCase command) { return At(TheIndex().commands, command); }

const EventRow* RowOf(v1::Event::BodyCase event) { return At(TheIndex().events, event); }

const StreamRow* StreamRowOf(std::string_view stream) {
  const StreamRow* found = nullptr;
  for (const Domain& domain : Domains()) {
    for (const StreamRow& row : domain.streams) {
      if (!stream.starts_with(row.prefix)) continue;
      if (found == nullptr || row.prefix.size() > found->prefix.size()) found = &row;
    }
  }
  return found;
}

std::optional<std::string> StreamOf(const v1::Event& event) {
  const EventRow* row = RowOf(event.body_case());
  if (row == nullptr) return std::nullopt;
  return row->stream(event);
}

int32_t SinceVersion(const v1::Event& event) {
  const EventRow* row = RowOf(event.body_case());
  return row == nullptr ? 1 : row->since(event);
}

SetChanges SetsTouchedBy(const v1::Event& event) {
  const EventRow* row = RowOf(event.body_case());
  return row == nullptr ? SetChanges() : row->sets(event);
}

void EvolveSets(const v1::Event& event, StateStore& store) {
  for (const SetChange& change : SetsTouchedBy(event)) {
    if (change.erase) {
      store.EraseMember(change.set_stream, change.member.id());
    } else {
      store.PutMember(change.set_stream, change.member);
    }
  }
}

std::optional<Rejection> CheckBlocks(const v1::Command& command, StateReader& state) {
  for (const Domain& domain : Domains()) {
    for (const BlockRow& row : domain.blocks) {
      if (row.command != command.body_case()) continue;
      if (auto rejection = row.check(command, state)) return rejection;
    }
  }
  return std::nullopt;
}

}  // namespace assay
