// Records as no node writes them, from a seed: changed ones of a log, made ones of every kind, and
// bytes; with a right tag and without.

#pragma once

#include <assay/v1/log.pb.h>

#include <string>
#include <vector>

#include "tests/attack/folded_log.h"
#include "tests/attack/message_mutator.h"

namespace assay::testing {

struct MadeRecord {
  PartitionId partition;
  std::string value;
  Instant at;
  // The derived views follow at once.
  bool finishes = false;
};

class RecordMaker {
 public:
  explicit RecordMaker(const KeptLog& log);

  // From here on all that is made follows from the seed. Half of it is about one kind of event, so
  // that records meet what others left.
  void Reseed(uint64_t seed);
  // One for the end of a branch with these heads.
  [[nodiscard]] MadeRecord Next(const LogHeads& heads);
  // The same without a tag that counts. REQUIRES: the log is authentic.
  [[nodiscard]] MadeRecord NextForeign(const LogHeads& heads);
  // A command as somebody may send it, or as nobody should.
  [[nodiscard]] v1::Command Command();
  [[nodiscard]] MessageMutator& Chance() { return mutator_; }

 private:
  // Without a tag.
  [[nodiscard]] std::string Untagged(PartitionId partition, const LogHeads& heads, Instant at);
  [[nodiscard]] v1::Record Decision(const DecisionsHead& head, Instant at);
  [[nodiscard]] v1::Record Fact(const facts::PartitionHead& head);
  [[nodiscard]] v1::Record Frame();
  // An event of the log, changed, or one of any kind.
  [[nodiscard]] v1::Event Event();
  // Of the log, of the kind in focus; nothing where the log has none.
  [[nodiscard]] const std::pair<v1::Event, v1::Command>* InFocus();
  // So that the commit can be applied.
  void Fit(v1::Commit& commit, const DecisionsHead& head, Instant at);
  void Tag(PartitionId partition, std::string& value);
  void TagWrongly(PartitionId partition, std::string& value);
  [[nodiscard]] bool IsAuthentic() const { return !log_.keys.All().empty(); }
  [[nodiscard]] Instant TimeAfter(const LogHeads& heads);

  const KeptLog& log_;
  MessageMutator mutator_;
  int64_t number_ = 0;
  // One kind of event, by the number of its field.
  int focus_ = 0;
  std::vector<v1::Record> decisions_;
  std::vector<v1::Record> facts_;
  // Of the log; with each event the command of its commit.
  std::vector<std::pair<v1::Event, v1::Command>> events_;
  std::vector<v1::Command> commands_;
};

}  // namespace assay::testing
