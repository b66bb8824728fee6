#include "connectors/http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>
#include <utility>

#include "connectors/http/framing.h"

namespace assay {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

// How long what a refused caller still sends is read, so that it gets to see the refusal.
constexpr std::chrono::seconds kDrainTime{5};
// Bounds of how often a caller hears that its request is worked on.
constexpr int64_t kSignMsMin = 100;
constexpr int64_t kSignMsMax = 60'000;

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

HttpRequest HeadOf(const http::request<http::string_body>& message) {
  HttpRequest head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  for (const auto& field : message) {
    head.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  return head;
}

// How often the caller wants to hear that its request is worked on; zero when it does not.
std::chrono::milliseconds SignsWantedBy(const HttpRequest& head) {
  const std::string_view text = HeaderOf(head.headers, kSignsOfLife);
  int64_t ms = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (read.ec != std::errc() || ms <= 0) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(std::clamp(ms, kSignMsMin, kSignMsMax));
}

bool HasBody(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "DELETE" && method != "OPTIONS";
}

}  // namespace

HttpConnection::HttpConnection(ConnectionContext& context, Socket socket)
    : context_(context),
      stream_(std::move(socket)),
      sign_timer_(stream_.get_executor()),
      since_(std::chrono::steady_clock::now()) {
  peer_ = PeerOf(stream_.socket().native_handle());
}

HttpConnection::~HttpConnection() { LetGoOfRoom(); }

void HttpConnection::Enter(State state) {
  const bool was_at_work = state_ == State::kAtWork;
  const bool is_at_work = state == State::kAtWork;
  state_ = state;
  since_ = std::chrono::steady_clock::now();
  if (is_at_work == was_at_work) return;
  if (is_at_work) {
    context_.on_begun();
    if (sign_every_.count() > 0) SignLater();
  } else {
    sign_timer_.cancel();
    context_.on_answered();
  }
}

void HttpConnection::Read() {
  if (context_.stopping) return;
  Enter(State::kReadingHead);
  sign_every_ = std::chrono::milliseconds(0);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_.options.header_bytes_max));
  // Judged when the headers are there.
  parser_->body_limit(boost::none);
  stream_.expires_after(context_.options.patience);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const Error& error, size_t) { self->OnHeader(error); });
}

void HttpConnection::OnHeader(const Error& error) {
  if (error) return FailRead(error);
  request_ = HeadOf(parser_->get());
  request_.peer = peer_;
  keeps_alive_ = parser_->keep_alive();
  is_head_ = request_.method == "HEAD";
  sign_every_ = SignsWantedBy(request_);
  if (auto fault = FramingFault(request_, parser_->get().version())) {
    return Refuse(*std::move(fault));
  }
  Enter(State::kAtWork);
  if (context_.options.admit) return Admit();
  OnAdmitted({.refusal = std::nullopt,
              .body_bytes_max = HasBody(request_.method) ? context_.options.body_bytes_max : 0});
}

void HttpConnection::Admit() {
  stream_.expires_never();
  auto admission = std::make_shared<HttpAdmission>();
  RunAside(
      [this, admission] { *admission = context_.options.admit(request_); },
      [this, admission] { WhenSigned([this, admission] { OnAdmitted(std::move(*admission)); }); });
}

void HttpConnection::OnAdmitted(HttpAdmission admission) {
  if (admission.refusal.has_value()) return Refuse(*std::move(admission.refusal));
  const size_t bytes_max = admission.body_bytes_max;
  const auto length = parser_->content_length();
  if (length.has_value() && *length > bytes_max) {
    return Refuse(
        {.status = 413, .body = fmt::format("the body is larger than {} bytes\n", bytes_max)});
  }
  // Without a length it may become as large as it may be.
  if (!TakeRoom(parser_->chunked() ? bytes_max : static_cast<size_t>(length.value_or(0)))) {
    return Refuse({.status = 503, .body = "too many bytes of this user are at work already\n"});
  }
  if (parser_->chunked()) parser_->body_limit(bytes_max);
  if (parser_->is_done()) return Answer();
  Enter(State::kReadingBody);
  stream_.expires_after(context_.options.patience);
  beast::iequals(parser_->get()[http::field::expect], "100-continue") ? AskForBody() : ReadBody();
}

