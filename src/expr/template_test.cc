#include "expr/template.h"

#include <gtest/gtest.h>

#include "expr/test_activation.h"

namespace harmonia::expr {
namespace {

std::string render_text(std::string_view json) {
  auto compiled = compile_template(parse_json(json).value(), test::options());
  if (!compiled.value)
    return compiled.errors.at(0).pointer + ": " + compiled.errors.at(0).error.message;
  auto rendered = render(*compiled.value, test::activation());
  if (!rendered.ok()) return rendered.error().instance + ": " + rendered.error().detail;
  return to_text(rendered.value());
}

TEST(Template, a_whole_string_keeps_the_type_of_its_value) {
  EXPECT_EQ(render_text(R"({"a": "${input.n}", "b": ["${ input.list }"]})"),
            R"({"a":7,"b":[[3,1,2]]})");
}

TEST(Template, embedded_expressions_are_rendered_as_text) {
  EXPECT_EQ(render_text(R"("Hello ${input.name}, ${input.n} ${input.list} ${input.nothing}!")"),
            R"("Hello Ada, 7 [3,1,2] null!")");
  EXPECT_EQ(render_text(R"("${input.name}${input.n}")"), R"("Ada7")");
}

TEST(Template, braces_and_quotes_nest) {
  EXPECT_EQ(render_text(R"("${ {\"a\": {'}': 1}}[\"a\"]['}'] }")"), "1");
  EXPECT_EQ(render_text(R"("x${'}' + \"{\"}y")"), R"("x}{y")");
}

TEST(Template, two_dollars_make_a_literal_one) {
  EXPECT_EQ(render_text(R"("a $${b} $ $$ ${1}")"), R"("a ${b} $ $$ 1")");
  EXPECT_EQ(render_text(R"("$${b}")"), R"("${b}")");
}

TEST(Template, secrets_stay_references) {
  EXPECT_EQ(
      render_text(R"({"a": "${secret.TOKEN}", "b": "Bearer ${secret.TOKEN} for ${input.name}"})"),
      R"({"a":"${secret.TOKEN}","b":"Bearer ${secret.TOKEN} for Ada"})");
  EXPECT_EQ(render_text(R"("${'Bearer ' + secret.TOKEN}")"), R"("Bearer ${secret.TOKEN}")");
}

TEST(Template, errors_name_the_place) {
  EXPECT_EQ(render_text(R"({"a": [1, "${input.x}"]})"),
            "/a/1: input has no member 'x' (it has items, list, n, name, nothing), in ${input.x}");
  EXPECT_EQ(render_text(R"({"a/b": "x ${1 +}"})"),
            "/a~1b: expected a value, but the expression ends here");
  EXPECT_EQ(render_text(R"("${1")"), ": ${ has no closing }");
}

TEST(Template, the_range_of_an_error_counts_from_the_start_of_its_string) {
  auto compiled = compile_template(parse_json(R"("ab ${  foo }")").value(), test::options());
  ASSERT_EQ(compiled.errors.size(), 1u);
  EXPECT_EQ(compiled.errors[0].error.range.offset, 7u);
}

TEST(Template, keys_are_not_evaluated_and_keep_their_order) {
  EXPECT_EQ(render_text(R"({"z": 1, "${input.n}": "${input.n}", "a": 2})"),
            R"({"z":1,"${input.n}":7,"a":2})");
}

TEST(Template, references_carry_their_pointer) {
  auto compiled = compile_template(parse_json(R"({"a": ["${tasks.fetch.output.x}"]})").value(),
                                   test::options());
  ASSERT_TRUE(compiled.value);
  ASSERT_EQ(compiled.value->references().size(), 1u);
  EXPECT_EQ(compiled.value->references()[0].pointer, "/a/0");
  EXPECT_EQ(compiled.value->references()[0].reference.root, "tasks");
  EXPECT_FALSE(compiled.value->is_constant());
}

TEST(Condition, is_written_with_or_without_braces) {
  for (std::string_view text : {"${input.n > 5}", "input.n > 5", " ${ input.n > 5 } "}) {
    auto compiled = compile_condition(text, test::options());
    ASSERT_TRUE(compiled.program) << text;
    EXPECT_TRUE(evaluate_condition(*compiled.program, test::activation()).value());
  }
  EXPECT_NE(compile_condition("${input.n} > 5", test::options()).errors.at(0).hint, "");
}

TEST(Condition, must_be_true_or_false) {
  auto compiled = compile_condition("input.n", test::options());
  EXPECT_EQ(evaluate_condition(*compiled.program, test::activation()).error().detail,
            "the condition ${input.n} must be true or false, but is an int");
}

}  // namespace
}  // namespace harmonia::expr
