#include "connectors/http/server.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <future>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "connectors/http/client.h"
#include "connectors/http/connection.h"
#include "connectors/http/socket_path.h"
#include "connectors/http/workers.h"

namespace assay {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

// After the system had no descriptor for another connection.
constexpr std::chrono::milliseconds kAcceptAgain{100};

absl::Status Refused(const std::string& place, const std::string& why) {
  return MakeStatus(absl::StatusCode::kUnavailable, "cannot listen at {}: {}", place, why);
}

// Nobody may lose what is not a socket, or a socket that somebody answers at.
absl::Status CheckPlace(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return absl::OkStatus();
  if (!S_ISSOCK(found.st_mode)) {
    return MakeStatus(absl::StatusCode::kAlreadyExists, "{} is there and no socket", path);
  }
  if (!HttpClient::ConnectUnix(path).ok()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kAlreadyExists, "somebody answers at {} already", path);
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, HttpHandler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        acceptor_(io_),
        again_(io_),
        workers_(static_cast<size_t>(options_.workers)),
        context_{.options = options_,
                 .handler = handler_,
                 .workers = workers_,
                 .stopping = stopping_,
                 .on_begun = [this] { CountAnswering(1); },
                 .on_answered = [this] { CountAnswering(-1); },
                 .body_bytes = {}} {}

  ~Impl() {
    (void)Stop(std::chrono::milliseconds(0));
    workers_.Join();
    work_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen() { return options_.unix_path.empty() ? ListenAtPort() : ListenAtPath(); }

  absl::Status Begin() {
    // Found out now rather than by the first caller.
    bool has_thread = workers_.Post([] {});
    Accept();
    try {
      thread_ = std::thread([this] { io_.run(); });
    } catch (const std::system_error&) {
      has_thread = false;
    }
    if (has_thread) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kUnavailable, "the system gives no thread to listen with");
  }

  bool Stop(std::chrono::milliseconds patience) {
    if (!stopping_.exchange(true)) Close();
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, patience, [this] { return answering_ == 0; });
  }

  [[nodiscard]] uint16_t Port() const { return port_; }

 private:
  absl::Status Open(const asio::generic::stream_protocol::endpoint& endpoint,
                    const std::string& place) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error && options_.unix_path.empty()) {
      acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) acceptor_.bind(endpoint, error);
    return error ? Refused(place, error.message()) : absl::OkStatus();
  }

  absl::Status ListenAtPort() {
    const asio::ip::tcp::endpoint asked(asio::ip::address_v4::loopback(), options_.port);
    const std::string place = fmt::format("127.0.0.1:{}", options_.port);
    ASSAY_RETURN_IF_ERROR(Open(asked, place));
    error_code error;
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return Refused(place, error.message());
    sockaddr_in bound{};
    socklen_t size = sizeof(bound);
    if (getsockname(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
      return Refused(place, "its port is not known");
    }
    port_ = ntohs(bound.sin_port);
    return absl::OkStatus();
  }

  // Under another name first: when the path appears, its mode is right and somebody answers.
  absl::Status ListenAtPath() {
    const std::string& path = options_.unix_path;
    ASSAY_RETURN_IF_ERROR(CheckPlace(path));
    const std::string made = path + ".new";
    ::unlink(made.c_str());
    ASSAY_ASSIGN_OR_RETURN(const SocketPath short_path, SocketPath::Of(made));
    ASSAY_RETURN_IF_ERROR(Open(asio::local::stream_protocol::endpoint(short_path.Short()), path));
    error_code error;
    if (::chmod(made.c_str(), options_.unix_mode) != 0) return Refused(path, "its mode is refused");
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return Refused(path, error.message());
    if (::rename(made.c_str(), path.c_str()) != 0) return Refused(path, "it cannot be named");
    return absl::OkStatus();
  }

  // Nobody can connect any more when it returns.
  void Close() {
    if (!thread_.joinable()) return;
    if (!options_.unix_path.empty()) ::unlink(options_.unix_path.c_str());
    std::promise<void> closed;
    asio::post(io_, [&] {
      error_code ignored;
      acceptor_.close(ignored);
      again_.cancel();
      for (const auto& connection : connections_) {
        if (const auto live = connection.lock()) live->CloseIfIdle();
      }
      closed.set_value();
    });
    closed.get_future().wait();
  }

  void Accept() {
    acceptor_.async_accept([this](const error_code& error, HttpConnection::Socket socket) {
      if (stopping_) return;
      if (error) return AcceptLater();
      const auto connection = std::make_shared<HttpConnection>(context_, std::move(socket));
      if (MakeRoomFor(*connection)) {
        connections_.push_back(connection);
        connection->Read();
      }
      Accept();
    });
  }

  // Turns the newcomer away when there is none.
  bool MakeRoomFor(HttpConnection& newcomer) {
    std::erase_if(connections_, [](const auto& connection) { return connection.expired(); });
    const auto all = [](const HttpConnection&) { return true; };
    const auto of_user = [&](const HttpConnection& other) {
      return other.Peer().has_value() && other.Peer()->uid == newcomer.Peer()->uid;
    };
    const int per_user_max = options_.connections_per_user_max;
    if (newcomer.Peer().has_value() && per_user_max > 0 && !MakeRoom(per_user_max, of_user)) {
      newcomer.TurnAway("too many connections of this user\n");
      return false;
    }
    if (MakeRoom(options_.connections_max, all)) return true;
    newcomer.TurnAway("too many connections\n");
    return false;
  }

  // Whether there are fewer than `count_max` of these connections, after idle ones have ended.
  template <typename IsOne>
  bool MakeRoom(int count_max, const IsOne& is_one) {
    int count = 0;
    std::shared_ptr<HttpConnection> idle;
    for (const auto& each : connections_) {
      const auto live = each.lock();
      if (live == nullptr || !live->IsOpen() || !is_one(*live)) continue;
      ++count;
      if (live->Now() == HttpConnection::State::kAtWork) continue;
      if (idle == nullptr || GivesWayBefore(*live, *idle)) idle = live;
    }
    if (count < count_max) return true;
    if (idle == nullptr) return false;
    idle->CloseIfIdle();
    return true;
  }

  static bool GivesWayBefore(const HttpConnection& one, const HttpConnection& other) {
    return one.Now() != other.Now() ? one.Now() < other.Now() : one.Since() < other.Since();
  }

  void AcceptLater() {
    again_.expires_after(kAcceptAgain);
    again_.async_wait([this](const error_code& error) {
      if (!error) Accept();
    });
  }

  void CountAnswering(int change) {
    const std::lock_guard lock(mutex_);
    answering_ += change;
    if (answering_ == 0) idle_.notify_all();
  }

  const HttpServerOptions options_;
  const HttpHandler handler_;
  asio::io_context io_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{
      asio::make_work_guard(io_)};
  Acceptor acceptor_;
  asio::steady_timer again_;
  std::atomic<bool> stopping_{false};
  uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable idle_;
  int answering_ = 0;
  Workers workers_;
  ConnectionContext context_;
  // In the order in which they came.
  std::list<std::weak_ptr<HttpConnection>> connections_;
  std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              HttpHandler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  ASSAY_RETURN_IF_ERROR(impl->Listen());
  ASSAY_RETURN_IF_ERROR(impl->Begin());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

uint16_t HttpServer::Port() const { return impl_->Port(); }

bool HttpServer::Stop(std::chrono::milliseconds patience) { return impl_->Stop(patience); }

}  // namespace assay
