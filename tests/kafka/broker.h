// The broker that the suite runs on: tests/kafka/suite_broker starts it before and stops it behind.

#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "connectors/kafka/kafka_address.h"

namespace assay::testing {

// "127.0.0.1:9092"; fails the test when there is none.
[[nodiscard]] std::string BrokerAddress();
// An address with a prefix that nobody else has: topics of their own.
[[nodiscard]] KafkaAddress FreshAddress();

}  // namespace assay::testing
