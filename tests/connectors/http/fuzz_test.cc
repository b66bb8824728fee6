// Requests as nobody should write them, seeded: mutations of good ones, and bytes at random.

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <random>

#include "connectors/http/server.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/connectors/http/raw_caller.h"
#include "tests/support/environment.h"

namespace assay {
namespace {

using testing::NumberFrom;
using testing::RawCaller;

// Heads, bodies and pieces of both that a mutation puts together.
const std::vector<std::string> kSeeds = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HEAD /livez HTTP/1.0\r\n\r\n",
    "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n"
    "3;ext=\"1\"\r\nabc\r\n0\r\nT: 1\r\n\r\n",
    "POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\nExpect: 100-continue\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAssay-Signs-Of-Life: 100\r\n\r\n",
};
const std::vector<std::string> kPieces = {"\r\n",
                                          "\r\n\r\n",
                                          "\n",
                                          "\r",
                                          ":",
                                          " ",
                                          "\t",
                                          std::string(1, '\0'),
                                          "Content-Length: 3\r\n",
                                          "Content-Length: 18446744073709551616\r\n",
                                          "Transfer-Encoding: chunked\r\n",
                                          "Transfer-Encoding: gzip\r\n",
                                          "Connection: close\r\n",
                                          "Connection: keep-alive, upgrade\r\n",
                                          "Host: y\r\n",
                                          "HTTP/9.9",
                                          "ffffffffffffffff\r\n",
                                          "0\r\n\r\n",
                                          "TRACE ",
                                          std::string(5'000, 'a'),
                                          "\xff\xfe"};

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Next() {
    if (Below(10) == 0) return Noise(Below(300));
    std::string text;
    for (size_t i = Below(3) + 1; i > 0; --i) text += Pick(kSeeds);
    for (size_t i = Below(6); i > 0; --i) Mutate(text);
    return text;
  }

 private:
  size_t Below(size_t bound) { return static_cast<size_t>(random_() % std::max<size_t>(bound, 1)); }
  const std::string& Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }
  std::string Noise(size_t bytes) {
    std::string noise;
    for (size_t i = 0; i < bytes; ++i) noise += static_cast<char>(random_());
    return noise;
  }
  void Mutate(std::string& text) {
    const size_t at = Below(text.size() + 1);
    switch (Below(5)) {
      case 0:
        text.insert(at, Pick(kPieces));
        break;
      case 1:
        text.erase(at, Below(20));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 3:
        text.insert(at, text.substr(Below(text.size() + 1), Below(60)));
        break;
      default:
        text.resize(at);
    }
  }

  std::mt19937_64 random_;
};

// Says it all, ends its side, and gives what comes.
std::string Exchange(const std::string& path, const std::string& said) {
  const RawCaller caller(path);
  caller.Say(said);
  caller.EndSaying();
  return caller.Hear();
}

size_t CountOf(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("campaign: whatever is said, a server answers in HTTP or not at all, and goes on",
          "[campaign]") {
  const auto seed = static_cast<uint64_t>(NumberFrom("ASSAY_SEED", 20260901));
  const int64_t requests = NumberFrom("ASSAY_HTTP_FUZZ", 20'000);
  // A short run is bounded in time too.
  const auto until = std::chrono::steady_clock::now() +
                     (requests > 20'000 ? std::chrono::hours(24) : std::chrono::seconds(20));
  const testing::ScratchDirectory scratch;
  const std::string path = scratch.Path("s");
  std::atomic<int64_t> handled{0};
  HttpServerOptions options{.unix_path = path, .header_bytes_max = 4'096};
  options.admit = [](const HttpRequest& head) -> HttpAdmission {
    if (head.target.starts_with("/secret")) return {.refusal = HttpResponse{.status = 401}};
    return {.refusal = std::nullopt, .body_bytes_max = 1'000};
  };
  auto server = HttpServer::Start(options, [&](const HttpRequest& request) {
    ++handled;
    return HttpResponse{.body = request.body.size() <= 1'000 ? "fine" : "too much"};
  });
  REQUIRE(server.ok());
  Mutator mutator(seed);
  int64_t done = 0;
  int64_t answered = 0;
  for (; done < requests && std::chrono::steady_clock::now() < until; ++done) {
    const std::string said = mutator.Next();
    const int64_t handled_before = handled;
    const std::string heard = Exchange(path, said);
    INFO("ASSAY_SEED=" << seed << " request " << done << ": " << said << "\nheard: " << heard);
    if (!heard.empty()) REQUIRE(heard.starts_with("HTTP/1.1 "));
    REQUIRE(heard.find("too much") == std::string::npos);
    // Every request that was carried out was answered, and after a refusal none is.
    const size_t fine = CountOf(heard, "HTTP/1.1 200 OK");
    REQUIRE(static_cast<int64_t>(fine) >= (handled - handled_before));
    const size_t refused = heard.find("HTTP/1.1 4");
    if (refused != std::string::npos) REQUIRE(heard.find("HTTP/1.1 ", refused + 1) == heard.npos);
    answered += heard.empty() ? 0 : 1;
    if (done % 100 != 0) continue;
    const std::string good = Exchange(path, kSeeds[2]);
    REQUIRE(good.ends_with("fine"));
  }
  std::cout << done << " requests, " << answered << " answered, " << handled << " carried out\n";
  CHECK(answered > done / 2);
  CHECK(handled > done / 10);
}

}  // namespace
}  // namespace assay
