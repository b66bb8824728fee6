#include "tools/assay/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <sstream>

#include "engine/event/effective.h"
#include "tools/assay/command_help.h"
#include "tools/assay/completion.h"
#include "tools/assay/past.h"
#include "tools/assay/usage.h"
#include "tools/assay/verb_table.h"
#include "tools/assay/verbs.h"
#include "tools/assay/version.h"

namespace assay {
namespace {

// Where a setting comes from that nobody gave.
const std::string kDefault = "default";

// Texts of the global options, before they are understood.
struct GlobalTexts {
  std::string home = "./assay-home";
  std::string journal = "embedded:";
  std::string format = "table";
  std::string on;
  std::string at;
  std::string now;
  bool no_input = false;
  bool yes = false;
};

OutputFormat FormatOf(const std::string& text) {
  return text == "json"     ? OutputFormat::kJson
         : text == "ndjson" ? OutputFormat::kNdjson
         : text == "csv"    ? OutputFormat::kCsv
                            : OutputFormat::kTable;
}

}  // namespace

class CommandLine::Parser {
 public:
  explicit Parser(CommandLineOptions options)
      : options_(std::move(options)), app_("Event-sourced performance management.", "assay") {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.footer(
        "Exit codes: 0 ok, 1 refused or failed, 2 usage, 3 not found, 4 conflict, 5 verification "
        "failed, 6 unavailable, 130 interrupted.\nFirst steps: assay demo; assay score list "
        "2026-06; assay score "
        "explain 2026-06 p-0021");
    AddGlobals();
    AddHomeVerbs();
    AddWritingVerbs();
    AddScoreVerbs();
    AddShowVerbs();
    AddOtherVerbs();
  }

  std::optional<int> Understand(std::vector<std::string> words) {
    // The parser takes them from the end.
    std::ranges::reverse(words);
    try {
      app_.parse(std::move(words));
    } catch (const CLI::CallForHelp& help) {
      return PrintHelp(help);
    } catch (const CLI::CallForAllHelp& help) {
      return PrintHelp(help);
    } catch (const CLI::ParseError& error) {
      const UsageFault fault = UsageFaultOf(app_, error);
      const auto& format = app_.get_option("--output")->results();
      PrintUsageError(FormatOf(format.empty() ? "table" : format.back()), fault.message,
                      fault.hint);
      return kExitUsage;
    }
    if (const int wrong = UnderstandGlobals(); wrong != kExitOk) return wrong;
    if (!verb_) return kExitUsage;
    return std::nullopt;
  }

  [[nodiscard]] std::string Verb() const { return VerbOf(app_); }

  [[nodiscard]] std::vector<std::string> Homes() const {
    const std::string verb = Verb();
    if (verb == "journal copy") return {id_, second_};
    const bool has_none =
        verb == "version" || verb == "completion" || verb == "config show" ||
        verb.starts_with("topic ") || (verb == "source check" && home_origin_ == kDefault) ||
        (verb == "run" && !second_.empty()) || (verb == "score check" && home_origin_ == kDefault);
    if (has_none) return {};
    return {texts_.home};
  }

  [[nodiscard]] std::vector<std::string> Files() const {
    const std::string verb = Verb();
    if (verb == "run" || verb == "ingest") return list_;
    if (verb == "source add" || verb == "score check") return {id_};
    if (verb == "source check") return {id_, second_};
    return {};
  }

  [[nodiscard]] std::chrono::seconds Timeout() const { return std::chrono::seconds(timeout_s_); }
  [[nodiscard]] Session& TheSession() { return session_; }
  [[nodiscard]] int Run() { return verb_(); }

