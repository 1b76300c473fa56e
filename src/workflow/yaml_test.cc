#include "workflow/yaml.h"

#include <gtest/gtest.h>

#include "workflow/yaml_scalar.h"

namespace harmonia::workflow {
namespace {

std::string as_json(std::string_view text) {
  auto value = parse_yaml(text);
  return value.ok() ? to_text(*value) : "error: " + value.error().detail;
}

Problem fault_of(std::string_view text, const ParseLimits& limits = {}) {
  auto value = parse_yaml(text, limits);
  EXPECT_FALSE(value.ok()) << text.substr(0, 80);
  if (value.ok()) return {};
  EXPECT_EQ(value.error().code, error_code::malformed_yaml);
  EXPECT_EQ(value.error().problems.size(), 1u);
  return value.error().problems.front();
}

TEST(YamlScalar, plain_scalars_are_typed_by_the_core_schema_of_1_2) {
  std::pair<const char*, const char*> cases[] = {
      {"", "null"},
      {"~", "null"},
      {"Null", "null"},
      {"true", "true"},
      {"FALSE", "false"},
      {"yes", R"("yes")"},
      {"off", R"("off")"},
      {"12", "12"},
      {"-7", "-7"},
      {"+3", "3"},
      {"012", "12"},
      {"0o17", "15"},
      {"0xfF", "255"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"1.", "1.0"},
      {"1e3", "1000.0"},
      {"-1.5E-1", "-0.15"},
      {"1_000", R"("1_000")"},
      {"1:30", R"("1:30")"},
      {"2026-11-21", R"("2026-11-21")"},
      {"0b1", R"("0b1")"},
      {".", R"(".")"},
      {"e3", R"("e3")"},
      {"nan", R"("nan")"},
      {"-", R"("-")"},
      {"0x", R"("0x")"},
  };
  for (const auto& [text, json] : cases) {
    auto value = type_plain_scalar(text);
    ASSERT_TRUE(value.has_value()) << text;
    EXPECT_EQ(to_text(*value), json) << text;
  }
}

TEST(YamlScalar, integers_keep_all_64_bits) {
  EXPECT_EQ(to_text(*type_plain_scalar("9223372036854775807")), "9223372036854775807");
  EXPECT_EQ(to_text(*type_plain_scalar("-9223372036854775808")), "-9223372036854775808");
  EXPECT_EQ(to_text(*type_plain_scalar("18446744073709551615")), "18446744073709551615");
  EXPECT_TRUE(type_plain_scalar("18446744073709551616")->is_double());
}

TEST(YamlScalar, numbers_that_json_cannot_hold_are_refused) {
  for (const char* text : {".inf", "-.Inf", ".nan", "1e999"})
    EXPECT_FALSE(type_plain_scalar(text)) << text;
  EXPECT_EQ(to_text(*type_plain_scalar("1e-999")), "0.0");
}

TEST(Yaml, quoted_scalars_are_text) {
  EXPECT_EQ(as_json("{a: \"1\", b: 'true', c: 1, d: !!str 2}"),
            R"({"a":"1","b":"true","c":1,"d":"2"})");
}

TEST(Yaml, json_is_yaml) {
  EXPECT_EQ(as_json(R"({"a": [1, "x\u00e9", null]})"), "{\"a\":[1,\"x\u00e9\",null]}");
}

TEST(Yaml, block_styles_are_read) {
  EXPECT_EQ(as_json("a:\n  - x\n  - |\n    l1\n    l2\n  - >\n    f1\n    f2\nb:\n"),
            "{\"a\":[\"x\",\"l1\\nl2\\n\",\"f1 f2\\n\"],\"b\":null}");
}

TEST(Yaml, keys_are_text_whatever_they_look_like) {
  EXPECT_EQ(as_json("1: a\ntrue: b\n"), R"({"1":"a","true":"b"})");
}

TEST(Yaml, aliases_are_copied) {
  EXPECT_EQ(as_json("a: &x {k: [1, 2]}\nb: *x\nc: [*x]\n"),
            R"({"a":{"k":[1,2]},"b":{"k":[1,2]},"c":[{"k":[1,2]}]})");
}

TEST(Yaml, a_byte_order_mark_is_ignored) {
  EXPECT_EQ(as_json("\xef\xbb\xbf"
                    "a: 1"),
            R"({"a":1})");
}

TEST(Yaml, duplicate_keys_are_an_error_with_the_place_of_the_second) {
  Problem fault = fault_of("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(fault.line, 3);
  EXPECT_EQ(fault.column, 1);
  EXPECT_NE(fault.message.find("twice"), std::string::npos);
}

TEST(Yaml, merge_keys_are_refused_with_a_hint) {
  Problem fault = fault_of("a: &x {k: 1}\nb:\n  <<: *x\n");
  EXPECT_EQ(fault.line, 3);
  EXPECT_FALSE(fault.hint.empty());
  EXPECT_EQ(as_json("{\"<<\": 1}"), R"({"<<":1})");
}

TEST(Yaml, a_second_document_is_refused) {
  Problem fault = fault_of("a: 1\n---\nb: 2\n");
  EXPECT_EQ(fault.line, 2);
  EXPECT_EQ(as_json("---\na: 1\n...\n"), R"({"a":1})");
}

TEST(Yaml, an_alias_bomb_is_refused_at_once) {
  std::string text = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'j'; ++c) {
    char before = static_cast<char>(c - 1);
    text += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) text += (i > 0 ? std::string(",*") : std::string("*")) + before;
    text += "]\n";
  }
  EXPECT_NE(fault_of(text).message.find("values"), std::string::npos);
}

TEST(Yaml, aliases_of_long_text_are_bounded_too) {
  std::string text = "a: &a " + std::string(1'000'000, 'x') + "\nb: [";
  for (int i = 0; i < 100; ++i) text += "*a,";
  EXPECT_NE(fault_of(text + "*a]").message.find("too much text"), std::string::npos);
}

TEST(Yaml, aliases_cannot_make_a_value_deeper_than_allowed) {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 100; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_NE(fault_of(text).message.find("nests deeper"), std::string::npos);
}

TEST(Yaml, an_alias_cycle_is_an_error) {
  EXPECT_NE(fault_of("&a [*a]").message.find("within the value"), std::string::npos);
  EXPECT_NE(fault_of("x: &a {y: *a}").message.find("within the value"), std::string::npos);
}

TEST(Yaml, deep_nesting_is_an_error_not_a_crash) {
  for (const char* open : {"[", "{a: ", "- "}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    EXPECT_FALSE(fault_of(text).message.empty());
  }
}

TEST(Yaml, bytes_that_are_no_text_are_refused_before_parsing) {
  EXPECT_NE(fault_of("a: \xff").message.find("UTF-8"), std::string::npos);
  EXPECT_NE(fault_of("a: 1\nb: \x04\nc: 2\n").message.find("control character"), std::string::npos);
  EXPECT_NE(fault_of(std::string_view("a: \0b", 5)).message.find("control character"),
            std::string::npos);
}

TEST(Yaml, texts_without_a_value_are_errors) {
  for (const char* text : {"", "   \n\n", "# only a comment\n"}) {
    EXPECT_EQ(fault_of(text).message, "the text is empty") << text;
  }
}

TEST(Yaml, syntax_errors_have_line_and_column) {
  Problem fault = fault_of("a: 1\nb: [1, 2\nc: 3\n");
  EXPECT_GE(fault.line, 2);
  EXPECT_GT(fault.column, 0);
  EXPECT_GT(fault_of("a: 'unclosed").line, 0);
  EXPECT_GT(fault_of("a: @x").line, 0);
}

TEST(Yaml, tags_and_keys_json_has_no_room_for_are_errors) {
  EXPECT_NE(fault_of("a: !custom 1").message.find("tag"), std::string::npos);
  EXPECT_NE(fault_of("a: !!binary aGk=").message.find("tag"), std::string::npos);
  EXPECT_NE(fault_of("a: !!int x").message.find("no int"), std::string::npos);
  EXPECT_NE(fault_of("? [a, b]\n: 1").message.find("key must be text"), std::string::npos);
  EXPECT_NE(fault_of("a: .inf").message.find("no form in JSON"), std::string::npos);
}

TEST(Yaml, the_number_of_values_and_the_size_are_limited) {
  ParseLimits limits;
  limits.nodes_max = 10;
  EXPECT_NE(fault_of("[1,2,3,4,5,6,7,8,9,10]", limits).message.find("more than 10"),
            std::string::npos);
  limits.size_max = 20;
  auto large = parse_yaml(std::string(21, 'x'), limits);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, error_code::payload_too_large);
}

TEST(Yaml, every_cut_of_a_text_is_a_value_or_an_error) {
  std::string_view text =
      "a: &x {k: [1, \"tw\\u00e9\", 'o''k']}\nb: *x\nc: |\n  l\nd: !!str 1\n? e\n: - f\n";
  for (std::size_t i = 0; i <= text.size(); ++i) (void)as_json(text.substr(0, i));
}

}  // namespace
}  // namespace harmonia::workflow
