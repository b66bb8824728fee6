#include "tools/bench/mac.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/commit/authentic.h"
#include "tools/bench/measure.h"

namespace assay::bench {
namespace {

// A fact of the demo with its tag.
constexpr size_t kValueBytes = 400;
constexpr const char* kLogId = "bench";

// OpenSSL looks at the processor, unless its environment says what to leave out: the bit of SHA is
// 29 of the second word. `OPENSSL_ia32cap=:~0x20000000 bench mac` measures without.
bool UsesShaInstructions() {
  const char* const masked = std::getenv("OPENSSL_ia32cap");
  if (masked != nullptr &&
      std::string_view(masked).find(":~0x20000000") != std::string_view::npos) {
    return false;
  }
  std::ifstream processor("/proc/cpuinfo");
  for (std::string line; std::getline(processor, line);) {
    if (line.starts_with("flags") || line.starts_with("Features")) {
      return line.find(" sha_ni") != line.npos || line.find(" sha2") != line.npos;
    }
  }
  return false;
}

std::vector<std::string> Values(const LogKey& key, int records) {
  std::vector<std::string> values;
  for (int i = 0; i < records; ++i) {
    v1::Record record;
    record.set_company("bench");
    record.set_log_id(kLogId);
    record.mutable_intake()->add_record_key(std::to_string(i));
    std::string& rest = *record.mutable_intake()->mutable_src()->mutable_input_log();
    rest.resize(kValueBytes - kAuthBytes - record.ByteSizeLong() - 8, 'x');
    std::string value = record.SerializeAsString();
    key.Sign(kLogId, FactsPartition(0), value);
    values.push_back(std::move(value));
  }
  return values;
}

// Nanoseconds of processor time per value; `keys` are those that count in the partition.
absl::StatusOr<double> Judge(const std::vector<std::string>& values, const PartitionKeys& keys,
                             const LogKeys& known) {
  // Neither a Genesis nor a mark: what nearly all records are.
  const v1::Record record;
  const double start = CpuSeconds();
  for (const std::string& value : values) {
    ASSAY_ASSIGN_OR_RETURN(
        const Authenticity judged,
        CheckAuthenticity(&record, value, kLogId, FactsPartition(0), 1, keys, known));
    if (judged.is_foreign) {
      return MakeStatus(absl::StatusCode::kInternal, "a value with its tag was judged foreign");
    }
  }
  return (CpuSeconds() - start) * 1e9 / static_cast<double>(values.size());
}

}  // namespace

absl::Status Mac(int records, int rounds) {
  const LogKeys known({std::string(32, 'k')});
  const std::vector<std::string> values = Values(*known.Newest(), records);
  const PartitionKeys keys{{known.Newest()->Id()}};
  std::vector<double> hashing;
  std::vector<double> judging;
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const double hashed, Judge(values, {}, known));
    ASSAY_ASSIGN_OR_RETURN(const double judged, Judge(values, keys, known));
    hashing.push_back(hashed);
    judging.push_back(judged);
    ratios.push_back(judged / hashed);
  }
  fmt::print(
      "{{\"bench\":\"mac\",\"records\":{},\"bytes\":{},\"rounds\":{},\"sha_instructions\":{},"
      "\"hash_ns\":{:.0f},\"hash_and_tag_ns\":{:.0f},\"tag_ns\":{:.0f},\"ratio\":{:.2f}}}\n",
      records, kValueBytes, rounds, UsesShaInstructions(), Median(hashing), Median(judging),
      Median(judging) - Median(hashing), Median(ratios));
  return absl::OkStatus();
}

}  // namespace assay::bench
