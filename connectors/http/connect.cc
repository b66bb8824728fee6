#include "connectors/http/connect.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "connectors/document/json_shape.h"
#include "connectors/http/proto_shape.h"
#include "engine/base/shown_text.h"

namespace assay {
namespace {

namespace protobuf = google::protobuf;

constexpr std::string_view kProto = "application/proto";
constexpr std::string_view kJson = "application/json";
// Of words that came instead of a Connect error.
constexpr size_t kSaidBytesMax = 200;

// Of what protobuf says about a body.
constexpr size_t kShownMax = 300;

struct CodeRow {
  absl::StatusCode code;
  std::string_view name;
  int http;
};
constexpr std::array kCodes = {
    CodeRow{absl::StatusCode::kCancelled, "canceled", 499},
    CodeRow{absl::StatusCode::kUnknown, "unknown", 500},
    CodeRow{absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
    CodeRow{absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
    CodeRow{absl::StatusCode::kNotFound, "not_found", 404},
    CodeRow{absl::StatusCode::kAlreadyExists, "already_exists", 409},
    CodeRow{absl::StatusCode::kPermissionDenied, "permission_denied", 403},
    CodeRow{absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
    CodeRow{absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
    CodeRow{absl::StatusCode::kAborted, "aborted", 409},
    CodeRow{absl::StatusCode::kOutOfRange, "out_of_range", 400},
    CodeRow{absl::StatusCode::kUnimplemented, "unimplemented", 501},
    CodeRow{absl::StatusCode::kInternal, "internal", 500},
    CodeRow{absl::StatusCode::kUnavailable, "unavailable", 503},
    CodeRow{absl::StatusCode::kDataLoss, "data_loss", 500},
    CodeRow{absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
};

const CodeRow& RowOf(absl::StatusCode code) {
  const auto* const row = std::ranges::find(kCodes, code, &CodeRow::code);
  return row == kCodes.end() ? kCodes[1] : *row;
}

absl::StatusCode CodeOfHttp(int status) {
  switch (status) {
    case 400:
      return absl::StatusCode::kInternal;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kUnimplemented;
    case 413:
      return absl::StatusCode::kResourceExhausted;
    case 429:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnknown;
  }
}

HttpResponse WithStatus(int status, const absl::Status& why) {
  HttpResponse response = ConnectFailure(why);
  response.status = status;
  return response;
}

// Without parameters such as charset.
std::string_view MediaType(const HttpRequest& http) {
  std::string_view type = HeaderOf(http.headers, "content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

absl::Status ReadMessage(std::string_view type, const std::string& body,
                         protobuf::Message& message) try {
  // Protobuf's own readers hold many times the bytes that they are given.
  const absl::Status shape =
      type == kProto ? CheckProtoShape(body, *message.GetDescriptor()) : CheckJsonShape(body);
  if (!shape.ok()) return Annotate(shape, "the body");
  if (type == kProto) {
    if (message.ParseFromString(body)) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kInvalidArgument, "the body is no {}",
                      message.GetTypeName());
  }
  const auto parsed = protobuf::util::JsonStringToMessage(body, &message);
  if (parsed.ok()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kInvalidArgument, "the body is no {}: {}",
                    message.GetTypeName(), ShownText(parsed.message().ToString(), kShownMax));
} catch (const std::bad_alloc&) {
  return MakeStatus(absl::StatusCode::kResourceExhausted, "there is no memory left for the body");
}

}  // namespace

std::string_view ConnectCodeName(absl::StatusCode code) { return RowOf(code).name; }

HttpResponse ConnectFailure(const absl::Status& status) {
  return {.status = RowOf(status.code()).http,
          .content_type = std::string(kJson),
          .body = fmt::format("{{\"code\":\"{}\",\"message\":\"{}\"}}",
                              ConnectCodeName(status.code()), JsonText(MessageOf(status)))};
}

const ConnectMethods::Entry* ConnectMethods::Find(const HttpRequest& http,
                                                  HttpResponse& refusal) const {
  const auto entry = methods_.find(http.Path());
  if (entry == methods_.end()) {
    refusal = WithStatus(
        404, MakeStatus(absl::StatusCode::kUnimplemented, "there is no method {}", http.Path()));
    return nullptr;
  }
  if (http.method != "POST") {
    refusal = WithStatus(
        405, MakeStatus(absl::StatusCode::kUnimplemented, "{} is called by POST", entry->first));
    refusal.headers.push_back({"Allow", "POST"});
    return nullptr;
  }
  const std::string_view type = MediaType(http);
  if (type != kProto && type != kJson) {
    refusal = WithStatus(
        415, MakeStatus(absl::StatusCode::kInvalidArgument,
                        "content type: expected {} or {}, found \"{}\"", kProto, kJson, type));
    refusal.headers.push_back({"Accept-Post", fmt::format("{}, {}", kProto, kJson)});
    return nullptr;
  }
  const std::string_view encoding = HeaderOf(http.headers, "content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    refusal =
        WithStatus(415, MakeStatus(absl::StatusCode::kUnimplemented,
                                   "content encoding: expected identity, found \"{}\"", encoding));
    refusal.headers.push_back({"Accept-Encoding", "identity"});
    return nullptr;
  }
  return &entry->second;
}

HttpAdmission ConnectMethods::Admit(const HttpRequest& head) const {
  HttpResponse refusal;
  const Entry* const entry = Find(head, refusal);
  if (entry == nullptr) return {.refusal = std::move(refusal)};
  const auto may = entry->limits.admit ? entry->limits.admit(head) : absl::OkStatus();
  if (!may.ok()) return {.refusal = ConnectFailure(may)};
  return {.refusal = std::nullopt, .body_bytes_max = entry->limits.body_bytes_max};
}

HttpResponse ConnectMethods::Answer(const HttpRequest& http) const {
  HttpResponse refusal;
  const Entry* const entry = Find(http, refusal);
  if (entry == nullptr) return refusal;
  const std::string_view type = MediaType(http);
  const std::unique_ptr<protobuf::Message> request(entry->request->New());
  const std::unique_ptr<protobuf::Message> response(entry->response->New());
  if (const auto read = ReadMessage(type, http.body, *request); !read.ok()) {
    return ConnectFailure(read);
  }
  if (const auto done = entry->run(http, *request, *response); !done.ok()) {
    return ConnectFailure(done);
  }
  HttpResponse answer{.content_type = std::string(type)};
  if (type == kProto) {
    answer.body = response->SerializeAsString();
  } else if (!protobuf::util::MessageToJsonString(*response, &answer.body).ok()) {
    return ConnectFailure(
        MakeStatus(absl::StatusCode::kInternal, "the answer cannot be written as JSON"));
  }
  return answer;
}

absl::Status FailureIn(const HttpResponse& response) {
  if (response.status == 200) return absl::OkStatus();
  protobuf::Struct error;
  std::string code;
  std::string message;
  if (CheckJsonShape(response.body).ok() &&
      protobuf::util::JsonStringToMessage(response.body, &error).ok()) {
    code = (*error.mutable_fields())["code"].string_value();
    message = (*error.mutable_fields())["message"].string_value();
  }
  const auto* const row = std::ranges::find(kCodes, code, &CodeRow::name);
  if (row != kCodes.end()) return MakeStatus(row->code, "{}", message);
  std::string_view said = response.body;
  said = said.substr(0, std::min(said.find('\n'), kSaidBytesMax));
  const bool is_words = response.content_type.starts_with("text/plain") && !said.empty();
  return MakeStatus(CodeOfHttp(response.status), "HTTP status {}{}{}", response.status,
                    is_words ? ": " : "", is_words ? said : "");
}

}  // namespace assay
