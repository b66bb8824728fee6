#include "tools/assay/text_file.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

namespace assay {

absl::StatusOr<std::string> ReadText(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return MakeStatus(absl::StatusCode::kNotFound,
                      "there is no readable file {}: it is a directory", path);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return MakeStatus(absl::StatusCode::kNotFound, "there is no readable file {}", path);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the file {} cannot be read to its end",
                      path);
  }
  return text.str();
}

Rejection InFile(Rejection rejection, std::string_view path) {
  rejection.message = fmt::format("{}: {}", path, rejection.message);
  return rejection;
}

}  // namespace assay
