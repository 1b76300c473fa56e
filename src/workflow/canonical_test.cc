#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::canonical;

TEST(Canonical, parsing_it_again_gives_the_same) {
  for (const auto& example : examples::valid) {
    auto first = parse_definition(example.text);
    ASSERT_TRUE(first.ok()) << example.name << "\n" << examples::show(first);
    auto from_value = parse_definition(first.definition->canonical);
    ASSERT_TRUE(from_value.ok()) << example.name << "\n" << examples::show(from_value);
    EXPECT_EQ(to_text(from_value.definition->canonical), to_text(first.definition->canonical))
        << example.name;
    EXPECT_TRUE(from_value.translations.empty()) << example.name << from_value.translations.front();
    auto from_text = parse_definition(to_pretty_text(first.definition->canonical));
    ASSERT_TRUE(from_text.ok()) << example.name;
    EXPECT_EQ(to_text(from_text.definition->canonical), to_text(first.definition->canonical))
        << example.name;
    auto as_yaml = parse_definition(to_text(first.definition->canonical), Format::yaml);
    ASSERT_TRUE(as_yaml.ok()) << example.name << examples::show(as_yaml);
    EXPECT_EQ(to_text(as_yaml.definition->canonical), to_text(first.definition->canonical))
        << example.name;
  }
}

TEST(Canonical, defaults_are_left_out_and_the_order_is_fixed) {
  EXPECT_EQ(canonical(R"({"tasks": {"a": {"on_error": "fail", "input": {}, "join": "all_success",
      "component": "log", "name": "a", "type": "standard", "depends_on": [], "metadata": {}}},
      "on_child_failure": "wait", "version": "1.0.0", "name": "x"})"),
            R"({"name":"x","tasks":{"a":{"component":"log"}}})");
}

TEST(Canonical, durations_are_seconds) {
  EXPECT_EQ(canonical("name: x\ntimeout: PT1M30S\ntasks: {a: {component: log, timeout: PT0.5S}}"),
            R"({"name":"x","timeout":90,"tasks":{"a":{"component":"log","timeout":0.5}}})");
}

TEST(Canonical, an_empty_retry_policy_differs_from_none) {
  EXPECT_EQ(canonical("name: x\ntasks: {a: {component: log, retry_policy: {max_retries: 3}}}"),
            R"({"name":"x","tasks":{"a":{"component":"log","retry_policy":{}}}})");
}

TEST(Canonical, fields_that_are_null_are_not_given) {
  EXPECT_EQ(
      canonical("name: x\ndescription:\ntasks: {a: {component: log, timeout: null, when: ~}}"),
      R"({"name":"x","tasks":{"a":{"component":"log"}}})");
}

}  // namespace
}  // namespace harmonia::workflow
