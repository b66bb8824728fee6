#include "projections/digest/query.h"

#include <assay/v1/options.pb.h>
#include <assay/v1/output.pb.h>
#include <assay/v1/state.pb.h>
#include <google/protobuf/descriptor.h>

#include <string>

#include "engine/base/wire.h"
#include "engine/commit/domains.h"

namespace assay::digest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Encrypted bytes, which differ by key, and what the message says tells how a row came here.
bool IsIncidental(const FieldDescriptor& field) {
  return field.message_type() == v1::Sealed::descriptor() ||
         field.options().GetExtension(v1::incidental);
}

void ClearIncidental(Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsIncidental(*field)) {
      reflection->ClearField(&message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        ClearIncidental(*reflection->MutableRepeatedMessage(&message, field, i));
      }
    } else {
      ClearIncidental(*reflection->MutableMessage(&message, field));
    }
  }
}

absl::Status DamagedRow(std::string_view view, std::string_view key) {
  return MakeStatus(absl::StatusCode::kDataLoss, "the row {} in the view \"{}\" is damaged",
                    ToHex(key), view);
}

// Of every stream the newest version: the first of its rows.
absl::Status AddStates(Overlay& overlay, RowDigest& digest) {
  absl::Status status;
  std::string former;
  overlay.Visit(Table::kState, "", [&](std::string_view key, std::string_view value) {
    const std::string whole_key(key);
    std::string stream;
    if (!TakeKeyText(key, stream)) {
      status = DamagedRow("state", whole_key);
      return false;
    }
    if (stream == former) return true;
    former = stream;
    const StreamRow* row = StreamRowOf(stream);
    if (row != nullptr && row->in_digest == InDigest::kNo) return true;
    const auto message = row == nullptr ? nullptr : row->make();
    if (message == nullptr ||
        !message->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      status = DamagedRow("state", whole_key);
      return false;
    }
    ClearIncidental(*message);
    digest.Add("state/" + stream, message->SerializeAsString());
    return true;
  });
  return status;
}

// Of every record its identity and what its current version says, wherever it is kept.
absl::Status AddFacts(Overlay& overlay, RowDigest& digest) {
  absl::Status status;
  overlay.Visit(Table::kIdentities, "", [&](std::string_view key, std::string_view value) {
    v1::FactVersion version;
    if (key.size() < 4 || !version.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      status = DamagedRow("identities", key);
      return false;
    }
    version.clear_position();
    version.clear_first_position();
    key.remove_prefix(4);  // the partition
    digest.Add("fact/" + std::string(key), version.SerializeAsString());
    return true;
  });
  return status;
}

}  // namespace

bool CountsInState(Table table) {
  return table != Table::kMeta && table != Table::kMarks && table != Table::kOutbox;
}

absl::StatusOr<Hash32> CompanyDigest(Overlay& overlay) {
  RowDigest digest;
  ASSAY_RETURN_IF_ERROR(AddStates(overlay, digest));
  ASSAY_RETURN_IF_ERROR(AddFacts(overlay, digest));
  overlay.Visit(Table::kScores, "", [&](std::string_view key, std::string_view value) {
    digest.Add("score/" + std::string(key), value);
    return true;
  });
  ASSAY_RETURN_IF_ERROR(overlay.status());
  return digest.Sum();
}

absl::StatusOr<Hash32> StateDigest(Overlay& overlay) {
  RowDigest digest;
  for (int i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    if (!CountsInState(table)) continue;
    overlay.Visit(table, "", [&](std::string_view key, std::string_view value) {
      digest.Add(fmt::format("{}/{}", TableName(table), key), value);
      return true;
    });
  }
  ASSAY_RETURN_IF_ERROR(overlay.status());
  return digest.Sum();
}

}  // namespace assay::digest
