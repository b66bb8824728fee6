#include "tools/assayd/health.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

HttpResponse Get(const Readiness& readiness, std::string target, std::string method = "GET") {
  return AnswerHealth({.method = std::move(method), .target = std::move(target)}, readiness,
                      [] { return std::string("assay_up 1\n"); });
}

TEST_CASE("a process that answers is alive, ready only while the views follow") {
  Readiness readiness;
  CHECK(Get(readiness, "/livez").status == 200);
  CHECK(Get(readiness, "/readyz").status == 503);
  CHECK(Get(readiness, "/readyz").body == "starting\n");
  readiness.Set(Readiness::State::kReady);
  CHECK(Get(readiness, "/readyz?verbose").status == 200);
  readiness.Set(Readiness::State::kWaiting, MakeStatus(absl::StatusCode::kUnavailable, "no disk"));
  CHECK(Get(readiness, "/readyz").status == 503);
  CHECK(Get(readiness, "/readyz").body == "waiting: UNAVAILABLE: no disk\n");
  CHECK(Get(readiness, "/livez").body == "alive\n");
}

TEST_CASE("other paths and methods are told what there is") {
  const Readiness readiness;
  CHECK(Get(readiness, "/").status == 404);
  CHECK(Get(readiness, "/livez", "HEAD").status == 200);
  const HttpResponse posted = Get(readiness, "/livez", "POST");
  CHECK(posted.status == 405);
  CHECK(HeaderOf(posted.headers, "allow") == "GET, HEAD");
  CHECK(Get(readiness, "/metrics").body == "assay_up 1\n");
  CHECK(Get(readiness, "/metrics").content_type == "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace assay
