// Reads a golden file of expected values, kept beside the test as JSON.

#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "tests/support/paths.h"

namespace assay::testing {

// Owns the document: elements are valid while it lives.
class Golden {
 public:
  // `path` from the root of the sources. Stops the process when the file is no JSON.
  explicit Golden(std::string_view path) {
    const std::string file = SourceDir() + "/" + std::string(path);
    const auto problem = parser_.load(file).get(root_);
    ASSAY_REQUIRE(problem == simdjson::SUCCESS, "{}: {}", file, simdjson::error_message(problem));
  }

  [[nodiscard]] simdjson::dom::element operator[](std::string_view key) const {
    return root_[key].value();
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

// The text member `key`.
[[nodiscard]] inline std::string TextOf(simdjson::dom::element object, std::string_view key) {
  return std::string(object[key].get_string().value());
}

// The names and values of an object, in the order of the file.
[[nodiscard]] inline std::vector<std::pair<std::string, simdjson::dom::element>> MembersOf(
    simdjson::dom::element element) {
  const simdjson::dom::object object = element.get_object();
  std::vector<std::pair<std::string, simdjson::dom::element>> members;
  for (const auto [name, value] : object) members.emplace_back(name, value);
  return members;
}

// The bytes that `element` gives in hexadecimal.
[[nodiscard]] inline std::string BytesOf(simdjson::dom::element element) {
  return FromHex(element.get_string().value()).value();
}

}  // namespace assay::testing
