#include "connectors/http/connect.h"

#include <assay/v1/types.pb.h>

#include <catch2/catch.hpp>

namespace assay {
namespace {

constexpr const char* kPath = "/assay.v1.Service/Greet";

// Greets persons, and refuses clients with the code that they name.
ConnectMethods Greeting() {
  ConnectMethods methods;
  methods.Add<v1::Actor, v1::Actor>(
      kPath, [](const HttpRequest&, const v1::Actor& request, v1::Actor& response) {
        if (request.client() == "broken") {
          return MakeStatus(absl::StatusCode::kDataLoss, "a \"page\" is torn");
        }
        response.set_person("hello " + request.person());
        return absl::OkStatus();
      });
  return methods;
}

HttpRequest Post(std::string type, std::string body) {
  return {.method = "POST",
          .target = std::string(kPath) + "?connect=v1",
          .headers = {{"Content-Type", std::move(type)}},
          .body = std::move(body)};
}

TEST_CASE("a method answers JSON with JSON and protobuf with protobuf") {
  const ConnectMethods methods = Greeting();
  const HttpResponse json =
      methods.Answer(Post("application/json; charset=utf-8", "{\"person\":\"p-1\"}"));
  CHECK(json.status == 200);
  CHECK(json.content_type == "application/json");
  CHECK(json.body == "{\"person\":\"hello p-1\"}");
  v1::Actor actor;
  actor.set_person("p-2");
  const HttpResponse proto = methods.Answer(Post("application/proto", actor.SerializeAsString()));
  CHECK(proto.status == 200);
  CHECK(proto.content_type == "application/proto");
  REQUIRE(actor.ParseFromString(proto.body));
  CHECK(actor.person() == "hello p-2");
}

TEST_CASE("a failure has the code and the status that Connect gives it") {
  const HttpResponse failed =
      Greeting().Answer(Post("application/json", "{\"client\":\"broken\"}"));
  CHECK(failed.status == 500);
  CHECK(failed.content_type == "application/json");
  CHECK(failed.body == "{\"code\":\"data_loss\",\"message\":\"a \\\"page\\\" is torn\"}");
  const absl::Status read = FailureIn(failed);
  CHECK(read.code() == absl::StatusCode::kDataLoss);
  CHECK(MessageOf(read) == "a \"page\" is torn");
}

TEST_CASE("a body that a parser would hold many times is refused before it sees it") {
  const ConnectMethods methods = Greeting();
  const HttpResponse nested =
      methods.Answer(Post("application/json", "{\"person\":" + std::string(24'000'000, '[')));
  CHECK(nested.status == 400);
  CHECK(MessageOf(FailureIn(nested)) ==
        "the body: byte 26: expected at most 16 levels of lists and maps, found more");
  std::string fields;
  for (int i = 0; i < 300'000; ++i) fields += std::string_view("\x78\x01", 2);
  const HttpResponse many = methods.Answer(Post("application/proto", fields));
  CHECK(many.status == 400);
  CHECK(MessageOf(FailureIn(many)).find("expected at most 200000 fields") != std::string::npos);
  // What protobuf says of a body may hold the body.
  const HttpResponse wrong = methods.Answer(
      Post("application/json", "{\"person\": {\"" + std::string(200, 'k') + "\": 1}}"));
  CHECK(wrong.status == 400);
  CHECK(wrong.body.size() < 1'000);
}

TEST_CASE("what is no call of a method is refused") {
  const ConnectMethods methods = Greeting();
  HttpRequest request = Post("application/json", "{}");
  request.target = "/assay.v1.Service/Nothing";
  CHECK(methods.Answer(request).status == 404);
  request = Post("application/json", "{}");
  request.method = "GET";
  const HttpResponse by_get = methods.Answer(request);
  CHECK(by_get.status == 405);
  CHECK(HeaderOf(by_get.headers, "allow") == "POST");
  const HttpResponse as_text = methods.Answer(Post("text/plain", "{}"));
  CHECK(as_text.status == 415);
  CHECK(HeaderOf(as_text.headers, "accept-post") == "application/proto, application/json");
  request = Post("application/json", "{}");
  request.headers.push_back({"Content-Encoding", "gzip"});
  CHECK(FailureIn(methods.Answer(request)).code() == absl::StatusCode::kUnimplemented);
  CHECK(methods.Answer(Post("application/json", "{\"nobody\":1}")).status == 400);
  CHECK(methods.Answer(Post("application/proto", "\x0f")).status == 400);
}

TEST_CASE("a call is judged by its headers alone") {
  ConnectMethods methods;
  int asked = 0;
  methods.Add<v1::Actor, v1::Actor>(
      kPath, [](const HttpRequest&, const v1::Actor&, v1::Actor&) { return absl::OkStatus(); },
      {.body_bytes_max = 7, .admit = [&](const HttpRequest& head) {
         ++asked;
         return head.peer.has_value()
                    ? absl::OkStatus()
                    : MakeStatus(absl::StatusCode::kUnauthenticated, "who are you?");
       }});
  HttpRequest head = Post("application/json", "");
  const HttpAdmission stranger = methods.Admit(head);
  REQUIRE(stranger.refusal.has_value());
  CHECK(stranger.refusal->status == 401);
  CHECK(stranger.refusal->body == "{\"code\":\"unauthenticated\",\"message\":\"who are you?\"}");
  head.peer = SocketPeer{1, 1};
  const HttpAdmission known = methods.Admit(head);
  CHECK_FALSE(known.refusal.has_value());
  CHECK(known.body_bytes_max == 7);
  CHECK(asked == 2);
  // What is no call is refused without asking who sends it.
  head.method = "GET";
  CHECK(methods.Admit(head).refusal->status == 405);
  head = Post("text/plain", "");
  CHECK(methods.Admit(head).refusal->status == 415);
  head = Post("application/json", "");
  head.headers.push_back({"Content-Encoding", "gzip"});
  CHECK(methods.Admit(head).refusal->status == 415);
  head.target = "/nothing";
  CHECK(methods.Admit(head).refusal->status == 404);
  CHECK(asked == 2);
}

TEST_CASE("an answer without a Connect error is judged by its status") {
  CHECK(FailureIn({.status = 200}).ok());
  CHECK(FailureIn({.status = 503, .body = "down"}).code() == absl::StatusCode::kUnavailable);
  CHECK(MessageOf(FailureIn({.status = 503, .content_type = "text/plain", .body = "full\nx"})) ==
        "HTTP status 503: full");
  CHECK(FailureIn({.status = 413}).code() == absl::StatusCode::kResourceExhausted);
  CHECK(FailureIn({.status = 500}).code() == absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace assay
