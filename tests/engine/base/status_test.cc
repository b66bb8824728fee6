#include "engine/base/status.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "tests/support/printing.h"

namespace assay {
namespace {

absl::Status Broken() { return MakeStatus(absl::StatusCode::kDataLoss, "gap at {}", 12); }

absl::StatusOr<int> Half(int value) {
  if (value % 2 != 0) return MakeStatus(absl::StatusCode::kInvalidArgument, "{} is odd", value);
  return value / 2;
}

absl::StatusOr<int> Quarter(int value) {
  ASSAY_ASSIGN_OR_RETURN(const int half, Half(value));
  int quarter = 0;
  ASSAY_ASSIGN_OR_RETURN(quarter, Half(half));
  return quarter;
}

TEST_CASE("a status carries its code and its formatted text", "[base][unit]") {
  const absl::Status status = Broken();
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  CHECK(MessageOf(status) == "gap at 12");
  CHECK(Describe(status) == "DATA_LOSS: gap at 12");
}

TEST_CASE("an OK status is described as such and has no message", "[base][unit]") {
  CHECK(Describe(absl::OkStatus()) == "OK");
  CHECK(MessageOf(absl::OkStatus()).empty());
}

TEST_CASE("context goes before the message and the code stays", "[base][unit]") {
  const absl::Status status = Annotate(Annotate(Broken(), "partition 3"), "journal");
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  CHECK(MessageOf(status) == "journal: partition 3: gap at 12");
  CHECK(Annotate(absl::OkStatus(), "journal").ok());
}

TEST_CASE("context and messages are taken as they are, not as formats", "[base][unit]") {
  const absl::Status status = MakeStatus(absl::StatusCode::kNotFound, "{}", "{0} of {1}");
  CHECK(MessageOf(Annotate(status, "{}")) == "{}: {0} of {1}");
}

TEST_CASE("an error leaves the function and anything else goes on", "[base][unit]") {
  int reached = 0;
  const auto run = [&](const absl::Status& first) -> absl::Status {
    ASSAY_RETURN_IF_ERROR(first);
    ++reached;
    return absl::OkStatus();
  };
  CHECK(run(Broken()) == Broken());
  CHECK(reached == 0);
  CHECK(run(absl::OkStatus()).ok());
  CHECK(reached == 1);
}

TEST_CASE("a value is assigned or its error is returned", "[base][unit]") {
  CHECK(Quarter(12).value() == 3);
  CHECK(MessageOf(Quarter(7).status()) == "7 is odd");
  CHECK(MessageOf(Quarter(6).status()) == "3 is odd");
}

TEST_CASE("a value that can only be moved is assigned", "[base][unit]") {
  const auto make = []() -> absl::StatusOr<std::unique_ptr<std::string>> {
    return std::make_unique<std::string>("kept");
  };
  const auto take = [&]() -> absl::StatusOr<std::string> {
    ASSAY_ASSIGN_OR_RETURN(const std::unique_ptr<std::string> text, make());
    return *text;
  };
  CHECK(take().value() == "kept");
}

}  // namespace
}  // namespace assay
