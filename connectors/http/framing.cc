#include "connectors/http/framing.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace assay {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                      "PATCH", "DELETE", "OPTIONS"};

bool EqualsIgnoringCase(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::ranges::equal(left, right, {}, lower, lower);
}

size_t Count(const HttpRequest& head, std::string_view name) {
  return static_cast<size_t>(std::ranges::count_if(head.headers, [&](const HttpHeader& header) {
    return EqualsIgnoringCase(header.name, name);
  }));
}

bool IsNumber(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

HttpResponse Refusal(int status, std::string words) {
  return {.status = status, .body = std::move(words) + "\n"};
}

std::optional<HttpResponse> LengthFault(const HttpRequest& head, unsigned version) {
  const size_t encodings = Count(head, "transfer-encoding");
  const size_t lengths = Count(head, "content-length");
  if (encodings > 0 && lengths > 0) {
    return Refusal(400, "there are both Transfer-Encoding and Content-Length: send one of them");
  }
  if (lengths > 1) return Refusal(400, "Content-Length is there more than once");
  if (lengths == 1 && !IsNumber(HeaderOf(head.headers, "content-length"))) {
    return Refusal(400, "Content-Length: expected one number");
  }
  if (encodings == 0) return std::nullopt;
  if (version == 10) return Refusal(400, "HTTP/1.0 has no Transfer-Encoding");
  if (encodings > 1 ||
      !EqualsIgnoringCase(HeaderOf(head.headers, "transfer-encoding"), "chunked")) {
    return Refusal(400, "Transfer-Encoding: expected \"chunked\" and nothing else");
  }
  return std::nullopt;
}

}  // namespace

std::optional<HttpResponse> FramingFault(const HttpRequest& head, unsigned version) {
  if (version != 10 && version != 11) return Refusal(505, "expected HTTP/1.1");
  if (std::ranges::find(kMethods, head.method) == kMethods.end()) {
    return Refusal(501, "this method is not known here");
  }
  if (head.headers.size() > kHeadersMax) {
    return Refusal(431, fmt::format("there are more than {} headers", kHeadersMax));
  }
  if (version == 11 && Count(head, "host") != 1) {
    return Refusal(400, "Host: expected it once");
  }
  return LengthFault(head, version);
}

}  // namespace assay
