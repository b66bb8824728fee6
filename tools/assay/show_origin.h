// Where the steps of a history came from, as verbs show them.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/assay/session.h"
#include "tools/assay/show.h"

namespace assay {

// One step of a history: whose, and in which commit.
struct StepTaken {
  std::string actor;
  int64_t position = 0;
};

class ShownOrigins {
 public:
  // DATA_LOSS when a commit cannot be read. While the journal is out of reach nothing is known of
  // any step, which is told.
  static absl::StatusOr<ShownOrigins> Of(const Session& session, const View& view,
                                         const std::vector<StepTaken>& steps);

  // Adds to the row of a step:
  //   door         null where the commit does not say: before rules version 2
  //   user         the name, for who may see names, else the pseudonym
  //   oneLoginWith the others who took steps of this history from the same login
  void Put(size_t step, OutputFormat format, Json& row) const;
  // Columns of these; a table has none for what no row says.
  [[nodiscard]] std::vector<Column> Columns(const Session& session) const;
  // Says behind a table who acted from one login; nothing when nobody did.
  void Tell(const Session& session) const;

 private:
  struct Shown {
    std::string actor;
    std::string door;
    std::string user;
    std::vector<std::string> others;
  };
  std::vector<Shown> steps_;
};

}  // namespace assay
