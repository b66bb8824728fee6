// What every verb has in common: options that it cannot honour, settings of a home, exit codes,
// and the vocabulary of commands.

#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/base/limits.h"
#include "tests/scenario/scene.h"

namespace assay::testing {
namespace {

std::string Answer(const Scene& scene, std::vector<std::string> words) {
  words.insert(words.begin(), {"--home", "home"});
  const Ended ended = scene.Files().Run(words);
  return fmt::format("exit {}\n{}", ended.code, ended.err);
}

std::string Rename(const std::string& name) {
  return By("p-hr", "renameUnit: {unit: u-1, name: " + name + ", from: 2026-02-01}");
}

}  // namespace

TEST_CASE("a new company has the declared number of facts partitions", "[scenario][surface]") {
  const Scene scene;
  (void)scene.Files().Out({"--home", "fresh", "init", "--company", "a", "--admin", "p-admin"});
  const std::string shown = scene.Files().Out({"--home", "fresh", "-o", "json", "verify"});
  INFO(shown);
  const size_t moment = shown.find('@');
  REQUIRE(moment != std::string::npos);
  const std::string facts = shown.substr(moment, shown.find('"', moment) - moment);
  CHECK(std::count(facts.begin(), facts.end(), ',') + 1 == limits::kFactsPartitionsDefault);
}

TEST_CASE("a verb refuses --at and --on where it cannot honour them", "[scenario][surface]") {
  const Scene scene;
  scene.Files().Write("rename.yaml", Rename("Works"));
  const std::string digest = scene.Files().Run({"--home", "home", "digest"}).out;
  const std::vector<std::string> verbs[] = {{"digest"},
                                            {"status"},
                                            {"journal", "info"},
                                            {"journal", "copy", "home", "other"},
                                            {"verify"},
                                            {"rebuild"},
                                            {"run", "rename.yaml"},
                                            {"ingest", "erp", "a.csv"},
                                            {"source", "add", "erp.yaml"},
                                            {"source", "check", "erp.yaml", "a.csv"},
                                            {"init", "--company", "a", "--admin", "b"},
                                            {"demo"},
                                            {"score", "check", "x.json"},
                                            {"config", "show"},
                                            {"version"}};
  for (const auto& verb : verbs) {
    std::string name = "assay";
    for (const std::string& word : verb) {
      const bool is_noun =
          verb[0] == "journal" || verb[0] == "source" || verb[0] == "score" || verb[0] == "config";
      if (&word == verb.data() || (is_noun && &word == verb.data() + 1)) name += " " + word;
    }
    for (const char* option : {"--at", "--on"}) {
      std::vector<std::string> words = {option, option[2] == 'a' ? "4" : "2026-06-30"};
      words.insert(words.end(), verb.begin(), verb.end());
      const std::string answer = Answer(scene, words);
      INFO(answer);
      CHECK(answer.starts_with(
          fmt::format("exit 2\nerror USAGE: {}: cannot honour {} (", name, option)));
      CHECK(answer.find("\nhint: leave ") != std::string::npos);
    }
  }
  CHECK(Answer(scene, {"--on", "2026-06-30", "score", "show", "2026-06", "p-1"})
            .starts_with("exit 2\nerror USAGE: assay score show: cannot honour --on ("));
  CHECK(Answer(scene, {"--at", "4", "log", "show", "outputs"}).starts_with("exit 2\n"));
  CHECK(Answer(scene, {"--at", "", "org", "show"}).starts_with("exit 2\nerror USAGE: --at: "));
  CHECK(scene.Files().Run({"--home", "home", "digest"}).out == digest);
  CHECK(Answer(scene, {"--at", "4", "--on", "2026-06-30", "org", "show"}) == "exit 0\n");
}

TEST_CASE("the settings of a home are read, and what they do not know is refused",
          "[scenario][surface]") {
  const Scene scene;
  const Program& files = scene.Files();
  const auto shown = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"-o", "csv", "config", "show", "--origin"});
    return files.Run(words).out;
  };
  CHECK(shown({"--home", "home"}) ==
        "key,value,origin\nhome,home,option --home\njournal,embedded:,assay.yaml\n"
        "lang,en,default\nlog.level,info,default\nheads.file,none,default\ncheck,none,"
        "default\nkeys,home/keys,"
        "default\nviews,home/views,default\npublish,none,default\n");
  CHECK(shown({"--home", "nowhere", "--journal", "embedded:"}) ==
        "key,value,origin\nhome,nowhere,option --home\njournal,embedded:,option --journal\n"
        "lang,en,default\nlog.level,info,default\nheads.file,none,default\ncheck,none,"
        "default\nkeys,nowhere/keys,"
        "default\nviews,nowhere/views,default\npublish,none,default\n");
  std::filesystem::rename(files.Path("home"), files.Path("assay-home"));
  CHECK(shown({}).starts_with("key,value,origin\nhome,./assay-home,default\n"));
  std::filesystem::rename(files.Path("assay-home"), files.Path("home"));

  files.Write("home/assay.yaml", "journal: \"embedded:\"\nlang: zh-CN\n");
  CHECK(shown({"--home", "home"}).find("\nlang,zh-CN,assay.yaml\n") != std::string::npos);
  CHECK(shown({"--home", "home", "--lang", "en"}).find("\nlang,en,option --lang\n") !=
        std::string::npos);
  CHECK(files.Run({"--home", "home", "status"}).out.starts_with("公司 acme"));

  const std::string hint = "hint: correct the file; nothing was read or written\n";
  files.Write("home/assay.yaml", "journal: redis://broker:9092\n");
  const std::string redis =
      "exit 2\nerror INVALID_ARGUMENT: home/assay.yaml: line 1: journal: expected embedded: or "
      "kafka://host:port[,host:port...][?prefix=assay], found \"redis://broker:9092\"\n" +
      hint;
  CHECK(Answer(scene, {"status"}) == redis);
  CHECK(Answer(scene, {"config", "show"}) == redis);
  CHECK(Answer(scene, {"init", "--company", "acme", "--admin", "p-admin"}) == redis);
  CHECK(files.Run({"journal", "copy", "home", "other"}).code == 2);
  CHECK(Answer(scene, {"version"}) == "exit 0\n");
  files.Write("home/assay.yaml", "journal: \"embedded:\"\njurnal: x\n");
  CHECK(Answer(scene, {"status"}) ==
        "exit 2\nerror INVALID_ARGUMENT: home/assay.yaml: line 2: jurnal: expected one of the keys "
        "journal, lang, keys, publish, log.level, heads.file, check, kafka, sources, topics, found "
        "\"jurnal\" "
        "with \"x\"\n" +
            hint);
  files.Write("home/assay.yaml", "sources: {erp: {kafka: {sasl.username: a}}}\n");
  CHECK(Answer(scene, {"status"}) ==
        "exit 2\nerror INVALID_ARGUMENT: home/assay.yaml: line 1: sources: erp: expected brokers: "
        "host:port[,host:port...], found none\n" +
            hint);
  files.Write("home/assay.yaml", "sources: {erp: {broker: a:1}}\n");
  CHECK(
      Answer(scene, {"status"}) ==
      "exit 2\nerror INVALID_ARGUMENT: home/assay.yaml: line 1: sources: erp: expected one of the "
      "keys brokers, kafka, found \"broker\"\n" +
          hint);
  files.Write("home/assay.yaml", "lang: [en]\n");
  CHECK(
      Answer(scene, {"status"}) ==
      "exit 2\nerror INVALID_ARGUMENT: home/assay.yaml: line 1: lang: expected en or zh-CN, found "
      "more than a single value\n" +
          hint);
}

