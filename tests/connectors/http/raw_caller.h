// A caller that says what no client would.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

namespace assay::testing {

class RawCaller {
 public:
  explicit RawCaller(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  // Of a Unix socket whose path fits into an address.
  explicit RawCaller(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    is_connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawCaller() { Close(); }
  RawCaller(const RawCaller&) = delete;
  RawCaller& operator=(const RawCaller&) = delete;

  [[nodiscard]] bool Connected() const { return is_connected_; }
  // Whether the server has neither answered nor closed.
  [[nodiscard]] bool IsOpen() const {
    char some = 0;
    return is_connected_ && ::recv(socket_, &some, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }
  void Say(std::string_view bytes) const {
    (void)::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Nothing more is said; what comes is still heard.
  void EndSaying() const { (void)::shutdown(socket_, SHUT_WR); }
  // What comes, at least until it holds `end`; without one until the server closes.
  [[nodiscard]] std::string Hear(std::string_view end = "") const {
    std::string heard;
    char some[4096];
    while (end.empty() || heard.find(end) == std::string::npos) {
      const ssize_t got = ::recv(socket_, some, sizeof(some), 0);
      if (got <= 0) break;
      heard.append(some, static_cast<size_t>(got));
    }
    return heard;
  }
  void Close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  bool is_connected_ = false;
};

}  // namespace assay::testing
