#include "tests/support/kept_home.h"

#include <filesystem>

#include "tests/support/paths.h"

namespace assay::testing {

namespace fs = std::filesystem;

void CopyKeptHome(const std::string& name, const std::string& to) {
  fs::copy(SourceDir() + "/tests/scenario/" + name, to, fs::copy_options::recursive);
  fs::permissions(to + "/keys", fs::perms::owner_all);
  for (const auto& file : fs::directory_iterator(to + "/keys")) {
    fs::permissions(file.path(), fs::perms::owner_read | fs::perms::owner_write);
  }
}

}  // namespace assay::testing