TEST_CASE("the format of a topic may come from the environment", "[scenario][surface]") {
  const Scene scene;
  const auto topic = [&](const std::string& format) {
    return Program(scene.Files().Path("."), {"ASSAY_TOPICS_SCORE_CHANGES=" + format})
        .Run({"--home", "home", "-o", "csv", "config", "show", "--origin"});
  };
  CHECK(topic("json").out.find("topics.score-changes,json,assay.yaml or environment\n") !=
        std::string::npos);
  CHECK(topic("xml").err ==
        "error INVALID_ARGUMENT: ASSAY_TOPICS_SCORE_CHANGES: expected protobuf "
        "or json, found \"xml\"\nhint: correct the file; nothing was read or written\n");
}

TEST_CASE("conflicts have an exit code of their own", "[scenario][surface]") {
  Scene scene;
  const Program& files = scene.Files();
  CHECK(Answer(scene, {"init", "--company", "acme", "--admin", "p-admin"}).starts_with("exit 4\n"));
  files.Write("first.yaml", "commandId: c-1\n" + Rename("Works").substr(4));
  files.Write("other.yaml", "commandId: c-1\n" + Rename("Halls").substr(4));
  REQUIRE(Answer(scene, {"run", "first.yaml"}) == "exit 0\n");
  CHECK(Answer(scene, {"run", "other.yaml"})
            .starts_with("exit 4\nerror COMMAND_ID_REUSED: other.yaml: document 1, line 1: "));
}

