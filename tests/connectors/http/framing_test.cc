#include "connectors/http/framing.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

HttpRequest Head(std::vector<HttpHeader> headers, std::string method = "POST") {
  headers.push_back({"Host", "x"});
  return {.method = std::move(method), .target = "/", .headers = std::move(headers)};
}

// The status of the refusal, 0 for none.
int StatusOf(const HttpRequest& head, unsigned version = 11) {
  const auto fault = FramingFault(head, version);
  return fault.has_value() ? fault->status : 0;
}

TEST_CASE("where a message ends is said once and in one way") {
  CHECK(StatusOf(Head({})) == 0);
  CHECK(StatusOf(Head({{"Content-Length", "12"}})) == 0);
  CHECK(StatusOf(Head({{"transfer-encoding", "Chunked"}})) == 0);
  const std::vector<std::vector<HttpHeader>> wrong = {
      {{"Transfer-Encoding", "gzip"}},
      {{"Transfer-Encoding", "gzip, chunked"}},
      {{"Transfer-Encoding", "chunked, gzip"}},
      {{"Transfer-Encoding", "xchunked"}},
      {{"Transfer-Encoding", "identity"}},
      {{"Transfer-Encoding", ""}},
      {{"Transfer-Encoding", "chunked;q=1"}},
      {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Content-Length", "3"}},
      {{"Content-Length", "3"}, {"TRANSFER-ENCODING", "chunked"}},
      {{"Content-Length", "3"}, {"Content-Length", "3"}},
      {{"Content-Length", "3"}, {"content-length", "4"}},
      {{"Content-Length", "3, 3"}},
      {{"Content-Length", "+3"}},
      {{"Content-Length", "-3"}},
      {{"Content-Length", "0x3"}},
      {{"Content-Length", ""}},
  };
  for (const auto& headers : wrong) {
    INFO(headers.front().name << ": " << headers.front().value);
    CHECK(StatusOf(Head(headers)) == 400);
  }
  CHECK(StatusOf(Head({{"Transfer-Encoding", "chunked"}}), 10) == 400);
}

TEST_CASE("versions, methods and hosts that nobody here knows are refused") {
  CHECK(StatusOf(Head({}), 10) == 0);
  CHECK(StatusOf(Head({}), 9) == 505);
  CHECK(StatusOf(Head({}), 20) == 505);
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    CHECK(StatusOf(Head({}, method)) == 0);
  }
  for (const char* method : {"TRACE", "CONNECT", "trace", "get", "PRI", ""}) {
    CHECK(StatusOf(Head({}, method)) == 501);
  }
  CHECK(StatusOf({.method = "GET", .target = "/"}) == 400);
  CHECK(StatusOf({.method = "GET", .target = "/"}, 10) == 0);
  CHECK(StatusOf(Head({{"Host", "y"}}, "GET")) == 400);
}

TEST_CASE("there are as many headers as there may be, and no more") {
  std::vector<HttpHeader> headers(kHeadersMax - 1, HttpHeader{"X", "1"});
  CHECK(StatusOf(Head(headers)) == 0);
  headers.push_back({"X", "1"});
  CHECK(StatusOf(Head(headers)) == 431);
}

}  // namespace
}  // namespace assay
