#include "connectors/http/connection.h"

#include <sys/socket.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace assay {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

// How long what a refused caller still sends is read, so that it gets to see the refusal.
constexpr std::chrono::seconds kDrainTime{5};

// The user behind a Unix socket.
std::optional<SocketPeer> PeerOf(int descriptor) {
  int domain = 0;
  socklen_t size = sizeof(domain);
  if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX) {
    return std::nullopt;
  }
  ucred peer{};
  size = sizeof(peer);
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return SocketPeer{peer.uid, peer.pid};
}

HttpRequest RequestOf(http::request<http::string_body> message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace

HttpConnection::HttpConnection(const ConnectionContext& context, Socket socket)
    : context_(context), stream_(std::move(socket)) {
  peer_ = PeerOf(stream_.socket().native_handle());
}

void HttpConnection::Read() {
  if (context_.stopping) return;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_.options.header_bytes_max));
  parser_->body_limit(context_.options.body_bytes_max);
  stream_.expires_after(context_.options.patience);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const Error& error, size_t) { self->OnHeader(error); });
}

void HttpConnection::OnHeader(const Error& error) {
  if (error) return FailRead(error);
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return ReadBody();
  go_on_ = {http::status::continue_, 11};
  http::async_write(stream_, go_on_, [self = shared_from_this()](const Error& failed, size_t) {
    if (!failed) self->ReadBody();
  });
}

void HttpConnection::ReadBody() {
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const Error& error, size_t) { self->OnRead(error); });
}

void HttpConnection::OnRead(const Error& error) { return error ? FailRead(error) : Answer(); }

void HttpConnection::FailRead(const Error& error) {
  const bool is_fault =
      error.category() == http::make_error_code(http::error::bad_target).category();
  if (!is_fault || error == http::error::end_of_stream || error == http::error::partial_message) {
    return;
  }
  if (error == http::error::body_limit) return Refuse(413, "the body is too large\n");
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Refuse(431, "the headers are too large\n");
  }
  Refuse(400, "this is not HTTP: " + error.message() + "\n");
}

void HttpConnection::Refuse(int status, std::string_view words) {
  is_head_ = false;
  is_answering_ = true;
  context_.on_begun();
  Write({.status = status, .body = std::string(words)}, false);
}

void HttpConnection::Answer() {
  is_answering_ = true;
  context_.on_begun();
  stream_.expires_never();
  const bool keeps_alive = parser_->keep_alive();
  is_head_ = parser_->get().method() == http::verb::head;
  auto request = std::make_shared<HttpRequest>(RequestOf(parser_->release()));
  request->peer = peer_;
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  request->gone = gone;
  WatchCaller(gone);
  asio::post(context_.workers, [self = shared_from_this(), request, keeps_alive] {
    auto response = std::make_shared<HttpResponse>(self->context_.handler(*request));
    asio::post(self->stream_.get_executor(), [self, response, keeps_alive] {
      // Ends the watch.
      Error ignored;
      self->stream_.socket().cancel(ignored);
      self->Write(std::move(*response), keeps_alive);
    });
  });
}

void HttpConnection::WatchCaller(std::shared_ptr<std::atomic<bool>> gone) {
  stream_.socket().async_wait(
      asio::socket_base::wait_read,
      [self = shared_from_this(), gone = std::move(gone)](const Error& error) {
        if (error) return;
        char next = 0;
        const auto got =
            recv(self->stream_.socket().native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got == 0) gone->store(true);
      });
}

void HttpConnection::Write(HttpResponse response, bool keeps_alive) {
  response_ = {};
  response_.version(11);
  response_.result(static_cast<unsigned>(response.status));
  response_.keep_alive(keeps_alive && !context_.stopping);
  response_.set(http::field::content_type, response.content_type);
  for (const HttpHeader& header : response.headers) response_.set(header.name, header.value);
  const size_t length = response.body.size();
  if (!is_head_) response_.body() = std::move(response.body);
  response_.content_length(length);
  stream_.expires_after(context_.options.patience);
  http::async_write(stream_, response_, [self = shared_from_this()](const Error& error, size_t) {
    self->OnWritten(error);
  });
}

void HttpConnection::OnWritten(const Error& error) {
  is_answering_ = false;
  const bool keeps_alive = response_.keep_alive();
  response_ = {};
  context_.on_answered();
  if (error) return;
  if (keeps_alive && !context_.stopping) return Read();
  Error ignored;
  stream_.socket().shutdown(Socket::shutdown_send, ignored);
  stream_.expires_after(kDrainTime);
  Drain();
}

void HttpConnection::Drain() {
  if (context_.stopping) return;
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(64 * 1024),
                          [self = shared_from_this()](const Error& error, size_t) {
                            if (!error) self->Drain();
                          });
}

void HttpConnection::CloseIfIdle() {
  if (!is_answering_) stream_.close();
}

}  // namespace assay
