#include "tools/assay/text_file.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "tools/assay/call.h"

namespace assay {
namespace {

// Where the service finds what the caller calls `path`.
std::string PlaceOf(const std::string& path) {
  const ServedCall* const call = CallAtHand();
  if (call == nullptr || path.starts_with('/')) return path;
  return call->folder + "/" + path;
}

absl::StatusOr<std::string> BroughtFile(const ServedCall& call, const std::string& path) {
  const auto file = call.files.find(path);
  if (file != call.files.end()) return file->second;
  return MakeStatus(absl::StatusCode::kNotFound, "there is no readable file {}", path);
}

}  // namespace

absl::StatusOr<std::string> ReadText(const std::string& path) {
  const ServedCall* const call = CallAtHand();
  if (path == "-") {
    if (call != nullptr) return call->input;
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  if (call != nullptr && call->only_brought) return BroughtFile(*call, path);
  const std::string place = PlaceOf(path);
  std::error_code error;
  if (std::filesystem::is_directory(place, error)) {
    return MakeStatus(absl::StatusCode::kNotFound,
                      "there is no readable file {}: it is a directory", path);
  }
  std::ifstream file(place, std::ios::binary);
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

absl::StatusOr<std::unique_ptr<HashedBytes>> OpenFile(const std::string& path) {
  const ServedCall* const call = CallAtHand();
  if (call == nullptr) return OpenBytes(path);
  if (!call->only_brought) return OpenBytes(PlaceOf(path), path);
  ASSAY_ASSIGN_OR_RETURN(std::string text, BroughtFile(*call, path));
  return BytesOf(std::move(text));
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenUnhashedFile(const std::string& path) {
  const ServedCall* const call = CallAtHand();
  if (call != nullptr && call->only_brought) return OpenFile(path);
  return OpenUnhashed(call == nullptr ? path : PlaceOf(path), path);
}

}  // namespace assay
