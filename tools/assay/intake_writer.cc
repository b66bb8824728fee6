#include "tools/assay/intake_writer.h"

#include "engine/event/intake.h"

namespace assay {

void IntakeWriter::Add(v1::Intake intake) {
  const int32_t partition = PartitionOfIntake(intake, identity_.facts_partitions);
  next_[{intake.src().input_log(), intake.src().partition()}] = intake.src().offset() + 1;
  v1::Record record = Framed();
  *record.mutable_intake() = std::move(intake);
  std::string& value = values_[partition].emplace_back(record.SerializeAsString());
  bytes_ += static_cast<int64_t>(value.size());
  ++count_;
}

absl::Status IntakeWriter::Flush() {
  if (next_.empty()) return absl::OkStatus();
  for (const auto& [partition, values] : values_) {
    ASSAY_RETURN_IF_ERROR(Append(partition, values));
  }
  std::vector<std::string> marks;
  for (const auto& [input, next] : next_) {
    v1::Record record = Framed();
    v1::SourceMark& mark = *record.mutable_source_mark();
    mark.set_source(contract_.source());
    mark.set_contract_version(contract_.version());
    mark.set_input_log(input.first);
    mark.set_input_partition(input.second);
    mark.set_next(next);
    marks.push_back(record.SerializeAsString());
  }
  ASSAY_RETURN_IF_ERROR(Append(0, marks));
  values_.clear();
  next_.clear();
  count_ = 0;
  bytes_ = 0;
  return absl::OkStatus();
}

absl::Status IntakeWriter::Append(int32_t partition, const std::vector<std::string>& values) {
  // Before they are there: others may fold them as soon as they are.
  for (const std::string& value : values) {
    if (awaited_ != nullptr) awaited_->Add(partition, value);
  }
  return journal_.Append(FactsPartition(partition), values);
}

v1::Record IntakeWriter::Framed() const {
  v1::Record record;
  record.set_company(identity_.company);
  record.set_log_id(identity_.log_id);
  return record;
}

}  // namespace assay
