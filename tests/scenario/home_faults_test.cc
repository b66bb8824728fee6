// Homes that are held, damaged or put together from two: what a call says, and how it ends.

#include <fmt/core.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>

#include "connectors/embedded/home_lock.h"
#include "connectors/embedded/system_clock.h"
#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

// The home "home" of acme with a unit and a bound key, and "other" of another company.
class Homes {
 public:
  Homes()
      : scratch_((PreferMemory(), std::make_unique<ScratchDirectory>())),
        program(scratch_->path()) {
    program.Write("founding.yaml", Founding() + Hire("p-1", "E1"));
    program.Write("bind.yaml", By("p-hr",
                                  "bindSourceKey: {person: p-1, entityType: employee, "
                                  "key: E2, span: {from: 2026-01-01}}"));
    program.Write("rename.yaml", By("p-hr",
                                    "renameUnit: {unit: u-1, name: Works, "
                                    "from: 2026-02-01}"));
    Init("home", "acme");
    REQUIRE(program.Run({"--home", "home", "run", "founding.yaml"}).code == 0);
  }

  void Init(const char* home, const char* company) {
    const Ended made = program.Run(
        {"--home", home, "init", "--company", company, "--admin", "p-admin", "--partitions", "2"});
    INFO(made.err);
    REQUIRE(made.code == 0);
  }
  void Replace(const std::string& target, const std::string& with) {
    fs::remove_all(program.Path(target));
    fs::copy(program.Path(with), program.Path(target), fs::copy_options::recursive);
  }
  // Turns one bit in the middle of a file.
  void Damage(const std::string& name) {
    std::string bytes = program.Read(name);
    REQUIRE_FALSE(bytes.empty());
    bytes[bytes.size() / 2] ^= 1;
    program.Write(name, bytes);
  }
  [[nodiscard]] std::string Answer(const std::vector<std::string>& words) {
    const Ended ended = program.Run(words);
    return fmt::format("exit {}\n{}", ended.code, ended.err);
  }

 private:
  std::unique_ptr<ScratchDirectory> scratch_;

 public:
  Program program;
};

}  // namespace

TEST_CASE("a home that another process holds names it, and nothing is done", "[scenario][home]") {
  Homes homes;
  SystemClock clock;
  const auto lock = HomeLock::Acquire(homes.program.Path("home"), clock);
  REQUIRE(lock.ok());
  std::string holder = homes.program.Read("home/assay.lock");
  holder.pop_back();
  CHECK(holder.starts_with(fmt::format("scenario_tests (process {}) since ", getpid())));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"status"}, {"run", "rename.yaml"}, {"rebuild"}, {"verify"}}) {
    std::vector<std::string> all = {"--home", "home"};
    all.insert(all.end(), words.begin(), words.end());
    CHECK(homes.Answer(all) ==
          fmt::format("exit 6\nerror UNAVAILABLE: the home home is in use by {}; wait for it or "
                      "stop it, or name another home\n",
                      holder));
  }
}