TEST_CASE("a refusal of a command names file, document and line, and the others go on",
          "[scenario][surface]") {
  const Scene scene;
  scene.Files().Write("mixed.yaml",
                      By("p-hr", "renameUnti: {unit: u-1}") +
                          By("p-hr", "renameUnit: {unit: u-9, name: X, from: 2026-02-01}") +
                          Rename("Works"));
  CHECK(Answer(scene, {"run", "mixed.yaml"})
            .starts_with("exit 2\nerror INVALID_ARGUMENT: mixed.yaml: document 1, line "));
  const Ended ended = scene.Files().Run({"--home", "home", "run", "--keep-going", "mixed.yaml"});
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(ended.out.starts_with("ok "));
  CHECK(ended.err.find("error NOT_FOUND: mixed.yaml: document 2, line ") != std::string::npos);
  simdjson::dom::parser parser;
  const Ended json = scene.Files().Run({"--home", "home", "-o", "json", "run", "mixed.yaml"});
  const auto error = parser.parse(simdjson::padded_string(json.err)).value();
  CHECK(TextIn(error, "hint").find("assay run --help") != std::string::npos);
}

TEST_CASE("a contract among the files of a run is registered as its owner would, once",
          "[scenario][surface]") {
  const Scene scene;
  const Program& files = scene.Files();
  files.Write("first.yaml", "commandId: c-1\n" + Rename("Works").substr(4));
  files.Write("scales.yaml", Contract("scales", {"weight kg"}));
  const std::vector<std::string> run = {"--home", "home", "run", "first.yaml", "scales.yaml"};
  CHECK(files.Run(run).code == 0);
  CHECK(files.Run({"--home", "home", "source", "list"}).out.find("weight [kg]") !=
        std::string::npos);
  // A file may be run again, and so may `source add`: nothing changes, and it says what is there.
  const Ended again = files.Run(run);
  CHECK(again.code == 0);
  CHECK(again.out.ends_with(" (repeated)\nok (unchanged) (version 1)\n"));
  CHECK(files.Out({"--home", "home", "source", "add", "scales.yaml"}) ==
        "ok (unchanged) (version 1)\n");
  const Ended json = files.Run({"--home", "home", "-o", "json", "run", "scales.yaml"});
  CHECK(json.out.ends_with("\"position\":null,\"repeated\":true,\"version\":1}\n"));
  // A fault in any file keeps all of them from being run.
  files.Write("next.yaml", Rename("Halls"));
  files.Write("scales.yaml", "source: scales\norigin: HEARSAY\n");
  CHECK(Answer(scene, {"run", "next.yaml", "scales.yaml"})
            .starts_with("exit 1\nerror CONTRACT_INVALID: scales.yaml: "));
  CHECK(files.Run({"--home", "home", "org", "show"}).out.find("Halls") == std::string::npos);
}

TEST_CASE("an error as JSON has the parts of its sentence", "[scenario][surface]") {
  const Scene scene;
  simdjson::dom::parser parser;
  const Ended ended =
      scene.Files().Run({"--home", "home", "-o", "json", "--on", "x", "org", "show"});
  const auto error = parser.parse(simdjson::padded_string(ended.err)).value();
  CHECK(TextIn(error, "path") == "--on");
  CHECK(TextIn(error, "expected") == "a day as 2026-06-30");
  CHECK(TextIn(error, "actual") == "x");
  const Ended version = scene.Files().Run({"-o", "json", "version"});
  CHECK(TextIn(parser.parse(simdjson::padded_string(version.out)).value(), "version") == "0.2.0");
}

