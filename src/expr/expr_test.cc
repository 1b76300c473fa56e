#include "expr/expr.h"

#include <gtest/gtest.h>

#include "expr/test_activation.h"

namespace harmonia::expr {
namespace {

using test::evaluate_text;
using test::failure_of;

TEST(Expression, a_path_gives_the_value_at_its_end) {
  EXPECT_EQ(evaluate_text("tasks.fetch.output.body.total"), "1500");
  EXPECT_EQ(evaluate_text("tasks['fetch'].output.headers[\"content-type\"]"), "\"text/plain\"");
  EXPECT_EQ(evaluate_text("input.items[1].price"), "12.5");
}

TEST(Expression, json_integers_stay_integers) {
  EXPECT_EQ(evaluate_text("input.n + 1"), "8");
  EXPECT_EQ(evaluate_text("type(input.n) == int && type(input.items[1].price) == double"), "true");
  EXPECT_EQ(evaluate_text("input.n / 2"), "3");
}

TEST(Expression, conditions_combine_comparisons) {
  EXPECT_EQ(evaluate_text("input.name == 'Ada' && input.n > 5"), "true");
  EXPECT_EQ(evaluate_text("input.n > 5 ? 'big' : 'small'"), "\"big\"");
  EXPECT_EQ(evaluate_text("input.name in ['Ada', 'Bob']"), "true");
  EXPECT_EQ(evaluate_text("'n' in input"), "true");
}

TEST(Expression, a_decided_operand_of_and_or_absorbs_the_error_of_the_other) {
  EXPECT_EQ(evaluate_text("input.absent == 1 || true"), "true");
  EXPECT_EQ(evaluate_text("1 / 0 == 1 && false"), "false");
  EXPECT_NE(failure_of("input.absent == 1 || false"), "");
}

TEST(Expression, macros_walk_lists_and_maps) {
  EXPECT_EQ(evaluate_text("input.items.map(i, i.price)"), "[3,12.5]");
  EXPECT_EQ(evaluate_text("input.items.filter(i, i.sku == 'b').size()"), "1");
  EXPECT_EQ(evaluate_text("input.items.exists(i, i.price > 10.0)"), "true");
  EXPECT_EQ(evaluate_text("{'a': 1, 'b': 2}.transformMap(k, v, v * 2)"), "{\"a\":2,\"b\":4}");
  EXPECT_EQ(evaluate_text("tasks.all(name, name.size() > 0)"), "true");
}

TEST(Expression, missing_data_names_the_path_and_what_was_there) {
  EXPECT_EQ(failure_of("tasks.fetch.output.bodyy"),
            "tasks.fetch.output has no member 'bodyy' (it has body, headers, status), in "
            "${tasks.fetch.output.bodyy}");
  EXPECT_EQ(failure_of("input.items[7]"),
            "input.items has no item 7 (it has 2 items), in ${input.items[7]}");
  EXPECT_EQ(failure_of("input.nothing.x"),
            "input.nothing is null and has no member 'x', in "
            "${input.nothing.x}");
}

TEST(Expression, missing_data_can_be_forgiven) {
  EXPECT_EQ(evaluate_text("default(input.absent, 5)"), "5");
  EXPECT_EQ(evaluate_text("default(input.n, 5)"), "7");
  EXPECT_EQ(evaluate_text("has(input.absent)"), "false");
  EXPECT_EQ(evaluate_text("input.?absent.orValue(0)"), "0");
  EXPECT_EQ(evaluate_text("input.?absent.deeper.orValue('none')"), "\"none\"");
  EXPECT_NE(failure_of("default(1 / 0, 5)"), "");
  EXPECT_EQ(evaluate_text("default(default(input.absent, input.missing), 7)"), "7");
  EXPECT_EQ(failure_of("default(input.absent, input.missing)"),
            "input has no member 'missing' (it has items, list, n, name, nothing), in "
            "${default(input.absent, input.missing)}");
}

TEST(Expression, numbers_of_different_types_compare_but_do_not_mix) {
  EXPECT_EQ(evaluate_text("1 == 1.0 && 1u < 1.5"), "true");
  EXPECT_NE(failure_of("1 + 1.0").find("convert with int(x) or double(x)"), std::string::npos);
  EXPECT_NE(failure_of("9223372036854775807 + 1").find("overflow"), std::string::npos);
}

TEST(Expression, times_and_durations_become_text) {
  EXPECT_EQ(evaluate_text("timestamp('2026-01-01T00:00:00Z') + duration('90m')"),
            "\"2026-01-01T01:30:00Z\"");
  EXPECT_EQ(evaluate_text("duration('3.5s')"), "\"3.5s\"");
}

TEST(Expression, an_unknown_name_is_an_error_with_the_nearest_one_as_a_hint) {
  auto errors = test::compile_errors("inptu.x + siez([1])");
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].message, "unknown name 'inptu'");
  EXPECT_EQ(errors[0].hint, "did you mean 'input'?");
  EXPECT_EQ(errors[1].message, "unknown function 'siez'");
  EXPECT_EQ(errors[1].hint, "did you mean 'size'?");
  EXPECT_EQ(errors[0].range.offset, 0u);
  EXPECT_EQ(errors[1].range.offset, 10u);
}

