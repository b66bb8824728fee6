// What the system must grant the service: memory for its start, and descriptors. How many
// connections it may have, so that its journal, its views and its keys always find a descriptor.

#pragma once

#include <cstdint>

#include "engine/base/status.h"

namespace assay {

// UNAVAILABLE when so many bytes of address space are too few for the threads that a service starts
// with, with what to do. Later, what is refused is waited for: memory may come back.
[[nodiscard]] absl::Status CheckAddressSpace(uint64_t bytes);
// How much this process may take.
[[nodiscard]] uint64_t AddressSpaceLimit();

struct ConnectionBudget {
  // Through the socket: of all users, and of one.
  int calls = 256;
  int calls_per_user = 48;
  // At the port.
  int health = 64;
};

// Raises the limit of this process to the highest that it may take, and gives it. UNAVAILABLE when
// the system does not say.
[[nodiscard]] absl::StatusOr<uint64_t> RaiseDescriptorLimit();

// What remains of `limit` when journal and views have theirs; less than the usual for a small
// limit. UNAVAILABLE when it is too small for a service, with what to do.
[[nodiscard]] absl::StatusOr<ConnectionBudget> ConnectionBudgetOf(uint64_t limit);

}  // namespace assay
