#include "tools/assay/event_json.h"

#include <google/protobuf/descriptor.h>

#include <string>

#include "engine/base/hash.h"
#include "engine/event/effective.h"
#include "tools/assay/message_json.h"

namespace assay {
namespace {

using google::protobuf::FieldDescriptor;

// The fields of the message that is set in the oneof "body".
void PutBody(const google::protobuf::Message& message, Json& object) {
  const FieldDescriptor* const field = SetField(message, "body");
  if (field != nullptr) PutFields(message.GetReflection()->GetMessage(message, field), object);
}

// "createUnit", "cycleCut"; empty when nothing is set.
std::string BodyName(const google::protobuf::Message& message) {
  const FieldDescriptor* const field = SetField(message, "body");
  return field == nullptr ? "" : field->json_name();
}

// {kind: "genesis", genesis: {...}}: a Genesis has a partition of its own.
void PutNested(const v1::Record& record, Json& object) {
  const std::string kind = BodyName(record);
  Json body = Json::Object();
  PutBody(record, body);
  object.Put("kind", kind).Put(kind, std::move(body));
}

Json StreamsJson(const google::protobuf::RepeatedPtrField<std::string>& streams) {
  Json array = Json::Array();
  for (const std::string& stream : streams) array.Add(stream);
  return array;
}

// What can be said of bytes that are no record.
void PutUnreadable(const StoredRecord& stored, Json& object) {
  object.Put("bytes", static_cast<int64_t>(stored.value.size()))
      .Put("sha256", Sha256(stored.value).Hex());
}

// Null of a commit that does not say: of the engine at the time of its clock, or of rules
// version 1.
Json OriginJson(const v1::CommandOrigin& origin) {
  if (origin.ByteSizeLong() == 0) return {};
  Json object = Json::Object();
  object.Put("door", origin.door() == v1::DOOR_UNSPECIFIED ? Json() : Json(EnumText(origin.door())))
      .Put("user", Json::TextOrNull(origin.user()))
      .Put("givenNow",
           origin.has_given_now() ? Json(InstantOf(origin.given_now()).ToString()) : Json())
      .Put("forced", origin.forced());
  return object;
}

void PutCommit(const v1::Commit& commit, Json& object) {
  object.Put("commandId", commit.command_id())
      .Put("attempt", commit.attempt())
      .Put("actor", ActorName(commit.actor()))
      .Put("via", EnumText(commit.actor().via()))
      .Put("origin", OriginJson(commit.origin()))
      .Put("decidedAt", InstantOf(commit.decided_at()).ToString())
      .Put("writer", commit.writer())
      .Put("rulesVersion", commit.rules_version())
      .Put("basis", MessageJson(commit.basis()))
      .Put("reads", StreamsJson(commit.reads()))
      .Put("writes", StreamsJson(commit.writes()))
      .Put("touches", StreamsJson(commit.touches()))
      .Put("command", BodyName(commit.command()))
      .Put("commandHash", ToHex(commit.command_hash()));
  if (commit.command().has_reason()) {
    object.Put("reason", MessageJson(commit.command().reason()));
  }
  Json events = Json::Array();
  for (const v1::Event& event : commit.events()) events.Add(EventJson(event));
  object.Put("events", std::move(events));
}

}  // namespace

Json EventJson(const v1::Event& event) {
  const FieldDescriptor* const field = SetField(event, "body");
  Json object = Json::Object();
  object.Put("type", field == nullptr ? Json() : Json(field->message_type()->name()))
      .Put("stream", event.stream());
  if (!event.effective().empty()) object.Put("effective", event.effective());
  PutBody(event, object);
  return object;
}

Json DecisionJson(const StoredRecord& stored, const v1::Record* record, const DecisionMark& mark) {
  Json object = Json::Object();
  object.Put("position", int64_t{stored.position})
      .Put("recordedAt", mark.recorded_at.ToString())
      .Put("verdict", std::string(VerdictName(mark.verdict)));
  if (record == nullptr) {
    PutUnreadable(stored, object);
  } else if (record->has_commit()) {
    PutCommit(record->commit(), object);
  } else {
    PutNested(*record, object);
  }
  return object;
}

Json FactJson(int32_t partition, const StoredRecord& stored, const v1::Record* record) {
  Json object = Json::Object();
  object.Put("partition", partition)
      .Put("position", int64_t{stored.position})
      .Put("recordedAt", stored.appended_at.ToString());
  if (record == nullptr) {
    object.Put("kind", "unreadable");
    PutUnreadable(stored, object);
    return object;
  }
  if (record->has_genesis()) {
    PutNested(*record, object);
  } else {
    object.Put("kind", BodyName(*record));
    PutBody(*record, object);
  }
  return object;
}

Json OutputJson(const score_table::PendingOutput& output) {
  const v1::OutputRecord& record = output.record;
  Json object = Json::Object();
  object.Put("sequence", int64_t{output.sequence})
      .Put("topic", record.topic())
      .Put("key", record.key())
      .Put("id", record.id())
      .Put("version", MessageJson(record.version()))
      .Put("moment", record.moment())
      .Put("company", record.company())
      .Put("kind", BodyName(record));
  PutBody(record, object);
  return object;
}

}  // namespace assay
