// One connection of the server: reads a request, has it answered, writes the answer, again and
// again. Included by the server alone.

#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "connectors/http/message.h"
#include "connectors/http/server.h"

namespace assay {

// What a connection has of its server, which outlives it.
struct ConnectionContext {
  const HttpServerOptions& options;
  const HttpHandler& handler;
  boost::asio::thread_pool& workers;
  // No further request is read.
  const std::atomic<bool>& stopping;
  // Requests that are being answered, until the answer is written.
  std::function<void()> on_begun;
  std::function<void()> on_answered;
};

// On the thread of the server, but for the handler. Lives as long as an operation is pending.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  HttpConnection(const ConnectionContext& context, Socket socket);

  void Read();
  // Answers with that status and no more.
  void Refuse(int status, std::string_view words);
  // Ends it, unless a request is being answered.
  void CloseIfIdle();

 private:
  using Error = boost::beast::error_code;

  void OnHeader(const Error& error);
  void ReadBody();
  void OnRead(const Error& error);
  void FailRead(const Error& error);
  void Answer();
  void WatchCaller(std::shared_ptr<std::atomic<bool>> gone);
  void Write(HttpResponse response, bool keeps_alive);
  void OnWritten(const Error& error);
  void Drain();

  const ConnectionContext& context_;
  boost::beast::basic_stream<boost::asio::generic::stream_protocol> stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  boost::beast::http::response<boost::beast::http::empty_body> go_on_;
  std::optional<SocketPeer> peer_;
  bool is_head_ = false;
  bool is_answering_ = false;
};

}  // namespace assay