TEST_CASE("every command has an example that reads as a command", "[scenario][surface]") {
  const Scene scene;
  const Program& files = scene.Files();
  const std::string help = files.Run({"run", "--help"}).out;
  CHECK(help.find("Example: assay run") == help.rfind("Example: assay run"));
  int examples = 0;
  for (const char* name :
       {"foundCompany", "addPerson", "giveGrant", "createUnit", "draftMetric", "publishCurve",
        "publishTemplate", "planCycle", "proposeTerms", "requestAdjustment", "registerSource"}) {
    CHECK(help.find(fmt::format(" {}", name)) != std::string::npos);
    const Ended example = files.Run({"run", "--example", name});
    INFO(example.out << example.err);
    CHECK(example.code == 0);
    files.Write("example.yaml", example.out);
    // Every field is known; what is missing are the values.
    const std::string answer = Answer(scene, {"run", "example.yaml"});
    INFO(answer);
    CHECK(answer.starts_with("exit 1\n"));
    ++examples;
  }
  CHECK(examples == 11);
  const std::string unit = files.Run({"run", "--example", "createUnit"}).out;
  CHECK(unit.find("# LEGAL | DEPARTMENT | TEAM | SITE | COST_CENTRE | PROJECT") !=
        std::string::npos);
  CHECK(unit.find("# Empty = a root.") != std::string::npos);
  CHECK(files.Run({"run", "--example", "createUnti"}).err.find("createUnit") != std::string::npos);
  CHECK(files.Run({"run"}).code == 2);
}

TEST_CASE("the demo writes the commands that it runs, and they may be run again",
          "[scenario][surface]") {
  const Scene scene;
  const Program& files = scene.Files();
  REQUIRE(files.Run({"--home", "demo", "demo", "--people", "40"}).code == 0);
  const Ended ended = files.Run({"--home", "demo", "run", "demo/demo/commands.yaml"});
  INFO(ended.out << ended.err);
  CHECK(ended.code == 0);
  size_t documents = 0;
  size_t repeated = 0;
  const std::string text = files.Read("demo/demo/commands.yaml");
  for (size_t at = 0; (at = text.find("\n---\n", at)) != std::string::npos; ++at) ++documents;
  for (size_t at = 0; (at = ended.out.find(" (repeated)\n", at)) != std::string::npos; ++at) {
    ++repeated;
  }
  CHECK(documents > 30);
  CHECK(repeated == documents);
}

TEST_CASE("what speaks Chinese: titles, states, the sentences and hints of errors",
          "[scenario][surface]") {
  Scene scene;
  scene.Score({.lines = {{.item = "output", .target = "100", .unit = "pcs"}}});
  scene.Do(By("p-mgr",
              "proposeTerms: {agreement: a-1, items: [{item: output, metric: output@1, "
              "curve: prop@1, target: \"100\", unit: pcs, weightBp: 10000}]}"));
  const std::string table = scene.Tell({"--lang", "zh-CN", "agreement", "show", "a-1"});
  INFO(table);
  CHECK(table.find("状态  已提出\n") != std::string::npos);
  CHECK(table.find("主管") != std::string::npos);
  CHECK(table.find("PROPOSED") == std::string::npos);
  // What scripts read does not change.
  CHECK(scene.Tell({"--lang", "zh-CN", "-o", "json", "agreement", "show", "a-1"}) ==
        scene.Tell({"-o", "json", "agreement", "show", "a-1"}));
  CHECK(Answer(scene, {"--lang", "zh-CN", "agreement", "show", "a-9"}) ==
        "exit 3\nerror NOT_FOUND: 找不到: there is no agreement \"a-9\" (agreement)\n"
        "hint: 应为 an existing agreement，实为 a-9; 请检查编号；无权查看与不存在显示相同\n");
  scene.Files().Write("a.csv", "record,rev,day,emp,output\nr-1,1,2026-06-01,E1,x\n");
  const Ended ended =
      scene.Files().Run({"--home", "home", "--lang", "zh-CN", "ingest", "erp", "a.csv"});
  CHECK(ended.out.starts_with("收到    1\n生效    0\n"));
  CHECK(ended.err == "拒收 1 条: 见 `assay rejection list --source erp`\n");
  CHECK(Answer(scene, {"--lang", "zh-CN", "ingest", "erp", "a.csv"}) ==
        "exit 0\na.csv: 其中 1 条记录均已读入\n");
}

}  // namespace assay::testing
