#include "tools/assayd/service.h"

#include <simdjson.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "connectors/embedded/system_clock.h"
#include "engine/event/effective.h"
#include "engine/event/sealing.h"
#include "engine/event/streams.h"
#include "projections/decisions/query.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tools/assay/command_file.h"
#include "tools/assay/origin.h"
#include "tools/assay/socket_user.h"
#include "tools/assayd/watch.h"

namespace assay {
namespace {

// Every Debian has this user.
constexpr uid_t kNobody = 65'534;
constexpr uid_t kDaemon = 1;

struct Answer {
  absl::Status status;
  v1::CallResponse response;
};

// A service over a home with Founding() and p-1, called without a socket.
class World {
 public:
  explicit World(std::shared_ptr<Clock> clock = nullptr, std::shared_ptr<Clock> monotonic = nullptr)
      : keeper_({.directory = scratch_.Path("home"),
                 .clock = std::move(clock),
                 .monotonic_clock = std::move(monotonic)},
                readiness_),
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
                                testing::By("p-admin",
                                            "bindSourceKey: {person: p-hr, entityType: os-user, "
                                            "key: nobody, span: {from: 2026-01-01}}");
const std::string kRename =
    testing::By("p-hr", "renameUnit: {unit: u-1, name: Halls, from: 2026-02-01}");

TEST_CASE("what a home looks at is looked at through the service too", "[attack]") {
  World world;
  world.Must(kBindNobody);
  const auto refused = [&](const std::string& documents) {
    const Answer answer = world.Call(kNobody, {"run", "run.yaml"}, documents);
    REQUIRE(answer.status.ok());
    CHECK(answer.response.exit_code() == 1);
    return answer.response.err();
  };
  CHECK(refused("addPerson: {person: p-2, name: {bytes: x, keyId: person/p-1}}")
            .starts_with("error SEALED_BY_CALLER"));
  CHECK(refused("registerSource: {text: \"source: erp\", contract: {source: erp}}")
            .starts_with("error CONTRACT_INVALID"));
  CHECK(refused("commandId: " + std::string(200, 'c') + "\naddPerson: {person: p-2, name: n}")
            .starts_with("error INVALID_ID"));
}

TEST_CASE("another user is nobody until a person is bound to it, and then that person") {
  World world;
  const Answer stranger = world.Call(kNobody, {"org", "show"});
  REQUIRE(stranger.status.ok());
  CHECK(stranger.response.exit_code() == 1);
  CHECK(stranger.response.out().empty());
  CHECK(stranger.response.err().starts_with(
      "error UNAUTHENTICATED: no person is the operating-system user \"nobody\" today\n"
      "hint: an admin binds it: bindSourceKey: {person: ID, entityType: os-user, key: nobody"));

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

std::string BindUser(std::string_view by, std::string_view person, std::string_view user) {
  return testing::By(by, fmt::format("bindSourceKey: {{person: {}, entityType: os-user, key: {}, "
                                     "span: {{from: 2026-01-01}}}}",
                                     person, user));
}

TEST_CASE("a commit names the door and the login of its caller") {
  World world;
  world.Must(kBindNobody);
  const std::string add = testing::By("p-hr", "addPerson: {person: p-x, name: X}");
  REQUIRE(world.Call(kNobody, {"run", "run.yaml"}, add).response.exit_code() == 0);
  REQUIRE(world.Owner({"run", "run.yaml"}, kRename).response.exit_code() == 0);
  const auto origin = [&](const std::string& stream) {
    const std::string log =
        world.Owner({"log", "show", "decisions", "--stream", stream}).response.out();
    const std::string last = log.substr(log.rfind('\n', log.size() - 2) + 1);
    const size_t at = last.find("\"origin\":");
    return last.substr(at, last.find('}', at) - at);
  };
  const auto pseudonym = [&](const std::string& user) {
    const auto hold = world.keeper_.Take("a test");
    const auto made = PseudonymOfUser(world.keeper_.Held().Keys(), user);
    REQUIRE(made.ok());
    return *made;
  };
  CHECK(origin("person/p-x") ==
        fmt::format("\"origin\":{{\"door\":\"SOCKET\",\"user\":\"{}\",\"givenNow\":null,"
                    "\"forced\":false",
                    pseudonym("nobody")));
  CHECK(origin("unit/u-1") ==
        fmt::format("\"origin\":{{\"door\":\"SOCKET\",\"user\":\"{}\",\"givenNow\":null,"
                    "\"forced\":false",
                    pseudonym(UserName(geteuid()))));
}

// p-bob is HR of u-1 with a limit of one point, and logs in as the user daemon.
void GiveBobHr(World& world) {
  world.Must(testing::Hire("p-bob", "E7") + testing::By("p-hr", "addPerson: {person: p-admin}") +
             testing::By("p-admin",
                         "giveGrant: {grant: g-bob, to: {person: p-bob}, role: HR, units: [u-1], "
                         "limit: \"1\", span: {from: 2026-01-01}}") +
             BindUser("p-admin", "p-bob", "daemon"));
}

TEST_CASE("HR of one unit becomes neither admin nor anything else of the company") {
  World world;
  GiveBobHr(world);
  const auto refusal = [&](const std::string& document) {
    const Answer answer = world.Call(kDaemon, {"run", "run.yaml"}, document);
    REQUIRE(answer.status.ok());
    INFO(document << answer.response.out() << answer.response.err());
    CHECK(answer.response.exit_code() == 1);
    CHECK(answer.response.err().find("PERMISSION_DENIED") != std::string::npos);
    return answer.response.err();
  };
  // Another user becomes the admin, who then gives p-bob whatever he likes.
  CHECK(refusal(BindUser("p-bob", "p-admin", "nobody")).find("ADMIN") != std::string::npos);
  CHECK(world.Call(kNobody, {"org", "show"}).response.err().find("UNAUTHENTICATED") !=
        std::string::npos);
  refusal(BindUser("p-bob", "p-bob", "nobody"));
  for (const char* command :
       {"giveGrant: {grant: g-x, to: {person: p-bob}, role: ADMIN, span: {from: 2026-01-01}}",
        "addPerson: {person: p-new}",
        "bindSourceKey: {person: p-admin, entityType: employee, key: E8, span: {from: 2026-01-01}}",
        "setReportingLine: {person: p-mgr, manager: p-bob, line: SOLID, span: {from: 2020-01-01}}",
        "startAssignment: {assignment: as-x, person: p-admin, position: pos-op, "
        "allocationBp: 1, kind: PRIMARY, span: {from: 2026-01-01, to: 2026-01-02}}",
        "planCycle: {cycle: 2026-06, period: {from: 2026-06-01, to: 2026-07-01}, grain: MONTH}",
        "publishResults: {cycle: 2026-06}", "confirmRevocation: {grant: founder-1}"}) {
    refusal(testing::By("p-bob", command));
  }
  // What is within u-1 is.
  const Answer own = world.Call(kDaemon, {"run", "run.yaml"},
                                testing::By("p-bob",
                                            "renameUnit: {unit: u-1, name: Halls, "
                                            "from: 2026-02-01}") +
                                    testing::By("p-bob",
                                                "bindSourceKey: {person: p-1, entityType: badge, "
                                                "key: B1, span: {from: 2026-01-01}}"));
  INFO(own.response.err());
  CHECK(own.response.exit_code() == 0);
}

TEST_CASE("with two admins a user logs in when the second has confirmed") {
  World world;
  world.Must(testing::By("p-hr", "addPerson: {person: p-2}") +
             testing::By("p-admin",
                         "giveGrant: {grant: g-a2, to: {person: p-admin2}, role: ADMIN, "
                         "span: {from: 2026-01-01}}") +
             BindUser("p-admin", "p-2", "nobody"));
  const auto reads = [&] { return world.Call(kNobody, {"org", "show"}).response.exit_code() == 0; };
  CHECK_FALSE(reads());
  const auto logins = [&] { return world.Owner({"-o", "csv", "login", "list"}).response.out(); };
  CHECK(logins().find(",PROPOSED,p-admin\n") != std::string::npos);
  CHECK(world.Owner({"status"}).response.out().find("LOGIN_PROPOSED") != std::string::npos);
  const std::string confirm = "confirmBinding: {person: p-2, entityType: os-user, key: nobody}";
  const Answer same = world.Owner({"run", "run.yaml"}, testing::By("p-admin", confirm));
  CHECK(same.response.err().find("FOUR_EYES_SAME_PERSON") != std::string::npos);
  CHECK_FALSE(reads());
  world.Must(testing::By("p-admin2", confirm));
  CHECK(reads());
  CHECK(logins().find(",BOUND,\n") != std::string::npos);
}

TEST_CASE("nobody who calls is the engine, whatever the command says") {
  World world;
  GiveBobHr(world);
  const std::vector<std::string> engine_only = {
      "sealCut: {cycle: 2026-06, generation: 1, cut: [1]}", "claimPublisher: {node: n}",
      "claimSource: {source: erp, node: n}"};
  const auto is_refused = [](const Answer& answer, const std::string& document) {
    INFO(document << answer.response.err());
    CHECK(answer.response.exit_code() == 1);
    CHECK(answer.response.err().find("PERMISSION_DENIED") != std::string::npos);
    CHECK(answer.response.err().find("the engine") != std::string::npos);
  };
  for (const std::string& command : engine_only) {
    for (const char* actor :
         {"{person: p-hr}", "{client: engine, via: ENGINE}", "{person: p-hr, via: ENGINE}"}) {
      const std::string document = fmt::format("---\nactor: {}\n{}\n", actor, command);
      is_refused(world.Owner({"run", "run.yaml"}, document), document);
      is_refused(world.Owner({"--as", "p-hr", "run", "run.yaml"}, document), document);
      is_refused(world.Call(kDaemon, {"run", "run.yaml"}, document), document);
      is_refused(world.WithInput({"run", "-"}, document), document);
    }
  }
  // In the process too: the engine's own commands do not go through Submit.
  auto hold = world.keeper_.Take("a test");
  REQUIRE(hold.ok());
  const auto home = hold->Borrow();
  REQUIRE(home.ok());
  v1::Command command;
  command.mutable_actor()->set_client("engine");
  command.mutable_actor()->set_via(v1::AUTHENTICATION_ENGINE);
  command.mutable_claim_publisher()->set_node("n");
  const auto answer = (*home)->Submit(command);
  REQUIRE(answer.ok());
  CHECK(std::get<Rejection>(*answer).code == "PERMISSION_DENIED");
}

TEST_CASE("who is bound to nobody is not admitted, and is once a person is") {
  World world;
  const absl::Status stranger = world.service_.Admit(kNobody);
  CHECK(absl::IsUnauthenticated(stranger));
  CHECK(MessageOf(stranger) == "no person is the operating-system user \"nobody\" today");
  CHECK(world.service_.Admit(geteuid()).ok());
  CHECK(absl::IsUnauthenticated(world.service_.Admit(4'000'000'000)));
  world.Must(kBindNobody);
  CHECK(world.service_.Admit(kNobody).ok());
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

// Reads a document while another call is answered: whoever reads asks now and then whether its
// caller is there, which says yes once the other has its answer.
void CheckOthersGoOn(const std::vector<std::string>& words, const std::string& text) {
  World world;
  std::atomic<bool> reads{false};
  std::atomic<bool> is_answered{false};
  std::atomic<bool> went_on{false};
  v1::CallRequest request;
  for (const std::string& word : words) request.add_words(word);
  request.set_folder(world.scratch_.path());
  request.set_input(text);
  std::ofstream(world.scratch_.Path("file.yaml")) << text;
  v1::CallResponse response;
  const auto gone = [&] {
    if (reads.exchange(true)) return false;
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(3);
    while (!is_answered && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    went_on = is_answered.load();
    return false;
  };
  std::thread reader([&] {
    (void)world.service_.Call({.uid = geteuid(), .gone = gone}, request, response);
    reads = true;
  });
  while (!reads) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const Answer other = world.Owner({"org", "show"});
  is_answered = true;
  reader.join();
  CHECK(other.response.exit_code() == 0);
  CHECK(went_on);
}

TEST_CASE("nobody waits for the home while a call reads its documents") {
  CheckOthersGoOn({"run", "-"}, kRename);
  CheckOthersGoOn({"source", "add", "file.yaml"}, testing::Contract("erp", {"output pcs"}));
}

TEST_CASE("whoever has documents read for long is named until they are read") {
  World world;
  Watch watch(world.keeper_, world.readiness_,
              {.pause = std::chrono::milliseconds(1),
               .reading_max = std::chrono::milliseconds(20),
               .room_bytes_min = 0});
  std::string said;
  v1::CallRequest request;
  for (const char* const word : {"run", "-"}) request.add_words(word);
  request.set_folder("/");
  request.set_input(kRename);
  v1::CallResponse response;
  const auto wait = [&] {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (said.empty() && std::chrono::steady_clock::now() < until) {
      const Readiness::Now now = world.readiness_.Get();
      if (!now.Ready()) said = now.ToString();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  };
  REQUIRE(world.service_.Call({.uid = geteuid(), .gone = wait}, request, response).ok());
  CHECK(response.exit_code() == 0);
  CHECK(said.starts_with(fmt::format(
      "not ready: documents: UNAVAILABLE: run of user {} reads documents since ", geteuid())));
  CHECK(watch.Stop(std::chrono::milliseconds(30'000)));
}

TEST_CASE("reading documents ends with its caller") {
  World world;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += kRename;
  int asked = 0;
  v1::CallRequest request;
  for (const char* const word : {"run", "-"}) request.add_words(word);
  request.set_folder("/");
  request.set_input(text);
  v1::CallResponse response;
  const absl::Status status = world.service_.Call(
      {.uid = geteuid(), .gone = [&] { return ++asked > 2; }}, request, response);
  REQUIRE(status.ok());
  CHECK(response.exit_code() == 6);
  CHECK(response.err().find("expected a caller who waits, found none any more") !=
        std::string::npos);
  CHECK(asked < 10);
}

TEST_CASE("words that are longer than a command line are refused before they are understood") {
  World world;
  const Answer word = world.Owner({"org", std::string(30'000'000, 'x')});
  CHECK(absl::IsInvalidArgument(word.status));
  CHECK(MessageOf(word.status).starts_with("words[1]: expected at most 131072 bytes"));
  CHECK(word.response.out().size() + word.response.err().size() == 0);
  CHECK(absl::IsInvalidArgument(
      world.Owner(std::vector<std::string>(10, std::string(120'000, 'x'))).status));
  CHECK(absl::IsInvalidArgument(world.Owner(std::vector<std::string>(20'000, "x")).status));
}

// All that an agreement of June is made of.
void MakeRules(World& world) {
  std::ofstream(world.scratch_.Path("erp.yaml")) << testing::Contract("erp", {"output pcs"});
  REQUIRE(world.Owner({"source", "add", "erp.yaml"}).response.exit_code() == 0);
  world.Must(
      testing::Publish({.id = "output", .formula = "sum(erp.output)"}) + testing::CurveAndBands() +
      testing::Template("std@1", {{.item = "output", .target = "100"}}) + testing::June("std@1"));
}

const std::string kOpenAgreement = testing::By(
    "p-hr", "openAgreement: {agreement: a-1, person: p-1, position: pos-op, cycle: 2026-06}");

TEST_CASE("two people from one login are marked, by name for who may see it") {
  World world;
  MakeRules(world);
  const std::string items = testing::Items({{.item = "output", .target = "100"}});
  world.Must(kBindNobody + testing::Hire("p-bob", "E7") + BindUser("p-admin", "p-bob", "daemon") +
             kOpenAgreement +
             testing::By("p-mgr", "proposeTerms: {agreement: a-1, items: " + items + "}") +
             testing::By("p-1", "acceptItems: {agreement: a-1, version: 1}"));
  const std::string user = UserName(geteuid());
  std::string pseudonym;
  {
    const auto hold = world.keeper_.Take("a test");
    pseudonym = *PseudonymOfUser(world.keeper_.Held().Keys(), user);
  }
  const auto ends = [&](uid_t uid, const std::string& login) {
    const Answer answer = world.Call(uid, {"agreement", "show", "a-1"});
    REQUIRE(answer.status.ok());
    INFO(answer.response.out() << answer.response.err());
    CHECK(answer.response.out().ends_with("one login, " + login + ", acted as p-1, p-mgr\n"));
  };
  ends(geteuid(), user);
  // HR answers for people.
  ends(kNobody, user);
  ends(kDaemon, pseudonym);
}

TEST_CASE("a program names the version that it answers, a command line only one of several") {
  World world;
  MakeRules(world);
  const auto terms = [](std::string_view verb, const char* target) {
    return fmt::format("{}: {{agreement: a-1, items: {}}}", verb,
                       testing::Items({{.item = "output", .target = target}}));
  };
  world.Must(kOpenAgreement + testing::By("p-mgr", terms("proposeTerms", "100")));
  const auto run = [&](v1::Caller caller, const std::string& text,
                       const std::optional<v1::RunAnswer>& said = std::nullopt) {
    v1::CallRequest request;
    for (const char* word : {"run", "-"}) request.add_words(word);
    request.set_folder(world.scratch_.path());
    request.set_input(text);
    request.set_caller(caller);
    if (said.has_value()) *request.mutable_answer() = *said;
    Answer answer;
    answer.status = world.service_.Call({.uid = geteuid()}, request, answer.response);
    REQUIRE(answer.status.ok());
    return answer.response;
  };
  const std::string accept = testing::By("p-1", "acceptItems: {agreement: a-1}");
  const auto refused = run(v1::CALLER_UNSPECIFIED, accept);
  CHECK(refused.exit_code() == 1);
  INFO(refused.err());
  CHECK(refused.err().starts_with("error VERSION_REQUIRED: "));
  CHECK(refused.err().find("version 1 of a-1 is the only one (acceptItems.version)") !=
        std::string::npos);
  CHECK_FALSE(refused.has_question());
  const auto taken = run(v1::CALLER_COMMAND_LINE, accept);
  CHECK(taken.out().find("(version 1)") != std::string::npos);
  CHECK(taken.exit_code() == 0);
  // What the same call made is clear for everybody.
  const auto made =
      run(v1::CALLER_UNSPECIFIED,
          testing::By("p-1", "counterTerms: {agreement: a-1, version: 1, items: " +
                                 testing::Items({{.item = "output", .target = "90"}}) + "}") +
              testing::By("p-mgr",
                          "rejectItem: {agreement: a-1, item: output}\n"
                          "reason: 过低"));
  INFO(made.err());
  CHECK(made.exit_code() == 0);
  CHECK(made.out().find("(version 2)") != std::string::npos);

  const std::string sign = testing::By("p-mgr", "acceptItems: {agreement: a-1}");
  CHECK_FALSE(run(v1::CALLER_COMMAND_LINE, sign).has_question());
  const auto asked = run(v1::CALLER_TERMINAL, sign);
  REQUIRE(asked.has_question());
  CHECK(asked.exit_code() == 0);
  CHECK(asked.out().empty());
  CHECK(asked.question().version() == 2);
  CHECK(asked.question().text().find("items[output].target: 100 -> 90") != std::string::npos);
  v1::RunAnswer said;
  *said.mutable_place() = asked.question().place();
  // Other documents than those that were asked about are not run.
  said.set_version(2);
  const auto other =
      run(v1::CALLER_TERMINAL, testing::By("p-mgr", "signAgreement: {agreement: a-1}"), said);
  CHECK(other.exit_code() != 0);
  CHECK(other.err().find("the documents changed while you were asked") != std::string::npos);
  said.set_version(0);
  const auto declined = run(v1::CALLER_TERMINAL, sign, said);
  CHECK_FALSE(declined.has_question());
  CHECK(declined.err().starts_with("error VERSION_REQUIRED"));
  said.set_version(2);
  const auto meant = run(v1::CALLER_TERMINAL, sign, said);
  INFO(meant.err());
  CHECK(meant.exit_code() == 0);
  CHECK(meant.out().find("(version 2)") != std::string::npos);
}

TEST_CASE("a text about what the same append makes is sealed under whom it concerns") {
  World world;
  MakeRules(world);
  std::vector<SentCommand> commands;
  const absl::Status read = ReadCommands(
      testing::By("p-hr",
                  "openAgreement: {agreement: a-1, person: p-1, position: pos-op, "
                  "cycle: 2026-06}") +
          testing::By("p-mgr", "proposeTerms: {agreement: a-1, note: 请确认, items: " +
                                   testing::Items({{.item = "output", .target = "100"}}) + "}"),
      false, {}, [&](CommandDocument document) {
        commands.push_back({std::move(document.command), {}});
        return absl::OkStatus();
      });
  REQUIRE(read.ok());
  const auto hold = world.keeper_.Take("a test");
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

TEST_CASE("while the clock is off nothing is decided and ingested, and then it is right") {
  const auto wall = std::make_shared<StoryClock>(SystemClock().Now());
  const auto monotonic = std::make_shared<StoryClock>(Instant{0});
  World world(wall, monotonic);
  std::ofstream(world.scratch_.Path("erp.yaml")) << testing::Contract("erp", {"output pcs"});
  REQUIRE(world.Owner({"source", "add", "erp.yaml"}).response.exit_code() == 0);
  std::ofstream(world.scratch_.Path("erp.csv"))
      << "record,rev,day,emp,output\nr-1,1," << UtcDayOf(wall->Now()).ToString() << ",E1,1\n";
  const std::string moment = world.keeper_.MomentText();

  for (const int64_t jump : {int64_t{-30} * 24 * 3'600'000, int64_t{3'650} * 24 * 3'600'000}) {
    wall->Advance(jump);
    const absl::Status followed = world.keeper_.Follow();
    CHECK(absl::IsUnavailable(followed));
    CHECK(MessageOf(followed).find("the clock of this machine says") != std::string_view::npos);
    const Answer ingested = world.Owner({"ingest", "erp", "erp.csv"});
    CHECK(ingested.response.exit_code() == 6);
    CHECK(ingested.response.err().find("until then nothing is decided and recorded") !=
          std::string::npos);
    CHECK(world.Owner({"run", "run.yaml"}, kRename).response.exit_code() == 6);
    CHECK(world.Owner({"org", "show"}).response.exit_code() == 0);
    CHECK(world.keeper_.MomentText() == moment);
    wall->Advance(-jump);
  }
  CHECK(world.keeper_.Follow() == absl::OkStatus());
  const Answer ingested = world.Owner({"ingest", "erp", "erp.csv"});
  INFO(ingested.response.out() << ingested.response.err());
  CHECK(ingested.response.exit_code() == 0);
  CHECK(ingested.response.out().find("applied       1") != std::string::npos);
  CHECK(world.Owner({"run", "run.yaml"}, kRename).response.exit_code() == 0);
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
