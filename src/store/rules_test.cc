#include "store/rules.h"

#include <gtest/gtest.h>

namespace harmonia::store {
namespace {

TEST(Cursors, are_read_back) {
  EXPECT_EQ(*parse_execution_cursor(execution_cursor(123)), 123);
  DefinitionPlace place{.name = "a:b/ü", .id = {make_uuid_v7(5, 6, 7)}};
  EXPECT_EQ(*parse_definition_cursor(definition_cursor(place)), place);
  place.name = "";
  EXPECT_EQ(*parse_definition_cursor(definition_cursor(place)), place);
}

TEST(ContainsText, ignores_the_case_of_ascii_letters_only) {
  EXPECT_TRUE(contains_text("Nightly Run", "LY R"));
  EXPECT_TRUE(contains_text("anything", ""));
  EXPECT_TRUE(contains_text("", ""));
  EXPECT_FALSE(contains_text("", "x"));
  EXPECT_FALSE(contains_text("Ä", "ä"));
  EXPECT_FALSE(contains_text("abc", "abcd"));
}

}  // namespace
}  // namespace harmonia::store
