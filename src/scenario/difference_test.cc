#include "scenario/difference.h"

#include <gtest/gtest.h>

namespace harmonia::scenario {
namespace {

std::string render(const Lines& expected, const Lines& actual) {
  std::string text;
  for (const DifferenceLine& line : difference(expected, actual)) {
    using Kind = DifferenceLine::Kind;
    text += line.kind == Kind::common ? ' ' : line.kind == Kind::expected ? '-' : '+';
    text += line.text + "\n";
  }
  return text;
}

TEST(Difference, a_line_that_is_new_does_not_disturb_the_others) {
  EXPECT_EQ(render({"a", "c"}, {"a", "b", "c"}), " a\n+b\n c\n");
  EXPECT_EQ(render({"a", "b"}, {"b"}), "-a\n b\n");
  EXPECT_EQ(render({}, {"a"}), "+a\n");
}

TEST(Difference, common_lines_far_away_are_counted) {
  Lines expected;
  for (int i = 0; i < 20; ++i) expected.push_back(std::to_string(i));
  Lines actual = expected;
  actual[10] = "x";
  EXPECT_EQ(render(expected, actual),
            " ... 7 more\n 7\n 8\n 9\n-10\n+x\n 11\n 12\n 13\n ... 6 more\n");
}

TEST(Difference, texts_that_share_nothing_are_shown_whole) {
  Lines expected(3000, "a");
  Lines actual(2000, "b");
  EXPECT_EQ(difference(expected, actual).size(), 5000u);
}

}  // namespace
}  // namespace harmonia::scenario
