// The demo company as it is drawn from its seed: departments, people, what is special about whom.
//
// Everything about it follows from the number of people and the seed alone. Each draw is made for
// its own subject (a person, a person's day), so that one part can change without the others.
//
// Most people work in cells that make, check and sell, so that all five metrics fit them; the
// office has attendance and teamwork only.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"

namespace assay::demo {

// SplitMix64: the same numbers on every machine, from integers alone.
class Draw {
 public:
  // `subject` tells this draw from every other one.
  Draw(int64_t seed, std::string_view what, std::initializer_list<int64_t> subject = {});

  uint64_t Next();
  // 0 <= result < bound. REQUIRES: bound > 0
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(Next() % static_cast<uint64_t>(bound));
  }
  // Both ends belong to it.
  int64_t Between(int64_t low, int64_t high) { return low + Below(high - low + 1); }
  template <typename List>
  [[nodiscard]] auto Of(const List& list) {
    return list[static_cast<size_t>(Below(static_cast<int64_t>(std::size(list))))];
  }

 private:
  uint64_t state_;
};

enum class Kind : uint8_t { kOffice, kManager, kWorker };

// What the story has in store for a person; everybody has at most one of these.
enum class Fate : uint8_t {
  kNone,
  kTwoPositions,  // 60 % here, 40 % in the next department
  kPromoted,      // on 16 June, from operator to team leader
  kTransferred,   // on 22 June, to the next department
  kBackdated,     // the same from 10 June, recorded on 24 June
  kBoundLate,     // the employee number is bound on 15 June, with effect from 1 June
  kAdjusted,      // a good month, and a line on top of its score
};

struct Person {
  std::string id;
  std::string name;
  // By which the source systems know the person.
  std::string employee_no;
  Kind kind = Kind::kWorker;
  Fate fate = Fate::kNone;
  // Of the departments; -1 is the headquarters.
  int department = -1;
  std::string position;
  // Who negotiates for the other side.
  std::string manager;

  // What the person agrees to: tenths of pieces an hour, and CNY a month.
  int64_t rate_tenths = 0;
  int64_t sales = 0;
  // How the person works.
  int64_t efficiency_permille = 1'000;
  int64_t defects_per_10000 = 0;
  int64_t sales_permille = 1'000;
  int64_t absent_permille = 0;
  int64_t rating = 4;
};

struct Department {
  std::string unit;
  std::string name;
  std::string plant;
  // Index of a person.
  int manager = 0;

  [[nodiscard]] std::string ManagerPosition() const { return "pos-" + unit.substr(2) + "-head"; }
  [[nodiscard]] std::string LeaderPosition() const { return "pos-" + unit.substr(2) + "-lead"; }
  [[nodiscard]] std::string OperatorPosition() const { return "pos-" + unit.substr(2) + "-op"; }
};

struct Company {
  int64_t seed = 1;
  // The office, then the managers of the departments, then the workers.
  std::vector<Person> people;
  std::vector<Department> departments;

  [[nodiscard]] const Department& DepartmentOf(const Person& person) const {
    return departments[static_cast<size_t>(person.department)];
  }
  // The one that a transfer or a second position leads to.
  [[nodiscard]] const Department& NextDepartment(const Person& person) const {
    return departments[static_cast<size_t>(person.department + 1) % departments.size()];
  }
  // Indexes of the people with this fate, ascending.
  [[nodiscard]] std::vector<int> PeopleWith(Fate fate) const;
};

// Fewer people have no room for every fate; more fill the memory with their files.
inline constexpr int kPeopleMin = 40;
inline constexpr int kPeopleMax = 5'000;

// REQUIRES: kPeopleMin <= people <= kPeopleMax
[[nodiscard]] Company DrawCompany(int people, int64_t seed);

// Monday to Friday in [from, to).
[[nodiscard]] std::vector<Day> WorkingDays(std::string_view from, std::string_view to);

}  // namespace assay::demo
