#include "connectors/kafka/kafka_address.h"

#include <algorithm>

namespace assay {
namespace {

constexpr std::string_view kScheme = "kafka://";
constexpr std::string_view kExpected =
    "expected kafka://host:port[,host:port...][?prefix=assay], found";

// A name of one or more of Kafka's letters for topics, short enough for a suffix.
bool IsPrefix(std::string_view text) {
  constexpr size_t kLengthMax = 200;
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kLengthMax &&
         std::all_of(text.begin(), text.end(), is_letter);
}

bool IsBroker(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view port = text.substr(colon + 1);
  constexpr size_t kPortDigitsMax = 5;
  return !port.empty() && port.size() <= kPortDigitsMax &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::StatusOr<KafkaAddress> KafkaAddress::Parse(std::string_view url) {
  const auto refuse = [&](std::string_view why) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "--journal: {} \"{}\"{}", kExpected, url,
                      why);
  };
  if (!url.starts_with(kScheme)) return refuse("");
  std::string_view rest = url.substr(kScheme.size());
  KafkaAddress address;
  if (const size_t question = rest.find('?'); question != std::string_view::npos) {
    constexpr std::string_view kPrefix = "prefix=";
    const std::string_view query = rest.substr(question + 1);
    if (!query.starts_with(kPrefix) || !IsPrefix(query.substr(kPrefix.size()))) {
      return refuse(": the prefix takes letters, digits, '.', '_' and '-'");
    }
    address.prefix = query.substr(kPrefix.size());
    rest = rest.substr(0, question);
  }
  address.brokers = rest;
  for (;;) {
    const size_t comma = rest.find(',');
    if (!IsBroker(rest.substr(0, comma))) return refuse(": every broker needs host:port");
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
  }
  return address;
}

std::string KafkaAddress::ToString() const {
  return fmt::format("{}{}?prefix={}", kScheme, brokers, prefix);
}

std::string KafkaAddress::Topic(std::string_view name) const {
  return fmt::format("{}.{}", prefix, name);
}

}  // namespace assay
