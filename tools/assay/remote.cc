#include "tools/assay/remote.h"

#include <assay/v1/service.pb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "connectors/http/client.h"
#include "connectors/http/connect.h"
#include "tools/assay/socket_user.h"
#include "tools/assay/text_file.h"

namespace assay {
namespace {

// Whether the service runs as this user, so that it may open what this user names.
bool IsOwnService(const std::string& socket) {
  struct stat found {};
  return stat(socket.c_str(), &found) == 0 && found.st_uid == geteuid();
}

// A file that cannot be read is left out: the verb says so in its own words. One that is larger
// than a call may be is refused.
absl::StatusOr<v1::CallRequest> RequestOf(const CommandLine& line,
                                          const std::vector<std::string>& words, bool brings) {
  v1::CallRequest request;
  for (const std::string& word : words) request.add_words(word);
  std::error_code error;
  request.set_folder(std::filesystem::current_path(error).string());
  for (const std::string& path : line.Files()) {
    if (path != "-" && !brings) continue;
    auto text = ReadText(path);
    if (path == "-") {
      ASSAY_RETURN_IF_ERROR(text.status());
      request.set_input(*std::move(text));
    } else if (absl::IsInvalidArgument(text.status())) {
      return text.status();
    } else if (text.ok()) {
      v1::CallFile& file = *request.add_files();
      file.set_name(path);
      file.set_content(*std::move(text));
    }
  }
  return request;
}

absl::StatusOr<v1::CallResponse> Call(HttpClient& client, const v1::CallRequest& request,
                                      std::chrono::seconds timeout) {
  auto answer = client.Send(
      {.method = "POST",
       .target = kCallPath,
       .headers = {{"Content-Type", "application/proto"}, {"Connect-Protocol-Version", "1"}},
       .body = request.SerializeAsString()},
      timeout);
  if (absl::IsDeadlineExceeded(answer.status())) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "assayd gave no sign of life for {} s: it is stopped, or the machine is "
                      "overloaded; outcome unknown: what it did stands",
                      timeout.count());
  }
  if (!answer.ok()) {
    return MakeStatus(answer.status().code(),
                      "assayd did not answer ({}); outcome unknown: what it did stands",
                      MessageOf(answer.status()));
  }
  ASSAY_RETURN_IF_ERROR(FailureIn(*answer));
  v1::CallResponse response;
  if (response.ParseFromString(answer->body)) return response;
  return MakeStatus(absl::StatusCode::kInternal, "assayd answered with something else");
}

int Print(const v1::CallResponse& response) {
  std::fwrite(response.out().data(), 1, response.out().size(), Out());
  std::fflush(Out());
  std::fwrite(response.err().data(), 1, response.err().size(), Err());
  return response.exit_code();
}

}  // namespace

std::optional<int> RunRemotely(CommandLine& line, const std::vector<std::string>& words) {
  for (const std::string& home : line.Homes()) {
    const std::string socket = fmt::format("{}/{}", home, kServiceSocket);
    const auto client = HttpClient::ConnectUnix(socket);
    if (absl::IsNotFound(client.status())) continue;
    const Session& session = line.TheSession();
    if (!client.ok()) {
      return Fail(session, client.status(),
                  "assayd holds this home; its socket decides who may call it");
    }
    const auto request = RequestOf(line, words, !IsOwnService(socket));
    if (!request.ok()) return Fail(session, request.status());
    const auto response = Call(**client, *request, line.Timeout());
    if (absl::IsUnauthenticated(response.status())) {
      return Fail(session, NotBound(geteuid(), UserName(geteuid())));
    }
    if (!response.ok()) {
      return Fail(session, response.status(),
                  absl::IsUnavailable(response.status())
                      ? "see `assay status`; commands with a commandId and files may be repeated"
                      : "");
    }
    return Print(*response);
  }
  return std::nullopt;
}

}  // namespace assay
