#include "tools/assay/log_pin.h"

#include <sstream>
#include <utility>

#include "engine/base/hash.h"

namespace assay {
namespace {

constexpr std::string_view kNote = "LOG";

std::string LogKeyName(size_t number) { return fmt::format("log/{}", number); }

absl::Status NotUnderstood(std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "the note LOG of the key store is damaged ({}): restore it from a copy", what);
}

}  // namespace

absl::StatusOr<std::optional<LogPin>> LogPin::Load(FileKeyStore& keys) {
  const auto note = keys.Note(kNote);
  if (absl::IsNotFound(note.status())) return std::nullopt;
  ASSAY_RETURN_IF_ERROR(note.status());
  std::istringstream lines(*note);
  LogPin pin;
  std::string word;
  size_t slots = 0;
  if (!(lines >> word >> pin.company) || word != "company") return NotUnderstood("company");
  if (!(lines >> word >> pin.log_id) || word != "log") return NotUnderstood("log");
  if (!(lines >> word >> slots) || word != "partitions" ||
      slots > static_cast<size_t>(limits::kFactsPartitionsMax) + 1) {
    return NotUnderstood("partitions");
  }
  pin.roots.resize(slots);
  for (size_t slot = 0; slot < slots; ++slot) {
    std::string position;
    std::string hex;
    if (!(lines >> word >> position >> hex) || word != NameOfPartition(PartitionOfSlot(slot))) {
      return NotUnderstood(NameOfPartition(PartitionOfSlot(slot)));
    }
    if (position == "-") continue;
    const auto bytes = FromHex(hex);
    const auto root = bytes.has_value() ? Hash32::FromBytes(*bytes) : std::nullopt;
    const bool is_number = position.find_first_not_of("0123456789") == std::string::npos;
    if (!root.has_value() || !is_number || position.size() > 18) {
      return NotUnderstood(NameOfPartition(PartitionOfSlot(slot)));
    }
    pin.roots[slot] = PinnedRoot{std::stoll(position), *root};
  }
  return pin;
}

absl::Status LogPin::Save(FileKeyStore& keys) const {
  std::string text =
      fmt::format("company {}\nlog {}\npartitions {}\n", company, log_id, roots.size());
  for (size_t slot = 0; slot < roots.size(); ++slot) {
    const auto& root = roots[slot];
    text += root.has_value() ? fmt::format("{} {} {}\n", NameOfPartition(PartitionOfSlot(slot)),
                                           root->position, root->root.Hex())
                             : fmt::format("{} - -\n", NameOfPartition(PartitionOfSlot(slot)));
  }
  return keys.PutNote(kNote, text);
}

absl::Status LogPin::Forget(FileKeyStore& keys) { return keys.RemoveNote(kNote); }

LogPin PinOfNewLog(const LogIdentity& identity, const LogKey& key) {
  LogPin pin{identity.company, identity.log_id, {}};
  for (int32_t i = -1; i < identity.facts_partitions; ++i) {
    const PartitionId partition = i < 0 ? kDecisionsPartition : FactsPartition(i);
    const std::string genesis = GenesisValue(identity, partition, &key);
    pin.roots.emplace_back(
        PinnedRoot{0, NextRoot(Hash32{}, Sha256(genesis), Verdict::kNotACommit)});
  }
  return pin;
}

absl::StatusOr<LogKeys> LoadLogKeys(KeyStore& keys) {
  std::vector<std::string> found;
  while (true) {
    auto key = keys.Key(LogKeyName(found.size() + 1), false);
    if (absl::IsNotFound(key.status())) return LogKeys(found);
    ASSAY_RETURN_IF_ERROR(key.status());
    found.push_back(*std::move(key));
  }
}

absl::Status MakeLogKey(KeyStore& keys) {
  ASSAY_ASSIGN_OR_RETURN(const LogKeys there, LoadLogKeys(keys));
  return keys.Key(LogKeyName(there.All().size() + 1), true).status();
}

}  // namespace assay
