// Tables of calls with the exact answer to each, in tests/scenario/golden: what stands in a table
// is held by a test, and written anew by ASSAY_GOLDEN_WRITE=1.
//
// "== " and a title begin a case. "file NAME" and its "| " lines write a file (\xHH is a byte);
// "contract NAME" writes the contract of the source erp, where a line "- " names what the "+ "
// lines after it replace; "$ assay " is the call. Then come its exit code, its standard output
// ("out ") and its standard error ("err ").

#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/scenario/program.h"

namespace assay::testing {

struct CallCase {
  std::string title;
  std::map<std::string, std::string> files;
  std::vector<std::string> words;
  // The lines as they stand in the table: what is given, and the answer.
  std::string given;
  std::string answer;
};

// "exit 0\nout ...\nerr ...\n"
[[nodiscard]] std::string AnswerOf(const Ended& ended);

class CallTable {
 public:
  // `path` is below the root of the sources; a fault in the table is a failure of the test.
  explicit CallTable(std::string path);

  // Whether tables are to be written instead of held.
  [[nodiscard]] static bool Writes();

  [[nodiscard]] const std::vector<CallCase>& Cases() const { return cases_; }
  // The same table with these answers, one of every case.
  void Write(const std::vector<std::string>& answers) const;

 private:
  void Take(const std::string& line);
  void TakeGiven(const std::string& line);
  void Replace(const std::string& with = "");

  std::string path_;
  // What stands before the first case.
  std::string preface_;
  std::vector<CallCase> cases_;
  std::string file_;
  std::string replaced_;
};

}  // namespace assay::testing
