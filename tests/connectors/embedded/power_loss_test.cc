// Cuts the power below a working journal and looks at what the disk kept.

#include <rocksdb/env.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "connectors/embedded/embedded_journal.h"
#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/power_loss_fs.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/contract/journal_history.h"

namespace assay::testing {
namespace {

constexpr int kLossesDefault = 84;
// A new journal now and then keeps the checks short.
constexpr int kLossesPerJournal = 12;
constexpr int kWriters = 3;
// So many that a slot of the end mark has several sectors.
constexpr int32_t kPartitions = 14;

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoll(text, nullptr, 10) : otherwise;
}

std::string SomeBytes(std::mt19937_64& random) {
  // Mostly small, sometimes several blocks of the write-ahead log, now and then enough for a flush.
  const uint64_t kind = random() % 100;
  const size_t size = kind < 70 ? random() % 300 : kind < 99 ? random() % 60'000 : 1'500'000;
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// Nothing is cut here, and nothing has to be waited for.
std::unique_ptr<rocksdb::Env> EnvWithoutSyncs(const std::string& root) {
  return rocksdb::NewCompositeEnv(std::make_shared<PowerLossFs>(root, 0, -1));
}

class Campaign {
 public:
  explicit Campaign(bool sync) : sync_(sync) {}

  // One journal, cut `losses` times; how many cuts lost what was acknowledged.
  int Run(uint64_t seed, int losses) {
    std::mt19937_64 random(seed);
    const ScratchDirectory home;
    const std::string dir = home.Path("journal");
    const std::unique_ptr<rocksdb::Env> env = EnvWithoutSyncs(home.path());
    REQUIRE(EmbeddedJournal::Create(dir, kPartitions, {.clock = &clock_, .env = env.get()}).ok());
    JournalHistory history;
    acknowledged_records_ = 0;
    for (int loss = 0; loss < losses; ++loss) {
      INFO("seed " << seed << ", loss " << loss);
      WriteUntilTheCut(home.path(), dir, random, loss, history);
      if (IsLost(dir, history)) return 1;
    }
    return 0;
  }

  [[nodiscard]] int64_t AcknowledgedCount() const { return acknowledged_; }

 private:
  void WriteUntilTheCut(const std::string& root, const std::string& dir, std::mt19937_64& random,
                        int loss, JournalHistory& history) {
    // Short ones are cut while opening.
    const auto changes = static_cast<int64_t>(random() % 4 == 0 ? random() % 12 : random() % 400);
    const auto fs = std::make_shared<PowerLossFs>(root, random(), changes);
    if (random() % 2 == 0) fs->FailSyncAfter(static_cast<int64_t>(random() % 300));
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
    // A disk that fails stops the journal; it is opened again, with what the cache kept.
    for (int run = 0; !fs->IsCut(); ++run) {
      auto journal =
          EmbeddedJournal::Open(dir, {.clock = &clock_, .env = env.get(), .sync = sync_});
      if (!journal.ok()) {
        const bool is_expected = fs->IsCut() || absl::IsUnavailable(journal.status());
        if (!is_expected) FAIL(Describe(journal.status()));
        continue;
      }
      std::vector<std::thread> threads;
      for (int i = 0; i < kWriters; ++i) {
        threads.emplace_back([&, i, own_seed = random()] {
          std::mt19937_64 own(own_seed);
          const int writer = (loss * 10 + run) * kWriters + i;
          for (int batch = 0; WriteOne(**journal, own, writer, batch, history); ++batch) continue;
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
    fs->RestoreAfterCut();
  }

  bool WriteOne(Journal& journal, std::mt19937_64& random, int writer, int batch,
                JournalHistory& history) {
    const PartitionId partition = PartitionOfSlot(random() % (kPartitions + 1));
    std::vector<std::string> values;
    for (uint64_t i = 0; i <= random() % 3; ++i) {
      values.push_back(std::to_string(writer) + "/" + std::to_string(batch) + "/" +
                       std::to_string(i) + " " + SomeBytes(random));
    }
    const bool is_acknowledged = history.Append(journal, writer, partition, values);
    acknowledged_ += is_acknowledged ? 1 : 0;
    acknowledged_records_ += is_acknowledged ? std::ssize(values) : 0;
    return is_acknowledged;
  }

  bool IsLost(const std::string& dir, const JournalHistory& history) {
    const std::unique_ptr<rocksdb::Env> env =
        EnvWithoutSyncs(std::filesystem::path(dir).parent_path());
    if (sync_) CheckMark(dir, env.get());
    const auto journal = EmbeddedJournal::Open(dir, {.clock = &clock_, .env = env.get()});
    if (!sync_) {
      return absl::IsDataLoss(journal.status()) || history.LostCount(**journal) > 0;
    }
    REQUIRE(journal.status() == absl::OkStatus());
    REQUIRE((*journal)->VerifyChain() == absl::OkStatus());
    history.Check(**journal, false);
    return false;
  }

  // The mark itself counts all that was acknowledged, or it could not notice a loss.
  void CheckMark(const std::string& dir, rocksdb::Env* env) const {
    EndMark mark;
    REQUIRE(EndMarkFile::Open(env, dir + "/END", true, mark).status() == absl::OkStatus());
    int64_t marked = 0;
    for (const Tail& tail : mark.tails) marked += tail.end;
    CHECK(marked >= acknowledged_records_);
  }

  const bool sync_;
  SystemClock clock_;
  // Appends in all journals, records in this one.
  std::atomic<int64_t> acknowledged_ = 0;
  std::atomic<int64_t> acknowledged_records_ = 0;
};

TEST_CASE("a cut of the power loses nothing that was acknowledged",
          "[embedded][campaign][OPS-01]") {
  const int64_t losses = FromEnvironment("ASSAY_POWER_LOSSES", kLossesDefault);
  const int64_t seed = FromEnvironment("ASSAY_SEED", 1);
  Campaign campaign(true);
  for (int64_t done = 0; done < losses; done += kLossesPerJournal) {
    campaign.Run(static_cast<uint64_t>(seed + done), kLossesPerJournal);
  }
  CHECK(campaign.AcknowledgedCount() > losses * 5);
}

TEST_CASE("a journal that does not sync loses records when the power is cut",
          "[embedded][campaign]") {
  Campaign campaign(false);
  int losses = 0;
  for (uint64_t seed = 1; seed <= 5; ++seed) losses += campaign.Run(seed, 6);
  REQUIRE(losses > 0);
}

TEST_CASE("a cut of the power while a journal is made leaves a whole one or none",
          "[embedded][campaign]") {
  SystemClock clock;
  int whole = 0;
  int none = 0;
  for (int64_t changes = 0; changes < 200; changes += changes < 20 ? 1 : 3) {
    INFO("cut after " << changes << " changes");
    const ScratchDirectory home;
    const std::string dir = home.Path("journal");
    const auto fs = std::make_shared<PowerLossFs>(home.path(), 1 + changes, changes);
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
    const bool is_made = EmbeddedJournal::Create(dir, 2, {.clock = &clock, .env = env.get()}).ok();
    const bool is_cut = fs->IsCut();
    fs->RestoreAfterCut();
    const std::unique_ptr<rocksdb::Env> sound = EnvWithoutSyncs(home.path());
    const EmbeddedJournal::Options options{.clock = &clock, .env = sound.get()};
    auto journal = EmbeddedJournal::Open(dir, options);
    if (journal.ok()) {
      ++whole;
    } else {
      CHECK_FALSE(is_made);
      ++none;
      CHECK(absl::IsNotFound(journal.status()));
      journal = EmbeddedJournal::Create(dir, 2, options);
    }
    REQUIRE(journal.status() == absl::OkStatus());
    CHECK((*journal)->FactsPartitions() == 2);
    if (!is_cut) break;
  }
  CHECK(whole >= 2);
  CHECK(none >= 10);
}

}  // namespace
}  // namespace assay::testing
