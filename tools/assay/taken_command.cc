#include "tools/assay/taken_command.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "connectors/file/contract_file.h"
#include "engine/commit/command_form.h"
#include "engine/event/sealing.h"
#include "engine/event/streams.h"
#include "engine/source/diff.h"
#include "tools/assay/log_pin.h"

namespace assay {
namespace {

Rejection NotOfText(std::string path, std::string expected, std::string actual) {
  const auto shown = [](std::string value) { return value.empty() ? "nothing" : value; };
  Rejection rejection =
      Invalid("CONTRACT_DIFFERS", fmt::format("registerSource.contract.{}", path),
              shown(std::move(expected)), shown(std::move(actual)),
              fmt::format("the contract says something else than its text, at {}", path),
              "leave the contract out: it is read from the text");
  return rejection;
}

// Nothing of a text that is empty: the domain says so.
std::optional<Rejection> TakeContract(v1::RegisterSource& command) {
  if (command.text().empty()) return std::nullopt;
  if (command.has_contract()) return CompareWithText(command.contract(), command.text());
  auto parsed = ParseContract(command.text());
  if (auto* wrong = std::get_if<Rejection>(&parsed)) return std::move(*wrong);
  *command.mutable_contract() = std::get<v1::SourceContract>(std::move(parsed));
  return std::nullopt;
}

Rejection Unreadable(const std::string& adjustment, std::string why) {
  return {.code = "REMARK_UNREADABLE",
          .rejection_class = RejectionClass::kState,
          .path = "approveAdjustment.adjustment",
          .expected = "a remark that can be read",
          .actual = std::move(why),
          .message = fmt::format("nobody can read why {} was requested", adjustment),
          .hint = "restore the key from a copy; or reject it, and let it be requested again"};
}

absl::StatusOr<std::optional<Rejection>> CheckRemark(StateReader& state, KeyStore& keys,
                                                     const std::string& adjustment) {
  const auto row = state.Find<v1::AdjustmentState>(streams::Adjustment(adjustment));
  ASSAY_RETURN_IF_ERROR(state.status());
  if (!row || row->stage() != v1::ADJUSTMENT_STAGE_REQUESTED) return std::nullopt;
  const v1::Sealed& remark = row->remark();
  if (!IsKeyId(remark.key_id())) return Unreadable(adjustment, "no such key");
  const auto key = keys.Key(remark.key_id(), false);
  if (absl::IsUnavailable(key.status())) return key.status();
  if (!key.ok()) return Unreadable(adjustment, "its key is gone or damaged");
  if (!OpenSealed(*key, remark).ok()) return Unreadable(adjustment, "it is damaged");
  return std::nullopt;
}

// A key that this node lacks could tag nothing: the log would halt every node. One of another size
// is not an id, which the domain says.
absl::StatusOr<std::optional<Rejection>> CheckLogKey(KeyStore& keys, std::string_view path,
                                                     const std::string& key_id) {
  if (key_id.size() != kLogKeyIdBytes) return std::nullopt;
  ASSAY_ASSIGN_OR_RETURN(const LogKeys known, LoadLogKeys(keys));
  if (known.Find(key_id) != nullptr) return std::nullopt;
  return Rejection{
      .code = "LOG_KEY_MISSING",
      .rejection_class = RejectionClass::kState,
      .path = std::string(path),
      .expected = "a log key of the key store of this node",
      .actual = ShownKeyId(key_id),
      .message = fmt::format("the key store of this node has no log key {}", ShownKeyId(key_id)),
      .hint =
          "`assay log upgrade` and `assay log rotate-key` make the key; or copy the "
          "folder of the keys that has it"};
}

}  // namespace

std::optional<Rejection> CompareWithText(const v1::SourceContract& contract,
                                         std::string_view text) {
  auto parsed = ParseContract(text);
  if (auto* wrong = std::get_if<Rejection>(&parsed)) return std::move(*wrong);
  v1::SourceContract said = contract;
  said.clear_version();
  const auto& written = std::get<v1::SourceContract>(parsed);
  if (said.SerializeAsString() == written.SerializeAsString()) return std::nullopt;
  const auto changes = source::DiffContracts(written, said);
  // The order of measures alone, or a field that a later release knows.
  if (changes.empty()) return NotOfText("measures", "as in the text", "in another order");
  return NotOfText(changes.front().path, changes.front().before, changes.front().after);
}

absl::StatusOr<std::optional<Rejection>> TakeCommand(StateReader& state, KeyStore& keys,
                                                     v1::Command& command) {
  if (auto wrong = CheckGivenForm(command)) return wrong;
  if (command.has_register_source()) return TakeContract(*command.mutable_register_source());
  if (command.has_approve_adjustment()) {
    return CheckRemark(state, keys, command.approve_adjustment().adjustment());
  }
  if (command.has_upgrade_log()) {
    return CheckLogKey(keys, "upgradeLog.keyId", command.upgrade_log().key_id());
  }
  if (command.has_rotate_log_key() && !command.rotate_log_key().retired()) {
    return CheckLogKey(keys, "rotateLogKey.keyId", command.rotate_log_key().key_id());
  }
  return std::nullopt;
}

}  // namespace assay
