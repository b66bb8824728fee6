// Messages as no program writes them, from a seed: messages that are changed by reflection, and
// messages that are made of their descriptor alone.

#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace assay::testing {

class MessageMutator {
 public:
  using Message = google::protobuf::Message;
  using Field = google::protobuf::FieldDescriptor;

  explicit MessageMutator(uint64_t seed) : random_(seed) {}
  // From here on what is drawn follows from this seed.
  void Reseed(uint64_t seed) { random_.seed(seed); }

  // Its texts are drawn from then on, above all for fields of the same name: ids that meet.
  void Learn(const Message& message);
  // One change somewhere in the message: a field is cleared, drawn anew, added, doubled, swapped
  // with its neighbour or unknown.
  void Mutate(Message& message);
  // Draws most fields of the message, and of those below.
  void Fill(Message& message, int depth = 0);
  // Flips, removes, doubles or inserts bytes.
  void Damage(std::string& bytes);

  [[nodiscard]] size_t Below(size_t bound) { return static_cast<size_t>(random_() % bound); }
  [[nodiscard]] bool OneIn(size_t count) { return Below(count) == 0; }
  [[nodiscard]] std::string Noise(size_t bytes);
  [[nodiscard]] int64_t Number();

 private:
  [[nodiscard]] std::string Text(const Field& field);
  void Draw(Message& message, const Field& field, int depth);
  void DrawScalar(Message& message, const Field& field);
  void DrawOneof(Message& message, const google::protobuf::OneofDescriptor& oneof, int depth);
  void ChangeRepeated(Message& message, const Field& field);

  std::mt19937_64 random_;
  // By name of the field.
  std::map<std::string, std::vector<std::string>, std::less<>> texts_;
  std::vector<std::string> all_texts_;
};

// A text below a state row that stands where a day or a decimal must, and is neither; else empty.
[[nodiscard]] std::string UnusableText(const google::protobuf::Message& message);

}  // namespace assay::testing
