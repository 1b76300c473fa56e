#include "store/conformance/driver.h"
#include "store/conformance/samples.h"

namespace harmonia::store {
namespace {

KeptEventQuery paid(std::int64_t now, std::size_t limit = 100) {
  return {.name = "paid", .correlation = "order-1", .now = time_at(now), .limit = limit};
}

TEST_P(StoreConformance, a_kept_event_is_read_as_it_was_kept) {
  KeptEvent event = make_event("e1", 1);
  EXPECT_TRUE(*store_->keep_event(event));
  auto kept = *store_->read_kept_events(paid(2));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(describe(kept[0]), describe(event));
}

TEST_P(StoreConformance, an_event_is_kept_once) {
  KeptEvent event = make_event("e1", 1);
  KeptEvent other = make_event("e1", 2);
  other.name = "shipped";
  EXPECT_EQ(describe(store_->keep_event(event)), "yes");
  EXPECT_EQ(describe(store_->keep_event(event)), "no");
  EXPECT_EQ(describe(store_->keep_event(other)), "no");
  EXPECT_EQ(describe(store_->read_kept_events(paid(2))), describe(event) + "\n");
}

TEST_P(StoreConformance, kept_events_are_those_of_a_name_and_a_correlation) {
  KeptEvent other_name = make_event("e2", 1);
  other_name.name = "Paid";
  KeptEvent other_correlation = make_event("e3", 1);
  other_correlation.correlation = "";
  for (const KeptEvent& event : {make_event("e1", 1), other_name, other_correlation})
    EXPECT_TRUE(*store_->keep_event(event));
  EXPECT_EQ(describe(store_->read_kept_events(paid(2))), describe(make_event("e1", 1)) + "\n");
  KeptEventQuery uncorrelated = paid(2);
  uncorrelated.correlation = "";
  EXPECT_EQ(describe(store_->read_kept_events(uncorrelated)), describe(other_correlation) + "\n");
}

TEST_P(StoreConformance, the_oldest_kept_events_come_first) {
  // "b" and "a" are of one time: the order in which they were kept decides.
  std::vector<KeptEvent> events = {make_event("d", 5), make_event("b", 3), make_event("a", 3),
                                   make_event("c", 1)};
  for (const KeptEvent& event : events) EXPECT_TRUE(*store_->keep_event(event));
  auto ids = [this](std::size_t limit) {
    std::string text;
    auto kept = *store_->read_kept_events(paid(6, limit));
    for (const KeptEvent& event : kept) text += event.id;
    return text;
  };
  EXPECT_EQ(ids(100), "cbad");
  EXPECT_EQ(ids(3), "cba");
  EXPECT_EQ(ids(0), "");
}

TEST_P(StoreConformance, an_event_that_has_expired_is_not_read) {
  EXPECT_TRUE(*store_->keep_event(make_event("e1", 1)));
  EXPECT_EQ(store_->read_kept_events(paid(10))->size(), 1u);
  EXPECT_EQ(store_->read_kept_events(paid(11))->size(), 0u);
}

TEST_P(StoreConformance, an_id_is_free_once_its_event_has_expired) {
  EXPECT_TRUE(*store_->keep_event(make_event("e1", 1)));
  KeptEvent later = make_event("e1", 10);
  EXPECT_FALSE(*store_->keep_event(later)) << "it expires at 11";
  later = make_event("e1", 11);
  EXPECT_TRUE(*store_->keep_event(later));
  EXPECT_EQ(describe(store_->read_kept_events(paid(12))), describe(later) + "\n");
}

TEST_P(StoreConformance, a_kept_event_is_found_by_its_id) {
  for (std::string id : {"e1", "e2"}) EXPECT_TRUE(*store_->keep_event(make_event(id, 1)));
  KeptEventQuery query = paid(2);
  query.id = "e2";
  EXPECT_EQ(describe(store_->read_kept_events(query)), describe(make_event("e2", 1)) + "\n");
  query.name = "shipped";
  EXPECT_EQ(describe(store_->read_kept_events(query)), "");
}

TEST_P(StoreConformance, expired_events_are_forgotten) {
  // More than a driver forgets in one step.
  for (int i = 0; i < 1'100; ++i) {
    KeptEvent event = make_event("old" + std::to_string(i), i % 3);
    EXPECT_TRUE(*store_->keep_event(event));
  }
  EXPECT_TRUE(*store_->keep_event(make_event("new", 3)));
  EXPECT_EQ(describe(store_->forget_expired_events(time_at(9))), "0");
  EXPECT_EQ(describe(store_->forget_expired_events(time_at(12))), "1100");
  EXPECT_EQ(describe(store_->forget_expired_events(time_at(12))), "0");
  EXPECT_EQ(describe(store_->read_kept_events(paid(0))), describe(make_event("new", 3)) + "\n");
  EXPECT_TRUE(*store_->keep_event(make_event("old1", 4))) << "a forgotten id is free";
}

}  // namespace
}  // namespace harmonia::store
