// Limits that are declared are enforced and tested: a walk over engine/base/limits.h and the tree.

#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/support/paths.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The names "kAnyLimit" in a text, whole words only.
std::set<std::string> NamesIn(const std::string& text) {
  std::set<std::string> names;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsWord(text[i])) continue;
    size_t end = i;
    while (end < text.size() && IsWord(text[end])) ++end;
    if (text[i] == 'k') names.insert(text.substr(i, end - i));
    i = end;
  }
  return names;
}

// Names that stand in the sources of these folders, the file of the limits itself left out.
std::set<std::string> NamesBelow(const std::vector<std::string>& folders) {
  const fs::path root(testing::SourceDir());
  std::set<std::string> names;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      if (fs::equivalent(entry.path(), root / "engine/base/limits.h")) continue;
      names.merge(NamesIn(TextOf(entry.path())));
    }
  }
  return names;
}

// Those of `declared` that are not among `named`.
std::string Missing(const std::set<std::string>& declared, const std::set<std::string>& named) {
  std::string missing;
  for (const std::string& limit : declared) {
    if (!named.contains(limit)) missing += limit + " ";
  }
  return missing;
}

std::set<std::string> Declared() {
  return NamesIn(TextOf(fs::path(testing::SourceDir()) / "engine/base/limits.h"));
}

}  // namespace

TEST_CASE("every limit that is declared is enforced somewhere", "[limits]") {
  REQUIRE(Declared().size() > 30);
  CHECK(Missing(Declared(), NamesBelow({"engine", "projections", "connectors", "tools"})).empty());
}

TEST_CASE("every limit that is declared is named by a test", "[limits]") {
  CHECK(Missing(Declared(), NamesBelow({"tests"})).empty());
}

TEST_CASE("a limit that nobody uses is found", "[limits]") {
  CHECK(NamesIn("inline constexpr size_t kUsed = 1; // kAlso\n int kUsedTwice = limits::kX;") ==
        std::set<std::string>{"kUsed", "kAlso", "kUsedTwice", "kX"});
  std::set<std::string> declared = Declared();
  declared.insert(std::string("kNobody") + "UsesThis");
  CHECK(Missing(declared, NamesBelow({"engine", "projections", "connectors", "tools"})) ==
        std::string("kNobody") + "UsesThis ");
}

}  // namespace assay
