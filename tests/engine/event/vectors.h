// The golden values of the log, read by means that the event tests have at hand.

#pragma once

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <sstream>
#include <string>

#include "engine/base/check.h"
#include "tests/support/paths.h"

namespace assay::testing {

// A member of tests/engine/base/golden/log_vectors.json. Its numbers are exact up to 2^53.
[[nodiscard]] inline google::protobuf::Value LogVectors(const std::string& member) {
  const std::string path = testing::SourceDir() + "/tests/engine/base/golden/log_vectors.json";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  google::protobuf::Struct vectors;
  const auto status = google::protobuf::util::JsonStringToMessage(text.str(), &vectors);
  ASSAY_REQUIRE(status.ok(), "{} cannot be read", path);
  return vectors.fields().at(member);
}

[[nodiscard]] inline const google::protobuf::Value& MemberOf(const google::protobuf::Value& object,
                                                             const std::string& name) {
  return object.struct_value().fields().at(name);
}

[[nodiscard]] inline const std::string& TextOf(const google::protobuf::Value& object,
                                               const std::string& name) {
  return MemberOf(object, name).string_value();
}

}  // namespace assay::testing
