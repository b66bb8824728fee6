// One connection of the server: reads a request, has it answered, writes the answer, again and
// again. Included by the server alone.

#pragma once

#include <sys/types.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "connectors/http/message.h"
#include "connectors/http/server.h"
#include "connectors/http/workers.h"

namespace assay {

// What a connection has of its server, which outlives it.
struct ConnectionContext {
  const HttpServerOptions& options;
  const HttpHandler& handler;
  Workers& workers;
  // No further request is read.
  const std::atomic<bool>& stopping;
  // Requests that are being answered, until the answer is written.
  std::function<void()> on_begun;
  std::function<void()> on_answered;
  // Bytes of bodies that are read or worked on, by user. For the thread of the server.
  std::map<uid_t, size_t> body_bytes;
};

// On the thread of the server, but for the handler. Lives as long as an operation is pending.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  // In the order in which they give way to others.
  enum class State {
    kDraining,     // was answered for good: what the caller still sends is dropped
    kReadingHead,  // between two requests, or within the headers of one
    kReadingBody,  // of a caller who may send it
    kAtWork,       // a request is judged or answered, or its answer is written
  };

  HttpConnection(ConnectionContext& context, Socket socket);
  ~HttpConnection();

  void Read();
  // Ends it at once with 503 and these words, as far as they can be said without waiting.
  void TurnAway(std::string_view words);
  // Ends it, unless a request is being answered.
  void CloseIfIdle();

  [[nodiscard]] bool IsOpen() { return stream_.socket().is_open(); }
  [[nodiscard]] State Now() const { return state_; }
  // Since when it is in this state.
  [[nodiscard]] std::chrono::steady_clock::time_point Since() const { return since_; }
  // Of a Unix socket.
  [[nodiscard]] const std::optional<SocketPeer>& Peer() const { return peer_; }

 private:
  using Error = boost::beast::error_code;

  void Enter(State state);
  void OnHeader(const Error& error);
  void Admit();
  void OnAdmitted(HttpAdmission admission);
  // Whether the body fits beside the others of the user.
  bool TakeRoom(size_t body_bytes);
  void LetGoOfRoom();
  void AskForBody();
  void ReadBody();
  void FailRead(const Error& error);
  void Answer();
  // Runs on a worker, then `then` on the thread of the server; refuses the request without one.
  template <typename Work, typename Then>
  void RunAside(Work work, Then then);
  void WatchCaller(std::shared_ptr<std::atomic<bool>> gone);
  // Says that the request is worked on, again and again, to who asked for that.
  void SignLater();
  void Sign();
  void OnSigned(const Error& error);
  // Runs what writes or reads on, once no sign is on its way.
  void WhenSigned(std::function<void()> next);
  void Refuse(HttpResponse refusal);
  void Give(HttpResponse response);
  void Write(HttpResponse response);
  void OnWritten(const Error& error);
  void Drain();

  ConnectionContext& context_;
  boost::beast::basic_stream<boost::asio::generic::stream_protocol> stream_;
  boost::asio::steady_timer sign_timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  // 100 (Continue) or 102 (Processing).
  boost::beast::http::response<boost::beast::http::empty_body> interim_;
  std::optional<SocketPeer> peer_;
  HttpRequest request_;
  State state_ = State::kReadingHead;
  std::chrono::steady_clock::time_point since_;
  size_t room_ = 0;
  bool keeps_alive_ = false;
  bool is_head_ = false;
  // Zero = no signs.
  std::chrono::milliseconds sign_every_{0};
  bool is_signing_ = false;
  std::function<void()> when_signed_;
};

}  // namespace assay
