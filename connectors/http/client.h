// A plain HTTP/1.1 client for a Unix socket or a port of the loopback interface.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "connectors/http/message.h"
#include "engine/base/status.h"

namespace assay {

// One connection, one request at a time. One thread.
class HttpClient {
 public:
  // NOT_FOUND when there is no socket or nobody listens at it; PERMISSION_DENIED when this user may
  // not use it; UNAVAILABLE for the rest.
  static absl::StatusOr<std::unique_ptr<HttpClient>> ConnectUnix(const std::string& path);
  static absl::StatusOr<std::unique_ptr<HttpClient>> ConnectLoopback(uint16_t port);
  ~HttpClient();

  // Sends method, target, headers and body and waits for the answer.
  //
  // UNAVAILABLE when the connection ended before, and DEADLINE_EXCEEDED when the server took and
  // sent nothing for `silence_max` (zero = however long): whether the request was carried out is
  // unknown, and the connection is of no use any more. With a `silence_max` the server is asked for
  // signs of life while it works.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request,
                                    std::chrono::milliseconds silence_max = {});

 private:
  class Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
