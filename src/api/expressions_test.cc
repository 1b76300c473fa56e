#include <gtest/gtest.h>

#include "api/test_world.h"

namespace harmonia::api {
namespace {

net::Response evaluate(TestWorld& world, const std::string& body) {
  return world.call("POST", "/api/expressions/evaluate", body);
}

TEST(Expressions, an_expression_gives_its_value_and_type) {
  TestWorld world;
  auto answer =
      evaluate(world, R"j({"expression": "a + size(b)", "with": {"a": 1, "b": [1, 2]}})j");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"result":3,"type":"integer"})");
  answer = evaluate(world, R"({"expression": "null"})");
  EXPECT_EQ(answer.body, R"({"result":null,"type":"null"})");
}

TEST(Expressions, a_template_gives_a_value_of_its_shape) {
  TestWorld world;
  auto answer =
      evaluate(world, R"({"template": {"a": ["${n}", "n is ${n}"]}, "with": {"n": 1.5}})");
  EXPECT_EQ(answer.body, R"({"result":{"a":[1.5,"n is 1.5"]},"type":"object"})");
}

TEST(Expressions, what_does_not_compile_has_its_place_in_the_body_and_in_the_text) {
  TestWorld world;
  auto answer = evaluate(world, R"({"expression": "1 +\n nope"})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(text_at(answer, "/code"), "expression");
  EXPECT_EQ(text_at(answer, "/errors/0/pointer"), "/expression");
  EXPECT_EQ(at(answer, "/errors/0/line"), Json(2));
  EXPECT_EQ(at(answer, "/errors/0/column"), Json(2));
  EXPECT_EQ(text_at(answer, "/errors/0/excerpt"), " nope\n ^");

  answer = evaluate(world, R"({"template": {"a/b": ["${1 +}"]}})");
  EXPECT_EQ(text_at(answer, "/errors/0/pointer"), "/template/a~1b/0");
}

TEST(Expressions, what_fails_in_evaluation_is_unprocessable_too) {
  TestWorld world;
  auto answer = evaluate(world, R"({"template": {"a": "${d.x}"}, "with": {"d": {"y": 1}}})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(text_at(answer, "/instance"), "/template/a");
}

TEST(Expressions, exactly_one_of_expression_and_template_is_given) {
  TestWorld world;
  for (std::string body :
       {R"({})", R"({"expression": "1", "template": "x"})", R"({"expression": 1})",
        R"({"expression": "1", "with": []})", R"({"expression": "1", "wiht": {}})"}) {
    auto answer = evaluate(world, body);
    EXPECT_EQ(answer.status, 400) << body << answer.body;
    EXPECT_EQ(text_at(answer, "/code"), "invalid_argument");
  }
}

}  // namespace
}  // namespace harmonia::api
