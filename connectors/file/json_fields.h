// Fields of one JSON object, flattened: {"order": {"no": 881}} has the field "order.no".

#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "connectors/file/record_reader.h"

namespace assay {

// Keeps the buffers of the parser between records. Thread-compatible.
class JsonFields {
 public:
  JsonFields();
  ~JsonFields();

  // Appends the fields of `text` to `fields`; numbers keep their text, of any length. An empty
  // object inside is a null.
  //
  // MALFORMED unless the whole text is one JSON object; at its path: an array, a key twice (also
  // when "a.b" is written in two ways), a level too deep; too many fields.
  // REQUIRES: kRecordPaddingBytes may be read behind `text`.
  [[nodiscard]] std::optional<RecordFault> Parse(std::string_view text, std::vector<Field>& fields);

 private:
  struct Parsers;
  std::unique_ptr<Parsers> parsers_;
};

}  // namespace assay
