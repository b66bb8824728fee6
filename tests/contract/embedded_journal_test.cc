#include "connectors/embedded/embedded_journal.h"

#include <memory>
#include <string>

#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/contract/journal_contract.h"

namespace assay::testing {
namespace {

class EmbeddedMedium final : public JournalMedium {
 public:
  EmbeddedMedium() { Take(EmbeddedJournal::Create(dir_, 4, {.clock = &clock_})); }

  Journal& journal() override { return *journal_; }
  Journal& Writer(int) override { return *journal_; }
  bool Reopen() override {
    journal_.reset();
    Take(EmbeddedJournal::Open(dir_, {.clock = &clock_}));
    return true;
  }

 private:
  void Take(absl::StatusOr<std::unique_ptr<EmbeddedJournal>> journal) {
    REQUIRE(journal.status() == absl::OkStatus());
    journal_ = *std::move(journal);
  }

  ScratchDirectory home_;
  const std::string dir_ = home_.Path("journal");
  SystemClock clock_;
  std::unique_ptr<EmbeddedJournal> journal_;
};

TEST_CASE("the embedded journal keeps the contract of journals", "[contract][integration]") {
  CheckJournalContract([] { return std::make_unique<EmbeddedMedium>(); });
}

}  // namespace
}  // namespace assay::testing
