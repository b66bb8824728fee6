#include "tools/assayd/service.h"

#include <simdjson.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "engine/event/sealing.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tools/assay/command_file.h"

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
  // `text` is standard input; any number of threads at once.
  Answer WithInput(const std::vector<std::string>& words, const std::string& text) {
    v1::CallRequest request;
    for (const std::string& word : words) request.add_words(word);
    request.set_folder(scratch_.path());
    request.set_input(text);
    Answer answer;
    answer.status = service_.Call({.uid = geteuid()}, request, answer.response);
    return answer;
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

TEST_CASE("commands of callers at once share an append, and each has its own answer") {
  constexpr int kCallers = 16;
  constexpr int kEach = 8;
  World world;
  std::string units;
  for (int i = 0; i < kCallers; ++i) {
    units += testing::By("p-hr", fmt::format("createUnit: {{unit: u-{}, name: Hall, parent: u-1, "
                                             "kind: DEPARTMENT, from: 2026-02-01}}",
                                             100 + i));
  }
  world.Must(units);
  std::vector<std::string> said(kCallers);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&world, &said, caller] {
      for (int i = 1; i <= kEach; ++i) {
        // There is no such unit as the last one.
        const int unit = 100 + caller + (i < kEach ? 0 : kCallers);
        const std::string rename = fmt::format(
            "renameUnit: {{unit: u-{}, name: Hall {}, from: 2026-02-{:02}}}", unit, i, i + 1);
        const Answer answer = world.WithInput({"run", "-"}, testing::By("p-hr", rename));
        said[caller] +=
            fmt::format("{}{} ", answer.response.exit_code(), answer.response.out().substr(0, 2));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const std::string& answers : said) CHECK(answers == "0ok 0ok 0ok 0ok 0ok 0ok 0ok 1 ");

  // What was decided on one basis was appended as one.
  std::set<int64_t> bases;
  int commits = 0;
  simdjson::dom::parser parser;
  const simdjson::padded_string log(
      world.Owner({"-o", "ndjson", "log", "show", "decisions"}).response.out());
  for (const simdjson::dom::element row : parser.parse_many(log)) {
    if (row["command"].get_string().value_unsafe() != "renameUnit") continue;
    ++commits;
    bases.insert(row["basis"]["position"].get_int64().value_unsafe());
  }
  CHECK(commits == kCallers * (kEach - 1));
  CHECK(bases.size() < static_cast<size_t>(commits));
}

TEST_CASE("a text about what the same append makes is sealed under whom it concerns") {
  World world;
  std::ofstream(world.scratch_.Path("erp.yaml")) << testing::Contract("erp", {"output pcs"});
  REQUIRE(world.Owner({"source", "add", "erp.yaml"}).response.exit_code() == 0);
  world.Must(
      testing::Publish({.id = "output", .formula = "sum(erp.output)"}) + testing::CurveAndBands() +
      testing::Template("std@1", {{.item = "output", .target = "100"}}) + testing::June("std@1"));
  const auto documents = ParseCommands(
      testing::By("p-hr",
                  "openAgreement: {agreement: a-1, person: p-1, position: pos-op, "
                  "cycle: 2026-06}") +
          testing::By("p-mgr", "proposeTerms: {agreement: a-1, note: 请确认, items: " +
                                   testing::Items({{.item = "output", .target = "100"}}) + "}"),
      false);
  REQUIRE(documents.ok());
  std::vector<v1::Command> commands;
  for (const CommandDocument& document : *documents) commands.push_back(document.command);
  const auto hold = world.keeper_.Take();
  Home& home = world.keeper_.Held();
  for (const auto& answer : home.SubmitAll(commands)) {
    REQUIRE(answer.ok());
    const auto* const refused = std::get_if<Rejection>(&*answer);
    INFO((refused ? refused->ToString() : ""));
    CHECK(refused == nullptr);
  }
  decisions::StateAt state(home.Rows(), decisions::kNewest);
  const auto agreement = state.Find<v1::AgreementState>(streams::Agreement("a-1"));
  REQUIRE(agreement.has_value());
  CHECK(agreement->versions(0).note().key_id() == PersonKeyId("p-1"));
}

TEST_CASE("a long ingest lets others have the home between its batches") {
  constexpr int kRecords = 60'000;
  World world;
  std::ofstream(world.scratch_.Path("mill.yaml"))
      << "source: mill\norigin: SYSTEM\nowner: {person: p-admin}\ninput: {format: csv}\n"
         "record:\n  key: [id]\n  when: {field: when, format: rfc3339, zone: UTC}\n"
         "entity: {type: machine, key: machine}\npersonal: {key: plain}\n"
         "measures:\n  - {name: made, value: pieces, unit: pcs}\n";
  REQUIRE(world.Owner({"source", "add", "mill.yaml"}).response.exit_code() == 0);
  {
    std::ofstream records(world.scratch_.Path("records.csv"));
    records << "id,when,machine,pieces\n";
    for (int i = 0; i < kRecords; ++i) {
      records << fmt::format("r-{},2026-06-{:02}T08:00:00Z,m-{},7\n", i, 1 + i % 28, i % 50);
    }
  }
  Answer ingested;
  std::atomic<bool> done = false;
  std::thread ingest([&] {
    ingested = world.Owner({"ingest", "mill", "records.csv"});
    done = true;
  });
  std::set<std::string> seen;
  while (seen.size() < 3 && !done) {
    seen.insert(world.Owner({"-o", "ndjson", "status"}).response.out());
  }
  CHECK(world.WithInput({"run", "-"}, kRename).response.exit_code() == 0);
  ingest.join();
  INFO(ingested.response.err() << ingested.response.out());
  CHECK(ingested.response.exit_code() == 0);
  CHECK(ingested.response.out().find("60000") != std::string::npos);
  // Nothing yet, some of them, more of them: only between batches is that to be seen.
  CHECK(seen.size() == 3);
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
