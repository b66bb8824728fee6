#include "tools/assayd/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace assay {
namespace {

// Tables of the views (512 at most) and of an embedded journal (400), its logs, keys, sockets of
// brokers, and files that are ingested.
constexpr uint64_t kReserved = 1'100;
constexpr uint64_t kLimitMin = 128;
// Stacks of 8 MiB for some fifty threads; 600 MiB are enough for a small company.
constexpr uint64_t kAddressSpaceMinMib = 512;

}  // namespace

absl::Status CheckAddressSpace(uint64_t bytes) {
  if (bytes >> 20 >= kAddressSpaceMinMib) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable,
                    "{} MiB of memory may be taken, assayd needs at least {}: raise the limit "
                    "(`ulimit -v`, LimitAS= of systemd)",
                    bytes >> 20, kAddressSpaceMinMib);
}

uint64_t AddressSpaceLimit() {
  rlimit limit{};
  return getrlimit(RLIMIT_AS, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

absl::StatusOr<uint64_t> RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the limit of open files cannot be read");
  }
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

absl::StatusOr<ConnectionBudget> ConnectionBudgetOf(uint64_t limit) {
  if (limit < kLimitMin) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "{} files may be open at once, assayd needs at least {}: raise it (`ulimit "
                      "-n`, LimitNOFILE= of systemd)",
                      limit, kLimitMin);
  }
  const ConnectionBudget usual;
  const auto all = static_cast<uint64_t>(usual.calls) + static_cast<uint64_t>(usual.health);
  // Small companies have few tables: a quarter of a small limit is not missed.
  const uint64_t spare = std::max(limit > kReserved ? limit - kReserved : 0, limit / 4);
  if (spare >= all) return usual;
  const auto share = [&](int count) {
    return static_cast<int>(static_cast<uint64_t>(count) * spare / all);
  };
  return ConnectionBudget{.calls = share(usual.calls),
                          .calls_per_user = share(usual.calls_per_user),
                          .health = share(usual.health)};
}

}  // namespace assay
