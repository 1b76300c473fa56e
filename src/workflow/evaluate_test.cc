#include "workflow/evaluate.h"

#include <gtest/gtest.h>

namespace harmonia::workflow {
namespace {

JsonObject object(std::string_view text) { return parse_json(text).value().get_object(); }

std::string value_of(const Result<Json>& value) {
  return value.ok() ? to_text(*value) : value.error().code + ": " + value.error().detail;
}

TEST(Evaluate, any_member_is_a_root) {
  auto roots = object(R"({"input": {"n": 2}, "order": [1, 2], "tasks": {"a": {"output": 7}}})");
  EXPECT_EQ(value_of(evaluate_expression("input.n + order[1] + tasks.a.output", roots)), "11");
  EXPECT_EQ(value_of(evaluate_template("${order.map(i, i * 2)}", roots)), "[2,4]");
  EXPECT_EQ(value_of(evaluate_template("n is ${input.n}, $${x}", roots)), "\"n is 2, ${x}\"");
  EXPECT_EQ(value_of(evaluate_template(object(R"({"a": ["${input.n}", 1]})"), roots)),
            R"({"a":[2,1]})");
}

TEST(Evaluate, what_does_not_compile_has_place_excerpt_and_hint) {
  auto failed = evaluate_expression("1 +\n  inptu.n", object(R"({"input": {}})"));
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, error_code::expression);
  ASSERT_EQ(failed.error().problems.size(), 1u);
  const Problem& problem = failed.error().problems[0];
  EXPECT_EQ(problem.line, 2);
  EXPECT_EQ(problem.column, 3);
  EXPECT_EQ(problem.excerpt, "  inptu.n\n  ^");
  EXPECT_NE((problem.message + problem.hint).find("input"), std::string::npos);
}

TEST(Evaluate, faults_in_a_template_are_all_told_with_the_string_they_are_in) {
  auto failed = evaluate_template(object(R"({"a/b": ["ok ${1}", "x ${1 +}"], "c": "${nope}"})"),
                                  object("{}"));
  ASSERT_FALSE(failed.ok());
  ASSERT_EQ(failed.error().problems.size(), 2u);
  EXPECT_EQ(failed.error().problems[0].pointer, "/a~1b/1");
  EXPECT_EQ(failed.error().problems[0].line, 1);
  EXPECT_EQ(failed.error().problems[1].pointer, "/c");
  EXPECT_EQ(failed.error().problems[1].excerpt, "${nope}\n  ^");
}

TEST(Evaluate, what_fails_in_evaluation_says_what_was_there) {
  auto failed = evaluate_template(object(R"({"x": "${input.missing}"})"),
                                  object(R"({"input": {"there": 1}})"));
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().instance, "/x");
  EXPECT_NE(failed.error().detail.find("missing"), std::string::npos) << failed.error().detail;
}

TEST(Evaluate, many_expressions_share_one_budget) {
  auto roots = object("{}");
  JsonArray digits;
  for (int i = 0; i < 100; ++i) digits.push_back(i);
  roots["d"] = digits;
  // One alone may take many steps, thousands of them together may not.
  Json one = "${size(d.map(a, d.map(b, a * b)))}";
  EXPECT_EQ(value_of(evaluate_template(one, roots)), "100");
  auto failed = evaluate_template(JsonArray(10'000, one), roots);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().instance, "/0");
}

TEST(Evaluate, types_are_named_as_in_schemas) {
  std::string names;
  Json values = parse_json(R"([null, true, 1, 1.5, "", [], {}])").value();
  for (const Json& value : values.get_array()) {
    names += std::string(type_name(value)) + " ";
  }
  EXPECT_EQ(names, "null boolean integer number string array object ");
}

}  // namespace
}  // namespace harmonia::workflow
