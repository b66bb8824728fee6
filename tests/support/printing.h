// How Catch2 prints our values, so that a failed assertion shows them and not "{?}".

#pragma once

#include <absl/status/status.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "engine/base/decimal.h"
#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/base/time.h"

namespace Catch {

template <>
struct StringMaker<absl::Status> {
  static std::string convert(const absl::Status& status) { return assay::Describe(status); }
};

template <>
struct StringMaker<assay::Decimal> {
  static std::string convert(assay::Decimal value) { return value.ToString(); }
};

template <>
struct StringMaker<assay::Day> {
  static std::string convert(assay::Day day) { return day.ToString(); }
};

template <>
struct StringMaker<assay::Instant> {
  static std::string convert(assay::Instant instant) { return instant.ToString(); }
};

template <>
struct StringMaker<assay::Hash32> {
  static std::string convert(const assay::Hash32& hash) { return hash.Hex(); }
};

template <typename T>
struct StringMaker<std::optional<T>> {
  static std::string convert(const std::optional<T>& value) {
    return value ? StringMaker<T>::convert(*value) : "nothing";
  }
};

}  // namespace Catch
