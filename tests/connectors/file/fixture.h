// Contracts and inputs of the file tests.

#pragma once

#include <assay/v1/log.pb.h>
#include <assay/v1/source.pb.h>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/file/contract_file.h"
#include "connectors/file/mapper.h"
#include "connectors/file/record_reader.h"
#include "connectors/file/secrets.h"
#include "engine/event/sealing.h"
#include "tests/support/printing.h"

namespace assay::testing {

// Of the pseudonyms in the golden values of the log: employee 10023 is
// 8503e14a9808c82e6913efc64dccbb0c.
inline const std::string kCompanyKey(32, '\x22');

// Keys in memory, all of them made on demand.
class MemoryKeys : public KeyStore {
 public:
  absl::StatusOr<std::string> Key(std::string_view key_id, bool create) override {
    const auto found = keys_.find(std::string(key_id));
    if (found != keys_.end()) return found->second;
    if (!create) return MakeStatus(absl::StatusCode::kNotFound, "no key {}", key_id);
    const std::string key = key_id == kPseudonymKeyId ? kCompanyKey : Sha256(key_id).ToString();
    return keys_.emplace(key_id, key).first->second;
  }

 private:
  std::map<std::string, std::string> keys_;
};

// The text under the key that it was sealed with.
[[nodiscard]] inline std::string Opened(MemoryKeys& keys, const v1::Sealed& sealed) {
  return OpenSealed(keys.Key(sealed.key_id(), false).value(), sealed).value();
}

// The contract of the orders of an ERP, with `changes` made to its text: {from, to}.
[[nodiscard]] inline std::string OrdersText(
    const std::vector<std::pair<std::string, std::string>>& changes = {}) {
  std::string text = R"yaml(source: erp
origin: SYSTEM
owner: {person: p-fin-01}
input: {format: csv, encoding: utf-8, delimiter: ",", decimal: "."}
strict: true
record:
  key: [order_no, line]
  version: rev
  when: {field: posted_at, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}
  retract: 'op == "D"'
entity: {type: employee, key: emp_no}
raw: hash
personal: {key: pseudonymise, plain: [machine]}
attributes: {product: sku}
ignore: [memo]
measures:
  - {name: output, value: qty, unit: pcs, if: 'status == "DONE"', range: ["0", "100000"]}
  - {name: run_time, value: hours, unit: h, entity: {type: machine, key: machine_no}}
)yaml";
  for (const auto& [from, to] : changes) {
    const size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  }
  return text;
}

[[nodiscard]] inline v1::SourceContract Contract(const std::string& text) {
  auto parsed = ParseContract(text);
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) FAIL(rejection->ToString());
  return std::get<v1::SourceContract>(parsed);
}

[[nodiscard]] inline v1::SourceContract Orders(
    const std::vector<std::pair<std::string, std::string>>& changes = {}) {
  return Contract(OrdersText(changes));
}

[[nodiscard]] inline std::vector<SourceRecord> RecordsOf(const v1::InputDefinition& input,
                                                         const std::string& text) {
  auto reader = ReadRecords(input, BytesOf(text));
  INFO(Describe(reader.status()));
  REQUIRE(reader.ok());
  std::vector<SourceRecord> records;
  while (true) {
    auto record = (*reader)->Next();
    REQUIRE(record.ok());
    if (!*record) return records;
    records.push_back(**std::move(record));
  }
}

inline const Instant kReceivedAt = *Instant::Parse("2026-07-01T00:00:00Z");

// Every record of `text` under the contract.
[[nodiscard]] inline std::vector<v1::Intake> IntakesOf(const v1::SourceContract& contract,
                                                       const std::string& text,
                                                       SourceSecrets secrets,
                                                       Instant received_at = kReceivedAt) {
  auto mapper = Mapper::Create(contract, std::move(secrets));
  INFO(Describe(mapper.status()));
  REQUIRE(mapper.ok());
  std::vector<v1::Intake> intakes;
  for (const SourceRecord& record : RecordsOf(contract.input(), text)) {
    intakes.push_back(mapper->Map(record, received_at).value());
  }
  return intakes;
}

[[nodiscard]] inline std::vector<v1::Intake> IntakesOf(const v1::SourceContract& contract,
                                                       const std::string& text) {
  return IntakesOf(contract, text, ClearSecrets());
}

inline const std::string kOrdersHeader =
    "order_no,line,rev,posted_at,op,emp_no,machine_no,sku,status,qty,hours,memo\n";

}  // namespace assay::testing
