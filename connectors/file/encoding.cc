#include "connectors/file/encoding.h"

#include <iconv.h>
#include <simdjson.h>

#include "connectors/file/record_splitter.h"

namespace assay {
namespace {

class Utf8Decoder : public TextDecoder {
 public:
  std::optional<std::string_view> Decode(std::string_view bytes) override {
    if (!simdjson::validate_utf8(bytes.data(), bytes.size())) return std::nullopt;
    return bytes;
  }
};

class IconvDecoder : public TextDecoder {
 public:
  explicit IconvDecoder(iconv_t descriptor) : descriptor_(descriptor) {}
  ~IconvDecoder() override { iconv_close(descriptor_); }
  IconvDecoder(const IconvDecoder&) = delete;
  IconvDecoder& operator=(const IconvDecoder&) = delete;

  std::optional<std::string_view> Decode(std::string_view bytes) override {
    iconv(descriptor_, nullptr, nullptr, nullptr, nullptr);
    // Two bytes of GBK become at most three of UTF-8, one becomes one.
    text_.resize(bytes.size() * 2 + kRecordPaddingBytes);
    char* from = const_cast<char*>(bytes.data());  // NOLINT: iconv does not write there
    size_t from_left = bytes.size();
    char* to = text_.data();
    size_t to_left = text_.size() - kRecordPaddingBytes;
    if (iconv(descriptor_, &from, &from_left, &to, &to_left) != 0 || from_left != 0) {
      return std::nullopt;
    }
    return std::string_view(text_.data(), static_cast<size_t>(to - text_.data()));
  }

 private:
  const iconv_t descriptor_;
  std::string text_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TextDecoder>> MakeDecoder(std::string_view encoding) {
  if (encoding.empty() || encoding == "utf-8") return std::make_unique<Utf8Decoder>();
  if (encoding != "gbk") {
    return MakeStatus(absl::StatusCode::kInvalidArgument,
                      "encoding \"{}\" is not known: utf-8 or gbk", encoding);
  }
  const iconv_t descriptor = iconv_open("UTF-8", "GBK");
  if (descriptor == reinterpret_cast<iconv_t>(-1)) {  // NOLINT: how iconv says it
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "this system cannot convert gbk: install the gconv modules of its C library");
  }
  return std::make_unique<IconvDecoder>(descriptor);
}

}  // namespace assay
