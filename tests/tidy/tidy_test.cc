#include "tests/tidy/tidy.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>

#include "tests/support/paths.h"
#include "tests/tidy/rules.h"
#include "tests/tidy/scan.h"

namespace assay::tidy {
namespace {

const Files& Tree() {
  static const Files files = ReadTree(testing::SourceDir());
  return files;
}

// Prints every finding as "path:line: [rule] message", unwrapped, and fails.
void RequireNone(const Findings& findings) {
  std::cerr << Print(findings);
  if (!findings.empty()) FAIL("the tree is not tidy, findings: " << findings.size());
}

// "path:line rule" of each finding, so that a self test names all it expects and nothing more.
std::vector<std::string> Short(const Findings& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) {
    out.push_back(finding.path + ":" + std::to_string(finding.line) + " " + finding.rule);
  }
  return out;
}

using Expected = std::vector<std::string>;

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

// --- the tree ---

TEST_CASE("the tree was read", "[tidy]") {
  CHECK(Tree().size() > 20);
  CHECK(std::any_of(Tree().begin(), Tree().end(),
                    [](const File& file) { return file.path == "engine/base/hash.cc"; }));
  CHECK(std::none_of(Tree().begin(), Tree().end(),
                     [](const File& file) { return file.path == ".git"; }));
}

TEST_CASE("includes follow the layer table", "[tidy]") { RequireNone(CheckLayers(Tree())); }

TEST_CASE("includes start at the repository root and headers have pragma once", "[tidy]") {
  RequireNone(CheckIncludeForm(Tree()));
}

TEST_CASE("vendor headers stay inside their fences", "[tidy]") { RequireNone(CheckFences(Tree())); }

TEST_CASE("the engine is pure and scores are exact", "[tidy]") { RequireNone(CheckBans(Tree())); }

TEST_CASE("tests mirror the tree", "[tidy]") { RequireNone(CheckMirror(Tree())); }

TEST_CASE("lines, functions and files keep their limits", "[tidy]") {
  RequireNone(CheckSizes(Tree()));
}

TEST_CASE("folders are flat and files are named in snake case", "[tidy]") {
  RequireNone(CheckNames(Tree()));
}

TEST_CASE("nothing unfinished is left behind", "[tidy]") { RequireNone(CheckLeftovers(Tree())); }

TEST_CASE("every test can be selected by its name", "[tidy]") {
  RequireNone(CheckTestNames(Tree()));
}

TEST_CASE("documents name what is there", "[tidy]") { RequireNone(CheckDocuments(Tree())); }

TEST_CASE("no text belongs to one machine", "[tidy]") { RequireNone(CheckMachineText(Tree())); }

TEST_CASE("the figures of the tree", "[tidy][figures]") {
  std::cout << Figures(Tree());
  SUCCEED();
}

// --- the checks, by injected faults ---

TEST_CASE("layers: every edge that no row allows is found", "[tidy][self]") {
  const Files files = {
      {"engine/base/a.cc", "// why\n#include \"engine/event/x.h\"\n"},
      {"engine/base/b.cc", "#include \"projections/store/store.h\"\n"},
      {"engine/base/c.cc", "#include \"assay/v1/fact.pb.h\"\n"},
      {"engine/event/a.h", "#include \"assay/v1/fact.pb.h\"\n#include \"engine/base/hash.h\"\n"},
      {"engine/org/decide.cc", "#include \"engine/metric/state.h\"\n"},
      {"engine/commit/rule.cc", "#include \"engine/score/scorecard.h\"\n"},
      {"engine/score/a.cc", "#include \"engine/org/state.h\"\n"},
      {"projections/store/a.cc", "#include \"engine/event/x.h\"\n"},
      {"projections/ledger/a.cc", "#include \"projections/score_table/keys.h\"\n"},
      {"projections/ledger/b.cc", "#include \"projections/decisions/projector.h\"\n"},
      {"projections/ledger/c.cc", "#include \"projections/decisions/query.h\"\n"},
      {"projections/runner/a.cc", "#include \"projections/org_chart/query.h\"\n"},
      {"connectors/kafka/a.cc", "#include \"connectors/embedded/journal.h\"\n"},
      {"connectors/kafka/b.cc", "#include \"engine/commit/submit.h\"\n"},
      {"connectors/kafka/c.cc", "#include \"engine/commit/ports.h\"\n"},
      {"connectors/http/a.cc", "#include \"projections/org_chart/query.h\"\n"},
      {"connectors/http/b.cc", "#include \"projections/org_chart/keys.h\"\n"},
      {"connectors/file/a.cc", "#include \"engine/score/formula.h\"\n"},
      {"tools/assay/main.cc", "#include \"connectors/kafka/journal.h\"\n"},
      {"tools/assay/b.cc", "#include \"tests/support/fixtures.h\"\n"},
      {"tests/engine/base/a_test.cc", "#include \"tools/assay/x.h\"\n"},
  };
  CHECK(Short(CheckLayers(files)) ==
        Expected{"engine/base/a.cc:2 layers", "engine/base/b.cc:1 layers",
                 "engine/base/c.cc:1 layers", "engine/org/decide.cc:1 layers",
                 "engine/commit/rule.cc:1 layers", "engine/score/a.cc:1 layers",
                 "projections/store/a.cc:1 layers", "projections/ledger/a.cc:1 layers",
                 "projections/ledger/b.cc:1 layers", "projections/runner/a.cc:1 layers",
                 "connectors/kafka/a.cc:1 layers", "connectors/kafka/b.cc:1 layers",
                 "connectors/http/b.cc:1 layers", "tools/assay/b.cc:1 layers"});
}

TEST_CASE("layers: a module without a row is refused, angle brackets do not hide an edge",
          "[tidy][self]") {
  CHECK(Short(CheckLayers({{"engine/weather/a.cc", ""}})) ==
        Expected{"engine/weather/a.cc:0 layers"});
  CHECK(Short(CheckLayers({{"engine/base/a.cc", "#include <engine/event/x.h>\n"}})) ==
        Expected{"engine/base/a.cc:1 layers"});
  CHECK(CheckLayers({{"engine/base/a.cc", "// #include \"engine/event/x.h\"\n"}}).empty());
}

TEST_CASE("layers: the message names both modules and the way out", "[tidy][self]") {
  const Findings findings =
      CheckLayers({{"engine/base/a.cc", "#include \"projections/store/store.h\"\n"}});
  REQUIRE(findings.size() == 1);
  CHECK_THAT(Print(findings),
             Catch::StartsWith("engine/base/a.cc:1: [layers] engine/base may not include "
                               "projections/store") &&
                 Catch::Contains("kLayers"));
}

TEST_CASE("layers: no module is in two rows and no row names itself", "[tidy][self]") {
  std::vector<std::string_view> seen;
  for (const LayerRow& row : kLayers) {
    for (const std::string_view module : row.modules) {
      CHECK(std::count(seen.begin(), seen.end(), module) == 0);
      seen.push_back(module);
    }
  }
}

TEST_CASE("include form: relative paths, brackets around ours and a missing pragma are found",
          "[tidy][self]") {
  const Files files = {
      {"engine/base/a.h", "// what\n#include \"hash.h\"\n"},
      {"engine/base/b.h", "// what\n\n#pragma once\n#include \"../event/x.h\"\n"},
      {"engine/base/c.cc", "#include <engine/base/hash.h>\n#include <vector>\n"},
      {"engine/base/d.h", "// #pragma once\n"},
      {"engine/event/e.cc", "#include <assay/v1/fact.pb.h>\n"},
  };
  CHECK(Short(CheckIncludeForm(files)) ==
        Expected{"engine/base/a.h:1 pragma-once", "engine/base/a.h:2 include-form",
                 "engine/base/b.h:4 include-form", "engine/base/c.cc:1 include-form",
                 "engine/base/d.h:1 pragma-once"});
}

TEST_CASE("fences: a vendor outside its folder is found, inside and in tests it is not",
          "[tidy][self]") {
  const Files files = {
      {"engine/base/a.cc", "#include <rocksdb/db.h>\n#include <spdlog/spdlog.h>\n"},
      {"engine/base/hash.cc", "#include <openssl/sha.h>\n"},
      {"engine/base/log.cc", "#include <spdlog/spdlog.h>\n"},
      {"engine/score/b.cc", "#include <openssl/sha.h>\n"},
      {"projections/store/c.cc", "#include <rocksdb/db.h>\n"},
      {"projections/facts/d.cc", "#include <rocksdb/db.h>\n#include <simdjson.h>\n"},
      {"connectors/embedded/e.cc", "#include <rocksdb/db.h>\n#include <librdkafka/rdkafka.h>\n"},
      {"connectors/embedded/f.cc", "#include <openssl/evp.h>\n"},
      {"connectors/embedded/key_file.cc", "#include <openssl/evp.h>\n"},
      {"connectors/kafka/g.cc", "#include <librdkafka/rdkafka.h>\n"},
      {"connectors/kafka/h.cc", "#include <boost/beast/http.hpp>\n#include <boost/crc.hpp>\n"},
      {"connectors/document/i.cc", "#include <yaml.h>\n"},
      {"connectors/file/j.cc", "#include <simdjson.h>\n#include <CLI/CLI.hpp>\n"},
      {"tools/assay/k.cc", "#include <CLI/CLI.hpp>\n#include <spdlog/spdlog.h>\n"},
      {"tests/engine/l_test.cc", "#include <rocksdb/db.h>\n#include <catch2/catch.hpp>\n"},
      {"tools/assay/m.cc", "#include <catch2/catch.hpp>\n"},
  };
  CHECK(Short(CheckFences(files)) ==
        Expected{"engine/base/a.cc:1 fence", "engine/base/a.cc:2 fence",
                 "engine/score/b.cc:1 fence", "projections/facts/d.cc:1 fence",
                 "projections/facts/d.cc:2 fence", "connectors/embedded/e.cc:2 fence",
                 "connectors/embedded/f.cc:1 fence", "connectors/kafka/h.cc:1 fence",
                 "connectors/file/j.cc:2 fence", "tools/assay/m.cc:1 fence"});
}

TEST_CASE("bans: inexact numbers are found in code and protos, not in comments or text",
          "[tidy][self]") {
  const Files files = {
      {"engine/score/a.cc", "int x;\ndouble y = 0;\n"},
      {"engine/score/b.cc", "// a double\n/* float\n double */ int doubled = 1'000;\n"},
      {"engine/score/c.cc", "auto text = \"double\";\nauto raw = R\"(float)\";\n"},
      {"projections/facts/d.h", "std::vector<float> f;\n"},
      {"proto/assay/v1/e.proto", "message A {\n  double value = 1;\n}\n"},
      {"proto/assay/v1/f.proto", "google.protobuf.DoubleValue value = 1;  // double\n"},
      {"tools/bench/g.cc", "double ratio = 0;\n"},
  };
  CHECK(Short(CheckBans(files)) ==
        Expected{"engine/score/a.cc:2 score-double", "projections/facts/d.h:1 score-double",
                 "proto/assay/v1/e.proto:2 score-double", "proto/assay/v1/f.proto:1 score-double"});
}

TEST_CASE("bans: the engine has no clock, chance, environment, I/O or log", "[tidy][self]") {
  const Files files = {
      {"engine/org/a.cc", "auto t = std::chrono::system_clock::now();\n"},
      {"engine/org/b.cc", "std::chrono::milliseconds pause{1};\nabsl::Time t = absl::Now();\n"},
      {"engine/org/c.cc", "int r = std::rand();\nint brand = operand;\n"},
      {"engine/org/d.cc", "getenv(\"HOME\");\n"},
      {"engine/org/e.cc", "#include <fstream>\nstd::cout << 1;\nprintf(\"x\");\nsnprintf(b, 1);\n"},
      {"engine/org/f.cc", "#include \"engine/base/log.h\"\n"},
      {"engine/base/check.cc", "std::fputs(text, stderr);\n"},
      {"engine/base/log.cc", "spdlog::info(1); std::cerr << 1;\n"},
      {"engine/base/g.cc", "spdlog::info(1);\n"},
      {"connectors/file/h.cc", "std::ifstream in; auto t = steady_clock::now();\n"},
  };
  CHECK(Short(CheckBans(files)) ==
        Expected{"engine/org/a.cc:1 engine-clock", "engine/org/b.cc:2 engine-clock",
                 "engine/org/c.cc:1 engine-random", "engine/org/d.cc:1 engine-environment",
                 "engine/org/e.cc:1 engine-io", "engine/org/e.cc:2 engine-io",
                 "engine/org/e.cc:3 engine-io", "engine/org/f.cc:1 engine-log",
                 "engine/base/g.cc:1 engine-log"});
}

TEST_CASE("mirror: a source without test and a test without source are found", "[tidy][self]") {
  Findings findings = CheckMirror({
      {"engine/org/decide.cc", ""},
      {"engine/org/state.cc", ""},
      {"tests/engine/org/state_test.cc", ""},
      {"engine/base/decimal.h", ""},
      {"tests/engine/base/decimal_test.cc", ""},
      {"tests/engine/org/ghost_test.cc", ""},
      {"tests/projections/facts/ghost_test.cc", ""},
      {"tests/engine/org/fixtures.cc", ""},
      {"tests/simulation/company_test.cc", ""},
      {"projections/runner/loop.cc", ""},
      {"connectors/file/csv.cc", ""},
  });
  // Rows of kMirrorExceptions name files that this small tree does not have.
  std::erase_if(findings, [](const Finding& finding) {
    return finding.message.find("not there") != std::string::npos;
  });
  CHECK(Short(findings) == Expected{"engine/org/decide.cc:0 mirror",
                                    "tests/engine/org/ghost_test.cc:0 mirror",
                                    "tests/projections/facts/ghost_test.cc:0 mirror",
                                    "projections/runner/loop.cc:0 mirror"});
  CHECK(CheckMirror({}).size() == 2 * kMirrorExceptions.size());
}

TEST_CASE("mirror: every exception has a reason and a test that covers it", "[tidy][self]") {
  for (const MirrorException& row : kMirrorExceptions) {
    INFO(row.source);
    CHECK(row.covered_by.starts_with("tests/"));
    CHECK(row.covered_by.ends_with("_test.cc"));
    CHECK(row.reason.size() > 20);
  }
}

TEST_CASE("sizes: long lines are counted in code points", "[tidy][self]") {
  const Files files = {
      {"engine/org/a.cc", Repeat("x", 100) + "\n" + Repeat("x", 101) + "\n"},
      {"engine/org/b.cc", "// " + Repeat("\xE5\xBC\xA0", 97) + "\n"},
      {"engine/org/c.cc", "// " + Repeat("\xE5\xBC\xA0", 98) + "\n"},
      {"README.md", Repeat("x", 200)},
      {"deploy/start", "#!/bin/sh\n# " + Repeat("x", 99)},
  };
  CHECK(Short(CheckSizes(files)) == Expected{"engine/org/a.cc:2 columns",
                                             "engine/org/c.cc:1 columns",
                                             "deploy/start:2 columns"});
}

TEST_CASE("sizes: long functions and files are found", "[tidy][self]") {
  const std::string body68 = Repeat("  Call();\n", 68);
  const std::string body69 = Repeat("  Call();\n", 69);
  const std::string table = "const Row kRows[] = {\n" + Repeat("  {1},\n", 90) + "};\n";
  const Files files = {
      {"engine/org/a.cc", "void A() {\n" + body68 + "}\nvoid B(int b) {\n" + body69 + "}\n"},
      {"engine/org/b.cc", "namespace a {\nclass B {\n  void C() {\n" + body69 + "  }\n};\n}\n"},
      {"engine/org/c.cc", "namespace a {\n" + body69 + "}\n" + table},
      {"engine/org/d.cc", "B::B(int b) : a_{b}, b_{b} {\n" + body69 + "}\n"},
      {"engine/org/e.cc", Repeat("int x;\n", 801)},
      {"engine/org/f.cc", Repeat("int x;\n", 800)},
      {"tests/a_test.cc", "TEST_CASE(\"}\") {\n" + body69 + "}\n"},
  };
  CHECK(Short(CheckSizes(files)) ==
        Expected{"engine/org/a.cc:71 function-lines", "engine/org/b.cc:3 function-lines",
                 "engine/org/d.cc:1 function-lines", "engine/org/e.cc:0 file-lines",
                 "tests/a_test.cc:1 function-lines"});
}

TEST_CASE("names: drawers, deep folders and camel case files are found", "[tidy][self]") {
  const Files files = {
      {"engine/util/a.cc", ""},        {"engine/org/helpers/a.cc", ""},
      {"engine/org/Decide.cc", ""},    {"engine/org/decide.cc", ""},
      {"tests/engine/org/a.cc", ""},   {"tests/engine/org/x/a.cc", ""},
      {"proto/assay/v1/a.proto", ""},  {"cmake/AssayModules.cmake", ""},
      {"tests/golden/v1/a-b.bin", ""}, {"tools/assay/my-tool.cc", ""},
      {"connectors/kafka/a/b.cc", ""}, {"tests/engine/org/golden/a.json", ""},
  };
  CHECK(Short(CheckNames(files)) ==
        Expected{"engine/util/a.cc:0 folder-name", "engine/org/helpers/a.cc:0 depth",
                 "engine/org/helpers/a.cc:0 folder-name", "engine/org/Decide.cc:0 file-name",
                 "tests/engine/org/x/a.cc:0 depth", "tools/assay/my-tool.cc:0 file-name",
                 "connectors/kafka/a/b.cc:0 depth"});
}

TEST_CASE("leftovers: unfinished work and dead code are found", "[tidy][self]") {
  const std::string todo =
      "TO"
      "DO";
  const std::string fixme =
      "FIX"
      "ME";
  const Files files = {
      {"engine/org/a.cc", "// " + todo + "(now): x\n// " + todo + "(soon): x\n// " + todo + "\n"},
      {"engine/org/b.cc", "int x;  // " + fixme + "\nauto y = \"" + fixme + "\";\n"},
      {"engine/org/c.cc", "#if 0\n#endif\n#if 01\n#endif\n"},
      {"engine/org/d.cc", "// if (x) {\n// return y;\n// return the sum.\n//   return y;\n// }\n"},
      {"deploy/start", "#!/bin/sh\n# " + todo + "(now)\n"},
      {"STYLE.md", fixme},
  };
  CHECK(Short(CheckLeftovers(files)) ==
        Expected{"engine/org/a.cc:1 leftover", "engine/org/a.cc:3 leftover",
                 "engine/org/b.cc:1 leftover", "engine/org/c.cc:1 leftover",
                 "engine/org/d.cc:1 leftover", "engine/org/d.cc:2 leftover",
                 "engine/org/d.cc:5 leftover", "deploy/start:2 leftover"});
}

TEST_CASE("test names: what ctest cannot select and unmarked long runs are found", "[tidy][self]") {
  const auto test = [](const std::string& name, const std::string& tags) {
    return "TEST_"
           "CASE(\"" +
           name + "\", \"" + tags + "\") {}\n";
  };
  const std::string text = test("a plain one", "[org]") + test("a; b", "[org]") +
                           test("campaign: kill", "[campaign]") + test("kill", "[campaign]") +
                           test("campaign: kill", "[org]") + test("hidden", "[.][org]") +
                           test("- dash", "[org]") +
                           "TEST_"
                           "CASE(\"no tags\") {}\n" +
                           "TEST_"
                           "CASE(\"two \"\n \"parts\", \"[org]\") {}\n";
  CHECK(Short(CheckTestNames({{"tests/engine/org/a_test.cc", text}})) ==
        Expected{"tests/engine/org/a_test.cc:2 test-name", "tests/engine/org/a_test.cc:4 test-name",
                 "tests/engine/org/a_test.cc:5 test-name", "tests/engine/org/a_test.cc:6 test-name",
                 "tests/engine/org/a_test.cc:7 test-name"});

  const File tagged = {"tests/engine/org/a_test.cc", test("kill", "[campaign]")};
  const File named = {"tests/engine/org/b_test.cc", test("campaign: kill", "[org]")};
  const File build = {"cmake/AssayModules.cmake", "x(TEST_SPEC \"[campaign]\" y)"};
  CHECK(Short(CheckTestNames({build, tagged, named})) ==
        Expected{"tests/engine/org/b_test.cc:1 test-name"});
}

TEST_CASE("documents: paths that are not there are found", "[tidy][self]") {
  const Files files = {
      {"README.md",
       "`engine/org` `engine/org/` `engine/org/state.{h,cc}`\n`engine/org/gone.h`\n"
       "`deploy/start --fast` `tests/run`\n`engine/<domain>/x.h` `engine/*/state.h` `engine/*`\n"
       "```\n`engine/none.h`\n```\n`GONE.md` `README.md` `build/release`\n`engine/*/decide.h`\n"},
      {"engine/org/state.h", ""},
      {"engine/org/state.cc", ""},
      {"engine/README.md", "`NOTES.md` `README.md`\n"},
      {"engine/NOTES.md", ""},
      {"deploy/start", ""},
  };
  CHECK(Short(CheckDocuments(files)) ==
        Expected{"README.md:2 document-path", "README.md:3 document-path",
                 "README.md:8 document-path", "README.md:9 document-path"});
}

TEST_CASE("documents: a style point without its holder is found", "[tidy][self]") {
  const Files files = {{"STYLE.md",
                        "1. **A.** Text. [test]\n2. **B.** Text\n   goes on. [review]\n"
                        "3. **C.** Nobody\n   holds it.\n\n4. **D.** [build]\n"}};
  CHECK(Short(CheckDocuments(files)) == Expected{"STYLE.md:4 style-point"});
}

TEST_CASE("machine text: paths of one machine and registries are found", "[tidy][self]") {
  const Files files = {
      {"deploy/a",
       "cd /wo"
       "rk/main\n"},
      {"deploy/b",
       "engine/wo"
       "rk/x and a/ho"
       "me/b\n"},
      {"deploy/c.json",
       "\"url\": \"https://registry.npm"
       "js.org/x\"\n"},
      {"README.md",
       "see\n/ho"
       "me/me\n"},
  };
  CHECK(Short(CheckMachineText(files)) == Expected{"deploy/a:1 machine-text",
                                                   "deploy/c.json:1 machine-text",
                                                   "README.md:2 machine-text"});
}

TEST_CASE("figures count comments of headers and lines of functions", "[tidy][self]") {
  const std::string figures = Figures({
      {"engine/org/a.h", "// one\n// two\nint a;\nint b;\n"},
      {"engine/org/a.cc", "void A() {\n}\nvoid B() {\n  C();\n}\n"},
      {"tests/engine/org/a_test.cc", "x\nx\nx\n"},
  });
  CHECK_THAT(figures, Catch::Contains("headers: 50 %"));
  CHECK_THAT(figures, Catch::Contains("2 functions, median 2, p90 2, longest 3"));
  CHECK_THAT(figures, Catch::Contains("projections: 33"));
}

// --- reading text ---

TEST_CASE("separate: comments, strings and digits are told apart", "[tidy][self]") {
  const Separated out = Separate("a('\"') // b\n\"c // d\" /* e\nf */ 1'000 g\n");
  CHECK(out.code == "a(' ')     \n\"      \"     \n     1'000 g\n");
  CHECK(out.comments.find("// b") == 7);
  CHECK(out.comments.find("d") == std::string::npos);
  CHECK(out.comments.size() == out.code.size());
  CHECK(Separate("R\"x(\" // )\" )x\" y").code == "R\"            \" y");
  CHECK(Separate("\"a\\\"b\" c").code == "\"    \" c");
}

TEST_CASE("find functions: heads at namespace and class level, nothing inside", "[tidy][self]") {
  const std::vector<Function> functions = FindFunctions(
      "#define X(a) {\n"
      "namespace n {\n"
      "enum class E { kA };\n"
      "template <class T>\nT Get(T t) {\n  if (t) { return t; }\n  return {};\n}\n"
      "struct S : Base {\n  int a = 3;\n  bool operator==(const S& s) const { return true; }\n};\n"
      "const std::function<int(int)> kF = [](int a) {\n  return a;\n};\n"
      "}\n");
  REQUIRE(functions.size() == 2);
  CHECK(functions[0].head == "template <class T> T Get(T t)");
  CHECK(functions[0].line == 4);
  CHECK(functions[0].lines == 5);
  CHECK(functions[1].line == 11);
}

TEST_CASE("matches: a star stays within a path segment", "[tidy][self]") {
  CHECK(Matches("engine/*", "engine/base"));
  CHECK_FALSE(Matches("engine/*", "engine/base/a.h"));
  CHECK(Matches("projections/*/query.h", "projections/facts/query.h"));
  CHECK(Matches("connectors/embedded/key*", "connectors/embedded/key_file.cc"));
  CHECK_FALSE(Matches("engine/base", "engine/bas"));
  CHECK_FALSE(Matches("", "a"));
}

}  // namespace assay::tidy
