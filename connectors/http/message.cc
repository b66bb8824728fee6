#include "connectors/http/message.h"

#include <algorithm>
#include <cctype>

namespace assay {

std::string_view HeaderOf(const std::vector<HttpHeader>& headers, std::string_view name) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  for (const HttpHeader& header : headers) {
    if (std::ranges::equal(header.name, name, {}, lower, lower)) return header.value;
  }
  return {};
}

std::string_view HttpRequest::Path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

}  // namespace assay
