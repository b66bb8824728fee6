#include "connectors/http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
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
  REQUIRE(first->Stop(milliseconds(120'000)));
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
  slow.Say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
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

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

// Answers when it is told to.
class Gate {
 public:
  HttpHandler Handler() {
    return [this](const HttpRequest& request) {
      ++begun_;
      gate_.wait();
      return Echo(request);
    };
  }
  void Await(int begun) const {
    while (begun_ < begun) std::this_thread::sleep_for(milliseconds(1));
  }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> open_;
  std::shared_future<void> gate_ = open_.get_future().share();
  std::atomic<int> begun_{0};
};

TEST_CASE("more callers at work than there is room for are sent away, and none that are") {
  Gate gate;
  const auto server = AtPort(gate.Handler(), {.connections_max = 2});
  RawCaller first(server->Port());
  RawCaller second(server->Port());
  first.Say(kGet);
  second.Say(kGet);
  gate.Await(2);
  for (int i = 0; i < 5; ++i) {
    RawCaller third(server->Port());
    third.Say(kGet);
    const std::string heard = third.Hear();
    CHECK(heard.starts_with("HTTP/1.1 503 "));
    CHECK(heard.ends_with("too many connections\n"));
  }
  gate.Open();
  CHECK(first.Hear("GET / ").starts_with("HTTP/1.1 200 "));
  CHECK(second.Hear("GET / ").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("idle connections give way to a caller with a request, the oldest first") {
  const auto server = AtPort(Echo, {.connections_max = 8});
  std::vector<std::unique_ptr<RawCaller>> idle;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(std::make_unique<RawCaller>(server->Port()));
    // Half a request holds no place either.
    if (i % 2 == 0) idle.back()->Say("GET / HTTP/1.1\r\nHo");
    if (i % 20 != 0) continue;
    RawCaller probe(server->Port());
    probe.Say(kGet);
    CHECK(probe.Hear("GET / ").starts_with("HTTP/1.1 200 "));
  }
  CHECK(idle.front()->Hear().empty());
  idle.back()->Say(kGet);
  CHECK(idle.back()->Hear("GET / ").starts_with("HTTP/1.1 200 "));
}

// Descriptors of this process.
size_t Descriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

TEST_CASE("connections that were refused count until they are gone") {
  const auto server = AtPort(Echo, {.connections_max = 10});
  const size_t before = Descriptors();
  std::vector<std::unique_ptr<RawCaller>> refused;
  for (int i = 0; i < 150; ++i) {
    refused.push_back(std::make_unique<RawCaller>(server->Port()));
    refused.back()->Say("nonsense\r\n\r\n");
    (void)refused.back()->Hear("400 ");
    // Those of the callers here, at most as many of the server, and one that just came.
    CHECK(Descriptors() <= before + refused.size() + 11);
  }
}

TEST_CASE("a user of the socket has so many connections, and not those of others") {
  const ScratchDirectory scratch;
  Gate gate;
  auto server = HttpServer::Start(
      {.unix_path = scratch.Path("s"), .workers = 8, .connections_per_user_max = 3},
      gate.Handler());
  REQUIRE(server.ok());
  std::vector<std::unique_ptr<RawCaller>> callers;
  for (int i = 0; i < 3; ++i) {
    callers.push_back(std::make_unique<RawCaller>(scratch.Path("s")));
    callers.back()->Say(kGet);
  }
  gate.Await(3);
  RawCaller one_more(scratch.Path("s"));
  one_more.Say(kGet);
  CHECK(one_more.Hear().ends_with("too many connections of this user\n"));
  if (geteuid() == 0) {
    const pid_t child = fork();
    if (child == 0) {
      // Another user, who finds the socket by its open folder.
      (void)::chmod(scratch.path().c_str(), 0755);
      (void)::chmod(scratch.Path("s").c_str(), 0666);
      if (setuid(65'534) != 0) _exit(2);
      RawCaller other(scratch.Path("s"));
      if (!other.Connected()) _exit(77);
      other.Say("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n");
      _exit(other.Hear().starts_with("HTTP/1.1 501 ") ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) WARN("the folder of scratch files is closed to other users");
    CHECK((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
  }
  gate.Open();
  for (const auto& caller : callers) CHECK(caller->Hear("GET / ").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("who may not call is refused before a body is read, and a body as its method says") {
  std::atomic<int> handled{0};
  HttpServerOptions options;
  options.admit = [](const HttpRequest& head) -> HttpAdmission {
    if (head.target == "/secret") return {.refusal = HttpResponse{.status = 401, .body = "who?\n"}};
    return {.refusal = std::nullopt, .body_bytes_max = head.target == "/small" ? 4U : 100'000U};
  };
  const auto server = AtPort(
      [&](const HttpRequest& request) {
        ++handled;
        return Echo(request);
      },
      options);
  // Nothing of the body is there, and nobody asks for it.
  RawCaller early(server->Port());
  early.Say(
      "POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n"
      "Expect: 100-continue\r\n\r\n");
  CHECK(early.Hear("who?\n").starts_with("HTTP/1.1 401 "));
  RawCaller chunked(server->Port());
  chunked.Say("POST /secret HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  CHECK(chunked.Hear("who?\n").starts_with("HTTP/1.1 401 "));
  CHECK(handled == 0);
  const auto status = [&](const std::string& target, size_t bytes) {
    return Ask(*To(*server), {.method = "POST", .target = target, .body = std::string(bytes, 'x')})
        .status;
  };
  CHECK(status("/small", 4) == 200);
  CHECK(status("/small", 5) == 413);
  CHECK(status("/large", 5) == 200);
  RawCaller growing(server->Port());
  growing.Say(
      "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(growing.Hear().starts_with("HTTP/1.1 413 "));
  CHECK(handled == 2);
}

TEST_CASE("the bodies of one user of the socket fit beside each other, or wait for another time") {
  const ScratchDirectory scratch;
  auto server =
      HttpServer::Start({.unix_path = scratch.Path("s"), .body_bytes_per_user_max = 10}, Echo);
  REQUIRE(server.ok());
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n";
  for (int round = 0; round < 3; ++round) {
    RawCaller first(scratch.Path("s"));
    first.Say(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n"
        "Expect: 100-continue\r\n\r\n");
    REQUIRE(first.Hear("\r\n\r\n").starts_with("HTTP/1.1 100 "));
    RawCaller second(scratch.Path("s"));
    second.Say(head + "abcdef");
    CHECK(second.Hear().starts_with("HTTP/1.1 503 "));
    first.Say("abcdef");
    CHECK(first.Hear("POST / abcdef").starts_with("HTTP/1.1 200 "));
  }
}

TEST_CASE(
    "a message that two readers would end differently is refused, and nothing after it read") {
  std::atomic<int> handled{0};
  const auto server = AtPort([&](const HttpRequest& request) {
    ++handled;
    return Echo(request);
  });
  // Behind each stands a request that would be answered if the connection went on.
  const std::vector<std::string> heads = {
      "Transfer-Encoding: gzip",
      "Transfer-Encoding: gzip, chunked",
      "Transfer-Encoding: chunked, gzip",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: chunked\r\nContent-Length: 5",
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Content-Length: 5\r\nTransfer-Encoding: xchunked",
      "Content-Length: 5\r\nContent-Length: 6",
      "Content-Length: 5\r\nContent-Length: 5",
      "Content-Length: 5, 5",
      "Content-Length: -5",
      "Content-Length: 99999999999999999999999",
  };
  for (const std::string& lines : heads) {
    INFO(lines);
    RawCaller caller(server->Port());
    caller.Say("POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n0\r\n\r\n" + kGet);
    const std::string heard = caller.Hear();
    CHECK(heard.starts_with("HTTP/1.1 400 "));
    CHECK(heard.find("HTTP/1.1", 5) == std::string::npos);
  }
  RawCaller trace(server->Port());
  trace.Say("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(trace.Hear().starts_with("HTTP/1.1 501 "));
  CHECK(handled == 0);
}

TEST_CASE("who asks for signs of life hears them while the answer is made, and nobody else") {
  Gate gate;
  const auto server = AtPort(gate.Handler(), {.workers = 3});
  RawCaller asking(server->Port());
  asking.Say("GET / HTTP/1.1\r\nHost: x\r\nAssay-Signs-Of-Life: 100\r\n\r\n");
  RawCaller other(server->Port());
  other.Say(kGet);
  gate.Await(2);
  std::string heard;
  for (int i = 0; i < 3; ++i) {
    heard = asking.Hear("\r\n\r\n");
    CHECK(heard.starts_with("HTTP/1.1 102 Processing\r\n\r\n"));
  }
  // A client that may wait for 400 ms only waits for as long as it must.
  auto client = std::async(std::launch::async, [&] {
    auto patient = HttpClient::ConnectLoopback(server->Port());
    return (*patient)->Send({.method = "GET", .target = "/"}, milliseconds(120'000));
  });
  gate.Await(3);
  gate.Open();
  CHECK(other.Hear("GET / ").starts_with("HTTP/1.1 200 "));
  CHECK(asking.Hear("GET / ").find("HTTP/1.1 200 ") != std::string::npos);
  const auto answered = client.get();
  REQUIRE(answered.ok());
  CHECK(answered->body == "GET / ");
}

TEST_CASE("a server that says nothing is waited for as long as the client was told") {
  // Listens, and nobody ever accepts: as a stopped process does.
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(::bind(silent, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(silent, 4) == 0);
  REQUIRE(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  for (const size_t body : {size_t{0}, size_t{30'000'000}}) {
    auto client = HttpClient::ConnectLoopback(ntohs(address.sin_port));
    REQUIRE(client.ok());
    const auto answer = (*client)->Send(
        {.method = "POST", .target = "/", .body = std::string(body, 'x')}, milliseconds(200));
    CHECK(absl::IsDeadlineExceeded(answer.status()));
    CHECK(MessageOf(answer.status()) == "no sign of life for 200 ms");
  }
  ::close(silent);
}

TEST_CASE("who takes an answer too slowly is cut off") {
  const auto server =
      AtPort([](const HttpRequest&) { return HttpResponse{.body = std::string(64 << 20, 'x')}; },
             {.connections_max = 1, .patience = milliseconds(100)});
  RawCaller slow(server->Port());
  slow.Say(kGet);
  REQUIRE(slow.Hear("HTTP/1.1 200 ").starts_with("HTTP/1.1 200 "));
  // Its place is free again without a byte more being taken.
  for (;;) {
    RawCaller next(server->Port());
    next.Say("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    if (next.Hear("\r\n\r\n").starts_with("HTTP/1.1 200 ")) break;
    std::this_thread::sleep_for(milliseconds(5));
  }
  CHECK(slow.Hear().size() < (64 << 20));
}

TEST_CASE("an answer learns that its caller went away") {
  std::promise<bool> seen;
  const auto server = AtPort([&](const HttpRequest& request) {
    for (int i = 0; i < 120'000 && !request.Gone(); ++i) {
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
  CHECK(server->Stop(milliseconds(120'000)));
  CHECK(answer.get() == "GET / ");
}

}  // namespace
}  // namespace assay
