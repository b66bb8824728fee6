// A small HTTP/1.1 server on a Unix socket or on the loopback interface.
//
// One thread reads and writes; handlers run on a few workers, so that a slow one does not keep
// others from being read. A connection answers its requests one after another and is kept alive.
// What a caller may send is limited in size and time; beyond that it hears 400, 413, 431 or
// nothing.
//
// Every connection counts, also one that was refused and is drained, so that the server never has
// more descriptors than it was given. Where there is no room for another, the one that has been
// idle longest ends; connections whose request is worked on stay, and with those alone newcomers
// are turned away with 503.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "connectors/http/message.h"
#include "engine/base/status.h"

namespace assay {

struct HttpServerOptions {
  // A Unix socket at this path ...
  std::string unix_path;
  mode_t unix_mode = 0600;
  // ... or a port of 127.0.0.1; 0 = a free one.
  uint16_t port = 0;
  // Threads at most; made when they are needed.
  int workers = 2;
  int connections_max = 64;
  // Of one user of a Unix socket, who cannot take it from the others; 0 = as many as of all.
  int connections_per_user_max = 0;
  size_t header_bytes_max = 16 * 1024;
  // Without `admit`, of a method that has a body; others may have none.
  size_t body_bytes_max = size_t{64} * 1024 * 1024;
  // Of all requests of one user of a Unix socket that are read or worked on.
  size_t body_bytes_per_user_max = size_t{128} * 1024 * 1024;
  // Asked before a body is read.
  HttpAdmit admit;
  // For a request to arrive, for an answer to be taken, and between requests.
  std::chrono::milliseconds patience{30'000};
};

// Thread-safe.
class HttpServer {
 public:
  // Listens and answers from the return on. A socket file that nobody listens at is replaced.
  //
  // ALREADY_EXISTS when somebody answers at the path, or it is a file that is no socket;
  // UNAVAILABLE when the system refuses, also a thread.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           HttpHandler handler);
  // As Stop with no patience.
  ~HttpServer();

  // The port that was chosen; 0 for a Unix socket.
  [[nodiscard]] uint16_t Port() const;

  // Takes no more connections and requests, removes the socket file, and waits until running
  // handlers have been answered, at most so long. Gives whether all were. Handlers that still run
  // are waited for when this is destroyed.
  bool Stop(std::chrono::milliseconds patience);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
