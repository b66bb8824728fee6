#include "tools/assay/verify_keys.h"

#include <assay/v1/types.pb.h>

#include <utility>
#include <vector>

#include "engine/event/sealing.h"
#include "engine/event/walk.h"

namespace assay {

absl::StatusOr<SealedTexts::Seen*> SealedTexts::SeenOf(const std::string& key_id) {
  const auto [entry, is_new] = seen_.try_emplace(key_id);
  if (!is_new) return &entry->second;
  if (!IsKeyId(key_id)) {
    ++impossible_;
    return &entry->second;
  }
  auto key = home_.Keys().Key(key_id, /*create=*/false);
  // It may have been destroyed on purpose.
  if (absl::IsNotFound(key.status())) return &entry->second;
  ASSAY_RETURN_IF_ERROR(key.status());
  entry->second.is_there = true;
  entry->second.key = *std::move(key);
  return &entry->second;
}

absl::Status SealedTexts::See(const google::protobuf::Message& record, int64_t position) {
  std::vector<const v1::Sealed*> texts;
  (void)AnyMessage(record, "", [&](const google::protobuf::Message& below, const std::string&) {
    if (below.GetDescriptor() != v1::Sealed::descriptor()) return false;
    const auto& sealed = static_cast<const v1::Sealed&>(below);
    if (!sealed.key_id().empty()) texts.push_back(&sealed);
    return false;
  });
  for (const v1::Sealed* const text : texts) {
    ASSAY_ASSIGN_OR_RETURN(Seen* const seen, SeenOf(text->key_id()));
    if (!seen->is_there || text->bytes().empty()) continue;
    if (OpenSealed(seen->key, *text).ok()) {
      ++seen->opened;
    } else if (seen->unreadable++ == 0) {
      seen->position = position;
    }
  }
  return absl::OkStatus();
}

absl::Status SealedTexts::Finish(CheckedKeys& checked) {
  checked.impossible = impossible_;
  for (const auto& [id, seen] : seen_) {
    checked.gone += !seen.is_there && IsKeyId(id) ? 1 : 0;
    checked.texts += seen.opened;
    checked.texts_unreadable += seen.unreadable;
    if (seen.opened > 0 || seen.unreadable == 0) continue;
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} holds a key of {} that does not open the text at decisions position {}, "
                      "nor any other that names it: restore the file from a copy",
                      home_.Keys().PathOf(id), id, seen.position);
  }
  ASSAY_ASSIGN_OR_RETURN(checked.list, home_.Keys().CompareWithList());
  return absl::OkStatus();
}

}  // namespace assay
