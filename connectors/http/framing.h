// What no request may look like, judged by its headers before a body is read.
//
// Two readers of one connection, a proxy and this server, must see the same requests: where a
// message ends is said once and in one way, or the message is refused and the connection closed.

#pragma once

#include <cstddef>
#include <optional>

#include "connectors/http/message.h"

namespace assay {

// More are an attack or a mistake.
inline constexpr size_t kHeadersMax = 100;

// The refusal of a request with these headers; nothing when it may be read. `version` is 11 for
// HTTP/1.1.
//
// 505 another version than 1.0 and 1.1; 501 a method that nobody here knows, TRACE and CONNECT
// among them; 431 more than kHeadersMax headers; 400 a Transfer-Encoding other than one "chunked",
// one beside Content-Length or in HTTP/1.0, a Content-Length that is repeated or no number, and
// HTTP/1.1 without exactly one Host.
[[nodiscard]] std::optional<HttpResponse> FramingFault(const HttpRequest& head, unsigned version);

}  // namespace assay
