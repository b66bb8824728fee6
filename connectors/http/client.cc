#include "connectors/http/client.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <limits>
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
  Impl() : socket_(context_) {}

  absl::Status Connect(const asio::generic::stream_protocol::endpoint& endpoint,
                       const std::string& place) {
    error_code error;
    socket_.connect(endpoint, error);
    return error ? ConnectFault(error, place) : absl::OkStatus();
  }

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) {
    http::request<http::string_body> message;
    message.method_string(request.method);
    message.target(request.target);
    message.version(11);
    message.set(http::field::host, "localhost");
    for (const HttpHeader& header : request.headers) message.set(header.name, header.value);
    message.body() = request.body;
    message.prepare_payload();
    error_code error;
    http::write(socket_, message, error);
    // A refusal may have come before everything was sent.
    if (error && error != boost::system::errc::broken_pipe) return Lost(error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    http::read(socket_, buffer_, parser, error);
    if (error) return Lost(error);
    HttpResponse response;
    response.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
      response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    response.content_type = std::string(HeaderOf(response.headers, "content-type"));
    response.body = std::move(parser.get().body());
    return response;
  }

 private:
  static absl::Status Lost(const error_code& error) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the connection ended before the answer: {}",
                      error.message());
  }

  asio::io_context context_;
  asio::generic::stream_protocol::socket socket_;
  boost::beast::flat_buffer buffer_;
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

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  return impl_->Send(request);
}

}  // namespace assay
