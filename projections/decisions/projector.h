// The decisions' rows over the store: what folding a decision changes.

#pragma once

#include <string>
#include <vector>

#include "engine/commit/fold.h"
#include "projections/store/overlay.h"

namespace assay::decisions {

// One thread. `overlay` must outlive this.
class Projector : public DecisionRows {
 public:
  explicit Projector(Overlay& overlay) : overlay_(overlay) {}

  bool Get(std::string_view stream, google::protobuf::MessageLite* state) override;
  std::vector<v1::Member> Members(std::string_view set_stream) override;
  std::vector<std::string> Streams(std::string_view prefix) override;
  [[nodiscard]] absl::Status status() const override;

  void Put(std::string_view stream, const google::protobuf::MessageLite& state) override;
  void PutMember(std::string_view set_stream, const v1::Member& member) override;
  void EraseMember(std::string_view set_stream, std::string_view id) override;

  std::optional<int64_t> LastChanged(std::string_view stream) override;
  std::optional<Hash32> RootAt(int64_t position) override;
  std::optional<AppliedCommand> FindApplied(const Hash32& commit_id) override;
  void PutApplied(const Hash32& commit_id, const AppliedCommand& applied) override;
  void PutLastChanged(std::string_view stream, int64_t position) override;
  void PutMark(int64_t position, const DecisionMark& mark) override;
  void PutMisfit(int64_t position, int event) override;
  void Enter(int64_t position) override { position_ = position; }

 private:
  void Damaged(std::string_view table, std::string_view key);

  Overlay& overlay_;
  int64_t position_ = 0;
  absl::Status status_;
};

}  // namespace assay::decisions
