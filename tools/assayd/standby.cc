#include "tools/assayd/standby.h"

#include <map>
#include <utility>

#include "engine/base/hash.h"

namespace assay {
namespace {

// What a score says, whoever says it: nodes evaluate it at moments of their own.
std::string MeaningOf(const v1::OutputRecord& record) {
  return Sha256(record.score().SerializeAsString()).ToString();
}

}  // namespace

void Standby::See(const v1::OutputRecord& record, Time now) {
  seen_at_ = now;
  if (record.has_score()) {
    if (shown_.size() >= options_.seen_max) shown_.clear();
    shown_[record.key()] = MeaningOf(record);
    return;
  }
  if (!seen_.insert(record.id()).second) return;
  order_.push_back(record.id());
  if (order_.size() <= options_.seen_max) return;
  seen_.erase(order_.front());
  order_.pop_front();
}

std::vector<int64_t> Standby::Settle(const std::vector<score_table::PendingOutput>& waiting,
                                     Time now) {
  // Of the scores: up to which sequence a key is settled.
  std::map<std::string, int64_t> settled_to;
  for (const auto& [sequence, record] : waiting) {
    if (!record.has_score()) continue;
    const auto shown = shown_.find(record.key());
    const bool is_shown = shown != shown_.end() && shown->second == MeaningOf(record);
    if (is_shown) settled_to[record.key()] = sequence;
  }
  std::vector<int64_t> settled;
  for (const auto& [sequence, record] : waiting) {
    const auto to = settled_to.find(record.key());
    const bool is_settled = record.has_score() ? to != settled_to.end() && sequence <= to->second
                                               : seen_.contains(record.id());
    if (is_settled) settled.push_back(sequence);
  }
  if (settled.size() == waiting.size()) {
    waits_since_.reset();
  } else if (!waits_since_.has_value()) {
    waits_since_ = now;
  }
  return settled;
}

bool Standby::IsAlone(Time now) const {
  const auto is_over = [&](Time since) { return now - since >= options_.patience; };
  return is_over(seen_at_) && ((waits_since_.has_value() && is_over(*waits_since_)) ||
                               (owed_since_.has_value() && is_over(*owed_since_)));
}

void Standby::StartAnew(Time now) {
  seen_at_ = now;
  waits_since_.reset();
}

}  // namespace assay