 private:
  void AddGlobals() {
    app_.add_option("--home", texts_.home, "The home directory (environment ASSAY_HOME)");
    app_.add_option("--journal", texts_.journal,
                    "embedded: (inside the home) or kafka://host:port[,host:port][?prefix=assay]");
    app_.add_option("--as", session_.as, "Who acts: p-0001 or client:erp");
    app_.add_option("--lang", session_.lang, "en or zh-CN")->check(CLI::IsMember({"en", "zh-CN"}));
    app_.add_option("-o,--output", texts_.format, "table, json, ndjson or csv")
        ->check(CLI::IsMember({"table", "json", "ndjson", "csv"}));
    app_.add_option("--on", texts_.on, "Effective day, 2026-06-30 (org show, score list)");
    app_.add_option("--at", texts_.at,
                    "Recorded moment: an instant, a decisions position, or D@f0,f1,... (verbs that "
                    "show something; others refuse it)");
    app_.add_option("--now", texts_.now, "Record what this call appends at this instant");
    app_.add_option("--timeout", timeout_s_,
                    "Seconds that assayd may give no sign of life (1 to 86400)")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    app_.add_flag("--force", session_.home.force,
                  "Record also when --now is more than a day ahead of the clock, or the clock is "
                  "before the last recorded time");
    app_.add_flag("--no-input", texts_.no_input, "Never ask");
    app_.add_flag("--yes", texts_.yes, "Answer yes");
  }

  CLI::App* Verb(CLI::App* parent, const char* name, const char* help, const char* example,
                 std::function<int()> run) {
    CLI::App* verb = parent->add_subcommand(name, help);
    verb->footer(std::string("Example: ") + example);
    verb->callback([this, run = std::move(run)] { verb_ = run; });
    return verb;
  }

  CLI::App* Noun(const char* name, const char* help) {
    CLI::App* noun = app_.add_subcommand(name, help);
    noun->require_subcommand(1);
    noun->fallthrough();
    return noun;
  }

