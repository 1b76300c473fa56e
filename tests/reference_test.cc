// Executes the examples of the language reference (docs/language.md, docs/language/): what a page
// shows is true, and whatever the language has is shown. The `wft` examples are run by
// `harmonia test`.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "expr/function.h"
#include "expr/macros.h"
#include "scenario/markdown.h"
#include "tests/language_use.h"
#include "workflow/evaluate.h"
#include "workflow/parse.h"

namespace harmonia {
namespace {

using markdown::Example;
using Names = std::set<std::string, std::less<>>;

struct Page {
  std::string name;
  std::string text;
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<Page> read_pages() {
  std::vector<std::filesystem::path> paths = {"docs/language.md"};
  for (const auto& entry : std::filesystem::directory_iterator("docs/language"))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Page> pages;
  for (const auto& path : paths) pages.push_back({path.string(), read_file(path)});
  return pages;
}

std::string place_of(const Page& page, int line) { return page.name + ":" + std::to_string(line); }

// ----- expressions -----

struct ExpressionExample {
  std::string place;
  JsonObject roots;
  std::string text = {};
  std::string result = {};  // JSON
  std::string error = {};   // a part of the message; empty: there is a result
};

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// `expression  // => JSON`, `expression  // error: text`, `with: {...}`.
void read_line(std::string_view line, ExpressionExample example,
               std::vector<ExpressionExample>& examples) {
  for (std::string_view mark : {"// => ", "// error: "}) {
    std::size_t at = line.rfind(mark);
    if (at == std::string_view::npos) continue;
    example.text = trim(line.substr(0, at));
    (mark == "// => " ? example.result : example.error) = trim(line.substr(at + mark.size()));
    examples.push_back(std::move(example));
    return;
  }
  ADD_FAILURE() << example.place << ": neither a result nor an error: " << line;
}

std::vector<ExpressionExample> read_expressions() {
  std::vector<ExpressionExample> examples;
  for (const Page& page : read_pages()) {
    for (const Example& block : markdown::find_examples(page.text, "cel")) {
      JsonObject roots;
      int number = block.line - 1;
      std::istringstream lines(block.text);
      for (std::string line; std::getline(lines, line);) {
        std::string place = place_of(page, ++number);
        if (line.starts_with("with: ")) {
          auto data = parse_json(std::string_view(line).substr(6));
          EXPECT_TRUE(data.ok() && data->is_object()) << place;
          if (data.ok() && data->is_object()) roots = data->get_object();
        } else if (!line.empty()) {
          read_line(line, {.place = std::move(place), .roots = roots}, examples);
        }
      }
    }
  }
  EXPECT_FALSE(examples.empty());
  return examples;
}

// A text with ${...}, written as a JSON string, else an expression.
Result<Json> evaluate(const ExpressionExample& example) {
  bool may_be_text = example.text.starts_with('"') && example.text.find("${") != std::string::npos;
  if (may_be_text) {
    auto text = parse_json(example.text);
    if (text.ok()) return workflow::evaluate_template(*text, example.roots);
  }
  return workflow::evaluate_expression(example.text, example.roots);
}

std::string describe(const Error& error) {
  std::string text = error.detail;
  for (const Problem& problem : error.problems) text += "; " + problem.message;
  return text;
}

TEST(Reference, each_expression_gives_what_is_written_behind_it) {
  for (const ExpressionExample& example : read_expressions()) {
    auto value = evaluate(example);
    if (!example.error.empty()) {
      EXPECT_FALSE(value.ok()) << example.place << ": " << example.text << " gives "
                               << to_text(*value);
      if (value.ok()) continue;
      EXPECT_NE(describe(value.error()).find(example.error), std::string::npos)
          << example.place << ": " << example.text << " fails with " << describe(value.error());
      continue;
    }
    ASSERT_TRUE(value.ok()) << example.place << ": " << example.text << ": "
                            << describe(value.error());
    auto expected = parse_json(example.result);
    ASSERT_TRUE(expected.ok()) << example.place << ": no JSON: " << example.result;
    EXPECT_EQ(*value, *expected) << example.place << ": " << example.text;
  }
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Is `name` called in one of them, as `.name(` or as `name(`?
bool is_called(const std::vector<ExpressionExample>& examples, std::string_view name,
               bool has_receiver) {
  std::string call = std::string(name) + "(";
  for (const ExpressionExample& example : examples) {
    if (!example.error.empty()) continue;
    const std::string& text = example.text;
    for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
      char before = at == 0 ? ' ' : text[at - 1];
      if (has_receiver ? before == '.' : before != '.' && !is_name_character(before)) return true;
    }
  }
  return false;
}

TEST(Reference, each_function_and_each_macro_has_an_example_that_gives_a_result) {
  auto examples = read_expressions();
  for (bool has_receiver : {false, true}) {
    for (std::string_view name : expr::function_names(has_receiver))
      EXPECT_TRUE(is_called(examples, name, has_receiver)) << name << " " << has_receiver;
    for (std::string_view name : expr::macro_names(has_receiver))
      EXPECT_TRUE(is_called(examples, name, has_receiver)) << name << " " << has_receiver;
  }
}

TEST(Reference, each_operator_has_an_example_that_gives_a_result) {
  auto examples = read_expressions();
  for (const expr::Function& function : expr::operator_functions()) {
    std::string mark;
    for (char c : function.name) mark += c == '_' ? ' ' : c;
    mark = function.name.starts_with('_') ? mark : mark.substr(0, 1);
    bool shown = std::any_of(examples.begin(), examples.end(), [&](const auto& example) {
      bool in_front = !mark.starts_with(' ');
      return example.error.empty() &&
             (in_front ? example.text.starts_with(mark) ||
                             example.text.find("&& " + mark) != std::string::npos
                       : example.text.find(mark) != std::string::npos);
    });
    EXPECT_TRUE(shown) << function.name;
  }
}

// ----- definitions -----

struct DefinitionExample {
  std::string place;
  std::string text = {};
  bool is_run = false;  // in a scenario
};

// The definitions in a scenario, without their indent. A blank line ends a block.
void read_scenario(const Page& page, const Example& block,
                   std::vector<DefinitionExample>& examples) {
  int number = block.line - 1;
  bool inside = false;
  std::istringstream lines(block.text);
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with("workflow ")) {
      inside = true;
      examples.push_back({.place = place_of(page, number), .text = {}, .is_run = true});
    } else if (!line.starts_with("  ")) {
      inside = false;
    } else if (inside) {
      examples.back().text += line.substr(2) + "\n";
    }
  }
}

// All complete definitions.
std::vector<DefinitionExample> read_definitions() {
  std::vector<DefinitionExample> examples;
  for (const Page& page : read_pages()) {
    for (const Example& block : markdown::find_examples(page.text)) {
      if (block.language == "wft") read_scenario(page, block, examples);
      if (block.language != "yaml" && block.language != "json") continue;
      auto value = workflow::parse_yaml(block.text);
      EXPECT_TRUE(value.ok()) << place_of(page, block.line);
      bool complete = value.ok() && value->is_object() && value->get_object().contains("tasks");
      if (complete) examples.push_back({.place = place_of(page, block.line), .text = block.text});
    }
  }
  EXPECT_FALSE(examples.empty());
  return examples;
}

TEST(Reference, each_definition_is_accepted_without_a_warning) {
  for (const DefinitionExample& example : read_definitions()) {
    auto outcome = workflow::parse_definition(example.text);
    for (const Problem& problem : outcome.problems)
      ADD_FAILURE() << example.place << ": " << workflow::render_problem(problem, "");
  }
}

TEST(Reference, each_field_and_each_choice_of_the_language_has_an_example) {
  Names vocabulary = language_vocabulary();
  for (std::string_view name : {"task.depends_on", "join=none_failed", "loop.delay", "cache.ttl"})
    ASSERT_TRUE(vocabulary.contains(name)) << name;
  LanguageUse all;
  LanguageUse executed;
  for (const DefinitionExample& example : read_definitions()) {
    auto value = workflow::parse_yaml(example.text);
    if (!value.ok()) continue;
    all.note_definition(*value);
    if (example.is_run) executed.note_definition(*value);
  }
  for (const std::string& name : vocabulary)
    EXPECT_TRUE((name.starts_with("type=custom") ? all : executed).names().contains(name)) << name;
}

}  // namespace
}  // namespace harmonia
