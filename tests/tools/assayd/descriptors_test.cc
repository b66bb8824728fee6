#include "tools/assayd/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>

namespace assay {
namespace {

TEST_CASE("connections take what journal and views leave of the descriptors") {
  for (const uint64_t limit : {1'024U * 1'024, 4'096U, 1'420U}) {
    const auto budget = ConnectionBudgetOf(limit);
    REQUIRE(budget.ok());
    CHECK(budget->calls == 256);
    CHECK(budget->calls_per_user == 48);
    CHECK(budget->health == 64);
  }
  for (const uint64_t limit : {1'024U, 512U, 256U, 128U}) {
    INFO(limit);
    const auto budget = ConnectionBudgetOf(limit);
    REQUIRE(budget.ok());
    CHECK(static_cast<uint64_t>(budget->calls + budget->health) <= limit / 4);
    CHECK(budget->calls_per_user >= 4);
    CHECK(budget->calls_per_user * 5 <= budget->calls);
    CHECK(budget->health >= 6);
  }
}

TEST_CASE("too few descriptors are said with what to do") {
  const auto budget = ConnectionBudgetOf(127);
  CHECK(absl::IsUnavailable(budget.status()));
  CHECK(MessageOf(budget.status()) ==
        "127 files may be open at once, assayd needs at least 128: raise it (`ulimit -n`, "
        "LimitNOFILE= of systemd)");
}

TEST_CASE("too little address space is said with what to do") {
  const absl::Status little = CheckAddressSpace((uint64_t{512} << 20) - 1);
  CHECK(absl::IsUnavailable(little));
  CHECK(MessageOf(little) ==
        "511 MiB of memory may be taken, assayd needs at least 512: raise the limit (`ulimit -v`, "
        "LimitAS= of systemd)");
  CHECK(CheckAddressSpace(uint64_t{512} << 20).ok());
  CHECK(CheckAddressSpace(AddressSpaceLimit()).ok());
}

TEST_CASE("the soft limit is raised to the hard one") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit lowered = before;
  lowered.rlim_cur = std::min<rlim_t>(before.rlim_max, 256);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &lowered) == 0);
  const auto raised = RaiseDescriptorLimit();
  rlimit after{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &after) == 0);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(raised.ok());
  CHECK(*raised == before.rlim_max);
  CHECK(after.rlim_cur == before.rlim_max);
}

}  // namespace
}  // namespace assay