  void AddHomeVerbs() {
    CLI::App* init = Verb(&app_, "init", "Make a new home with a company in it",
                          "assay --home acme init --company acme --admin p-admin",
                          [this] { return RunInit(session_, id_, list_, number_, flag_); });
    init->add_option("--company", id_, "Id of the company")->required();
    init->add_option("--admin", list_, "Who may grant rights first")->required();
    init->add_option("--keys", session_.home.keys,
                     "The folder of the keys, when homes of one company share it");
    init->add_option("--partitions", number_, "Facts partitions, fixed for the log's life")
        ->default_val(limits::kFactsPartitionsDefault)
        ->check(CLI::Range(1, limits::kFactsPartitionsMax));
    init->add_flag("--strict", flag_,
                   "Found it with the stricter policies: grants go to people who were added");
    CLI::App* demo = Verb(&app_, "demo", "Make the demo company, or go on making it",
                          "assay demo --people 500 --seed 1",
                          [this] { return RunDemo(session_, people_, seed_); });
    demo->add_option("--people", people_, "How many people")->check(CLI::Range(40, 5'000));
    demo->add_option("--seed", seed_, "Another seed, another company")
        ->check(CLI::Range(int64_t{0}, int64_t{1} << 53));
    Verb(&app_, "status", "Positions, lag, the ingest ledger", "assay status",
         [this] { return RunStatus(session_); });
    Verb(&app_, "digest", "The moment, the two digests, and the heads of all partitions",
         "assay -o json digest", [this] { return RunDigest(session_); });
    Verb(&app_, "rebuild", "Drop the views and fold them again", "assay rebuild",
         [this] { return RunRebuild(session_); });
    CLI::App* verify =
        Verb(&app_, "verify", "Check the journal and every view against the log",
             "assay verify --decisions", [this] { return RunVerify(session_, verify_); });
    verify->add_flag("--decisions", verify_.decisions, "Decide every applied command again");
    verify->add_flag("--quick", verify_.quick,
                     "Do not compare records with the originals that they keep");
    verify->add_option("--against", verify_.against,
                       "Heads that `assay -o json digest` printed, kept elsewhere");
  }

  void AddWritingVerbs() {
    CLI::App* run = Verb(&app_, "run", "Apply commands from YAML or NDJSON (- = standard input)",
                         "assay run company.yaml", [this] { return RunOrExample(); });
    run->add_option("FILE", list_, "Command files, and source contracts");
    run->add_flag("--keep-going", flag_, "Go on after a document that is refused");
    run->add_option("--example", second_, "Print a document of this command, to be filled in");
    // The list is made when it is asked for, behind no other footer.
    run->footer("");
    run->footer([] {
      return "Example: assay run company.yaml\n\nCommands by area (their fields: assay run "
             "--example createUnit):\n" +
             CommandList();
    });
    CLI::App* ingest = Verb(&app_, "ingest", "Read records of a registered source",
                            "assay ingest erp orders-2026-06.csv",
                            [this] { return RunIngest(session_, id_, list_); });
    ingest->add_option("SOURCE", id_, "Id of the source")->required();
    ingest->add_option("FILE", list_, "Files of records")->required();
    CLI::App* source = Noun("source", "Source contracts");
    Verb(source, "add", "Register a contract, or its next version", "assay source add erp.yaml",
         [this] { return RunSourceAdd(session_, id_); })
        ->add_option("CONTRACT", id_, "The contract's file")
        ->required();
    Verb(source, "list", "Registered contracts", "assay source list",
         [this] { return RunSourceList(session_); });
    Verb(source, "show", "A contract, and the version that waits for its signatures",
         "assay source show erp", [this] { return RunSourceShow(session_, id_); })
        ->add_option("SOURCE", id_, "Id of the source")
        ->required();
    CLI::App* check =
        Verb(source, "check", "What a file would become, without writing anything",
             "assay source check erp.yaml orders.csv",
             [this] { return RunSourceCheck(session_, id_, second_, home_origin_ != kDefault); });
    check->add_option("CONTRACT", id_, "The contract's file")->required();
    check->add_option("FILE", second_, "The file of records")->required();
  }

  void AddScoreVerbs() {
    CLI::App* score = Noun("score", "Scores of a cycle");
    CLI::App* list = Verb(score, "list", "The table", "assay score list 2026-06 --unit u-plant-1",
                          [this] { return RunScoreList(session_, id_, second_); });
    list->add_option("CYCLE", id_, "Id of the cycle")->required();
    list->add_option("--unit", second_, "A unit, with all below it");
    CLI::App* show = Verb(score, "show", "One card", "assay score show 2026-06 p-0021",
                          [this] { return RunScoreShow(session_, id_, second_); });
    show->add_option("CYCLE", id_, "Id of the cycle")->required();
    show->add_option("PERSON", second_, "Id of the person")->required();
    CLI::App* explain =
        Verb(score, "explain", "How a score was computed, down to the source records",
             "assay score explain 2026-06 p-0021 output",
             [this] { return RunScoreExplain(session_, id_, second_, third_, flag_); });
    explain->add_option("CYCLE", id_, "Id of the cycle")->required();
    explain->add_option("PERSON", second_, "Id of the person")->required();
    explain->add_option("ITEM", third_, "One item only, in every part");
    explain->add_flag("--all", flag_, "Every fact, also of large days");
    CLI::App* check = Verb(
        score, "check", "Evaluate a printed derivation again (with --home: against the home too)",
        "assay score check p-0021.json",
        [this] { return RunScoreCheck(session_, id_, home_origin_ != kDefault); });
    check->add_option("FILE", id_, "Output of score explain -o json")->required();
  }

  void AddShowVerbs() {
    Verb(Noun("org", "The organisation"), "show", "The tree with positions and people",
         "assay --on 2026-06-30 org show", [this] { return RunOrgShow(session_, id_); })
        ->add_option("UNIT", id_, "Only this unit and what is below it");
    Verb(Noun("agreement", "Agreements"), "show", "Terms, versions, differences, signatures",
         "assay agreement show a-2026-06-p-0021",
         [this] { return RunAgreementShow(session_, id_); })
        ->add_option("ID", id_, "Id of the agreement")
        ->required();
    CLI::App* adjustment = Noun("adjustment", "Adjustments");
    CLI::App* list = Verb(adjustment, "list", "The lines on top of computed scores",
                          "assay adjustment list --cycle 2026-06",
                          [this] { return RunAdjustmentList(session_, id_, second_); });
    list->add_option("--person", id_, "Only of this person");
    list->add_option("--cycle", second_, "Only of this cycle");
    Verb(adjustment, "show", "One adjustment with its whole history",
         "assay --at 2026-07-04T12:00:00+08:00 adjustment show adj-01",
         [this] { return RunAdjustmentShow(session_, id_); })
        ->add_option("ID", id_, "Id of the adjustment")
        ->required();
    Verb(Noun("grant", "Grants"), "list", "Who holds, held or is to hold which role",
         "assay grant list --person p-hr", [this] { return RunGrantList(session_, id_); })
        ->add_option("--person", id_, "Only of this person");
    Verb(Noun("login", "Logins"), "list", "Which users log in as whom, and who is to",
         "assay login list --person p-hr", [this] { return RunLoginList(session_, id_); })
        ->add_option("--person", id_, "Only of this person");
    Verb(Noun("late", "Late facts"), "list", "Held facts with their would-be effect",
         "assay late list 2026-06", [this] { return RunLateList(session_, id_); })
        ->add_option("CYCLE", id_, "Only of this cycle");
    CLI::App* rejection = Noun("rejection", "Refused records");
    Verb(rejection, "list", "The quarantine", "assay rejection list --source erp", [this] {
      return RunRejectionList(session_, id_);
    })->add_option("--source", id_, "Only of this source");
    Verb(rejection, "show", "One refused record with its original bytes",
         "assay rejection show 3@118", [this] { return RunRejectionShow(session_, id_); })
        ->add_option("ID", id_, "As in the list: partition@position")
        ->required();
    CLI::App* log = Verb(Noun("log", "The journals"), "show", "Records as JSON lines",
                         "assay log show decisions --stream agreement/a-2026-06-p-0021",
                         [this] { return RunLogShow(session_, journal_, from_, to_, second_); });
    log->add_option("JOURNAL", journal_, "decisions, facts or outputs")
        ->check(CLI::IsMember({"decisions", "facts", "outputs"}));
    log->add_option("--from", from_, "First position");
    log->add_option("--to", to_, "Last position");
    log->add_option("--stream", second_, "Only commits that change this stream");
    CLI::App* journals = log->get_parent();
    Verb(journals, "foreign", "Records that no node of the company wrote", "assay log foreign",
         [this] { return RunLogForeign(session_); });
    CLI::App* upgrade = Verb(
        journals, "upgrade", "Authenticate the records of an older log from here on",
        "assay log upgrade --as p-admin-01", [this] { return RunLogUpgrade(session_, flag_); });
    upgrade->add_flag("--halt-older", flag_,
                      "Also when nodes of an older release write, which halt");
    CLI::App* rotate = Verb(journals, "rotate-key", "Take a new log key into use, or retire one",
                            "assay log rotate-key --as p-admin-01",
                            [this] { return RunLogRotateKey(session_, second_); });
    rotate->add_option("--retire", second_, "The id of the key that ends: 16 hexadecimal digits");
  }

  void AddOtherVerbs() {
    CLI::App* journal = Noun("journal", "The journal as a medium");
    Verb(journal, "info", "Identity, ends and roots", "assay journal info",
         [this] { return RunJournalInfo(session_); });
    CLI::App* copy = Verb(journal, "copy", "Copy a company to another home or journal, or continue",
                          "assay journal copy ./assay-home /backup/assay-home",
                          [this] { return RunJournalCopy(session_, id_, second_); });
    copy->add_option("FROM", id_, "A home or the URL of a journal")->required();
    copy->add_option("TO", second_, "A home or the URL of a journal")->required();
    CLI::App* topic = Noun("topic", "The published topics");
    Verb(topic, "list", "Topics with their keys and formats", "assay topic list",
         [this] { return RunTopicList(session_); });
    Verb(topic, "asyncapi", "All topics as an AsyncAPI 3.0 document", "assay topic asyncapi",
         [this] { return RunTopicAsyncApi(session_, kVersion); });
    Verb(Noun("config", "The configuration"), "show", "Settings and where they come from",
         "assay config show --origin", [this] { return RunConfigShow(session_, flag_); })
        ->add_flag("--origin", flag_, "Say where each value comes from");
    Verb(&app_, "version", "The version of this program", "assay version",
         [this] { return RunVersion(); });
    Verb(&app_, "completion", "Completion for a shell", "assay completion bash",
         [this] { return PrintCompletion(app_, id_); })
        ->add_option("SHELL", id_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  int PrintHelp(const CLI::Success& help) {
    std::ostringstream text;
    const int code = app_.exit(help, text, text);
    PrintReady(Out(), text.str());
    return code;
  }

  int RunVersion() {
    if (session_.format == OutputFormat::kTable) {
      PrintPlain(Out(), "assay {} (rules version {})\n", kVersion, kRulesVersionMax);
      return kExitOk;
    }
    Json object = Json::Object();
    object.Put("version", kVersion).Put("rulesVersion", int64_t{kRulesVersionMax});
    PrintObject(session_.format, object);
    return kExitOk;
  }

  // `run` either reads files or prints an example.
  int RunOrExample() {
    if (!second_.empty() && list_.empty()) return RunExample(session_, second_);
    if (second_.empty() && !list_.empty()) return RunCommands(session_, list_, flag_);
    PrintUsageError(session_.format,
                    list_.empty() ? "assay run: FILE is required, found nothing"
                                  : "assay run: expected FILE or --example, found both",
                    "see `assay run --help`");
    return kExitUsage;
  }

  // The global options that are more than texts.
  int UnderstandGlobals() {
    session_.format = FormatOf(texts_.format);
    session_.may_ask = !texts_.no_input;
    session_.at = texts_.at;
    session_.reads = RowOf(VerbOf(app_)).use == HomeUse::kReads;
    if (app_.count("--journal") > 0) {
      if (!IsJournal(texts_.journal)) {
        PrintUsageError(
            session_.format,
            fmt::format("--journal: expected {}, found \"{}\"", kExpectedJournal, texts_.journal),
            "a prefix takes letters, digits, '.', '_' and '-'");
        return kExitUsage;
      }
      session_.home.journal = texts_.journal;
    }
    UnderstandHome();
    if (const int wrong = UnderstandSettings(); wrong != kExitOk) return wrong;
    if (app_.count("--as") > 0 && !IsId(session_.as)) {
      PrintUsageError(session_.format,
                      "--as: expected a person or client as p-0001 or client:erp, found \"" +
                          session_.as + "\"",
                      "");
      return kExitUsage;
    }
    if (const int wrong = UnderstandPast(); wrong != kExitOk) return wrong;
    if (app_.count("--now") > 0 && !options_.served_home.empty()) {
      PrintUsageError(session_.format, "--now: assayd holds the home and records at its own time",
                      "leave --now out, or stop assayd first");
      return kExitUsage;
    }
    if (app_.count("--force") > 0 && !options_.served_home.empty()) {
      PrintUsageError(session_.format, "--force: assayd holds the home and records at its own time",
                      "leave --force out, or stop assayd first");
      return kExitUsage;
    }
    if (app_.count("--now") > 0) {
      session_.home.now = Instant::Parse(texts_.now);
      if (!session_.home.now.has_value()) {
        PrintUsageError(
            session_.format,
            "--now: expected an instant as 2026-07-02T23:59:59+08:00, found \"" + texts_.now + "\"",
            "");
        return kExitUsage;
      }
    }
    return kExitOk;
  }

  // An option wins over the environment.
  void UnderstandHome() {
    if (!options_.served_home.empty()) {
      texts_.home = options_.served_home;
      home_origin_ = "assayd";
    } else if (app_.count("--home") > 0) {
      home_origin_ = "option --home";
    } else if (!options_.home_variable.empty()) {
      texts_.home = options_.home_variable;
      home_origin_ = "environment ASSAY_HOME";
    }
    session_.home.directory = texts_.home;
  }

  // An option wins over the file of the home.
  int UnderstandSettings() {
    const std::string verb = VerbOf(app_);
    const bool has_home = verb != "version" && verb != "completion" && verb != "journal copy" &&
                          (verb != "score check" || home_origin_ != kDefault);
    HomeSettings file;
    if (has_home) {
      auto read = ReadSettings(texts_.home);
      if (!read.ok()) {
        return Fail(session_, read.status(), "correct the file; nothing was read or written");
      }
      file = *std::move(read);
    }
    const auto origin = [&](const char* option, const std::string& in_file) {
      if (app_.count(option) > 0) return std::string("option ") + option;
      return in_file.empty() ? kDefault : std::string("assay.yaml");
    };
    if (app_.count("--lang") == 0 && !file.lang.empty()) session_.lang = file.lang;
    if (app_.count("--journal") == 0 && !file.journal.empty()) texts_.journal = file.journal;
    const std::string own_keys = texts_.home + "/keys";
    const bool has_keys = !session_.home.keys.empty();
    session_.settings = {
        {"home", texts_.home, home_origin_},
        {"journal", texts_.journal, origin("--journal", file.journal)},
        {"lang", session_.lang, origin("--lang", file.lang)},
        {"log.level", file.log_level.empty() ? "info" : file.log_level,
         file.log_level.empty() ? kDefault : "assay.yaml"},
        {"heads.file", file.heads_file.empty() ? "none" : file.heads_file,
         file.heads_file.empty() ? kDefault : "assay.yaml"},
        {"check", file.check.empty() ? "none" : file.check,
         file.check.empty() ? kDefault : "assay.yaml"},
        {"keys",
         has_keys            ? session_.home.keys
         : file.keys.empty() ? own_keys
                             : file.keys,
         has_keys            ? "option --keys"
         : file.keys.empty() ? kDefault
                             : "assay.yaml"},
        {"views", texts_.home + "/views", kDefault},
        {"publish",
         !file.publish.empty()                 ? file.publish
         : KafkaAddress::IsOne(texts_.journal) ? "kafka"
                                               : "none",
         file.publish.empty() ? kDefault : "assay.yaml"},
    };
    for (const auto& [topic, format] : file.topics) {
      session_.settings.push_back({"topics." + topic, format, "assay.yaml or environment"});
    }
    for (const auto& [name, value] : file.kafka) {
      const bool is_secret = name.find("password") != std::string::npos;
      session_.settings.push_back(
          {"kafka." + name, is_secret ? "(from its file)" : value, "assay.yaml or environment"});
    }
    return kExitOk;
  }

  // --on and --at: what they say, and whether the verb can honour them.
  int UnderstandPast() {
    const PastAsked asked{.at = app_.count("--at") > 0, .on = app_.count("--on") > 0};
    if (asked.on) {
      session_.on = Day::Parse(texts_.on);
      if (!session_.on.has_value()) {
        PrintUsageError(session_.format,
                        "--on: expected a day as 2026-06-30, found \"" + texts_.on + "\"",
                        "the day is that of the company, without a time");
        return kExitUsage;
      }
    }
    if (asked.at && texts_.at.empty()) {
      PrintUsageError(session_.format,
                      "--at: expected an instant, a decisions position or a full vector, found "
                      "nothing",
                      "the end of the log is what every verb shows without --at");
      return kExitUsage;
    }
    const UsageFault fault = PastFault(VerbOf(app_), asked);
    if (fault.message.empty()) return kExitOk;
    PrintUsageError(session_.format, fault.message, fault.hint);
    return kExitUsage;
  }

  const CommandLineOptions options_;
  CLI::App app_;
  Session session_;
  int timeout_s_ = 60;
  GlobalTexts texts_;
  std::string home_origin_ = kDefault;
  std::function<int()> verb_;
  // Arguments of the chosen verb.
  std::string id_;
  std::string second_;
  std::string third_;
  std::string journal_ = "decisions";
  std::vector<std::string> list_;
  bool flag_ = false;
  VerifyOptions verify_;
  int32_t number_ = 0;
  int people_ = 500;
  int64_t seed_ = 1;
  int64_t from_ = 0;
  int64_t to_ = std::numeric_limits<int64_t>::max();
};

CommandLine::CommandLine(CommandLineOptions options)
    : parser_(std::make_unique<Parser>(std::move(options))) {}
CommandLine::~CommandLine() = default;

std::optional<int> CommandLine::Understand(const std::vector<std::string>& words) {
  return parser_->Understand(words);
}
std::string CommandLine::Verb() const { return parser_->Verb(); }
std::vector<std::string> CommandLine::Homes() const { return parser_->Homes(); }
std::vector<std::string> CommandLine::Files() const { return parser_->Files(); }
std::chrono::seconds CommandLine::Timeout() const { return parser_->Timeout(); }
Session& CommandLine::TheSession() { return parser_->TheSession(); }
int CommandLine::Run() { return parser_->Run(); }

}  // namespace assay
