// Companies with one admin and with two, and their commands in few words.

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "engine/company/domain.h"
#include "engine/event/streams.h"
#include "tests/support/domain_spec.h"

namespace assay::testing {

struct Refused {
  std::string command;
  std::string_view code;
  std::string_view path;
};

class CompanySpec : public DomainSpec {
 public:
  CompanySpec() : DomainSpec(company::Table()) {}

  CompanySpec& Founded(std::string_view rest) {
    Given("p-a", fmt::format(R"(found_company {{ company: "acme" {} }})", rest));
    return *this;
  }
  [[nodiscard]] const Rejection& Refusal() const { return std::get<Rejection>(Outcome()); }
};

inline CompanySpec OneAdmin() { return CompanySpec().Founded(R"(admins: "p-a")"); }
inline CompanySpec TwoAdmins() { return CompanySpec().Founded(R"(admins: "p-a" admins: "p-b")"); }
inline CompanySpec ThreeAdmins() {
  return CompanySpec().Founded(R"(admins: "p-a" admins: "p-b" admins: "p-c")");
}

inline std::string Give(std::string_view grant, std::string_view person, std::string_view role,
                        std::string_view rest = R"(span { from: "2026-01-01" })") {
  return fmt::format(R"(give_grant {{ grant: "{}" to {{ person: "{}" }} role: {} {} }})", grant,
                     person, role, rest);
}

}  // namespace assay::testing