TEST(Expression, a_wrong_number_of_arguments_is_an_error) {
  auto errors = test::compile_errors("size(1, 2)");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].message, "size() takes 1 arguments, not 2");
}

TEST(Expression, a_bad_pattern_is_an_error_before_anything_runs) {
  EXPECT_EQ(test::compile_errors("input.name.matches('(')").size(), 1u);
  EXPECT_EQ(evaluate_text("input.name.matches('^A.a$')"), "true");
}

TEST(Expression, references_stop_at_the_first_part_that_is_not_constant) {
  auto program = test::compile_text("tasks.fetch.output[input.name].x + tasks['a'].output.b");
  ASSERT_TRUE(program);
  std::vector<std::string> seen;
  for (const Reference& reference : program->references()) {
    std::string text = reference.root;
    for (const std::string& part : reference.path) text += "/" + part;
    seen.push_back(text);
  }
  std::vector<std::string> expected = {"tasks/fetch/output", "input/name", "tasks/a/output/b"};
  EXPECT_EQ(seen, expected);
}

TEST(Expression, reserved_words_can_be_roots) {
  EXPECT_EQ(evaluate_text("loop.index"), "3");
  EXPECT_EQ(test::compile_errors("while")[0].message, "'while' is a reserved word");
}

TEST(Limits, nesting_beyond_the_limit_is_an_error_and_no_stack_overflow) {
  for (std::string part : {"(", "[", "-", "!", "{1:", "a.b(", "1+", "x?", "[0][", "a[", "has("}) {
    std::string source;
    while (source.size() < 60'000) source += part;
    EXPECT_FALSE(test::compile_errors(source).empty()) << part;
  }
  EXPECT_FALSE(test::compile_errors(std::string(100'000, '(')).empty());
}

TEST(Limits, long_chains_of_and_or_are_not_deep) {
  std::string source = "true";
  for (int i = 0; i < 1000; ++i) source += " && true";
  EXPECT_EQ(evaluate_text(source), "true");
}

TEST(Limits, the_cost_of_an_evaluation_is_bounded) {
  std::string ten = "[0,1,2,3,4,5,6,7,8,9]";
  std::string source = ten + ".all(a, " + ten + ".all(b, " + ten + ".all(c, " + ten + ".all(d, " +
                       ten + ".all(e, " + ten + ".all(f, true))))))";
  EXPECT_NE(failure_of(source).find("more steps"), std::string::npos);
  EXPECT_NE(failure_of(source + " || true").find("more steps"), std::string::npos);
}

TEST(Limits, doubling_a_value_again_and_again_is_bounded) {
  std::string text = "cel.bind(x0, 'abcdefgh', ";
  std::string list = "cel.bind(x0, [1], ";
  for (int i = 0; i < 40; ++i) {
    std::string before = "x" + std::to_string(i);
    std::string name = "x" + std::to_string(i + 1);
    text += "cel.bind(" + name + ", " + before + " + " + before + ", ";
    list += "cel.bind(" + name + ", [" + before + ", " + before + "], ";
  }
  EXPECT_NE(failure_of(text + "x40" + std::string(41, ')')).find("larger than"), std::string::npos);
  EXPECT_NE(failure_of(list + "x40" + std::string(41, ')')), "");
  EXPECT_NE(failure_of(list + "x40 == x40" + std::string(41, ')')), "");
}

}  // namespace
}  // namespace harmonia::expr
