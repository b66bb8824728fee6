#include "connectors/kafka/kafka_journal.h"

#include <map>
#include <memory>
#include <string>

#include "connectors/kafka/topics.h"
#include "tests/contract/journal_contract.h"
#include "tests/kafka/broker.h"

namespace assay::testing {
namespace {

std::unique_ptr<KafkaJournal> Take(absl::StatusOr<std::unique_ptr<KafkaJournal>> journal) {
  REQUIRE(journal.status() == absl::OkStatus());
  return *std::move(journal);
}

class KafkaMedium final : public JournalMedium {
 public:
  KafkaMedium() : journal_(Take(KafkaJournal::Create(address_, 4, {}))) {}

  Journal& journal() override { return *journal_; }
  Journal& Writer(int index) override {
    auto& writer = writers_[index];
    if (writer == nullptr) writer = Take(KafkaJournal::Open(address_, {}));
    return *writer;
  }
  bool Reopen() override {
    journal_.reset();
    journal_ = Take(KafkaJournal::Open(address_, {}));
    return true;
  }

 private:
  const KafkaAddress address_ = FreshAddress();
  std::unique_ptr<KafkaJournal> journal_;
  std::map<int, std::unique_ptr<KafkaJournal>> writers_;
};

TEST_CASE("the journal on Kafka keeps the contract of journals", "[contract][kafka]") {
  CheckJournalContract([] { return std::make_unique<KafkaMedium>(); });
}

}  // namespace
}  // namespace assay::testing
