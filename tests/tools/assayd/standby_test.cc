#include "tools/assayd/standby.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

using std::chrono::milliseconds;
using Pending = std::vector<score_table::PendingOutput>;

const Standby::Time kBegin{};

v1::OutputRecord Score(const std::string& person, const std::string& total) {
  v1::OutputRecord record;
  record.set_topic("scores");
  record.set_key("acme/c/" + person);
  // Of the moment, which is another one at every node.
  static int moment = 0;
  record.set_id(std::to_string(++moment));
  record.mutable_score()->set_total(total);
  return record;
}

v1::OutputRecord Refusal(const std::string& id) {
  v1::OutputRecord record;
  record.set_topic("rejections");
  record.set_id(id);
  record.mutable_rejection()->set_code("NOT_A_NUMBER");
  return record;
}

Standby Watching(size_t seen_max = 100) {
  return Standby({.patience = milliseconds(4'000), .seen_max = seen_max}, kBegin);
}

TEST_CASE("rows that the topics show are settled, scores by a later one of their key as well") {
  Standby standby = Watching();
  const Pending waiting = {{1, Score("p-1", "10")}, {2, Score("p-2", "20")}, {3, Refusal("a")},
                           {4, Score("p-1", "30")}, {5, Score("p-1", "40")}, {6, Refusal("b")}};
  CHECK(standby.Settle(waiting, kBegin).empty());
  // The publisher folded what lies between 10 and 30 in one batch.
  standby.See(Score("p-1", "30"), kBegin);
  standby.See(Refusal("b"), kBegin);
  CHECK(standby.Settle(waiting, kBegin) == std::vector<int64_t>{1, 4, 6});
  // The same total of somebody else says nothing.
  standby.See(Score("p-2", "40"), kBegin);
  CHECK(standby.Settle(waiting, kBegin) == std::vector<int64_t>{1, 4, 6});
}

TEST_CASE("a publisher is gone when something waits and nothing comes, for long enough") {
  Standby standby = Watching();
  const Pending waiting = {{1, Score("p-1", "10")}};
  standby.Settle({}, kBegin);
  CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(60'000)));
  standby.Settle(waiting, kBegin + milliseconds(60'000));
  CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(63'900)));
  CHECK(standby.IsAlone(kBegin + milliseconds(64'000)));
  SECTION("another score comes: it is slow") {
    standby.See(Score("p-2", "10"), kBegin + milliseconds(63'000));
    standby.Settle(waiting, kBegin + milliseconds(63'000));
    CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(66'900)));
    CHECK(standby.IsAlone(kBegin + milliseconds(67'000)));
  }
  SECTION("the score comes") {
    standby.See(Score("p-1", "10"), kBegin + milliseconds(63'000));
    CHECK(standby.Settle(waiting, kBegin + milliseconds(63'000)).size() == 1);
    CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(99'000)));
  }
  SECTION("another node claimed, or the broker was away") {
    standby.StartAnew(kBegin + milliseconds(64'000));
    CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(99'000)));
    standby.Settle(waiting, kBegin + milliseconds(64'100));
    CHECK(standby.IsAlone(kBegin + milliseconds(68'100)));
  }
}

TEST_CASE("a look that is owed is due when the publisher had its time, until it was taken") {
  Standby standby = Watching();
  standby.OweLook(kBegin);
  CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(3'900)));
  CHECK(standby.IsAlone(kBegin + milliseconds(4'000)));
  standby.See(Refusal("a"), kBegin + milliseconds(3'000));
  CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(6'900)));
  CHECK(standby.IsAlone(kBegin + milliseconds(7'000)));
  // Whose broker was away still owes it.
  standby.StartAnew(kBegin + milliseconds(7'000));
  CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(10'900)));
  CHECK(standby.IsAlone(kBegin + milliseconds(11'000)));
  standby.Looked();
  CHECK_FALSE(standby.IsAlone(kBegin + milliseconds(99'000)));
}

TEST_CASE("what was seen before it was folded is settled, within bounds") {
  Standby standby = Watching(2);
  for (const char* id : {"a", "b", "c"}) standby.See(Refusal(id), kBegin);
  CHECK(standby.Settle({{1, Refusal("a")}, {2, Refusal("b")}, {3, Refusal("c")}}, kBegin) ==
        std::vector<int64_t>{2, 3});
}

}  // namespace
}  // namespace assay
