// The tables that the tidy test holds the tree to: layers, vendor fences, banned words, mirrors.
//
// Everything here is default-deny: what no row allows fails. A new row is a decision about the
// shape of the program, so think about the direction first and write the reason beside it.

#pragma once

#include <string_view>
#include <vector>

namespace assay::tidy {

// --- layers ---

// Each of `modules` may include itself and `may_include`: a module ("engine/base"), one header
// ("engine/commit/ports.h"), a glob whose `*` stays within a path segment, or "proto" for the
// generated messages "assay/v1/*.pb.h".
struct LayerRow {
  std::vector<std::string_view> modules;
  std::vector<std::string_view> may_include;
};

inline const std::vector<LayerRow> kLayers = {
    // Every module stands on base, so base stands on nothing.
    {{"engine/base"}, {}},
    {{"engine/event"}, {"engine/base", "proto"}},

    {{"engine/score", "engine/access"}, {"engine/base", "engine/event", "proto"}},
    // The shape of a domain's table: who may is one of its columns.
    {{"engine/domain"}, {"engine/base", "engine/event", "engine/access", "proto"}},
    // The domains never know each other: what one needs of another arrives as an argument.
    {{"engine/company", "engine/org", "engine/metric", "engine/agreement", "engine/cycle",
      "engine/adjustment", "engine/source"},
     {"engine/base", "engine/event", "engine/access", "engine/domain", "proto"}},

    // A command is decided by all domains. Publishing a definition checks its formula and curve:
    // the
    // adapter between the domains' checkers and the language is its only use of engine/score.
    {{"engine/commit"},
     {"engine/base", "engine/event", "engine/access", "engine/domain", "engine/company",
      "engine/org", "engine/metric", "engine/agreement", "engine/cycle", "engine/adjustment",
      "engine/source", "engine/score/bands.h", "engine/score/curve.h", "engine/score/formula.h",
      "proto"}},

    {{"projections/store"}, {"engine/base"}},
    // The runner folds both journals itself; derived views are handed in by main, and it knows
    // none.
    {{"projections/runner"},
     {"engine/base", "engine/event", "engine/commit", "projections/store", "projections/decisions",
      "projections/facts", "proto"}},

    // The versioned table of decision state: it keeps the verdicts of the commit rule.
    {{"projections/decisions"},
     {"engine/base", "engine/event", "engine/commit", "projections/store",
      "projections/runner/view.h", "proto"}},
    // The facts: their partitions are judged and chained by the commit rule.
    {{"projections/facts"},
     {"engine/base", "engine/event", "engine/commit/ports.h", "engine/commit/rule.h",
      "engine/commit/authentic.h", "projections/store", "proto"}},
    // The views. They read the decision state and the facts through the readers of those two:
    // one versioned table serves all views, a copy in each would be the same bytes again.
    {{"projections/score_table", "projections/ledger", "projections/digest"},
     {"engine/base", "engine/event", "engine/domain", "engine/commit/domains.h", "engine/score",
      "projections/store", "projections/runner/view.h", "projections/decisions/query.h",
      "projections/facts/query.h", "projections/facts/projector.h", "proto"}},

    // One technology per connector; none knows another, and of the engine only the ports.
    {{"connectors/embedded", "connectors/simulated", "connectors/kafka"},
     {"engine/base", "engine/event", "engine/commit/ports.h", "proto"}},
    // The one reader of documents with limits. Whatever takes in a document stands on it.
    {{"connectors/document"}, {"engine/base"}},
    // Contracts are documents, checked as sources; their conditions are formulas.
    {{"connectors/file"},
     {"engine/base", "engine/event", "engine/commit/ports.h", "engine/score", "engine/source",
      "connectors/document", "proto"}},
    // Answers queries, so it sees the query headers of the views and nothing behind them.
    {{"connectors/http"},
     {"engine/base", "engine/event", "engine/commit/ports.h", "projections/*/query.h",
      "connectors/document", "proto"}},

    // Only tools wire; tests see everything.
    {{"tools"}, {"engine/*", "projections/*", "connectors/*", "proto", "tools"}},
    {{"tests"}, {"engine/*", "projections/*", "connectors/*", "proto", "tools", "tests"}},
};

// --- vendor fences ---

// Headers that start with `header` may be included only below the places of `allowed` (globs over
// whole paths; tests are free). `instead` is what a message recommends.
struct Fence {
  std::string_view header;
  std::vector<std::string_view> allowed;
  std::string_view instead;
};

inline const std::vector<Fence> kFences = {
    {"rocksdb/", {"projections/store/*", "connectors/embedded/*"}, "projections/store"},
    // The reference of the replay benchmark is librdkafka and nothing else.
    {"librdkafka/",
     {"connectors/kafka/*", "tools/bench/reference.cc"},
     "the journal port of engine/commit/ports.h"},
    {"spdlog/", {"engine/base/log.*", "tools/*/*"}, "engine/base/log.h"},
    {"boost/beast", {"connectors/http/*"}, "connectors/http"},
    {"boost/asio", {"connectors/http/*"}, "connectors/http"},
    {"simdjson.h",
     {"connectors/document/*", "connectors/file/*", "tools/*/*"},
     "connectors/document or connectors/file"},
    {"yaml.h", {"connectors/document/*"}, "connectors/document"},
    // Hashes are in base; the key file of an embedded home seals with its own ciphers.
    {"openssl/", {"engine/base/*", "connectors/embedded/key*"}, "engine/base/hash.h"},
    {"CLI/", {"tools/*/*"}, "tools"},
    {"benchmark/", {"tools/*/*"}, "tools/bench"},
    {"prometheus/", {"tools/assayd/*"}, "tools/assayd/metrics.h"},
    {"systemd/", {"tools/assayd/*"}, "the main of a service"},
    {"catch2/", {}, "a test below tests/"},
    {"rapidcheck", {}, "a test below tests/"},
};

// --- banned words ---

// `words` are whole tokens of code (not of comments or text); banned below the folders of `where`
// except in the files of `free` (globs over whole paths).
struct Ban {
  std::string_view rule;
  std::vector<std::string_view> words;
  std::vector<std::string_view> where;
  std::vector<std::string_view> free;
  std::string_view instead;
};

inline const std::vector<Ban> kBans = {
    {"score-double",
     {"double", "float", "DoubleValue", "FloatValue", "strtod", "strtof", "stod", "stof"},
     {"engine/", "projections/", "proto/"},
     {},
     "Decimal of engine/base/decimal.h, or an integer with its unit in the name"},
    {"engine-clock",
     {"system_clock", "steady_clock", "high_resolution_clock", "absl::Now", "std::time",
      "gettimeofday", "clock_gettime", "localtime", "gmtime", "localtime_r", "gmtime_r",
      "sleep_for", "sleep_until"},
     {"engine/"},
     {},
     "an Instant or Day that comes in as data, or the Clock port of engine/commit/ports.h"},
    {"engine-random",
     {"rand", "srand", "random_device", "mt19937", "mt19937_64", "default_random_engine",
      "RAND_bytes", "absl::BitGen"},
     {"engine/"},
     {},
     "an id or seed that comes in as data"},
    {"engine-environment",
     {"getenv", "secure_getenv", "setenv"},
     {"engine/"},
     {},
     "a value handed in by main"},
    {"engine-io",
     {"fstream", "ifstream", "ofstream", "iostream", "filesystem", "fopen", "freopen", "cout",
      "cerr", "clog", "printf", "fprintf", "puts", "fputs", "fwrite", "fmt::print", "mmap"},
     {"engine/"},
     {"engine/base/check.cc", "engine/base/log.*"},
     "a value that is returned; connectors and tools do the talking"},
    {"plain-output",
     {"fmt::print", "puts", "fputs", "fwrite", "printf", "fprintf", "cout", "cerr"},
     {"tools/assay/", "tools/assayd/"},
     // What assayd answered was printed so by a verb there.
     {"tools/assay/output.*", "tools/assay/remote.cc"},
     "PrintPlain or PrintReady of tools/assay/output.h: a terminal obeys what others wrote"},
    {"engine-log",
     {"spdlog"},
     {"engine/"},
     {"engine/base/log.*"},
     "a value that is returned; projections, connectors and tools log"},
};

// --- mirrors ---

// A source without a test of its own name, with the test of its folder that covers it and why.
struct MirrorException {
  std::string_view source;
  std::string_view covered_by;
  std::string_view reason;
};

inline const std::vector<MirrorException> kMirrorExceptions = {
    {"engine/commit/checkers.cc", "tests/projections/runner/runner_test.cc",
     "adapters of two lines each: the demo company publishes definitions and sources through them"},
    {"engine/domain/domain.cc", "tests/engine/commit/domains_test.cc",
     "what it finds missing is seen on the tables of all domains"},
    {"engine/company/domain.cc", "tests/engine/commit/domains_test.cc",
     "a table: its completeness is checked for all domains at once, its functions with the domain"},
    {"engine/metric/domain.cc", "tests/engine/commit/domains_test.cc",
     "a table: checked as that of the company"},
    {"engine/cycle/domain.cc", "tests/engine/commit/domains_test.cc",
     "a table: checked as that of the company"},
    {"engine/agreement/domain.cc", "tests/engine/commit/domains_test.cc",
     "a table: checked as that of the company"},
    {"engine/adjustment/domain.cc", "tests/engine/commit/domains_test.cc",
     "a table: checked as that of the company"},
    {"engine/source/domain.cc", "tests/engine/commit/domains_test.cc",
     "a table: checked as that of the company"},
    {"engine/commit/decide.cc", "tests/engine/commit/domains_test.cc",
     "a table from command to domain: every race decides through it"},
    {"engine/commit/fold.cc", "tests/engine/commit/submit_test.cc",
     "four replicas fold one log and must end in one root"},
    {"projections/decisions/keys.cc", "tests/projections/decisions/query_test.cc",
     "keys are only seen through the rows that they order"},
    {"projections/decisions/projector.cc", "tests/projections/decisions/query_test.cc",
     "what it puts is what the query reads as of every position"},
    {"projections/facts/keys.cc", "tests/projections/facts/projector_test.cc",
     "keys are only seen through the rows that they order"},
    {"projections/facts/query.cc", "tests/projections/facts/projector_test.cc",
     "every case reads what was folded through it"},
    {"projections/runner/runner_roots.cc", "tests/attack/forged_test.cc",
     "what it tells is seen on records that no node wrote, and in every cut"},
    {"tools/assay/decided_again.cc", "tests/tools/assayd/decision_check_test.cc",
     "a service decides an honest and a forged log again with it"},
    {"tools/assay/heads.cc", "tests/attack/verify_test.cc",
     "it compares a home with an earlier or another state of itself"},
    {"tools/assay/verify_facts.cc", "tests/attack/verify_test.cc",
     "what it finds is seen on a home whose journal was forged"},
    {"tools/assay/verify_keys.cc", "tests/attack/keys_test.cc",
     "what it finds is seen on a home whose keys were replaced"},
    {"projections/score_table/assemble.cc", "tests/projections/runner/runner_test.cc",
     "the scores of a whole company are assembled in every fold"},
    {"projections/score_table/keys.cc", "tests/projections/runner/runner_test.cc",
     "two functions of one line"},
    {"projections/score_table/projector.cc", "tests/projections/runner/runner_test.cc",
     "any batches and order give the live rows, and only touched scores are evaluated"},
    {"projections/score_table/query.cc", "tests/projections/runner/runner_test.cc",
     "every fold evaluates through it"},
    {"tools/assayd/publishing.cc", "tests/kafka/publishing_test.cc",
     "what it does is seen on a broker's topics, also through kills"},
    {"projections/ledger/query.cc", "tests/tools/assay/demo_test.cc",
     "the demo company's golden ledger has every count above zero"},
    {"projections/digest/query.cc", "tests/projections/runner/runner_test.cc",
     "equal for equal logs in any order, different for a changed row"},
};

// --- sizes and names ---

inline constexpr int kColumnsMax = 100;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kFileLinesMax = 800;

// Folders that collect what nobody wanted to name.
inline const std::vector<std::string_view> kBannedFolders = {"util", "utils",  "common",
                                                             "misc", "helper", "helpers"};

// --- text that belongs to one machine ---

// Written in two halves so that this table does not find itself.
inline const std::vector<std::string_view> kMachinePaths = {
    "/wo"
    "rk/",
    "/ro"
    "ot/",
    "/ho"
    "me/"};
inline const std::vector<std::string_view> kRegistryHosts = {
    "registry.npm"
    "js.org",
    "registry.yarn"
    "pkg.com",
    "py"
    "pi.org",
    "pythonho"
    "sted.org",
    "proxy.go"
    "lang.org",
    "repo.maven.ap"
    "ache.org",
    "repo1.mav"
    "en.org",
    "deb.debi"
    "an.org",
    "crat"
    "es.io",
    "artifac"
    "tory",
    "registry:"
    "//",
};

}  // namespace assay::tidy
