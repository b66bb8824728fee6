// The Connect protocol for unary methods: POST /package.Service/Method with one message as binary
// protobuf or JSON, and the answer in the same form. Errors are JSON with a code, and the HTTP
// status that belongs to it. https://connectrpc.com/docs/protocol

#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/http/message.h"
#include "engine/base/status.h"

namespace assay {

// "invalid_argument", as Connect spells the code.
[[nodiscard]] std::string_view ConnectCodeName(absl::StatusCode code);
// {"code": ..., "message": ...} with the status that Connect gives the code.
[[nodiscard]] HttpResponse ConnectFailure(const absl::Status& status);

// Methods by path. Thread-safe once all are added.
class ConnectMethods {
 public:
  // Fills the response, or says why not. `http` tells who calls.
  template <typename Request, typename Response>
  using Method =
      std::function<absl::Status(const HttpRequest& http, const Request&, Response& response)>;

  // `path` is "/package.Service/Method".
  template <typename Request, typename Response>
  void Add(const std::string& path, Method<Request, Response> method) {
    methods_[path] = {.request = std::make_unique<Request>(),
                      .response = std::make_unique<Response>(),
                      .run = [method = std::move(method)](const HttpRequest& http,
                                                          const google::protobuf::Message& request,
                                                          google::protobuf::Message& response) {
                        return method(http, static_cast<const Request&>(request),
                                      static_cast<Response&>(response));
                      }};
  }

  // 404 for a path that has no method, 405 for anything but POST, 415 for another content type.
  [[nodiscard]] HttpResponse Answer(const HttpRequest& http) const;

 private:
  struct Entry {
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    std::function<absl::Status(const HttpRequest&, const google::protobuf::Message&,
                               google::protobuf::Message&)>
        run;
  };
  std::map<std::string, Entry, std::less<>> methods_;
};

// The error that an answer carries, for clients: code and message of its JSON, or by its HTTP
// status when it has none. OK for status 200.
[[nodiscard]] absl::Status FailureIn(const HttpResponse& response);

}  // namespace assay
