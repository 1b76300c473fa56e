#include "scenario/script.h"

#include <gtest/gtest.h>

namespace harmonia::scenario {
namespace {

std::string complaint(std::string_view text) {
  auto file = parse_scenario(text, {.file = "x.wft", .first_line = 10});
  return file.ok() ? "accepted" : file.error().detail;
}

TEST(Script, a_mistake_is_told_with_its_place_and_what_to_do) {
  struct Case {
    std::string_view text;
    std::string_view message;
  };
  constexpr Case cases[] = {
      {"", "x.wft:10: the scenario holds no directive"},
      {"run\n\n----\na",
       "x.wft:12: `----` must follow a directive; delete the blank line above it"},
      {"workflow w\n  name: w\n\n  tasks: {}", "x.wft:13: a directive begins at the margin."},
      {"run\n0.000 1 x", "x.wft:10: `run` takes no lines; write `----` between it and what"},
      {"# c\n\nend", "x.wft:12: there is no `loop` or `foreach` that this ends"},
      {"loop 2\n\nrun", "x.wft:10: this loop has no `end`"},
      {"loop 2\n\nrun\n----\na\n\nend", "x.wft:12: within a loop nothing is expected"},
      {"loop 2\n----\na\n\nend", "x.wft:10: what a loop prints is expected after its `end`"},
      {"loop 2\n\nloop 2\n\nend\n----\na\n\nend", "x.wft:14: within a loop nothing is expected"},
  };
  for (const Case& one : cases)
    EXPECT_TRUE(complaint(one.text).starts_with(one.message)) << complaint(one.text);
}

TEST(Script, loops_are_bounded_in_depth) {
  std::string deep;
  for (std::size_t i = 0; i <= loop_nesting_max; ++i) deep += "loop 2\n\n";
  for (std::size_t i = 0; i <= loop_nesting_max; ++i) deep += "end\n\n";
  EXPECT_NE(complaint(deep).find("loops may be nested 8 deep only"), std::string::npos);
}

TEST(Script, a_file_is_bounded_in_size) {
  std::string large(scenario_size_max + 1, '#');
  EXPECT_EQ(complaint(large), "x.wft:10: a scenario may have 4 MiB only");
}

TEST(Script, a_file_is_written_as_it_was_read) {
  constexpr std::string_view text =
      "# why\n\nworkflow w\n  name: w\n\nloop 2 as n\n\nrun\n\nend\n----\n1\n2\n\n# last\n";
  auto file = parse_scenario(text);
  ASSERT_TRUE(file.ok()) << file.error().detail;
  EXPECT_EQ(render_scenario(*file), text);
  EXPECT_EQ(file->blocks[1].end, 3u);
}

TEST(Script, a_message_is_written_as_in_json) {
  auto outcome = parse_outcome(R"(after 2s fail busy "say \"no\"\n" permanent retry-after 5s)");
  ASSERT_TRUE(outcome.ok()) << outcome.error().detail;
  EXPECT_EQ(outcome->error.detail, "say \"no\"\n");
  EXPECT_EQ(outcome->after, std::chrono::seconds(2));
  EXPECT_FALSE(outcome->retryable);
  for (std::string_view text :
       {"", "okay", "ok {", "fail", "fail x \"", "fail x \"\\", "fail x \"a\" soon", "after",
        "after 5s", "after -1s ok", "fail x \"\\q\"", "hang on"}) {
    EXPECT_FALSE(parse_outcome(text).ok()) << text;
  }
}

TEST(Script, durations_are_bounded) {
  EXPECT_EQ(*parse_short_duration("250ms"), std::chrono::milliseconds(250));
  EXPECT_EQ(*parse_short_duration("36525d"), std::chrono::hours(24 * 36525));
  for (std::string_view text : {"", "5", "s", "-1s", "1e300d", "infs", "nans", "36526d", "1 s"})
    EXPECT_FALSE(parse_short_duration(text).ok()) << text;
}

}  // namespace
}  // namespace harmonia::scenario
