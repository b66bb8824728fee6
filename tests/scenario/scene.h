// A company on the command line, told in few lines, and its cards read back from JSON.

#pragma once

#include <simdjson.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/connectors/embedded/scratch_directory.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"

namespace assay::testing {

// An item that a person is scored by, with its metric: `formula` over the measures of the source
// erp; empty = the sum of the measure that has the item's name.
struct Line {
  std::string_view item;
  std::string_view target;
  int weight_bp = 10'000;
  std::string_view unit = "1";
  std::string_view curve = "prop@1";
  std::string_view formula = "";
  std::string_view attribution = "SPLIT";
  std::string_view direction = "HIGHER_IS_BETTER";
  // What a missing value of the metric does; of the total see Scene::Score.
  std::string_view missing = "NOT_COMPUTABLE";
};

// Failures of calls that must succeed are those of the test.
class Scene {
 public:
  // A home with Founding() and p-1, whom the systems know as E1.
  explicit Scene(std::string_view now = "2026-07-01T08:00:00Z");

  // The time at which further calls are recorded.
  Scene& At(std::string_view now);
  // Runs documents that must be accepted.
  Scene& Do(std::string_view documents);
  // The first line of the error with which documents are refused, without the place in their file.
  [[nodiscard]] std::string Refusal(std::string_view documents);
  // Registers the source, or its next version, which is signed where it has to be: "output pcs",
  // ...
  Scene& Source(std::string_view source, const std::vector<std::string_view>& measures);

  // Everything that scores p-1 by these lines in 2026-06: the source erp with a measure for every
  // line, or `measures`; metrics, prop@1, bands@1, `curves`, the template std@1, the cycle, and the
  // agreement a-1 for pos-op.
  struct Rules {
    std::vector<Line> lines;
    std::vector<std::string_view> measures = {};
    std::string curves = "";
    TemplateRules card = {};
  };
  Scene& Score(const Rules& rules);
  // HR opens an agreement of p-1 under the template.
  Scene& Agree(std::string_view agreement, std::string_view position = "pos-op");

  // Ingests rows behind "record,rev,day,emp,<columns>"; a row without record and rev gets them.
  // The counts as they are printed, "applied 2 duplicate 1"; those that are 0 are left out.
  std::string Feed(std::string_view columns, const std::vector<std::string_view>& rows,
                   std::string_view source = "erp");

  // What a call prints; it must succeed.
  [[nodiscard]] std::string Tell(const std::vector<std::string>& words);
  // The same as JSON. The result is valid until the next call.
  [[nodiscard]] simdjson::dom::element Json(std::vector<std::string> words);
  // "OK 80 + 5 - 0 = 85 合格", of the person in the cycle.
  [[nodiscard]] std::string Total(const std::vector<std::string>& words = {},
                                  std::string_view person = "p-1",
                                  std::string_view cycle = "2026-06");
  // "progress 0.8 -> 20, ...": achieved and points of every item; "?" with the status for nothing.
  [[nodiscard]] std::string Items(const std::vector<std::string>& words = {},
                                  std::string_view person = "p-1",
                                  std::string_view cycle = "2026-06");
  // "pos-op 60 % of 90, ...": share and score of every part.
  [[nodiscard]] std::string Parts(std::string_view person = "p-1");

  // A call that may fail.
  [[nodiscard]] Ended Try(const std::vector<std::string>& words) { return Call(words); }
  [[nodiscard]] const std::string& Now() const { return now_; }
  [[nodiscard]] const Program& Files() const { return program_; }

 private:
  Ended Call(const std::vector<std::string>& words);
  Ended MustCall(const std::vector<std::string>& words);
  [[nodiscard]] simdjson::dom::element Card(const std::vector<std::string>& words,
                                            std::string_view person, std::string_view cycle);

  std::unique_ptr<ScratchDirectory> scratch_;
  Program program_;
  std::string now_;
  int files_ = 0;
  int records_ = 0;
  simdjson::dom::parser parser_;
};

// A text member; "?" for null.
[[nodiscard]] std::string TextIn(simdjson::dom::element object, std::string_view key);

}  // namespace assay::testing
