// What a document may do to the program that reads it: nothing but be refused, by every door.

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/support/large_text.h"

namespace assay::testing {
namespace {

// A company, and calls in so little memory that what grows beyond the limits fails.
class World {
 public:
  World() : program_(scratch_.path()) {
    program_.Write("people.yaml", Founding());
    Must({"init", "--company", "acme", "--admin", "p-admin", "--partitions", "1"});
    Must({"run", "people.yaml"});
    digest_ = program_.Out({"--home", "home", "digest"});
  }

  Ended Run(std::vector<std::string> words, std::string_view input = "") const {
    words.insert(words.begin(), {"--home", "home"});
    rlimit former{};
    REQUIRE(getrlimit(RLIMIT_AS, &former) == 0);
    [[maybe_unused]] const rlimit narrow{1'500 * kMiB, former.rlim_max};
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    REQUIRE(setrlimit(RLIMIT_AS, &narrow) == 0);
#endif
    Ended ended = program_.Run(words, input);
    REQUIRE(setrlimit(RLIMIT_AS, &former) == 0);
    return ended;
  }

  void Must(const std::vector<std::string>& words) const {
    const Ended ended = Run(words);
    INFO(ended.err);
    REQUIRE(ended.code == 0);
  }

  // The answer to a file, which is to be refused in short words that name it.
  std::string Refused(const std::vector<std::string>& words, const std::string& name,
                      const std::string& text = "") const {
    if (!text.empty()) program_.Write(name, text);
    const Ended ended = Run(words);
    INFO(ended.err);
    CHECK(ended.code > 0);
    CHECK(ended.code < 100);
    CHECK(ended.err.size() < 3'000);
    CHECK(ended.err.find(name) != std::string::npos);
    return ended.err;
  }

  void CheckUnchanged() const { CHECK(program_.Out({"--home", "home", "digest"}) == digest_); }

  const ScratchDirectory scratch_;
  const Program program_;
  std::string digest_;
};

bool Has(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return true;
  UNSCOPED_INFO("expected " << part << " in " << text);
  return false;
}

}  // namespace

TEST_CASE("a file of one comma ends with a sentence by every door", "[scenario][documents]") {
  PreferMemory();
  const World world;
  constexpr const char* kSentence = "line 1: not YAML: did not find expected node content";
  CHECK(Has(world.Refused({"run", "comma.yaml"}, "comma.yaml", ","), kSentence));
  const Ended piped = world.Run({"run", "-"}, ",");
  CHECK(piped.code == 2);
  CHECK(Has(piped.err, std::string("standard input: ") + kSentence));
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"source", "add", "comma.yaml"}, {"source", "check", "comma.yaml", "comma.yaml"}}) {
    CHECK(Has(world.Refused(words, "comma.yaml"), "line 1: expected YAML"));
  }
  world.Refused({"score", "check", "comma.yaml"}, "comma.yaml");
  world.CheckUnchanged();
  world.program_.Write("home/assay.yaml", ",");
  CHECK(Has(world.Run({"digest"}).err, kSentence));
}

TEST_CASE("what is no file of some bytes is not read as one", "[scenario][documents]") {
  PreferMemory();
  const World world;
  REQUIRE(mkfifo(world.program_.Path("pipe").c_str(), 0600) == 0);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  const std::string place = world.program_.Path("socket");
  REQUIRE(place.size() < sizeof(address.sun_path));
  std::strncpy(address.sun_path, place.c_str(), sizeof(address.sun_path) - 1);
  REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  for (const std::string name : {"pipe", "/dev/zero", "/dev/null", "home"}) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"run", name}, {"source", "add", name}, {"score", "check", name}}) {
      CHECK(Has(world.Refused(words, name), name + ": not a regular file"));
    }
  }
  world.Refused({"run", "socket"}, "socket");
  close(listener);
  // Without its settings there is no home any more.
  world.CheckUnchanged();
  REQUIRE(unlink(world.program_.Path("home/assay.yaml").c_str()) == 0);
  REQUIRE(mkfifo(world.program_.Path("home/assay.yaml").c_str(), 0600) == 0);
  CHECK(Has(world.Run({"digest"}).err, "assay.yaml: not a regular file"));
}

TEST_CASE("documents beyond their limits are refused before they take memory",
          "[scenario][documents]") {
  PreferMemory();
  const World world;
  const auto run = [&](const std::string& name, const std::string& text) {
    return world.Refused({"run", name}, name, text);
  };
  CHECK(Has(run("list.yaml", Repeated("- a\n", 10 * kMiB / 4)),
            "expected at most 1048576 bytes a document, found 10485760 bytes"));
  std::string map;
  for (int i = 0; map.size() < 10 * kMiB; ++i) map += "k" + std::to_string(i) + ": 1\n";
  CHECK(Has(run("map.yaml", map), "expected at most 1048576 bytes a document"));
  CHECK(Has(run("many.yaml", Repeated("---\na: b\n", 1'700'000)), "many.yaml: document 1, line 2"));
  CHECK(Has(run("many.ndjson", Repeated("{}\n", 3'000'000)), "many.ndjson: document 1, line 1"));
  CHECK(Has(run("key.ndjson", "{\"" + std::string(20 * kMiB, 'k') + "\":1}"),
            "expected at most 1048576 bytes a document"));
  CHECK(Has(run("large.yaml", std::string(65 * kMiB, '#')),
            "large.yaml: expected at most 67108864 bytes, found more"));
  CHECK(Has(run("deep.yaml", "a: " + Repeated("[", 100'000)), "at most 64 levels"));
  CHECK(Has(run("deep.ndjson", Repeated("[", 100'000)), "line 1: "));
  CHECK(Has(run("anchor.yaml", "a: &a [b]\nc: *a\n"), "line 1: a: expected no anchor"));
  CHECK(Has(world.Refused({"score", "check", "tree.json"}, "tree.json",
                          "[" + Repeated("1,", 7 * kMiB) + "1]"),
            "EXPLAIN_UNREADABLE"));
  CHECK(Has(world.Refused({"score", "check", "tree.json"}, "tree.json",
                          "[" + Repeated("1,", 9 * kMiB) + "1]"),
            "expected at most 16777216 bytes"));
  const Ended piped = world.Run({"run", "-"}, std::string(65 * kMiB, '#'));
  CHECK(piped.code == 2);
  CHECK(Has(piped.err, "standard input: expected at most 67108864 bytes, found more"));
  const Ended going = world.Run({"run", "--keep-going", "many.ndjson"});
  CHECK(going.code == 2);
  CHECK(Has(going.err, "line 10001: expected commands, found 10001 documents that are none"));
  world.CheckUnchanged();
}

TEST_CASE("a command whose commit would be too large is refused with its size",
          "[scenario][documents]") {
  PreferMemory();
  const World world;
  // Of so many bytes in the command, and in the event once more.
  const auto command = [](size_t bytes) {
    std::string metrics;
    while (metrics.size() < bytes) metrics += "\"" + std::string(60, 'm') + "\", ";
    return "commandId: large\nactor: {person: p-admin}\ngiveGrant: {grant: g-1, to: {person: p-1}, "
           "role: EXECUTIVE, span: {from: 2026-02-01}, metrics: [" +
           metrics + "]}\n";
  };
  const std::string refused = world.Refused({"run", "large.yaml"}, "large.yaml", command(950'000));
  CHECK(Has(refused, "COMMIT_TOO_LARGE"));
  CHECK(Has(refused, "at most 921600 bytes"));
  CHECK(Has(refused, " bytes, 1 events"));
  world.CheckUnchanged();
}

}  // namespace assay::testing
