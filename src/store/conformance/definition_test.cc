#include "store/conformance/driver.h"
#include "store/conformance/samples.h"

namespace harmonia::store {
namespace {

const auto one = workflow_id(1);

PutDefinition update_of(std::uint64_t number, std::string name, std::int64_t at) {
  PutDefinition put = make_definition(number, std::move(name));
  put.create = false;
  put.at = time_at(at);
  return put;
}

std::vector<std::string> names_of(const std::vector<StoredDefinition>& definitions) {
  std::vector<std::string> names;
  for (const StoredDefinition& definition : definitions) names.push_back(definition.name);
  return names;
}

using Names = std::vector<std::string>;

TEST_P(StoreConformance, a_definition_is_read_back_as_it_was_put) {
  PutDefinition put = make_definition(1, "Invoices");
  put.tags = {"money", "daily"};
  EXPECT_EQ(*store_->put_definition(put), 1u);
  auto found = *store_->find_definition(one, 0);
  ASSERT_TRUE(found);
  StoredDefinition expected{.id = one,
                            .revision = 1,
                            .name = put.name,
                            .version = put.version,
                            .description = put.description,
                            .tags = put.tags,
                            .canonical = put.canonical,
                            .created_at = put.at,
                            .updated_at = put.at};
  EXPECT_EQ(describe(*found), describe(expected));
}

TEST_P(StoreConformance, updates_make_revisions_and_keep_the_old_ones) {
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  EXPECT_EQ(*store_->put_definition(update_of(1, "b", 50)), 2u);
  EXPECT_EQ(*store_->put_definition(update_of(1, "c", 60)), 3u);
  EXPECT_EQ((*store_->find_definition(one, 0))->name, "c");
  EXPECT_EQ((*store_->find_definition(one, 3))->updated_at, time_at(60));
  auto second = *store_->find_definition(one, 2);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name, "b");
  EXPECT_EQ(second->created_at, time_at(1));
  EXPECT_EQ(second->updated_at, time_at(50));
  EXPECT_EQ(describe(store_->find_definition(one, 4)), "nothing");
  EXPECT_EQ(describe(store_->find_definition(workflow_id(2), 0)), "nothing");
}

TEST_P(StoreConformance, creating_what_exists_is_a_conflict) {
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  EXPECT_EQ(store_->put_definition(make_definition(1, "b")).error().code, error_code::conflict);
  EXPECT_EQ((*store_->find_definition(one, 0))->name, "a");
}

TEST_P(StoreConformance, updating_what_does_not_exist_is_not_found) {
  EXPECT_EQ(store_->put_definition(update_of(1, "a", 1)).error().code, error_code::not_found);
}

TEST_P(StoreConformance, an_update_of_an_old_revision_is_a_conflict) {
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  PutDefinition put = update_of(1, "b", 2);
  put.expected_revision = 1;
  EXPECT_EQ(*store_->put_definition(put), 2u);
  EXPECT_EQ(store_->put_definition(put).error().code, error_code::conflict);
  EXPECT_EQ((*store_->find_definition(one, 0))->revision, 2u);
}

TEST_P(StoreConformance, a_deleted_definition_is_found_by_revision_only) {
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  EXPECT_EQ(
      store_->delete_definition({.id = one, .expected_revision = 2, .at = time_at(3)}).error().code,
      error_code::conflict);
  ASSERT_TRUE(
      store_->delete_definition({.id = one, .expected_revision = 1, .at = time_at(3)}).ok());
  EXPECT_EQ(describe(store_->find_definition(one, 0)), "nothing");
  EXPECT_EQ(describe(store_->find_definition_by_name("a")), "nothing");
  EXPECT_TRUE(store_->list_definitions({})->items.empty());
  auto old = *store_->find_definition(one, 1);
  ASSERT_TRUE(old);
  EXPECT_TRUE(old->deleted);
  DeleteDefinition again{.id = one, .at = time_at(4)};
  EXPECT_EQ(store_->delete_definition(again).error().code, error_code::not_found);
  EXPECT_EQ(store_->put_definition(update_of(1, "b", 5)).error().code, error_code::not_found);
}

TEST_P(StoreConformance, a_deleted_definition_made_anew_goes_on_numbering) {
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  ASSERT_TRUE(store_->delete_definition({.id = one, .at = time_at(3)}).ok());
  EXPECT_EQ(*store_->put_definition(make_definition(1, "b")), 2u);
  EXPECT_EQ((*store_->find_definition(one, 1))->name, "a");
  EXPECT_FALSE((*store_->find_definition(one, 1))->deleted);
}

TEST_P(StoreConformance, by_name_the_most_recently_updated_is_found) {
  ASSERT_TRUE(store_->put_definition(make_definition(1, "same")).ok());
  ASSERT_TRUE(store_->put_definition(make_definition(2, "same")).ok());
  EXPECT_EQ((*store_->find_definition_by_name("same"))->id, workflow_id(2));
  ASSERT_TRUE(store_->put_definition(update_of(1, "same", 90)).ok());
  EXPECT_EQ((*store_->find_definition_by_name("same"))->id, one);
  EXPECT_EQ(describe(store_->find_definition_by_name("Same")), "nothing");
  // An old name is no name.
  ASSERT_TRUE(store_->put_definition(update_of(1, "other", 91)).ok());
  EXPECT_EQ((*store_->find_definition_by_name("same"))->id, workflow_id(2));
}

TEST_P(StoreConformance, definitions_are_listed_by_name_and_paged) {
  std::uint64_t number = 0;
  for (const char* name : {"d", "a", "c", "b", "a", "e"})
    ASSERT_TRUE(store_->put_definition(make_definition(++number, name)).ok());
  for (std::size_t limit : {1u, 2u, 4u, 6u, 7u}) {
    Names names;
    DefinitionQuery query{.limit = limit};
    for (;;) {
      auto page = *store_->list_definitions(query);
      for (const std::string& name : names_of(page.items)) names.push_back(name);
      if (page.next_cursor.empty()) break;
      query.cursor = page.next_cursor;
    }
    EXPECT_EQ(names, (Names{"a", "a", "b", "c", "d", "e"}));
  }
  EXPECT_EQ(names_of(store_->list_definitions({.offset = 4})->items), (Names{"d", "e"}));
}

TEST_P(StoreConformance, definitions_are_filtered_by_what_their_newest_revision_says) {
  PutDefinition tagged = make_definition(1, "Invoices");
  tagged.tags = {"money"};
  ASSERT_TRUE(store_->put_definition(tagged).ok());
  ASSERT_TRUE(store_->put_definition(make_definition(2, "Letters")).ok());
  EXPECT_EQ(names_of(store_->list_definitions({.tag = "money"})->items), Names{"Invoices"});
  EXPECT_EQ(names_of(store_->list_definitions({.text = "VOICE"})->items), Names{"Invoices"});
  EXPECT_EQ(names_of(store_->list_definitions({.text = "number 2"})->items), Names{"Letters"});
  ASSERT_TRUE(store_->put_definition(update_of(1, "Bills", 9)).ok());
  EXPECT_TRUE(store_->list_definitions({.tag = "money"})->items.empty());
  EXPECT_TRUE(store_->list_definitions({.text = "voice"})->items.empty());
}

TEST_P(StoreConformance, a_command_record_is_kept_with_its_definition) {
  PutDefinition put = make_definition(1, "a");
  put.command = make_command("put-1");
  ASSERT_TRUE(store_->put_definition(put).ok());
  EXPECT_EQ(describe(*store_->find_command("put-1")), describe(*put.command));
  PutDefinition other = make_definition(2, "b");
  other.command = put.command;
  EXPECT_EQ(store_->put_definition(other).error().instance, "/command");
  EXPECT_EQ(describe(store_->find_definition(workflow_id(2), 0)), "nothing");
}

TEST_P(StoreConformance, the_feed_holds_runs_and_definitions_in_the_order_they_were_committed) {
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  commit_one(*store_, make_commit(execution_id(1), 0, 2));
  ASSERT_TRUE(store_->put_definition(update_of(1, "b", 2)).ok());
  commit_one(*store_, make_commit(execution_id(2), 0));
  ASSERT_TRUE(store_->delete_definition({.id = one, .at = time_at(3)}).ok());
  commit_one(*store_, make_commit(execution_id(1), 2, 3));

  auto feed = *store_->read_feed(0, 100);
  ASSERT_EQ(feed.size(), 6u);
  EXPECT_EQ(feed[0].change, DefinitionChange::created);
  EXPECT_EQ(feed[1].execution, execution_id(1));
  EXPECT_EQ(feed[1].events.size(), 2u);
  EXPECT_EQ(feed[2].change, DefinitionChange::updated);
  EXPECT_EQ(feed[2].revision, 2u);
  EXPECT_EQ(feed[2].at, time_at(2));
  EXPECT_EQ(feed[3].execution, execution_id(2));
  EXPECT_EQ(feed[4].change, DefinitionChange::deleted);
  EXPECT_EQ(feed[4].workflow, one);
  EXPECT_EQ(feed[5].events.front().seq, 3u);
  EXPECT_EQ(feed[5].position, *store_->last_position());

  std::vector<FeedEntry> paged;
  for (Position after = 0;;) {
    auto page = *store_->read_feed(after, 2);
    if (page.empty()) break;
    for (FeedEntry& entry : page) {
      EXPECT_GT(entry.position, after);
      after = entry.position;
      paged.push_back(std::move(entry));
    }
  }
  EXPECT_EQ(describe(paged), describe(feed));
  EXPECT_TRUE(store_->read_feed(feed.back().position, 10)->empty());
}

TEST_P(StoreConformance, refused_definitions_leave_no_trace_in_the_feed) {
  EXPECT_FALSE(store_->put_definition(update_of(1, "a", 1)).ok());
  EXPECT_FALSE(store_->delete_definition({.id = one, .at = time_at(1)}).ok());
  EXPECT_TRUE(store_->read_feed(0, 10)->empty());
  EXPECT_EQ(*store_->last_position(), 0);
}

}  // namespace
}  // namespace harmonia::store
