// Mapped records on their way to the facts journal.
//
// Records are appended in the order of their input, each to the partition of its identity; a mark
// behind them says how far the input is on the journal. A mark is only written when everything
// before it is there, so what stands between a mark and a kill is read again and recognised.

#pragma once

#include <assay/v1/log.pb.h>
#include <assay/v1/source.pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/commit/ports.h"
#include "engine/commit/rule.h"
#include "projections/runner/awaited.h"

namespace assay {

// One thread. What is passed in must outlive this.
class IntakeWriter {
 public:
  // `awaited` is told what will be written; null = nobody waits for it.
  IntakeWriter(Journal& journal, const LogIdentity& identity, const v1::SourceContract& contract,
               Awaited* awaited = nullptr)
      : journal_(journal), identity_(identity), contract_(contract), awaited_(awaited) {}

  void Add(v1::Intake intake);
  // There is nothing to be mapped before `next`: what stands there are no records.
  void Skip(const std::string& input_log, int32_t input_partition, int64_t next) {
    next_[{input_log, input_partition}] = next;
  }
  // Whether there is nothing to be written.
  [[nodiscard]] bool IsEmpty() const { return next_.empty(); }
  // What was added since the last Flush.
  [[nodiscard]] int Count() const { return count_; }
  [[nodiscard]] int64_t Bytes() const { return bytes_; }
  // Writes it and its marks. After an error nobody knows what is there: the inputs must be read
  // again from their marks, and this is of no use any more.
  absl::Status Flush();

 private:
  [[nodiscard]] v1::Record Framed() const;
  absl::Status Append(int32_t partition, const std::vector<std::string>& values);

  Journal& journal_;
  const LogIdentity& identity_;
  const v1::SourceContract& contract_;
  Awaited* const awaited_;
  // By facts partition.
  std::map<int32_t, std::vector<std::string>> values_;
  // By input log and its partition: behind the last record that was added.
  std::map<std::pair<std::string, int32_t>, int64_t> next_;
  int count_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace assay
