#include "base/json.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace harmonia {
namespace {

std::string shortest(double value) {
  char buffer[40];
  auto [end, _] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end};
}

TEST(Json, doubles_are_read_exactly) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 50'000; ++i) {
    double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    auto parsed = parse_json(shortest(value));
    ASSERT_TRUE(parsed.ok());
    ASSERT_EQ(parsed->to_number<double>(), value) << shortest(value);
  }
}

TEST(Json, text_survives_a_round_trip) {
  constexpr std::string_view texts[] = {"null",
                                        "[1,-2,18446744073709551615,0.1,12.5,3.0,1e+300]",
                                        R"({"a":{"b":[]},"c":"\"\\\n\u0001 é"})",
                                        R"("")",
                                        "{}",
                                        "-0.0"};
  for (std::string_view text : texts) {
    auto parsed = parse_json(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(to_text(*parsed), text);
  }
}

TEST(Json, a_double_stays_a_double_and_an_integer_an_integer) {
  EXPECT_TRUE(parse_json("3")->is_int64());
  EXPECT_TRUE(parse_json("3.0")->is_double());
  EXPECT_EQ(to_text(Json(3.0)), "3.0");
  EXPECT_TRUE(parse_json("9223372036854775808")->is_uint64());
}

TEST(Json, malformed_text_names_line_and_column) {
  auto parsed = parse_json("{\n  \"a\": 1,\n  \"b\" 2\n}");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, error_code::malformed_json);
  ASSERT_EQ(parsed.error().problems.size(), 1u);
  EXPECT_EQ(parsed.error().problems[0].line, 3);
  EXPECT_EQ(parsed.error().problems[0].column, 7);
}

struct BadText {
  std::string text;
  std::string part_of_message;
};

TEST(Json, bad_input_is_refused_with_its_reason) {
  const BadText cases[] = {
      {"", "ends before"},
      {"[1,2", "ends before"},
      {"{} x", "after the end"},
      {"{\"a\":1,\"a\":2}", "twice"},
      {R"({"k":"}{,\"","k":1})", "twice"},
      {R"({"a":1,"\u0061":2})", "twice"},
      {R"({"\\":1,"a\n":2,"\u005c":3})", "twice"},
      {"\"\xff\"", "UTF-8"},
      {"\"\xed\xa0\x80\"", "UTF-8"},
      {"\"\\ud800\"", "unexpected"},
      {"1e999", "too large"},
      {"[1,]", "unexpected"},
      {"nan", "unexpected"},
      {std::string(100'000, '['), "deeper than 128"},
  };
  for (const BadText& bad : cases) {
    auto parsed = parse_json(bad.text);
    ASSERT_FALSE(parsed.ok()) << bad.text.substr(0, 40);
    EXPECT_NE(parsed.error().detail.find(bad.part_of_message), std::string::npos)
        << parsed.error().detail;
  }
}

TEST(Json, text_beyond_the_limit_is_too_large) {
  auto parsed = parse_json("\"0123456789\"", {.depth_max = 10, .size_max = 8});
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, error_code::payload_too_large);
}

TEST(Json, numbers_are_equal_by_value) {
  EXPECT_TRUE(json_equal(*parse_json("[1,{\"a\":2.0}]"), *parse_json("[1.0,{\"a\":2}]")));
  EXPECT_FALSE(json_equal(*parse_json("-1"), *parse_json("18446744073709551615")));
  EXPECT_FALSE(json_equal(*parse_json("{\"a\":1}"), *parse_json("{\"b\":1}")));
}

TEST(Json, numbers_are_equal_by_their_exact_value) {
  EXPECT_TRUE(json_equal(Json(1), Json(1.0)));
  EXPECT_TRUE(json_equal(Json(-3), Json(-3.0)));
  EXPECT_TRUE(json_equal(Json(0), Json(-0.0)));
  EXPECT_TRUE(json_equal(Json(std::int64_t{1} << 53), Json(9007199254740992.0)));
  EXPECT_FALSE(json_equal(Json((std::int64_t{1} << 53) + 1), Json(9007199254740992.0)));
  EXPECT_FALSE(json_equal(Json(1), Json(1.5)));
  EXPECT_FALSE(json_equal(Json(-1), Json(std::uint64_t{18446744073709551615u})));
  EXPECT_FALSE(
      json_equal(Json(std::uint64_t{18446744073709551615u}), Json(18446744073709551616.0)));
}

TEST(Json, equal_values_have_equal_hashes) {
  auto hash = [](std::string_view text) { return json_hash(parse_json(text).value()); };
  EXPECT_EQ(hash(R"({"a": 1, "b": [0, 2]})"), hash(R"({"b": [-0.0, 2.0], "a": 1.0})"));
  EXPECT_NE(hash(R"({"a": "1"})"), hash(R"({"a": 1})"));
  EXPECT_NE(hash("[1, 2]"), hash("[2, 1]"));
}

TEST(Json, malformed_pointers_find_nothing) {
  Json value = parse_json(R"([{"x": 1, "": 2, "~": 3}, 2])").value();
  EXPECT_EQ(to_text(*find_pointer(value, "/0/")), "2");
  EXPECT_EQ(to_text(*find_pointer(value, "/0/~0")), "3");
  for (std::string_view pointer : {"0", "x", "//x", "/", "/00/x", "/+0", "/-", "/-1", "/1e0",
                                   "/0/~", "/0/~2", "/2", "/18446744073709551616"}) {
    EXPECT_EQ(find_pointer(value, pointer), nullptr) << pointer;
  }
}

TEST(Json, pointers_find_what_they_name) {
  Json value = *parse_json(R"({"a/b":[{"~":1}]})");
  const Json* found =
      find_pointer(value, "/" + escape_pointer_token("a/b") + "/0/" + escape_pointer_token("~"));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, Json(1));
  EXPECT_EQ(find_pointer(value, "/nothing"), nullptr);
}

// Whatever stands around them, in whatever part of eight bytes.
TEST(Json, every_byte_that_needs_an_escape_gets_it_at_every_place) {
  for (int c = 0; c < 0x80; ++c) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, '!');
      text[at] = static_cast<char>(c);
      std::string quoted;
      append_quoted(quoted, text);
      bool needs_escape = c < 0x20 || c == '"' || c == '\\';
      EXPECT_EQ(quoted.size() > text.size() + 2, needs_escape) << c << " at " << at;
      EXPECT_EQ(text_view(parse_json(quoted)->get_string()), text) << c << " at " << at;
    }
  }
  std::string umlauts = "äöü ÄÖÜ €uro \x7f";
  std::string quoted;
  append_quoted(quoted, umlauts);
  EXPECT_EQ(quoted, '"' + umlauts + '"');
}

}  // namespace
}  // namespace harmonia
