// HTTP as handlers see it: whole requests in, whole responses out.

#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct HttpHeader {
  std::string name;
  std::string value;
};

// The first header of that name, in any case; empty when there is none.
[[nodiscard]] std::string_view HeaderOf(const std::vector<HttpHeader>& headers,
                                        std::string_view name);

// Who is at the other end of a Unix socket, as the kernel says.
struct SocketPeer {
  uid_t uid = 0;
  pid_t pid = 0;
};

struct HttpRequest {
  // "GET"
  std::string method;
  // "/assay.v1.Service/Call?connect=v1"
  std::string target;
  std::vector<HttpHeader> headers;
  std::string body;
  // None over TCP.
  std::optional<SocketPeer> peer;
  // Set by the server when the caller went away before it was answered.
  std::shared_ptr<const std::atomic<bool>> gone;

  // The target without what follows a question mark.
  [[nodiscard]] std::string_view Path() const;
  [[nodiscard]] bool Gone() const { return gone != nullptr && gone->load(); }
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  // Beside the content type and what the server itself writes.
  std::vector<HttpHeader> headers;
};

// Answers one request. Called by several threads at once; throws nothing.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// What becomes of a request whose headers are there, and whose body is not.
struct HttpAdmission {
  // Is answered at once, and the connection ends.
  std::optional<HttpResponse> refusal;
  // A larger body is refused with 413.
  size_t body_bytes_max = 0;
};
// Judges a request by its headers and who sent it; `head` has no body. Called as handlers are.
using HttpAdmit = std::function<HttpAdmission(const HttpRequest& head)>;

// A caller that sends this header with a number of milliseconds hears 102 (Processing) so often
// while its request is worked on. Others do not: not every client takes more than a few of them.
inline constexpr const char* kSignsOfLife = "Assay-Signs-Of-Life";

}  // namespace assay
