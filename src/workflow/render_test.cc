#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

std::string rendered(const Problem& problem, std::string_view source, std::string_view file_name) {
  std::vector<Problem> problems{problem};
  add_excerpts(problems, source);
  return render_problem(problems[0], file_name);
}

TEST(Render, a_problem_shows_place_line_caret_and_hint) {
  std::string_view text = "name: x\ntasks:\n\ta: {typ\u00e9: 1, timeout: -1}\n";
  Problem problem{.pointer = "/tasks/a/timeout",
                  .message = "timeout must be more than 0",
                  .hint = "give seconds",
                  .line = 3,
                  .column = 25};
  EXPECT_EQ(rendered(problem, text, "a.yaml"),
            "a.yaml:3:25: error: timeout must be more than 0\n"
            "  \ta: {typ\u00e9: 1, timeout: -1}\n"
            "  \t                      ^\n"
            "  hint: give seconds\n");
}

TEST(Render, without_a_place_the_pointer_stands_for_it) {
  Problem problem{.severity = Severity::warning, .pointer = "/tasks/a", .message = "odd"};
  EXPECT_EQ(rendered(problem, "", "a.yaml"), "a.yaml: warning: odd (at /tasks/a)\n");
}

TEST(Render, long_lines_are_cut_around_the_column) {
  std::string text(20'001, 'a');
  text[10'000] = 'X';
  Problem problem{.message = "here", .line = 1, .column = 10'001};
  std::string shown = rendered(problem, text, "f");
  EXPECT_LT(shown.size(), 400u);
  std::size_t x = shown.find('X') - shown.find('\n');
  std::size_t caret = shown.find('^') - shown.find('\n', shown.find('\n') + 1);
  EXPECT_EQ(x, caret);
}

TEST(Render, places_beyond_the_text_do_no_harm) {
  Problem problem{.message = "x", .line = 7, .column = 99};
  EXPECT_EQ(rendered(problem, "one line", "f"), "f:7:99: error: x\n");
  problem.line = 1;
  EXPECT_EQ(rendered(problem, "one line", "f"), "f:1:99: error: x\n  one line\n          ^\n");
}

TEST(Render, an_excerpt_is_the_line_with_a_caret_below) {
  auto outcome = parse_definition("\xef\xbb\xbfname: x\r\ntasks: {a: {type: sett}}\r\n");
  ASSERT_EQ(outcome.problems.size(), 1u);
  EXPECT_EQ(outcome.problems[0].excerpt,
            "tasks: {a: {type: sett}}\n"
            "                  ^");
  EXPECT_EQ(parse_definition("{\"name\" 1}").problems[0].excerpt, "{\"name\" 1}\n        ^");
}

TEST(Render, an_excerpt_can_be_shown_whatever_the_source_is) {
  std::vector<Problem> problems{{.message = "x", .line = 1, .column = 8}};
  add_excerpts(problems, "a\x1b[31m\xff\xc3!");
  EXPECT_EQ(problems[0].excerpt, "a [31m?\?!\n       ^");
  // A long line of nothing but the inside of characters.
  add_excerpts(problems, std::string(100'000, '\x80'));
  EXPECT_LT(problems[0].excerpt.size(), 400u);
}

TEST(Parse, members_that_are_left_out_keep_the_places_of_the_others) {
  std::string_view left_out[] = {"id", "revision"};
  for (std::string_view text : {"{\"id\": \"x\",\n\"name\": \"a\", \"revision\": {\"n\": "
                                "[1]},\n\"tasks\": {\"a\": {\"type\": 5}}}",
                                "id: x\nname: a\nrevision: {n: [1]}\ntasks: {a: {type: 5}}"}) {
    auto outcome = parse_definition_without(left_out, text, Format::automatic);
    ASSERT_EQ(outcome.problems.size(), 1u) << text;
    EXPECT_EQ(outcome.problems[0].pointer, "/tasks/a/type");
    EXPECT_EQ(outcome.problems[0].line, text.front() == '{' ? 3 : 4);
  }
  EXPECT_TRUE(parse_definition_without(left_out, "{id: 1, name: a, tasks: {b: {component: noop}}}",
                                       Format::yaml)
                  .ok());
}

TEST(ToError, all_problems_travel_in_one_error) {
  auto outcome =
      parse_definition("name: x\ntasks: {a: {}, b: {type: set}, c: {component: log, when: true}}");
  Error error = to_error(outcome);
  EXPECT_EQ(error.code, error_code::invalid_definition);
  EXPECT_EQ(error.problems.size(), 3u);
  EXPECT_TRUE(
      error.detail.starts_with("line 2, column 12: a task of type standard needs a component"))
      << error.detail;
  EXPECT_TRUE(error.detail.ends_with("; and 1 more")) << error.detail;
  EXPECT_EQ(error.instance, "/tasks/a");
}

TEST(ToError, a_text_that_cannot_be_read_keeps_its_code) {
  EXPECT_EQ(to_error(parse_definition("{")).code, error_code::malformed_json);
  EXPECT_EQ(to_error(parse_definition("a: [")).code, error_code::malformed_yaml);
  ParseLimits limits;
  limits.size_max = 3;
  EXPECT_EQ(to_error(parse_definition("a: 1", Format::automatic, limits)).code,
            error_code::payload_too_large);
}

}  // namespace
}  // namespace harmonia::workflow
