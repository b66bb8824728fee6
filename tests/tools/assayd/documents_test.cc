// What callers of the built service may send it, while it may take little memory for them.

#include <assay/v1/service.pb.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/client.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/large_text.h"
#include "tests/tools/assayd/daemon.h"
#include "tools/assay/remote.h"

namespace assay::testing {
namespace {

class Caller {
 public:
  explicit Caller(std::string socket) : socket_(std::move(socket)) {}

  // The answer to a body, on a connection of its own.
  HttpResponse Post(const std::string& type, const std::string& body) const {
    absl::StatusOr<HttpResponse> answer = absl::UnavailableError("not sent");
    // A busy machine may be slower than the server waits for a body.
    for (int tries = 0; tries < 5 && !answer.ok(); ++tries) {
      const auto client = HttpClient::ConnectUnix(socket_);
      INFO(client.status().ToString());
      REQUIRE(client.ok());
      answer = (*client)->Send({.method = "POST",
                                .target = std::string(kCallPath),
                                .headers = {{"Content-Type", type}},
                                .body = body});
    }
    INFO(answer.status().ToString());
    REQUIRE(answer.ok());
    return *std::move(answer);
  }

  // What a verb prints that reads `input`.
  v1::CallResponse Call(const std::vector<std::string>& words, std::string input) const {
    v1::CallRequest request;
    for (const std::string& word : words) request.add_words(word);
    request.set_folder("/");
    request.set_input(std::move(input));
    const HttpResponse answer = Post("application/proto", request.SerializeAsString());
    INFO(answer.body.substr(0, 500));
    REQUIRE(answer.status == 200);
    v1::CallResponse response;
    REQUIRE(response.ParseFromString(answer.body));
    return response;
  }

 private:
  const std::string socket_;
};

}  // namespace

TEST_CASE("a service with little memory goes on whatever documents it is sent", "[assayd]") {
  PreferMemory();
  const ScratchDirectory scratch;
  const Program program(scratch.path());
  program.Write("people.yaml", Founding());
  REQUIRE(program.Run({"--home", "home", "init", "--company", "acme", "--admin", "p-admin"}).code ==
          0);
  REQUIRE(program.Run({"--home", "home", "run", "people.yaml"}).code == 0);
  // So that the space that threads reserve for later does not count.
  Daemon daemon(scratch.path(), {"--home", "home"}, {"MALLOC_ARENA_MAX=2"});
  daemon.AwaitReady();
  const Caller caller(scratch.Path("home/") + std::string(kServiceSocket));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  daemon.LimitMemory(int64_t{500} * 1024 * 1024);
#endif

  // Before anybody knows who calls.
  const HttpResponse nested =
      caller.Post("application/json",
                  "{\"words\":" + Repeated("[", 12 * kMiB) + Repeated("]", 12 * kMiB) + "}");
  CHECK(nested.status == 400);
  CHECK(nested.body.find("at most 16 levels") != std::string::npos);
  CHECK(
      caller.Post("application/json", "{\"words\":[" + Repeated("1,", 12 * kMiB) + "1]}").status ==
      400);
  CHECK(caller.Post("application/proto", Repeated(std::string_view("\x0a\x00", 2), 12 * kMiB))
            .status == 400);
  const HttpResponse word =
      caller.Post("application/json",
                  "{\"folder\":\"/\",\"words\":[\"" + std::string(30'000'000, 'x') + "\"]}");
  CHECK(word.status == 400);
  CHECK(word.body.size() < 1'000);

  // Documents.
  const std::vector<std::string> inputs = {
      ",",
      Repeated("[", 24 * kMiB),
      Repeated("- a\n", 10 * kMiB / 4),
      Repeated("---\na: b\n", 1'700'000),
      "{\"" + std::string(20 * kMiB, 'k') + "\":1}",
      Repeated("{}\n", 8 * kMiB),
      "a: &a [" + Repeated("*a,", 1'000) + "]\n",
      std::string(24 * kMiB, '#'),
  };
  for (const std::string& input : inputs) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"run", "-"}, {"run", "--keep-going", "-"}, {"source", "add", "-"}}) {
      const v1::CallResponse response = caller.Call(words, input);
      INFO(words[1] << " " << input.substr(0, 20) << ": " << response.err().substr(0, 300));
      const bool is_empty = input.starts_with('#') && words[0] == "run";
      CHECK((response.exit_code() == 0) == is_empty);
    }
  }
  CHECK(caller.Call({"score", "check", "-"}, Repeated("[", 15 * kMiB)).exit_code() != 0);

  const v1::CallResponse good = caller.Call(
      {"run", "-"}, By("p-hr", "renameUnit: {unit: u-1, name: Halls, from: 2026-02-01}"));
  INFO(good.err());
  CHECK(good.exit_code() == 0);
  CHECK(daemon.Get("/readyz").status == 200);
  daemon.Signal(SIGTERM);
  CHECK(daemon.Ended() == 0);
}

}  // namespace assay::testing
