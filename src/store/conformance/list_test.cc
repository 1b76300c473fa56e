#include <set>

#include "store/conformance/driver.h"
#include "store/conformance/samples.h"

namespace harmonia::store {
namespace {

using execution::RunStatus;

// Twelve runs: statuses in turn, two workflows, tags and names that tell them apart.
class Executions {
 public:
  explicit Executions(Store& store) : store_(store) {
    for (std::uint64_t i = 0; i < 12; ++i) add(i);
  }

  void add(std::uint64_t i) {
    ExecutionId id = execution_id(i);
    Commit commit = make_commit(id, 0);
    commit.summary = make_summary(id, static_cast<RunStatus>(i % 6));
    commit.summary->workflow = workflow_id(i % 2);
    commit.summary->workflow_name = i % 2 == 0 ? "Even One" : "Odd 100% name_x";
    commit.summary->created_at = time_at(static_cast<std::int64_t>(i));
    if (i % 3 == 0) commit.summary->tags = {"third", "t" + std::to_string(i)};
    commit_one(store_, commit);
  }

  // The numbers of the runs listed, over all pages.
  std::vector<std::uint64_t> list(ExecutionQuery query) {
    std::vector<std::uint64_t> numbers;
    for (;;) {
      auto page = store_.list_executions(query);
      EXPECT_TRUE(page.ok()) << describe(page);
      if (!page.ok()) return numbers;
      EXPECT_LE(page->items.size(), query.limit);
      for (const Summary& summary : page->items) {
        for (std::uint64_t i = 0; i < 100; ++i) {
          if (summary.id == execution_id(i)) numbers.push_back(i);
        }
      }
      if (page->next_cursor.empty()) return numbers;
      query.cursor = page->next_cursor;
      query.offset = 0;
    }
  }

 private:
  Store& store_;
};

using Numbers = std::vector<std::uint64_t>;

TEST_P(StoreConformance, executions_are_listed_newest_first) {
  Executions runs(*store_);
  EXPECT_EQ(runs.list({}), (Numbers{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
}

TEST_P(StoreConformance, pages_of_any_size_give_the_same_list) {
  Executions runs(*store_);
  auto all = runs.list({});
  for (std::size_t limit : {1u, 2u, 5u, 11u, 12u, 13u}) EXPECT_EQ(runs.list({.limit = limit}), all);
}

TEST_P(StoreConformance, the_last_page_has_no_cursor) {
  Executions runs(*store_);
  EXPECT_TRUE(store_->list_executions({.limit = 12})->next_cursor.empty());
  EXPECT_FALSE(store_->list_executions({.limit = 11})->next_cursor.empty());
  EXPECT_TRUE(store_->list_executions({.limit = 0})->items.empty());
}

TEST_P(StoreConformance, a_cursor_stands_still_while_runs_are_added) {
  Executions runs(*store_);
  auto page = *store_->list_executions({.limit = 5});
  runs.add(50);
  runs.add(51);
  EXPECT_EQ(runs.list({.cursor = page.next_cursor}), (Numbers{6, 5, 4, 3, 2, 1, 0}));
}

TEST_P(StoreConformance, an_offset_skips_of_what_matches) {
  Executions runs(*store_);
  EXPECT_EQ(runs.list({.offset = 3}), (Numbers{8, 7, 6, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(runs.list({.workflow = workflow_id(1), .offset = 4, .limit = 1}), (Numbers{3, 1}));
  EXPECT_EQ(runs.list({.offset = 40}), Numbers{});
}

TEST_P(StoreConformance, executions_are_filtered) {
  Executions runs(*store_);
  EXPECT_EQ(runs.list({.statuses = {RunStatus::failed}}), (Numbers{10, 4}));
  EXPECT_EQ(runs.list({.statuses = {RunStatus::failed, RunStatus::pending}, .limit = 3}),
            (Numbers{10, 6, 4, 0}));
  EXPECT_EQ(runs.list({.workflow = workflow_id(1)}), (Numbers{11, 9, 7, 5, 3, 1}));
  EXPECT_EQ(runs.list({.workflow = workflow_id(9)}), Numbers{});
  EXPECT_EQ(runs.list({.tag = "third"}), (Numbers{9, 6, 3, 0}));
  EXPECT_EQ(runs.list({.tag = "thir"}), Numbers{});
  EXPECT_EQ(runs.list({.created_from = time_at(9)}), (Numbers{11, 10, 9}));
  EXPECT_EQ(runs.list({.created_before = time_at(2)}), (Numbers{1, 0}));
  EXPECT_EQ(runs.list({.statuses = {RunStatus::completed, RunStatus::pending},
                       .workflow = workflow_id(0),
                       .tag = "third",
                       .created_from = time_at(1)}),
            (Numbers{6}));
}

TEST_P(StoreConformance, text_is_found_in_name_id_and_error_whatever_the_case) {
  Executions runs(*store_);
  EXPECT_EQ(runs.list({.text = "eVEN"}), (Numbers{10, 8, 6, 4, 2, 0}));
  EXPECT_EQ(runs.list({.text = "100% NAME_"}), (Numbers{11, 9, 7, 5, 3, 1}));
  EXPECT_EQ(runs.list({.text = "%"}), (Numbers{11, 9, 7, 5, 3, 1}));
  EXPECT_EQ(runs.list({.text = "longer than 5 s"}), (Numbers{10, 4}));
  EXPECT_EQ(runs.list({.text = "TIMEOUT"}), (Numbers{10, 4}));
  EXPECT_EQ(runs.list({.text = to_string(execution_id(7))}), (Numbers{7}));
  EXPECT_EQ(runs.list({.text = "nowhere"}), Numbers{});
}

TEST_P(StoreConformance, filters_follow_changes) {
  Executions runs(*store_);
  Commit commit = make_commit(execution_id(3), 1);
  commit.summary = make_summary(execution_id(3), RunStatus::failed);
  commit.summary->tags = {"third", "late"};
  commit_one(*store_, commit);
  EXPECT_EQ(runs.list({.statuses = {RunStatus::failed}}), (Numbers{10, 4, 3}));
  EXPECT_EQ(runs.list({.tag = "third"}), (Numbers{9, 6, 3, 0}));
  EXPECT_EQ(runs.list({.tag = "late"}), Numbers{}) << "tags are those of the start";
  EXPECT_EQ(runs.list({.tag = "t3"}), (Numbers{3}));
  EXPECT_EQ(describe(store_->check()), "");
}

TEST_P(StoreConformance, a_foreign_cursor_is_an_invalid_argument) {
  for (const char* cursor : {"x", "e", "e0", "e-1", "e1x", "e99999999999999999999", "d1"}) {
    EXPECT_EQ(store_->list_executions({.cursor = cursor}).error().code,
              error_code::invalid_argument);
    EXPECT_EQ(store_->list_definitions({.cursor = cursor}).error().code,
              error_code::invalid_argument);
  }
}

TEST_P(StoreConformance, sql_in_filters_is_only_text) {
  Executions runs(*store_);
  EXPECT_EQ(runs.list({.tag = "' OR 1=1 --"}), Numbers{});
  EXPECT_EQ(runs.list({.text = "'; DROP TABLE history; --"}), Numbers{});
  EXPECT_EQ(runs.list({}).size(), 12u);
}

}  // namespace
}  // namespace harmonia::store
