#include "engine/event/serialize.h"

#include <google/protobuf/struct.pb.h>

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("equal messages give equal bytes, whatever the order in which a map was filled",
          "[event][unit]") {
  constexpr int kKeys = 100;
  google::protobuf::Struct up;
  google::protobuf::Struct down;
  for (int i = 0; i < kKeys; ++i) {
    (*up.mutable_fields())[std::to_string(i)].set_bool_value(i % 2 == 0);
    const int other = kKeys - 1 - i;
    (*down.mutable_fields())[std::to_string(other)].set_bool_value(other % 2 == 0);
  }
  const std::string bytes = SerializeDeterministic(up);
  CHECK(bytes == SerializeDeterministic(down));
  google::protobuf::Struct read;
  REQUIRE(read.ParseFromString(bytes));
  CHECK(read.fields_size() == kKeys);
  CHECK(SerializeDeterministic(read) == bytes);
  CHECK(SerializeDeterministic(google::protobuf::Struct()).empty());
}

}  // namespace assay
