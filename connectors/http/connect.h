// The Connect protocol for unary methods: POST /package.Service/Method with one message as binary
// protobuf or JSON, and the answer in the same form. Errors are JSON with a code, and the HTTP
// status that belongs to it. https://connectrpc.com/docs/protocol

#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/http/message.h"
#include "engine/base/status.h"

namespace assay {

// "invalid_argument", as Connect spells the code.
[[nodiscard]] std::string_view ConnectCodeName(absl::StatusCode code);
// {"code": ..., "message": ...} with the status that Connect gives the code.
[[nodiscard]] HttpResponse ConnectFailure(const absl::Status& status);

// What is asked of a call before its body is read.
struct ConnectLimits {
  size_t body_bytes_max = size_t{64} * 1024 * 1024;
  // Whether who calls may; empty = everybody may.
  std::function<absl::Status(const HttpRequest& head)> admit;
};

// Methods by path. Thread-safe once all are added.
class ConnectMethods {
 public:
  // Fills the response, or says why not. `http` tells who calls.
  template <typename Request, typename Response>
  using Method =
      std::function<absl::Status(const HttpRequest& http, const Request&, Response& response)>;

  // `path` is "/package.Service/Method".
  template <typename Request, typename Response>
  void Add(const std::string& path, Method<Request, Response> method, ConnectLimits limits = {}) {
    methods_[path] = {.limits = std::move(limits),
                      .request = std::make_unique<Request>(),
                      .response = std::make_unique<Response>(),
                      .run = [method = std::move(method)](const HttpRequest& http,
                                                          const google::protobuf::Message& request,
                                                          google::protobuf::Message& response) {
                        return method(http, static_cast<const Request&>(request),
                                      static_cast<Response&>(response));
                      }};
  }

  // Judges a call by its headers: 404 for a path that has no method, 405 for anything but POST, 415
  // for another content type or a content encoding; then as the method's limits say.
  [[nodiscard]] HttpAdmission Admit(const HttpRequest& head) const;
  // Runs a call. What Admit refuses by the headers alone is refused here too.
  [[nodiscard]] HttpResponse Answer(const HttpRequest& http) const;

 private:
  struct Entry {
    ConnectLimits limits;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    std::function<absl::Status(const HttpRequest&, const google::protobuf::Message&,
                               google::protobuf::Message&)>
        run;
  };
  // The method that is called, or the refusal.
  [[nodiscard]] const Entry* Find(const HttpRequest& http, HttpResponse& refusal) const;
  std::map<std::string, Entry, std::less<>> methods_;
};

// The error that an answer carries, for clients: code and message of its JSON, or by its HTTP
// status when it has none. OK for status 200.
[[nodiscard]] absl::Status FailureIn(const HttpResponse& response);

}  // namespace assay
