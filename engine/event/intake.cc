#include "engine/event/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/base/wire.h"
#include "engine/event/effective.h"

namespace assay {
namespace {

// Names are short and few: sorting pointers costs less than sorting messages.
std::vector<const v1::Attribute*> ByName(const v1::Intake& intake) {
  std::vector<const v1::Attribute*> sorted;
  sorted.reserve(static_cast<size_t>(intake.attributes_size()));
  for (const v1::Attribute& attribute : intake.attributes()) sorted.push_back(&attribute);
  std::sort(sorted.begin(), sorted.end(),
            [](const v1::Attribute* a, const v1::Attribute* b) { return a->name() < b->name(); });
  return sorted;
}

bool IsBefore(const v1::Contribution* a, const v1::Contribution* b) {
  if (const int order = a->entity_type().compare(b->entity_type())) return order < 0;
  if (const int order = a->entity_key().compare(b->entity_key())) return order < 0;
  if (const int order = a->measure().compare(b->measure())) return order < 0;
  if (const int order = a->value().compare(b->value())) return order < 0;
  return a->unit() < b->unit();
}

std::vector<const v1::Contribution*> Sorted(const v1::Contributions& facts) {
  std::vector<const v1::Contribution*> sorted;
  sorted.reserve(static_cast<size_t>(facts.contributions_size()));
  for (const v1::Contribution& contribution : facts.contributions()) {
    sorted.push_back(&contribution);
  }
  std::sort(sorted.begin(), sorted.end(), IsBefore);
  return sorted;
}

}  // namespace

std::string RecordIdentity(std::string_view source,
                           const google::protobuf::RepeatedPtrField<std::string>& key) {
  std::string identity;
  AppendPrefixed(identity, source);
  for (const std::string& field : key) AppendPrefixed(identity, field);
  return identity;
}

std::string RecordIdentity(std::string_view source, std::initializer_list<std::string_view> key) {
  std::string identity;
  AppendPrefixed(identity, source);
  for (const std::string_view field : key) AppendPrefixed(identity, field);
  return identity;
}

std::string RefusalIdentity(std::string_view source, std::string_view input_log, int32_t partition,
                            int64_t offset) {
  return RecordIdentity(source, {input_log, fmt::to_string(partition), fmt::to_string(offset)});
}

std::string IdentityOf(const v1::Intake& intake) {
  if (intake.record_key_size() > 0) return RecordIdentity(intake.source(), intake.record_key());
  const v1::Src& src = intake.src();
  return RefusalIdentity(intake.source(), src.input_log(), src.partition(), src.offset());
}

int32_t PartitionOfIntake(const v1::Intake& intake, int32_t partitions) {
  return PartitionOf(IdentityOf(intake), partitions);
}

Hash32 ContentHash(const v1::Intake& intake) {
  std::string time;
  AppendBig64(time, static_cast<uint64_t>(InstantOf(intake.event_time()).ms));
  std::string content;
  content.reserve(256);
  AppendPrefixed(content, time);
  AppendPrefixed(content, intake.day());
  for (const v1::Attribute* attribute : ByName(intake)) {
    AppendPrefixed(content, attribute->name());
    AppendPrefixed(content, attribute->value());
  }
  for (const v1::Contribution* contribution : Sorted(intake.facts())) {
    AppendPrefixed(content, contribution->entity_type());
    AppendPrefixed(content, contribution->entity_key());
    AppendPrefixed(content, contribution->measure());
    AppendPrefixed(content, contribution->value());
    AppendPrefixed(content, contribution->unit());
  }
  AppendPrefixed(content, std::string_view(intake.has_retraction() ? "\1" : "\0", 1));
  return Sha256(content);
}

}  // namespace assay