TEST_CASE("keys that are damaged or missing are named, and no new ones take their place",
          "[scenario][home]") {
  Homes homes;
  homes.Replace("saved", "home");
  homes.Damage("home/keys/75ae237e5e67a88f999bf98fa13b9624.key");
  CHECK(homes.Answer({"--home", "home", "run", "bind.yaml"}) ==
        "exit 5\nerror DATA_LOSS: home/keys/75ae237e5e67a88f999bf98fa13b9624.key is damaged: "
        "restore it from a "
        "copy, what it sealed cannot be read\n");
  fs::remove(homes.program.Path("home/keys/75ae237e5e67a88f999bf98fa13b9624.key"));
  CHECK(homes.Answer({"--home", "home", "status"}) ==
        "exit 5\nerror DATA_LOSS: home/keys has lost the key of the pseudonyms: restore it from a "
        "copy, a new one would make other people of the same ones\n");
  homes.Replace("home", "saved");
  homes.Damage("home/keys/8a54cef7645caf711a601b2d64434bd3.key");
  CHECK(homes.Answer({"--home", "home", "verify"}) ==
        "exit 5\nerror DATA_LOSS: home/keys/8a54cef7645caf711a601b2d64434bd3.key is damaged: "
        "restore it from a copy, "
        "what it sealed cannot be read\n");
  homes.Replace("home", "saved");
  fs::remove(homes.program.Path("home/keys/8a54cef7645caf711a601b2d64434bd3.key"));
  CHECK_THAT(homes.program.Run({"--home", "home", "-o", "json", "verify"}).out,
             Catch::Contains("\"keysGone\": 1"));
  homes.Replace("home", "saved");
  homes.program.Write("home/keys/SEED", "12345\n");
  CHECK(homes.Answer({"--home", "home", "status"}) ==
        "exit 5\nerror DATA_LOSS: home/keys/SEED is no seed: it must be hexadecimal digits of at "
        "least 16 bytes\n");
  fs::remove_all(homes.program.Path("home/keys"));
  CHECK(homes.Answer({"--home", "home", "run", "bind.yaml"}) ==
        "exit 5\nerror DATA_LOSS: home/keys is missing: restore it from a copy, what it sealed "
        "cannot be read\n");
  CHECK_FALSE(fs::exists(homes.program.Path("home/keys")));
  homes.Replace("home", "saved");
  CHECK(homes.Answer({"--home", "home", "run", "bind.yaml"}) == "exit 0\n");
}

