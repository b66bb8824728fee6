#include "tools/assay/completion.h"

#include <fmt/core.h>

#include <vector>

#include "tools/assay/output.h"

namespace assay {
namespace {

std::string WordsOf(const CLI::App& app) {
  std::string words;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) {
    words += (words.empty() ? "" : " ") + verb->get_name();
  }
  return words;
}

std::vector<const CLI::App*> Nouns(const CLI::App& app) {
  std::vector<const CLI::App*> nouns;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) {
    if (!verb->get_subcommands(nullptr).empty()) nouns.push_back(verb);
  }
  return nouns;
}

void PrintBash(const CLI::App& app) {
  PrintPlain(Out(),
             "_assay() {{\n  local word=\"${{COMP_WORDS[COMP_CWORD]}}\"\n"
             "  case \"${{COMP_WORDS[COMP_CWORD-1]}}\" in\n");
  for (const CLI::App* noun : Nouns(app)) {
    PrintPlain(Out(), "    {}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")) ;;\n",
               noun->get_name(), WordsOf(*noun));
  }
  PrintPlain(Out(),
             "    *) COMPREPLY=($(compgen -W \"{}\" -- \"$word\") $(compgen -f -- \"$word\")) ;;\n"
             "  esac\n}}\ncomplete -F _assay assay\n",
             WordsOf(app));
}

void PrintFish(const CLI::App& app) {
  PrintPlain(Out(), "complete -c assay -f\ncomplete -c assay -n __fish_use_subcommand -a \"{}\"\n",
             WordsOf(app));
  for (const CLI::App* noun : Nouns(app)) {
    PrintPlain(Out(), "complete -c assay -n \"__fish_seen_subcommand_from {}\" -a \"{}\"\n",
               noun->get_name(), WordsOf(*noun));
  }
}

}  // namespace

int PrintCompletion(const CLI::App& app, const std::string& shell) {
  if (shell == "fish") {
    PrintFish(app);
    return 0;
  }
  if (shell == "zsh") PrintPlain(Out(), "autoload -U +X bashcompinit && bashcompinit\n");
  PrintBash(app);
  return 0;
}

}  // namespace assay
