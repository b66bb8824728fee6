#include "projections/digest/query.h"

#include <assay/v1/output.pb.h>
#include <assay/v1/state.pb.h>
#include <google/protobuf/descriptor.h>

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "engine/base/wire.h"
#include "engine/event/streams.h"

namespace assay::digest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Positions, recorded times and hashes over sealed bytes: they tell how a row came here.
bool IsIncidental(const FieldDescriptor& field) {
  static const std::set<std::string, std::less<>> kNames = {
      "position",   "lock_position", "published_position", "cut",           "at",
      "applied_at", "decided_at",    "recorded_at",        "first_position"};
  if (field.message_type() == v1::Sealed::descriptor()) return true;
  if (field.name() == "content_hash" &&
      field.containing_type()->full_name().find("Metric") == std::string::npos &&
      field.containing_type()->full_name().find("FactVersion") == std::string::npos) {
    return true;
  }
  return kNames.contains(field.name());
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

template <typename State>
std::unique_ptr<Message> Make() {
  return std::make_unique<State>();
}

// The state message of a stream, by what its name begins with.
std::unique_ptr<Message> MessageOf(std::string_view stream) {
  static const std::array<std::pair<std::string_view, std::unique_ptr<Message> (*)()>, 14> kKinds =
      {{{"company", &Make<v1::CompanyState>},
        {"person/", &Make<v1::PersonState>},
        {"entity/", &Make<v1::EntityState>},
        {"grant/", &Make<v1::GrantState>},
        {"unit/", &Make<v1::UnitState>},
        {"position/", &Make<v1::PositionState>},
        {"assignment/", &Make<v1::AssignmentState>},
        {"metric/", &Make<v1::MetricState>},
        {"curve/", &Make<v1::CurveState>},
        {"template/", &Make<v1::TemplateState>},
        {"bands/", &Make<v1::BandTableState>},
        {"cycle/", &Make<v1::CycleState>},
        {"agreement/", &Make<v1::AgreementState>},
        {"adjustment/", &Make<v1::AdjustmentState>}}};
  for (const auto& [prefix, make] : kKinds) {
    if (stream.starts_with(prefix)) return make();
  }
  return stream.starts_with("source/") ? Make<v1::SourceState>() : nullptr;
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
    // Which node publishes or reads, and how the log is bound, is no part of what the company is.
    if (stream == streams::Publisher() || stream == streams::Log() ||
        stream.starts_with(streams::Reading("")))
      return true;
    const auto message = MessageOf(stream);
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
