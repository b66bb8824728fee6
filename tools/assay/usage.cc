#include "tools/assay/usage.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "tools/assay/command_file.h"

namespace assay {
namespace {

// More verbs than this are for the help.
constexpr size_t kListedMax = 10;

// The verb that was understood last, and the words that lead to it ("assay score show").
struct Understood {
  const CLI::App* app;
  std::string words;
};

Understood UnderstoodOf(const CLI::App& app) {
  Understood understood{&app, app.get_name()};
  while (!understood.app->get_subcommands().empty()) {
    understood.app = understood.app->get_subcommands().front();
    understood.words += " " + understood.app->get_name();
  }
  return understood;
}

std::vector<std::string> VerbsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

void AddOptions(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
}

std::string Suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = NearestWord(word, known);
  return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

std::string NoVerb(const CLI::App& app, const Understood& understood) {
  const std::vector<std::string> verbs = VerbsOf(*understood.app);
  const std::vector<std::string> rest = app.remaining(/*recurse=*/true);
  const auto word = std::find_if(rest.begin(), rest.end(),
                                 [](const std::string& text) { return !text.starts_with("-"); });
  const std::string expected =
      verbs.size() > kListedMax ? "a verb" : fmt::format("one of {}", fmt::join(verbs, ", "));
  if (word == rest.end()) {
    return fmt::format("{}: expected {}, found nothing", understood.words, expected);
  }
  const std::string suggestion = Suggestion(*word, verbs);
  if (suggestion.empty() && verbs.size() <= kListedMax) {
    return fmt::format("\"{}\" is no verb of {}: expected {}", *word, understood.words, expected);
  }
  return fmt::format("\"{}\" is no verb of {}{}", *word, understood.words, suggestion);
}

std::string NotExpected(const CLI::App& app, const Understood& understood) {
  const std::vector<std::string> rest = app.remaining(/*recurse=*/true);
  const auto option = std::find_if(rest.begin(), rest.end(),
                                   [](const std::string& text) { return text.starts_with("-"); });
  if (option == rest.end()) {
    return fmt::format("{}: expected no further word, found \"{}\"", understood.words,
                       rest.empty() ? "" : rest.front());
  }
  std::vector<std::string> known;
  AddOptions(app, known);
  if (understood.app != &app) AddOptions(*understood.app, known);
  return fmt::format("{}: there is no option \"{}\"{}", understood.words, *option,
                     Suggestion(*option, known));
}

// From "Could not convert: --from = abc"; all options that are converted are numbers.
std::string NoNumber(const std::string& message) {
  const size_t name = message.find(": ");
  const size_t value = message.find(" = ");
  if (name == std::string::npos || value == std::string::npos) return message;
  return fmt::format("{}: expected a whole number, found \"{}\"",
                     message.substr(name + 2, value - name - 2), message.substr(value + 3));
}

}  // namespace

std::string VerbOf(const CLI::App& app) {
  const std::string words = UnderstoodOf(app).words;
  const size_t blank = words.find(' ');
  return blank == std::string::npos ? "" : words.substr(blank + 1);
}

UsageFault UsageFaultOf(const CLI::App& app, const CLI::ParseError& error) {
  const Understood understood = UnderstoodOf(app);
  std::string message = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    message = NotExpected(app, understood);
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    message = understood.app->get_require_subcommand_min() > 0
                  ? NoVerb(app, understood)
                  : fmt::format("{}: {}, found nothing", understood.words, message);
  } else if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    message = NoNumber(message);
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    message =
        fmt::format("{}: expected a value, found nothing", message.substr(0, message.find(':')));
  }
  return {.message = message, .hint = fmt::format("see `{} --help`", understood.words)};
}

}  // namespace assay
