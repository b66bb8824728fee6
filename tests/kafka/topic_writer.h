// What a data team does to the topics of its systems: makes them, fills them, deletes them.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/kafka/client.h"

namespace assay::testing {

// Failures are failures of the test.
class TopicWriter {
 public:
  explicit TopicWriter(const std::string& brokers, const KafkaSecurity& security = {});

  // Takes messages of 3 MiB.
  void Make(const std::string& topic, int32_t partitions);
  // And waits until nobody knows it any more.
  void Delete(const std::string& topic);
  // As retention does: the records of a partition before that offset.
  void DeleteBefore(const std::string& topic, int32_t partition, int64_t offset);

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // Nothing as a value is a tombstone. Without Flush nobody may have it.
  void Put(const std::string& topic, int32_t partition, std::string_view key,
           std::optional<std::string_view> value, const Headers& headers = {});
  void Flush();
  // One record in a transaction of its own, which leaves a marker behind it.
  void PutInTransaction(const std::string& topic, int32_t partition, std::string_view key,
                        std::string_view value) const;

 private:
  KafkaAddress address_;
  std::unique_ptr<KafkaClient> client_;
};

}  // namespace assay::testing
