// Finds the fields that a contract names, in records that mostly look alike.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/record_reader.h"

namespace assay {

// Names are searched once for each layout of records and not once for each record.
// Thread-compatible.
class FieldLookup {
 public:
  using Slot = size_t;

  // The slot of a field, a new one for a name that has none.
  Slot Add(std::string_view name);
  // Every name that was added, by its slot.
  [[nodiscard]] const std::vector<std::string>& Names() const { return names_; }

  // What follows is about `fields`, which must live until the next call.
  void Bind(std::span<const Field> fields);
  // kMissing when the record has no such field.
  [[nodiscard]] const FieldValue& Get(Slot slot) const;
  // The first field of the record that was not added; null when there is none.
  [[nodiscard]] const Field* Unknown() const;

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  [[nodiscard]] bool HasLayout(std::span<const Field> fields) const;

  std::vector<std::string> names_;
  std::span<const Field> fields_;
  // The names of the layout that was searched last; the index in the record by slot.
  std::vector<std::string> layout_;
  std::vector<size_t> index_;
  size_t unknown_ = kNone;
};

}  // namespace assay
