#include "connectors/http/client.h"

#include <algorithm>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "connectors/http/socket_path.h"

namespace assay {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

absl::Status ConnectFault(const error_code& error, const std::string& place) {
  const bool is_nobody = error == boost::system::errc::no_such_file_or_directory ||
                         error == boost::system::errc::not_a_directory ||
                         error == boost::system::errc::connection_refused;
  const auto code = is_nobody ? absl::StatusCode::kNotFound
                    : error == boost::system::errc::permission_denied
                        ? absl::StatusCode::kPermissionDenied
                        : absl::StatusCode::kUnavailable;
  return MakeStatus(code, "{}: {}", place, error.message());
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl() : stream_(context_) {}

  absl::Status Connect(const asio::generic::stream_protocol::endpoint& endpoint,
                       const std::string& place) {
    error_code error;
    stream_.socket().connect(endpoint, error);
    return error ? ConnectFault(error, place) : absl::OkStatus();
  }

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request,
                                    std::chrono::milliseconds silence_max) {
    silence_max_ = silence_max;
    if (const auto error = Write(request)) return Lost(error);
    std::optional<http::response_parser<http::string_body>> parser;
    do {
      parser.emplace();
      parser->body_limit(boost::none);
      if (const auto error = Read(*parser)) return Lost(error);
    } while (parser->get().result() == http::status::processing);
    HttpResponse response;
    response.status = static_cast<int>(parser->get().result_int());
    for (const auto& field : parser->get()) {
      response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    response.content_type = std::string(HeaderOf(response.headers, "content-type"));
    response.body = std::move(parser->get().body());
    return response;
  }

 private:
  error_code Write(const HttpRequest& request) {
    http::request<http::string_body> message;
    message.method_string(request.method);
    message.target(request.target);
    message.version(11);
    message.set(http::field::host, "localhost");
    if (silence_max_.count() > 0) {
      message.set(kSignsOfLife, std::to_string(std::max<int64_t>(silence_max_.count() / 4, 1)));
    }
    for (const HttpHeader& header : request.headers) message.set(header.name, header.value);
    message.body() = request.body;
    message.prepare_payload();
    http::request_serializer<http::string_body> serializer(message);
    while (!serializer.is_done()) {
      const error_code error =
          Await([&](auto done) { http::async_write_some(stream_, serializer, std::move(done)); });
      // A refusal may have come before everything was sent.
      if (error == boost::system::errc::broken_pipe) break;
      if (error) return error;
    }
    return {};
  }

  error_code Read(http::response_parser<http::string_body>& parser) {
    while (!parser.is_done()) {
      const error_code error = Await(
          [&](auto done) { http::async_read_some(stream_, buffer_, parser, std::move(done)); });
      if (error) return error;
    }
    return {};
  }

  // Runs one step to its end, for at most as long as the server may be silent.
  template <typename Begin>
  error_code Await(const Begin& begin) {
    error_code ended;
    silence_max_.count() > 0 ? stream_.expires_after(silence_max_) : stream_.expires_never();
    begin([&ended](const error_code& error, size_t) { ended = error; });
    context_.restart();
    context_.run();
    return ended;
  }

  [[nodiscard]] absl::Status Lost(const error_code& error) const {
    if (error == boost::beast::error::timeout) {
      return MakeStatus(absl::StatusCode::kDeadlineExceeded, "no sign of life for {} ms",
                        silence_max_.count());
    }
    return MakeStatus(absl::StatusCode::kUnavailable, "the connection ended before the answer: {}",
                      error.message());
  }

  asio::io_context context_;
  boost::beast::basic_stream<asio::generic::stream_protocol> stream_;
  boost::beast::flat_buffer buffer_;
  std::chrono::milliseconds silence_max_{0};
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

absl::StatusOr<std::unique_ptr<HttpClient>> HttpClient::ConnectUnix(const std::string& path) {
  ASSAY_ASSIGN_OR_RETURN(const SocketPath short_path, SocketPath::Of(path));
  auto impl = std::make_unique<Impl>();
  ASSAY_RETURN_IF_ERROR(
      impl->Connect(asio::local::stream_protocol::endpoint(short_path.Short()), path));
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

absl::StatusOr<std::unique_ptr<HttpClient>> HttpClient::ConnectLoopback(uint16_t port) {
  auto impl = std::make_unique<Impl>();
  const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  ASSAY_RETURN_IF_ERROR(impl->Connect(endpoint, fmt::format("127.0.0.1:{}", port)));
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request,
                                              std::chrono::milliseconds silence_max) {
  return impl_->Send(request, silence_max);
}

}  // namespace assay
