#include "connectors/http/proto_shape.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "connectors/document/document_reader.h"

namespace assay {
namespace {

namespace protobuf = google::protobuf;
using protobuf::internal::WireFormatLite;

// As protobuf's own parser.
constexpr int kDepthMax = 100;

class ShapeReader {
 public:
  ShapeReader(std::string_view bytes, size_t fields_max)
      : input_(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size())),
        fields_max_(fields_max) {}

  absl::Status Read(const protobuf::Descriptor& type, int depth) {
    if (depth > kDepthMax) return Refused(fmt::format("at most {} levels", kDepthMax), "more");
    while (const uint32_t tag = input_.ReadTag()) {
      if (++fields_ > fields_max_) {
        return Refused(fmt::format("at most {} fields", fields_max_), "more");
      }
      ASSAY_RETURN_IF_ERROR(Field(type, tag, depth));
    }
    if (input_.ConsumedEntireMessage()) return absl::OkStatus();
    return Refused("a field", "something else");
  }

 private:
  absl::Status Field(const protobuf::Descriptor& type, uint32_t tag, int depth) {
    const auto wire = WireFormatLite::GetTagWireType(tag);
    if (wire == WireFormatLite::WIRETYPE_START_GROUP ||
        wire == WireFormatLite::WIRETYPE_END_GROUP) {
      return Refused("no group", "one");
    }
    if (wire != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (WireFormatLite::SkipField(&input_, tag)) return absl::OkStatus();
      return Refused("a field", "a part of one");
    }
    int length = 0;
    if (!input_.ReadVarintSizeAsInt(&length)) return Refused("the length of a field", "none");
    const auto* const field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field != nullptr && field->type() == protobuf::FieldDescriptor::TYPE_STRING) {
      const void* data = nullptr;
      int size = 0;
      const bool is_there = length == 0 || input_.GetDirectBufferPointer(&data, &size);
      const std::string_view text(static_cast<const char*>(data),
                                  static_cast<size_t>(std::min(size, length)));
      if (is_there && !CheckUtf8(text).ok()) return Refused("UTF-8 text", "other bytes");
    }
    if (field == nullptr || field->cpp_type() != protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      if (input_.Skip(length)) return absl::OkStatus();
      return Refused(fmt::format("{} bytes of a field", length), "fewer");
    }
    const auto limit = input_.PushLimit(length);
    const absl::Status read = Read(*field->message_type(), depth + 1);
    input_.PopLimit(limit);
    return read;
  }

  absl::Status Refused(std::string_view expected, std::string_view found) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "byte {}: expected {}, found {}",
                      input_.CurrentPosition(), expected, found);
  }

  protobuf::io::CodedInputStream input_;
  const size_t fields_max_;
  size_t fields_ = 0;
};

}  // namespace

absl::Status CheckProtoShape(std::string_view bytes, const protobuf::Descriptor& type,
                             size_t fields_max) {
  return ShapeReader(bytes, fields_max).Read(type, 0);
}

}  // namespace assay
