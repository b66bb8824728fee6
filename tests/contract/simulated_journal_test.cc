#include "connectors/simulated/simulated_journal.h"

#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/contract/journal_contract.h"
#include "tests/support/environment.h"

namespace assay::testing {
namespace {

class SimulatedMedium final : public JournalMedium {
 public:
  explicit SimulatedMedium(const SimulatedJournal::Options& options)
      : is_stormy_(options.faults.failed > 0), medium_(options) {
    for (int i = 0; i < 4; ++i) writers_.push_back(medium_.Connect());
  }

  Journal& journal() override { return medium_; }
  Journal& Writer(int index) override { return *writers_[static_cast<size_t>(index)]; }
  [[nodiscard]] bool IsStormy() const override { return is_stormy_; }
  void Settle() override { medium_.Settle(); }

 private:
  const bool is_stormy_;
  SimulatedJournal medium_;
  std::vector<std::unique_ptr<SimulatedJournal::Writer>> writers_;
};

TEST_CASE("a calm simulated journal keeps the contract of journals", "[contract][unit]") {
  CheckJournalContract(
      [] { return std::make_unique<SimulatedMedium>(SimulatedJournal::Options()); });
}

TEST_CASE("a stormy simulated journal keeps the contract of journals", "[contract][campaign]") {
  const auto first_seed = static_cast<uint64_t>(testing::NumberFrom("ASSAY_SEED", 1));
  for (uint64_t seed = first_seed; seed < first_seed + 5; ++seed) {
    DYNAMIC_SECTION("seed " << seed) {
      CheckJournalContract([seed] {
        return std::make_unique<SimulatedMedium>(SimulatedJournal::Options{
            .seed = seed, .faults = SimulatedFaults::Storm(), .address_gaps = true});
      });
    }
  }
}

}  // namespace
}  // namespace assay::testing
