#include "tools/assay/remote.h"

#include <assay/v1/service.pb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "connectors/http/client.h"
#include "connectors/http/connect.h"
#include "tools/assay/named_version.h"
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
absl::StatusOr<v1::CallRequest> RequestOf(CommandLine& line, const std::vector<std::string>& words,
                                          bool brings) {
  v1::CallRequest request;
  for (const std::string& word : words) request.add_words(word);
  request.set_caller(CanAsk(line.TheSession()) ? v1::CALLER_TERMINAL : v1::CALLER_COMMAND_LINE);
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

void Print(const v1::CallResponse& response) {
  std::fwrite(response.out().data(), 1, response.out().size(), Out());
  std::fflush(Out());
  std::fwrite(response.err().data(), 1, response.err().size(), Err());
}

int FailCall(const Session& session, const absl::Status& status) {
  if (absl::IsUnauthenticated(status)) {
    return Fail(session, NotBound(geteuid(), UserName(geteuid())));
  }
  return Fail(session, status,
              absl::IsUnavailable(status)
                  ? "see `assay status`; commands with a commandId and files may be repeated"
                  : "");
}

// A run that ends with a question goes on in a call with the answer. The first failure is the exit
// code, as of a run in one piece.
int CallUntilDone(const CommandLine& line, const std::string& socket, const Session& session,
                  std::unique_ptr<HttpClient> client, v1::CallRequest request) {
  int first_failure = kExitOk;
  while (true) {
    const auto response = Call(*client, request, line.Timeout());
    if (!response.ok()) return FailCall(session, response.status());
    Print(*response);
    if (first_failure == kExitOk) first_failure = response->exit_code();
    if (!response->has_question()) return first_failure;
    const v1::RunQuestion& question = response->question();
    const bool is_meant = AskForVersion(session, question.text(), question.version());
    *request.mutable_answer()->mutable_place() = question.place();
    request.mutable_answer()->set_version(is_meant ? question.version() : 0);
    // The service does not keep a connection while a person thinks.
    auto again = HttpClient::ConnectUnix(socket);
    if (!again.ok()) return Fail(session, again.status(), "what was told as done stands");
    client = *std::move(again);
  }
}

}  // namespace

std::optional<int> RunRemotely(CommandLine& line, const std::vector<std::string>& words) {
  for (const std::string& home : line.Homes()) {
    const std::string socket = fmt::format("{}/{}", home, kServiceSocket);
    auto client = HttpClient::ConnectUnix(socket);
    if (absl::IsNotFound(client.status())) continue;
    const Session& session = line.TheSession();
    if (!client.ok()) {
      return Fail(session, client.status(),
                  "assayd holds this home; its socket decides who may call it");
    }
    auto request = RequestOf(line, words, !IsOwnService(socket));
    if (!request.ok()) return Fail(session, request.status());
    return CallUntilDone(line, socket, session, *std::move(client), *std::move(request));
  }
  return std::nullopt;
}

}  // namespace assay
