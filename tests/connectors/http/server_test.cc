#include "connectors/http/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "connectors/http/client.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/connectors/http/raw_caller.h"

namespace assay {
namespace {

using std::chrono::milliseconds;
using testing::RawCaller;
using testing::ScratchDirectory;

// Says back what it was asked.
HttpResponse Echo(const HttpRequest& request) {
  return {.body = fmt::format("{} {} {}", request.method, request.Path(), request.body),
          .headers = {{"X-Peer", request.peer.has_value() ? std::to_string(request.peer->uid)
                                                          : std::string("none")}}};
}

std::unique_ptr<HttpServer> AtPort(HttpHandler handler, HttpServerOptions options = {}) {
  auto server = HttpServer::Start(options, std::move(handler));
  INFO(server.status().ToString());
  REQUIRE(server.ok());
  REQUIRE((*server)->Port() != 0);
  return *std::move(server);
}

std::unique_ptr<HttpServer> AtPath(const std::string& path, HttpHandler handler) {
  auto server = HttpServer::Start({.unix_path = path}, std::move(handler));
  INFO(server.status().ToString());
  REQUIRE(server.ok());
  return *std::move(server);
}

std::unique_ptr<HttpClient> To(const HttpServer& server) {
  auto client = HttpClient::ConnectLoopback(server.Port());
  REQUIRE(client.ok());
  return *std::move(client);
}

HttpResponse Ask(HttpClient& client, const HttpRequest& request) {
  auto response = client.Send(request);
  INFO(response.status().ToString());
  REQUIRE(response.ok());
  return *std::move(response);
}

// The body of the answer, for threads beside that of the test: they may not check anything.
std::string BodyOf(uint16_t port, const std::string& target) {
  auto client = HttpClient::ConnectLoopback(port);
  if (!client.ok()) return client.status().ToString();
  const auto response = (*client)->Send({.method = "GET", .target = target});
  return response.ok() ? response->body : response.status().ToString();
}

TEST_CASE("one connection is answered again and again") {
  const auto server = AtPort(Echo);
  const auto client = To(*server);
  for (int i = 0; i < 100; ++i) {
    const auto response =
        Ask(*client, {.method = "POST", .target = "/a?b=c", .body = std::to_string(i)});
    CHECK(response.status == 200);
    CHECK(response.body == fmt::format("POST /a {}", i));
  }
}

TEST_CASE("over a Unix socket the kernel says who calls, over TCP nobody does") {
  const ScratchDirectory scratch;
  const auto by_path = AtPath(scratch.Path("s"), Echo);
  const auto by_port = AtPort(Echo);
  auto client = HttpClient::ConnectUnix(scratch.Path("s"));
  REQUIRE(client.ok());
  const HttpRequest request{.method = "GET", .target = "/"};
  CHECK(HeaderOf(Ask(**client, request).headers, "x-peer") == std::to_string(getuid()));
  CHECK(HeaderOf(Ask(*To(*by_port), request).headers, "X-PEER") == "none");
}

TEST_CASE("a socket has its mode, is gone with its server and may lie deep") {
  const ScratchDirectory scratch;
  const std::string folder = scratch.Path(std::string(120, 'd'));
  std::filesystem::create_directory(folder);
  const std::string path = folder + "/assayd.sock";
  {
    const auto server = AtPath(path, Echo);
    struct stat found {};
    REQUIRE(stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    auto client = HttpClient::ConnectUnix(path);
    REQUIRE(client.ok());
    CHECK(Ask(**client, {.method = "GET", .target = "/x"}).body == "GET /x ");
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(HttpClient::ConnectUnix(path).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a stale socket is replaced, one that answers and other files are not") {
  const ScratchDirectory scratch;
  const std::string path = scratch.Path("s");
  const auto first = AtPath(path, Echo);
  CHECK(HttpServer::Start({.unix_path = path}, Echo).status().code() ==
        absl::StatusCode::kAlreadyExists);
  // As a killed server leaves it.
  const std::string stale = scratch.Path("stale");
  std::filesystem::create_hard_link(path, stale);
  REQUIRE(first->Stop(milliseconds(1'000)));
  CHECK(HttpClient::ConnectUnix(stale).status().code() == absl::StatusCode::kNotFound);
  const auto second = AtPath(stale, Echo);
  CHECK(HttpClient::ConnectUnix(stale).ok());
  const std::string file = scratch.Path("file");
  std::ofstream(file) << "precious";
  CHECK(HttpServer::Start({.unix_path = file}, Echo).status().code() ==
        absl::StatusCode::kAlreadyExists);
  CHECK(std::filesystem::file_size(file) == 8);
}

TEST_CASE("what is too large or no HTTP is refused with its reason") {
  const auto server = AtPort(Echo, {.header_bytes_max = 1'000, .body_bytes_max = 1'000});
  const auto status = [&](const HttpRequest& request) { return Ask(*To(*server), request).status; };
  CHECK(status({.method = "POST", .target = "/", .body = std::string(1'000, 'x')}) == 200);
  CHECK(status({.method = "POST", .target = "/", .body = std::string(1'001, 'x')}) == 413);
  CHECK(status({.method = "POST", .target = "/", .body = std::string(5'000'000, 'x')}) == 413);
  CHECK(status({.method = "GET", .target = "/", .headers = {{"X", std::string(2'000, 'x')}}}) ==
        431);
  RawCaller caller(server->Port());
  caller.Say("what is this\r\n\r\n");
  CHECK(caller.Hear().starts_with("HTTP/1.1 400 "));
}

TEST_CASE("a caller that waits to be asked for its body is asked") {
  const auto server = AtPort(Echo);
  RawCaller caller(server->Port());
  caller.Say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(caller.Hear("\r\n\r\n").starts_with("HTTP/1.1 100 "));
  caller.Say("hi");
  CHECK(caller.Hear("POST / hi").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("HEAD is answered without a body") {
  const auto server = AtPort(Echo);
  RawCaller caller(server->Port());
  caller.Say("HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string heard = caller.Hear();
  CHECK(heard.find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(heard.ends_with("\r\n\r\n"));
}

TEST_CASE("who says nothing is not waited for") {
  const auto server = AtPort(Echo, {.patience = milliseconds(50)});
  RawCaller silent(server->Port());
  RawCaller slow(server->Port());
  slow.Say("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  CHECK(silent.Hear().empty());
  CHECK(slow.Hear().empty());
}

TEST_CASE("a slow answer keeps nobody else waiting") {
  std::promise<void> go_on;
  const auto gate = go_on.get_future().share();
  const auto server = AtPort([gate](const HttpRequest& request) {
    if (request.target == "/slow") gate.wait();
    return Echo(request);
  });
  auto slow = std::async(std::launch::async, BodyOf, server->Port(), "/slow");
  CHECK(Ask(*To(*server), {.method = "GET", .target = "/quick"}).body == "GET /quick ");
  go_on.set_value();
  CHECK(slow.get() == "GET /slow ");
}

TEST_CASE("more callers than there is room for are sent away") {
  const auto server = AtPort(Echo, {.connections_max = 2});
  const auto first = To(*server);
  const auto second = To(*server);
  const HttpRequest request{.method = "GET", .target = "/"};
  CHECK(Ask(*first, request).status == 200);
  CHECK(Ask(*second, request).status == 200);
  RawCaller third(server->Port());
  CHECK(third.Hear().starts_with("HTTP/1.1 503 "));
}

TEST_CASE("an answer learns that its caller went away") {
  std::promise<bool> seen;
  const auto server = AtPort([&](const HttpRequest& request) {
    for (int i = 0; i < 2'000 && !request.Gone(); ++i) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    seen.set_value(request.Gone());
    return Echo(request);
  });
  RawCaller caller(server->Port());
  caller.Say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  caller.Close();
  CHECK(seen.get_future().get());
}

TEST_CASE("stopping waits for what is being answered, and for nothing else") {
  std::promise<void> begun;
  std::promise<void> go_on;
  const auto server = AtPort([&](const HttpRequest& request) {
    begun.set_value();
    go_on.get_future().wait();
    return Echo(request);
  });
  RawCaller idle(server->Port());
  auto answer = std::async(std::launch::async, BodyOf, server->Port(), "/");
  begun.get_future().wait();
  CHECK_FALSE(server->Stop(milliseconds(20)));
  CHECK(idle.Hear().empty());
  CHECK_FALSE(RawCaller(server->Port()).Connected());
  go_on.set_value();
  CHECK(server->Stop(milliseconds(5'000)));
  CHECK(answer.get() == "GET / ");
}

}  // namespace
}  // namespace assay
