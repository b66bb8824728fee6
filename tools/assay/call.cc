#include "tools/assay/call.h"

#include <csignal>

#include "engine/base/check.h"

namespace assay {
namespace {

volatile std::sig_atomic_t interrupted = 0;
thread_local const ServedCall* served = nullptr;

}  // namespace

ServedCallScope::ServedCallScope(const ServedCall& call) {
  ASSAY_REQUIRE(served == nullptr, "this thread serves another call");
  served = &call;
}

ServedCallScope::~ServedCallScope() { served = nullptr; }

const ServedCall* CallAtHand() { return served; }

void StopOnInterrupt() {
  if (served != nullptr) return;
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool StopAsked() {
  if (served != nullptr) return served->stop && served->stop();
  return interrupted != 0;
}

}  // namespace assay
