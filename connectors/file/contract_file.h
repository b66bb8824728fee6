// A source contract as its owner writes it: YAML, read strictly.
//
//   source: erp
//   origin: SYSTEM                      # MACHINE | SYSTEM | MANUAL
//   owner: {person: p-fin-01}
//   input: {format: csv, encoding: utf-8, delimiter: ",", decimal: "."}
//   strict: true                        # unknown fields are refused (the default)
//   record:
//     key: [order_no, line]             # identity within the source
//     version: rev                      # or {field: rev, type: decimal | instant | integer}
//     when: {field: posted_at, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}
//     retract: 'op == "D"'
//     tombstone: retract              # of a topic: a record without a value; refuse (the default)
//   refusals: {share: "0.5", of: 1000}  # the source is paused when so many records are refused
//   entity: {type: employee, key: emp_no}
//   raw: keep                           # keep (sealed) | hash (the default)
//   personal: {key: pseudonymise, plain: [machine]}
//   attributes: {product: sku}
//   ignore: [printed_at]                # known to a strict contract, and not used
//   measures:
//     - {name: output, value: qty, unit: pcs, if: 'status == "DONE"', range: ["0", "100000"]}
//     - {name: run_time, value: hours, unit: h, entity: {type: machine, key: machine_no}}
//     - {name: delay, value: delay, unit: min, if: 'delay != "NA"'}   # a word that means nothing
//     - {name: orders, value: 1, unit: pcs}       # a number: every record counts the same
//     - {name: weight, value: kg, unit: kg, unit_field: uom}
//
// input: format csv | ndjson, or json with a topic: {kafka: {topic: erp.orders, format: json,
// generation: 2}}; encoding utf-8 (default) | gbk; delimiter , ; | or tab; decimal . (default) or a
// comma, for texts (a JSON number has a point).
// when.format: see connectors/file/record_time.h. zone: an IANA name, or {field: tz}.
// personal.key: how entity keys go onto the log, pseudonymise (default) | plain; personal.plain
// names the entity types whose keys are not personal; an entity may also say `personal: false`.
// range: both ends belong to it; null is an open end.
// A field of a JSON record is named by its path, "order.no". Of a record of a topic there are also
// kafka:key (kafka:key.PATH when the key is JSON), kafka:header.NAME, kafka:timestamp (as epoch_ms)
// and kafka:offset; a contract whose tombstones retract takes key and version from these.

#pragma once

#include <assay/v1/source.pb.h>

#include <string>
#include <string_view>
#include <variant>

#include "connectors/document/document.h"
#include "engine/event/decision.h"

namespace assay {

// The contract, with version 0: registering gives it one. Or the first problem, CONTRACT_INVALID:
// the path, what was expected, what stands there, the line in the message, the nearest known name
// as the hint.
[[nodiscard]] std::variant<v1::SourceContract, Rejection> ParseContract(std::string_view text,
                                                                        DocumentWatch watch = {});

}  // namespace assay