bool HttpConnection::TakeRoom(size_t body_bytes) {
  if (!peer_.has_value()) return true;
  size_t& taken = context_.body_bytes[peer_->uid];
  if (body_bytes > 0 && taken + body_bytes > context_.options.body_bytes_per_user_max) return false;
  taken += body_bytes;
  room_ = body_bytes;
  return true;
}

void HttpConnection::LetGoOfRoom() {
  if (peer_.has_value() && room_ > 0) context_.body_bytes[peer_->uid] -= std::exchange(room_, 0);
}

void HttpConnection::AskForBody() {
  interim_ = {http::status::continue_, 11};
  http::async_write(stream_, interim_, [self = shared_from_this()](const Error& failed, size_t) {
    if (!failed) self->ReadBody();
  });
}

void HttpConnection::ReadBody() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, size_t) {
                     error ? self->FailRead(error) : self->Answer();
                   });
}

void HttpConnection::FailRead(const Error& error) {
  const bool is_fault =
      error.category() == http::make_error_code(http::error::bad_target).category();
  if (!is_fault || error == http::error::end_of_stream || error == http::error::partial_message) {
    return;
  }
  if (error == http::error::body_limit) {
    return Refuse({.status = 413, .body = "the body is too large\n"});
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Refuse({.status = 431, .body = "the headers are too large\n"});
  }
  Refuse({.status = 400, .body = "this is not HTTP: " + error.message() + "\n"});
}

void HttpConnection::TurnAway(std::string_view words) {
  const int descriptor = stream_.socket().native_handle();
  // What the caller has sent would, unread, take the answer from it.
  char heard[16 * 1024];
  (void)::recv(descriptor, heard, sizeof(heard), MSG_DONTWAIT);
  const std::string answer = fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      words.size(), words);
  (void)::send(descriptor, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  stream_.close();
}

void HttpConnection::Answer() {
  Enter(State::kAtWork);
  stream_.expires_never();
  request_.body = std::move(parser_->get().body());
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  request_.gone = gone;
  WatchCaller(gone);
  auto response = std::make_shared<HttpResponse>();
  RunAside([this, response] { *response = context_.handler(request_); },
           [this, response] { WhenSigned([this, response] { Give(std::move(*response)); }); });
}

template <typename Work, typename Then>
void HttpConnection::RunAside(Work work, Then then) {
  const bool runs = context_.workers.Post([self = shared_from_this(), work = std::move(work),
                                           then = std::move(then)]() mutable {
    work();
    asio::post(self->stream_.get_executor(), [self, then = std::move(then)]() mutable { then(); });
  });
  if (!runs) Refuse({.status = 503, .body = "the system gives no thread to answer with\n"});
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

void HttpConnection::SignLater() {
  sign_timer_.expires_after(sign_every_);
  sign_timer_.async_wait([self = shared_from_this()](const Error& error) {
    const bool is_wanted = self->state_ == State::kAtWork && self->sign_every_.count() > 0;
    if (!error && is_wanted && !self->is_signing_) self->Sign();
  });
}

void HttpConnection::Sign() {
  is_signing_ = true;
  interim_ = {http::status::processing, 11};
  stream_.expires_after(context_.options.patience);
  http::async_write(stream_, interim_, [self = shared_from_this()](const Error& error, size_t) {
    self->OnSigned(error);
  });
}

void HttpConnection::OnSigned(const Error& error) {
  is_signing_ = false;
  stream_.expires_never();
  if (const auto next = std::exchange(when_signed_, nullptr)) return next();
  if (!error) SignLater();
}

void HttpConnection::WhenSigned(std::function<void()> next) {
  if (!is_signing_) return next();
  when_signed_ = std::move(next);
}

void HttpConnection::Refuse(HttpResponse refusal) {
  keeps_alive_ = false;
  Enter(State::kAtWork);
  Give(std::move(refusal));
}

void HttpConnection::Give(HttpResponse response) {
  sign_every_ = std::chrono::milliseconds(0);
  sign_timer_.cancel();
  // Ends the watch of the caller.
  Error ignored;
  stream_.socket().cancel(ignored);
  Write(std::move(response));
}

void HttpConnection::Write(HttpResponse response) {
  response_ = {};
  response_.version(11);
  response_.result(static_cast<unsigned>(response.status));
  response_.keep_alive(keeps_alive_ && !context_.stopping);
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
  const bool keeps_alive = response_.keep_alive();
  response_ = {};
  request_ = {};
  LetGoOfRoom();
  Enter(State::kDraining);
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
  if (state_ != State::kAtWork) stream_.close();
}

}  // namespace assay
