#include "tools/assayd/service.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"

namespace assay {
namespace {

// Every Debian has this user.
constexpr uid_t kNobody = 65'534;

struct Answer {
  absl::Status status;
  v1::CallResponse response;
};

// A service over a home with Founding() and p-1, called without a socket.
class World {
 public:
  World()
      : keeper_({.directory = scratch_.Path("home")}, readiness_),
        service_({.home = scratch_.Path("home"), .owner = geteuid()}, keeper_, readiness_, log_) {
    log_.SetLevel("error");
    REQUIRE(Home::Init({.directory = scratch_.Path("home"), .facts_partitions = 1},
                       {.company = "acme", .admins = {"p-admin"}}, false)
                .ok());
    Follow();
    Must(testing::Founding() + testing::Hire("p-1", "E1"));
  }

  void Follow() {
    REQUIRE(keeper_.Follow().ok());
    readiness_.Set(Readiness::State::kReady);
  }

  // `text` is what stands in the file run.yaml: of the folder for the owner, brought by others.
  Answer Call(uid_t uid, const std::vector<std::string>& words, const std::string& text = "") {
    v1::CallRequest request;
    for (const std::string& word : words) request.add_words(word);
    request.set_folder(scratch_.path());
    if (!text.empty() && uid == geteuid()) {
      std::ofstream(scratch_.Path("run.yaml")) << text;
    } else if (!text.empty()) {
      request.add_files()->set_name("run.yaml");
      request.mutable_files(0)->set_content(text);
    }
    Answer answer;
    answer.status = service_.Call({.uid = uid}, request, answer.response);
    return answer;
  }
  Answer Owner(const std::vector<std::string>& words, const std::string& text = "") {
    return Call(geteuid(), words, text);
  }
  void Must(const std::string& documents) {
    const Answer answer = Owner({"run", "run.yaml"}, documents);
    INFO(answer.status.ToString() << answer.response.out() << answer.response.err());
    REQUIRE(answer.status.ok());
    REQUIRE(answer.response.exit_code() == 0);
  }

  const testing::ScratchDirectory scratch_;
  Readiness readiness_;
  Log log_;
  HomeKeeper keeper_;
  Service service_;
};

const std::string kBindNobody = testing::By("p-hr", "addPerson: {person: p-hr}") +
                                testing::By("p-hr",
                                            "bindSourceKey: {person: p-hr, entityType: os-user, "
                                            "key: nobody, span: {from: 2026-01-01}}");
const std::string kRename =
    testing::By("p-hr", "renameUnit: {unit: u-1, name: Halls, from: 2026-02-01}");

TEST_CASE("another user is nobody until a person is bound to it, and then that person") {
  World world;
  const Answer stranger = world.Call(kNobody, {"org", "show"});
  REQUIRE(stranger.status.ok());
  CHECK(stranger.response.exit_code() == 1);
  CHECK(stranger.response.out().empty());
  CHECK(stranger.response.err().starts_with(
      "error UNAUTHENTICATED: no person is the operating-system user \"nobody\" today\n"
      "hint: HR binds it: bindSourceKey: {person: ID, entityType: os-user, key: nobody"));

  world.Must(kBindNobody);
  CHECK(world.Call(kNobody, {"org", "show"}).response.exit_code() == 0);
  // Whoever the file names, it is the person of the user who acts.
  const Answer renamed =
      world.Call(kNobody, {"run", "run.yaml"},
                 testing::By("p-admin", "renameUnit: {unit: u-1, name: Halls, from: 2026-02-01}"));
  INFO(renamed.response.err());
  CHECK(renamed.response.exit_code() == 0);
  const std::string log = world.Owner({"log", "show", "decisions"}).response.out();
  const std::string last = log.substr(log.rfind('\n', log.size() - 2) + 1);
  INFO(last);
  CHECK(last.find("\"actor\":\"p-hr\"") != std::string::npos);
  CHECK(last.find("SOCKET_USER") != std::string::npos);
  CHECK(log.substr(0, log.size() - last.size()).find("SOCKET_USER") == std::string::npos);
  CHECK(log.find("HOME_ACCESS") != std::string::npos);
}

TEST_CASE("only the owner acts as others, and has files opened") {
  World world;
  world.Must(kBindNobody);
  const Answer as = world.Call(kNobody, {"--as", "p-admin", "org", "show"});
  CHECK(as.response.exit_code() == 1);
  CHECK(as.response.err().starts_with(
      "error PERMISSION_DENIED: only the owner of the home acts as others (--as)\n"));
  CHECK(world.Owner({"--as", "p-admin", "org", "show"}).response.exit_code() == 0);
  // The file is there, and was not brought.
  world.Must(kRename);
  const Answer unread = world.Call(kNobody, {"run", "run.yaml"});
  CHECK(unread.response.exit_code() == 3);
  CHECK(unread.response.err().starts_with("error NOT_FOUND: there is no readable file run.yaml\n"));
}

TEST_CASE("standard input comes with the call") {
  World world;
  v1::CallRequest request;
  request.add_words("run");
  request.add_words("-");
  request.set_folder("/");
  request.set_input(kRename);
  v1::CallResponse response;
  REQUIRE(world.service_.Call({.uid = geteuid()}, request, response).ok());
  CHECK(response.exit_code() == 0);
  CHECK(response.out().starts_with("ok "));
  request.set_folder("here");
  CHECK(world.service_.Call({.uid = geteuid()}, request, response).code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a halted service reads with its moment and writes nothing") {
  World world;
  world.readiness_.Set(Readiness::State::kHalted,
                       MakeStatus(absl::StatusCode::kDataLoss, "position 7 is torn"));
  const Answer read = world.Owner({"org", "show"});
  CHECK(read.response.exit_code() == 0);
  CHECK(read.response.out().starts_with("u-"));
  CHECK(read.response.err().find(": halted: DATA_LOSS: position 7 is torn\n") != std::string::npos);
  const Answer written = world.Owner({"run", "run.yaml"}, kRename);
  CHECK(written.response.exit_code() == 5);
  CHECK(written.response.err().starts_with(
      "error DATA_LOSS: assayd halted, nothing is written: position 7 is torn\n"));
}

TEST_CASE("before the home is open and while it stops, callers are told so") {
  Readiness readiness;
  Log log;
  log.SetLevel("error");
  HomeKeeper keeper({.directory = "nowhere"}, readiness);
  Service early({.home = "nowhere", .owner = geteuid()}, keeper, readiness, log);
  v1::CallRequest request;
  request.add_words("status");
  request.set_folder("/");
  v1::CallResponse response;
  const absl::Status starting = early.Call({.uid = geteuid()}, request, response);
  CHECK(starting.code() == absl::StatusCode::kUnavailable);
  CHECK(MessageOf(starting) == "assayd has not opened the home yet (starting)");

  World world;
  world.service_.Stop();
  CHECK(world.Owner({"org", "show"}).status.code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace assay