TEST_CASE("one changed byte of the end mark is found by verify, and the next appends mend it",
          "[scenario][home]") {
  Homes homes;
  std::string bytes = homes.program.Read("home/journal/END");
  bytes[4'000] ^= 1;
  homes.program.Write("home/journal/END", bytes);
  CHECK(homes.Answer({"--home", "home", "verify"}) ==
        "exit 5\nerror DATA_LOSS: home/journal/END: one of its two slots is damaged, by a loss of "
        "power while it was written or by another hand; by the other slot no record is missing, "
        "and the next two appends write both anew\n");
  REQUIRE(homes.Answer({"--home", "home", "run", "rename.yaml"}) == "exit 0\n");
  REQUIRE(homes.Answer({"--home", "home", "run", "bind.yaml"}) == "exit 0\n");
  CHECK(homes.Answer({"--home", "home", "verify"}) == "exit 0\n");
}

TEST_CASE("views that cannot be opened are damaged, and made anew by rebuild", "[scenario][home]") {
  Homes homes;
  homes.program.Write("home/views/CURRENT", "MANIFEST-999999\n");
  const Ended told = homes.program.Run({"--home", "home", "status"});
  CHECK(told.code == 5);
  CHECK_THAT(told.err,
             Catch::Equals("error DATA_LOSS: the views are damaged, as was seen opening them: the "
                           "list of its files: it is missing; run `assay rebuild`\n"));
  CHECK(homes.Answer({"--home", "home", "rebuild"}) == "exit 0\n");
  CHECK(homes.Answer({"--home", "home", "verify"}) == "exit 0\n");
}

TEST_CASE("a disk without room is an answer and no crash", "[scenario][home]") {
  Homes homes;
  std::string records = "id,when,machine,pieces\n";
  for (int i = 0; i < 40'000; ++i) {
    records += fmt::format("r-{},2026-06-{:02}T08:00:00Z,m-{},7\n", i, 1 + i % 28, i % 50);
  }
  homes.program.Write("records.csv", records);
  homes.program.Write("source.yaml",
                      "source: mill\norigin: SYSTEM\nowner: {person: p-admin}\n"
                      "input: {format: csv}\nrecord:\n  key: [id]\n"
                      "  when: {field: when, format: rfc3339, zone: UTC}\n"
                      "entity: {type: machine, key: machine}\npersonal: {key: plain}\n"
                      "measures:\n  - {name: made, value: pieces, unit: pcs}\n");
  REQUIRE(homes.Answer({"--home", "home", "--as", "p-admin", "source", "add", "source.yaml"}) ==
          "exit 0\n");
  // A file that may not grow fails as a full disk does.
  for (const int blocks : {200, 400, 800, 1'600}) {
    const Ended ended =
        homes.program.RunWithin(blocks, {"--home", "home", "ingest", "mill", "records.csv"});
    INFO(blocks << ": " << ended.err);
    CHECK(ended.code == 6);
    CHECK(ended.err.starts_with("error UNAVAILABLE: "));
  }
  // Even before a home is open: no file of RocksDB's own may be what a crash comes from.
  for (const int blocks : {2, 4, 8, 16, 32}) {
    const Ended ended = homes.program.RunWithin(blocks, {"--home", "home", "status"});
    INFO(blocks << ": " << ended.err);
    CHECK((ended.code == 6 || ended.code == 0));
  }
  REQUIRE(homes.program.Run({"--home", "home", "ingest", "mill", "records.csv"}).code == 0);
  CHECK(homes.Answer({"--home", "home", "verify"}) == "exit 0\n");
}

TEST_CASE("views and a journal of two logs are refused", "[scenario][home]") {
  Homes homes;
  homes.Init("other", "globex");
  homes.Replace("saved", "home");
  const std::string another =
      "exit 1\nerror FAILED_PRECONDITION: these views belong to another log: give them a directory "
      "of their own, or delete them\n";
  homes.Replace("home/views", "other/views");
  CHECK(homes.Answer({"--home", "home", "status"}) == another);
  homes.Replace("home", "saved");
  homes.Replace("home/journal", "other/journal");
  CHECK(homes.Answer({"--home", "home", "status"}) == another);
  homes.Replace("home", "saved");
  CHECK(homes.Answer({"journal", "copy", "home", "other"}) ==
        "exit 1\nerror FAILED_PRECONDITION: the target is no beginning of this log: position 0 "
        "differs\n");
  CHECK(homes.Answer({"journal", "copy", "nowhere", "other"}) ==
        "exit 3\nerror NOT_FOUND: there is no home at nowhere: make one with `assay init`, or name "
        "another with --home\n");
}

TEST_CASE("a journal that is missing, cut or older than its views is noticed", "[scenario][home]") {
  Homes homes;
  homes.Replace("saved", "home");
  fs::remove(homes.program.Path("home/journal/END"));
  CHECK(homes.Answer({"--home", "home", "status"}) ==
        "exit 5\nerror DATA_LOSS: home/journal/END is missing; restore the journal from a copy\n");
  fs::remove_all(homes.program.Path("home/journal"));
  CHECK(homes.Answer({"--home", "home", "status"}) ==
        "exit 3\nerror NOT_FOUND: there is no journal in home/journal\n");
  homes.Replace("home", "saved");
  REQUIRE(homes.Answer({"--home", "home", "run", "rename.yaml"}) == "exit 0\n");
  homes.Replace("home/journal", "saved/journal");
  CHECK(homes.Answer({"--home", "home", "status"}) ==
        "exit 5\nerror DATA_LOSS: the views are ahead of the journal: decisions ends before "
        "position 14. Records that were acknowledged are gone: restore the newest copy of the "
        "journal, and keep these views until you have it, since they prove that there was more\n");
  fs::remove(homes.program.Path("home/assay.yaml"));
  CHECK(homes.Answer({"--home", "home", "status"}) ==
        "exit 3\nerror NOT_FOUND: there is no home at home: make one with `assay init`, or name "
        "another with --home\n");
}

TEST_CASE("a founding that is refused leaves nothing behind", "[scenario][home]") {
  Homes homes;
  CHECK(homes.Answer({"--home", "new", "init", "--company", "a b", "--admin", "p-1"}) ==
        "exit 2\nerror USAGE: --company: expected an id ([A-Za-z0-9][A-Za-z0-9._@:-]{0,63}), found "
        "\"a b\"\n");
  CHECK_FALSE(fs::exists(homes.program.Path("new")));
  CHECK(homes.Answer({"--home", "new", "init", "--company", "ab", "--admin", "p-1"}) == "exit 0\n");
}

}  // namespace assay::testing
