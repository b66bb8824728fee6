// The published topics and the journal's as an AsyncAPI 3.0 document, from the catalogue that makes
// them.

#pragma once

#include <map>
#include <string>

#include "connectors/kafka/kafka_address.h"
#include "tools/assay/json.h"

namespace assay {

struct AsyncApiOptions {
  KafkaAddress address;
  // Of the program.
  std::string version;
  // "json" by published topic; protobuf else.
  std::map<std::string, std::string> formats;
};

[[nodiscard]] Json AsyncApiDocument(const AsyncApiOptions& options);

}  // namespace assay
