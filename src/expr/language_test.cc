#include <gtest/gtest.h>

#include "expr/test_activation.h"
#include "expr/time_zone.h"

// Laws of the language beyond the conformance cases.
namespace harmonia::expr {
namespace {

using test::evaluate_text;
using test::failure_of;

TEST(Strings, positions_count_code_points) {
  EXPECT_EQ(evaluate_text("'ta©o©αT'.substring(2, 6)"), "\"©o©α\"");
  EXPECT_EQ(evaluate_text("'ta©o©αT'.lastIndexOf('©')"), "4");
  EXPECT_NE(failure_of("'abc'.charAt(4)"), "");
  EXPECT_EQ(evaluate_text("'abc'.charAt(3)"), "\"\"");
}

TEST(Strings, replace_and_split_know_the_empty_string) {
  EXPECT_EQ(evaluate_text("'abc'.replace('', '_')"), "\"_a_b_c_\"");
  EXPECT_EQ(evaluate_text("'a,b,c'.split(',', 2)"), "[\"a\",\"b,c\"]");
  EXPECT_EQ(evaluate_text("'añ'.split('')"), "[\"a\",\"ñ\"]");
}

TEST(Strings, surrogate_pairs_are_one_character) {
  EXPECT_EQ(evaluate_text(R"('\ud83d\ude00'.size())"), "1");
  EXPECT_FALSE(test::compile_errors(R"('\ud83d')").empty());
}

TEST(Strings, format_prints_every_kind) {
  EXPECT_EQ(evaluate_text("'%s %d %.2f %x %b'.format([[1, 'a'], 7, 2.5, 255, 5])"),
            "\"[1, a] 7 2.50 ff 101\"");
  EXPECT_NE(failure_of("'%s %s'.format([1])"), "");
}

TEST(Lists, can_be_sorted_flattened_and_cut) {
  EXPECT_EQ(evaluate_text("input.list.sort()"), "[1,2,3]");
  EXPECT_EQ(evaluate_text("input.items.sortBy(i, -double(i.price)).map(i, i.sku)"),
            "[\"b\",\"a\"]");
  EXPECT_EQ(evaluate_text("[[1], [2, [3]]].flatten()"), "[1,2,[3]]");
  EXPECT_EQ(evaluate_text("lists.range(4).slice(1, 3).reverse()"), "[2,1]");
  EXPECT_EQ(evaluate_text("[1, 1.0, 2, 'a', 'a'].distinct()"), "[1,2,\"a\"]");
  EXPECT_EQ(evaluate_text("[].first().orValue(9)"), "9");
}

TEST(Sets, ignore_order_and_repeats) {
  EXPECT_EQ(evaluate_text("sets.equivalent([1, 2, 2], [2u, 1.0])"), "true");
  EXPECT_EQ(evaluate_text("sets.contains([1], [2])"), "false");
}

TEST(Maps, can_be_large) {
  EXPECT_EQ(evaluate_text("lists.range(1000).transformMap(i, v, v * 2)[999]"), "1998");
  EXPECT_NE(failure_of("lists.range(1000).transformMapEntry(i, v, {v / 2: i})"), "");
}

TEST(Times, are_written_with_a_t_between_date_and_time) {
  EXPECT_EQ(evaluate_text("timestamp('2026-01-01t00:00:00Z')"), "\"2026-01-01T00:00:00Z\"");
  EXPECT_NE(failure_of("timestamp('2026-01-01 00:00:00Z')"), "");
}

TEST(TimeZones, know_summer_time) {
  EXPECT_EQ(zone_offset_seconds("Europe/Berlin", 1'700'000'000), 3600);  // November
  EXPECT_EQ(zone_offset_seconds("Europe/Berlin", 1'690'000'000), 7200);  // July
  EXPECT_EQ(zone_offset_seconds("Europe/Berlin", 4'089'000'000), 7200);  // July 2099
  EXPECT_EQ(zone_offset_seconds("America/New_York", 0), -18000);
  EXPECT_EQ(zone_offset_seconds("-09:30", 0), -34200);
  EXPECT_FALSE(zone_offset_seconds("Mars/Olympus", 0));
  EXPECT_FALSE(zone_offset_seconds("+25:00", 0));
}

TEST(Results, what_json_can_not_hold_is_an_error) {
  EXPECT_NE(failure_of("[1.0 / 0.0]"), "");
  EXPECT_EQ(evaluate_text("b'hello'"), "\"aGVsbG8=\"");
  EXPECT_EQ(evaluate_text("{1: 'a', true: 'b'}"), "{\"1\":\"a\",\"true\":\"b\"}");
  EXPECT_NE(failure_of("{1: 'a', '1': 'b'}"), "");
}

TEST(Results, an_operand_and_a_result_share_no_depth_that_json_can_not_read) {
  std::string wraps;
  for (int i = 0; i < 4; ++i) {
    std::string inner = "x" + std::to_string(i);
    wraps += "cel.bind(x" + std::to_string(i + 1) + ", " + std::string(40, '[') + inner +
             std::string(40, ']') + ", ";
  }
  EXPECT_NE(failure_of("cel.bind(x0, 1, " + wraps + "x4" + std::string(5, ')')).find("deeper"),
            std::string::npos);
}

TEST(Budget, searching_costs_the_product_of_the_sizes) {
  std::string text = "cel.bind(t, lists.range(30000).map(x, 'aaaaaaaaaa').join(), ";
  EXPECT_NE(failure_of(text + "t.contains(t.substring(150000) + 'b'))").find("more steps"),
            std::string::npos);
}

}  // namespace
}  // namespace harmonia::expr
