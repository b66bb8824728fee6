// Every limit of the engine, with its reason. Those that stand on the log can never shrink.

#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::limits {

// --- the log ---

// A commit must fit a Kafka message of the default 1 MiB with room for its framing.
inline constexpr size_t kCommitBytesMax = 900 * 1024;
// Larger work is a process of several commands: a commit blocks the one decisions partition.
inline constexpr int kCommitEventsMax = 5'000;
inline constexpr int kCommitStreamsMax = 5'000;
// How far back a basis may lie: bounds what a reader must keep to give verdicts.
inline constexpr int64_t kBasisDistanceMax = 65'536;
// Bounds of recorded time minus decided_at: clocks drift, queues are slow.
inline constexpr int64_t kSkewEarlyMs = -60'000;
inline constexpr int64_t kSkewLateMs = 600'000;
// Longer ids and names of streams carry something else than a name.
inline constexpr size_t kCommandIdBytesMax = 128;
inline constexpr size_t kStreamBytesMax = 2'048;
// Attempts to decide one command before the client hears CONFLICT.
inline constexpr int kDecideAttemptsMax = 8;
// Facts partitions of a new company; fixed for the life of its log.
inline constexpr int32_t kFactsPartitionsDefault = 12;
inline constexpr int32_t kFactsPartitionsMax = 1'024;

// --- sources ---

// A larger source record is refused with its first kOversizeKeptBytes bytes.
inline constexpr size_t kRecordBytesMax = 1024 * 1024;
inline constexpr size_t kOversizeKeptBytes = 64 * 1024;
// Deeper JSON is an attack or a mistake; parsers below may recurse.
inline constexpr int kRecordDepthMax = 64;
// One record credits a handful of entities; more is a table pretending to be a record.
inline constexpr int kMeasuresMax = 64;
inline constexpr int kAttributesMax = 8;
inline constexpr int kRecordKeyFieldsMax = 16;
inline constexpr size_t kKeyTextBytesMax = 512;
// A contract is read by people before they sign it.
inline constexpr size_t kContractTextBytesMax = 64 * 1024;
// When half of so many records in a row are refused, the contract is wrong and not the records.
inline constexpr char kRefusalShareDefault[] = "0.5";
inline constexpr int32_t kRefusalRecordsDefault = 1'000;
inline constexpr int32_t kRefusalRecordsMax = 1'000'000;

// --- definitions ---

// A formula that does not fit a page cannot be signed by a person who read it.
inline constexpr size_t kFormulaBytesMax = 4 * 1024;
inline constexpr int kFormulaDepthMax = 32;
inline constexpr int kFormulaNodesMax = 512;
inline constexpr int kItemsMax = 64;
inline constexpr int kCurveKnotsMax = 64;
inline constexpr int kBandsMax = 32;
inline constexpr int kNegotiationRoundsMax = 20;

// --- organisation ---

// A tree deeper than this is a loop or a mistake; path walks stop here.
inline constexpr int kUnitDepthMax = 64;
inline constexpr int32_t kHeadcountMax = 100'000;
inline constexpr int32_t kBasisPointsWhole = 10'000;
inline constexpr size_t kIdBytesMax = 64;
inline constexpr size_t kTitleBytesMax = 256;
// A remark, a reason, a name: read by people, and several of them fit one commit.
inline constexpr size_t kSealedTextBytesMax = 16 * 1024;
// Names of keys become names of files, with room for what file systems escape.
inline constexpr size_t kKeyIdBytesMax = 128;
// Any other text of a command; what is longer is a document, which is kept elsewhere.
inline constexpr size_t kFieldTextBytesMax = 4 * 1024;

// --- the fold ---

// Records folded between two write-backs: large enough to sort, small enough to lose.
inline constexpr int kFoldRecordsMax = 20'000;

}  // namespace assay::limits
