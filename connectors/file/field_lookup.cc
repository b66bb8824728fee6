#include "connectors/file/field_lookup.h"

#include <algorithm>

namespace assay {

FieldLookup::Slot FieldLookup::Add(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return static_cast<Slot>(found - names_.begin());
  names_.emplace_back(name);
  index_.push_back(kNone);
  return names_.size() - 1;
}

bool FieldLookup::HasLayout(std::span<const Field> fields) const {
  return std::equal(fields.begin(), fields.end(), layout_.begin(), layout_.end(),
                    [](const Field& field, const std::string& name) { return field.name == name; });
}

void FieldLookup::Bind(std::span<const Field> fields) {
  fields_ = fields;
  if (HasLayout(fields)) return;
  layout_.clear();
  unknown_ = kNone;
  std::fill(index_.begin(), index_.end(), kNone);
  for (size_t i = 0; i < fields.size(); ++i) {
    layout_.push_back(fields[i].name);
    const auto found = std::find(names_.begin(), names_.end(), fields[i].name);
    if (found != names_.end()) {
      index_[static_cast<size_t>(found - names_.begin())] = i;
    } else if (unknown_ == kNone) {
      unknown_ = i;
    }
  }
}

const FieldValue& FieldLookup::Get(Slot slot) const {
  static const FieldValue kMissing{"", FieldKind::kMissing};
  return index_[slot] == kNone ? kMissing : fields_[index_[slot]].value;
}

const Field* FieldLookup::Unknown() const {
  return unknown_ == kNone ? nullptr : &fields_[unknown_];
}

}  // namespace assay
