#include "workflow/condition.h"

#include <gtest/gtest.h>

namespace harmonia::workflow {
namespace {

std::string translate(std::string_view text) {
  auto condition = parse_json(text);
  EXPECT_TRUE(condition.ok()) << text;
  auto when = translate_condition(*condition);
  return when.ok() ? *when : "error";
}

TEST(Condition, a_text_stays_what_it_is) {
  EXPECT_EQ(translate(R"("${tasks.a.output.ok}")"), "${tasks.a.output.ok}");
  EXPECT_EQ(translate(R"("${expr.input[\"n\"] > 3}")"), "${input[\"n\"] > 3}");
  EXPECT_EQ(translate(R"("input.n > 3")"), "input.n > 3");
}

TEST(Condition, constants_are_constants) {
  EXPECT_EQ(translate("true"), "true");
  EXPECT_EQ(translate("null"), "false");
  EXPECT_EQ(translate(R"({"and": []})"), "true");
  EXPECT_EQ(translate(R"({"or": []})"), "false");
}

TEST(Condition, comparisons_become_operators) {
  EXPECT_EQ(translate(R"({"eq": ["${tasks.a.output.v}", "x"]})"), "(tasks.a.output.v) == \"x\"");
  EXPECT_EQ(translate(R"({"gte": ["${input.n}", 5]})"), "(input.n) >= 5");
  EXPECT_EQ(translate(R"({"neq": [null, "${input.n}"]})"), "null != (input.n)");
}

TEST(Condition, logic_nests) {
  EXPECT_EQ(translate(R"({"and": [{"not": {"lt": [1, 2]}}, {"or": ["${input.a}", false]}]})"),
            "(!(1 < 2)) && ((input.a) || (false))");
  EXPECT_EQ(translate(R"({"expr": "${expr.input.a}"})"), "(input.a)");
}

TEST(Condition, the_first_known_key_in_pythons_order_counts) {
  EXPECT_EQ(translate(R"({"eq": [1, 1], "and": []})"), "true");
}

TEST(Condition, membership_works_for_texts_lists_and_maps) {
  EXPECT_EQ(translate(R"({"in": ["${input.x}", ["a", "b"]]})"), "(input.x) in [\"a\",\"b\"]");
  EXPECT_EQ(translate(R"({"contains": ["abc", "b"]})"), "\"abc\".contains(\"b\")");
  EXPECT_EQ(translate(R"({"contains": ["${input.list}", 1]})"),
            "type((input.list)) == string ? (input.list).contains(1) : 1 in (input.list)");
}

TEST(Condition, what_has_no_faithful_translation_is_an_error) {
  for (const char* text : {R"("")", "5", "[1]", "{}", R"({"xor": [1, 2]})", R"({"eq": [1]})",
                           R"({"eq": 1})", R"({"and": true})", R"({"eq": ["a ${input.x}", 1]})"}) {
    EXPECT_EQ(translate(text), "error") << text;
  }
  std::string deep = "true";
  for (int i = 0; i < 50; ++i) deep = R"({"not": )" + deep + "}";
  EXPECT_EQ(translate(deep), "error");
}

}  // namespace
}  // namespace harmonia::workflow
