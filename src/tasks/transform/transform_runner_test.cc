#include "tasks/transform/transform_runner.h"

#include "tasks/testing/registry_fixture.h"

namespace harmonia::tasks {
namespace {

using testing::RegistryFixture;
using testing::Reported;

class Transform : public RegistryFixture {
 protected:
  Reported compute(std::string_view input) { return run("transform", "cel", input); }
  std::string text_of(std::string_view input) {
    auto reported = compute(input);
    return reported.ok ? to_text(reported.output) : reported.error.code;
  }
};

TEST_F(Transform, the_output_is_the_value_of_the_expression) {
  EXPECT_EQ(text_of(R"j({"expression": "data.items.map(x, x * 2)", "data": {"items": [1, 2]}})j"),
            "[2,4]");
  EXPECT_EQ(text_of(R"({"expression": "{'sum': a + b}", "a": 1, "b": 2})"), R"({"sum":3})");
}

TEST_F(Transform, without_an_expression_the_output_is_the_value) {
  EXPECT_EQ(text_of(R"({"value": {"a": [1]}})"), R"({"a":[1]})");
  EXPECT_EQ(text_of(R"({"value": null})"), "null");
}

TEST_F(Transform, neither_expression_nor_value_is_refused) {
  EXPECT_EQ(text_of(R"({"data": 1})"), "invalid_argument");
  EXPECT_EQ(text_of(R"({"expression": 1})"), "invalid_argument");
}

TEST_F(Transform, what_does_not_compile_says_where) {
  auto reported = compute(R"({"expression": "1 +\n  dta.x", "data": {}})");
  EXPECT_EQ(reported.error.code, "expression");
  EXPECT_FALSE(reported.retryable);
  EXPECT_NE(reported.error.detail.find("line 2, column 3"), std::string::npos)
      << reported.error.detail;
}

TEST_F(Transform, what_fails_in_evaluation_is_an_expression_error) {
  auto reported = compute(R"({"expression": "data.missing", "data": {"there": 1}})");
  EXPECT_EQ(reported.error.code, "expression");
  EXPECT_NE(reported.error.detail.find("missing"), std::string::npos) << reported.error.detail;
}

TEST_F(Transform, an_expensive_expression_ends_with_an_error) {
  EXPECT_EQ(text_of(R"j({"expression":
    "data.all(a, data.all(b, data.all(c, data.all(d, data.all(e, a + b + c + d + e > 0)))))",
    "data": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]})j"),
            "expression");
}

TEST_F(Transform, the_same_text_over_other_roots_is_another_expression) {
  EXPECT_EQ(text_of(R"({"expression": "a", "a": 1})"), "1");
  EXPECT_EQ(text_of(R"({"expression": "a", "b": 1})"), "expression");
  EXPECT_EQ(text_of(R"({"expression": "a", "a": 2})"), "2");
}

TEST_F(Transform, more_expressions_than_the_cache_holds_all_work) {
  for (int i = 0; i < 600; ++i) {
    std::string expression = "data + " + std::to_string(i % 300);
    Json input = JsonObject{{"expression", expression}, {"data", 1}};
    EXPECT_EQ(text_of(to_text(input)), std::to_string(1 + i % 300));
  }
}

TEST_F(Transform, a_task_without_an_action_gets_cel) {
  EXPECT_EQ(to_text(run("transform", "", R"({"expression": "1 + 1"})").output), "2");
}

TEST_F(Transform, json_patch_applies_a_patch_to_a_document) {
  auto reported = run("transform", "json_patch", R"({"document": {"a": [1]},
      "patch": [{"op": "add", "path": "/a/-", "value": 2},
                {"op": "copy", "from": "/a", "path": "/b"}]})");
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  EXPECT_EQ(to_text(reported.output), R"({"a":[1,2],"b":[1,2]})");
}

TEST_F(Transform, a_patch_that_does_not_fit_names_its_operation) {
  auto reported = run("transform", "json_patch", R"({"document": {"a": 1},
      "patch": [{"op": "remove", "path": "/b"}]})");
  ASSERT_FALSE(reported.ok);
  EXPECT_FALSE(reported.retryable);
  EXPECT_EQ(reported.error.code, "conflict");
  EXPECT_EQ(reported.error.instance, "/patch/0");
  EXPECT_EQ(
      reported.error.detail,
      "operation 0 (remove \"/b\"): there is nothing at /b: the document is an object with 'a'");
}

TEST_F(Transform, a_malformed_patch_is_an_invalid_input) {
  auto reported =
      run("transform", "json_patch", R"({"document": {}, "patch": [{"op": "spam", "path": ""}]})");
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_NE(reported.error.detail.find("input.patch.0.op"), std::string::npos)
      << reported.error.detail;
  reported =
      run("transform", "json_patch", R"({"document": {}, "patch": [{"op": "add", "path": "/a"}]})");
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_EQ(reported.error.instance, "/patch/0");
  reported = run("transform", "json_patch", R"({"patch": []})");
  EXPECT_EQ(reported.error.code, "invalid_argument");
}

TEST_F(Transform, json_merge_puts_members_over_those_of_a_document) {
  auto reported = run("transform", "json_merge",
                      R"({"document": {"a": 1, "b": {"c": 2, "d": 3}},
                          "merge": {"a": null, "b": {"c": 4}}})");
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  EXPECT_EQ(to_text(reported.output), R"({"b":{"c":4,"d":3}})");
}

TEST_F(Transform, json_diff_gives_the_patch_between_two_documents) {
  std::string_view two = R"("from": {"a": 1, "b": 2}, "to": {"a": 1, "c": [3]})";
  auto reported = run("transform", "json_diff", "{" + std::string(two) + "}");
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  EXPECT_EQ(to_text(reported.output),
            R"([{"op":"remove","path":"/b"},{"op":"add","path":"/c","value":[3]}])");
  reported = run("transform", "json_diff", "{" + std::string(two) + R"(, "as": "json_merge"})");
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  EXPECT_EQ(to_text(reported.output), R"({"b":null,"c":[3]})");
}

TEST_F(Transform, json_diff_says_which_null_no_merge_can_make) {
  auto reported = run("transform", "json_diff",
                      R"({"from": {}, "to": {"a": {"b": null}}, "as": "json_merge"})");
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_EQ(reported.error.instance, "/to/a/b");
}

}  // namespace
}  // namespace harmonia::tasks
