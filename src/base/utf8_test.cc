#include "base/utf8.h"

#include <gtest/gtest.h>

namespace harmonia {
namespace {

TEST(Utf8, well_formed_text_of_all_lengths_is_accepted) {
  EXPECT_EQ(find_invalid_utf8(""), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("a\u00e9\u20ac\U0001F600"), std::nullopt);
}

TEST(Utf8, the_first_bad_byte_is_named) {
  EXPECT_EQ(find_invalid_utf8("ab\xff"), 2u);
  EXPECT_EQ(find_invalid_utf8("a\xc0\xaf"), 1u);         // overlong
  EXPECT_EQ(find_invalid_utf8("\xed\xa0\x80"), 0u);      // a surrogate
  EXPECT_EQ(find_invalid_utf8("\xf4\x90\x80\x80"), 0u);  // beyond U+10FFFF
  EXPECT_EQ(find_invalid_utf8("x\xe2\x82"), 1u);         // cut short
}

TEST(Utf8, characters_are_counted_not_bytes) {
  EXPECT_EQ(count_code_points("a\u00e9\u20ac\U0001F600"), 4u);
}

TEST(Utf8, appended_code_points_are_well_formed) {
  std::string text;
  for (std::uint32_t c : {U'a', U'\u00e9', U'\u20ac', U'\U0001F600'}) append_utf8(text, c);
  EXPECT_EQ(text, "a\u00e9\u20ac\U0001F600");
}

TEST(Utf8, a_prefix_ends_between_characters) {
  EXPECT_EQ(utf8_prefix("a\u20acb", 4), "a\u20ac");
  EXPECT_EQ(utf8_prefix("a\u20acb", 3), "a");
  EXPECT_EQ(utf8_prefix("a\u20acb", 1), "a");
  EXPECT_EQ(utf8_prefix("\U0001F600", 3), "");
  EXPECT_EQ(utf8_prefix("ab", 2), "ab");
  EXPECT_EQ(utf8_prefix("ab", 9), "ab");
  EXPECT_EQ(utf8_prefix(std::string(100, '\x80'), 50).size(), 47u);  // stray bytes
}

TEST(Utf8, runs_of_stray_bytes_become_one_replacement_each) {
  EXPECT_EQ(repaired_utf8("a\xff\xfe"
                          "b\xc3"),
            "a\ufffdb\ufffd");
}

}  // namespace
}  // namespace harmonia
