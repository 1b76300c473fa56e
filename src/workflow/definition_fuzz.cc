#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/utf8.h"
#include "workflow/export.h"
#include "workflow/parse.h"
#include "workflow/template.h"

// Feeds any bytes to the reader of definitions, of all dialects, as YAML and as JSON: each finding
// has its place, and what is accepted has a canonical form that is its own. Built with clang only;
// see cmake/fuzz.cmake.
namespace harmonia::workflow {
namespace {

constexpr ParseLimits limits{.nodes_max = 20'000, .tasks_max = 500};

std::string_view line_of(std::string_view text, int number) {
  for (int i = 1; i < number; ++i) {
    std::size_t end = text.find('\n');
    ASSERT(end != std::string_view::npos);
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// All but the note that there are more findings than are shown.
bool has_place(const Problem& problem) {
  return !(problem.severity == Severity::warning && problem.message.ends_with("more, not shown"));
}

void check_problem(std::string_view text, const Problem& problem) {
  ASSERT(!problem.message.empty());
  for (const std::string* part :
       {&problem.pointer, &problem.message, &problem.hint, &problem.excerpt})
    ASSERT(is_valid_utf8(*part) || !is_valid_utf8(text));
  ASSERT(!render_problem(problem, "x.yaml").empty());
  if (!has_place(problem)) return;
  ASSERT(problem.line >= 1 && problem.column >= 1);
  std::string_view line = line_of(text, problem.line);
  ASSERT(static_cast<std::size_t>(problem.column) <= line.size() + 1);
}

// What was written of something accepted is accepted, too. The reasons are printed if it is not.
template <class Outcome>
void require_ok(const Outcome& outcome, const Json& written) {
  if (!outcome.ok()) {
    for (const Problem& problem : outcome.problems)
      std::fprintf(stderr, "%s\n", describe(problem).c_str());
    std::fprintf(stderr, "in %s\n", to_text(written).c_str());
  }
  ASSERT(outcome.ok());
}

void check_same(const Json& again, const Json& written) {
  if (to_text(again) != to_text(written)) {
    std::fprintf(stderr, "%s\nbecame\n%s\n", to_text(written).c_str(), to_text(again).c_str());
  }
  ASSERT(to_text(again) == to_text(written));
}

void check_again(const ParseOutcome& again, const Json& canonical) {
  require_ok(again, canonical);
  check_same(again.definition->canonical, canonical);
}

void check_accepted(const Definition& definition) {
  const Json& canonical = definition.canonical;
  check_again(parse_definition(canonical), canonical);
  for (ExportFormat format : {ExportFormat::json, ExportFormat::yaml})
    check_again(parse_definition(export_definition(definition, format)), canonical);
  for (ExportFormat format : {ExportFormat::mermaid, ExportFormat::dot})
    ASSERT(!export_definition(definition, format).empty());
}

void check_definition(std::string_view text) {
  ParseOutcome outcome = parse_definition(text, Format::automatic, limits);
  for (const Problem& problem : outcome.problems) check_problem(text, problem);
  bool has_error = std::any_of(outcome.problems.begin(), outcome.problems.end(),
                               [](const Problem& p) { return p.severity == Severity::error; });
  ASSERT(outcome.ok() != has_error);
  if (outcome.ok()) {
    check_accepted(*outcome.definition);
  } else {
    ASSERT(to_error(outcome).problems.size() == outcome.problems.size());
  }
}

void check_template(std::string_view text) {
  TemplateOutcome outcome = parse_template(text, Format::automatic, limits);
  for (const Problem& problem : outcome.problems) check_problem(text, problem);
  if (!outcome.ok()) return;
  Json written = to_json(*outcome.value);
  TemplateOutcome again = parse_template(written);
  require_ok(again, written);
  check_same(to_json(*again.value), written);
  static_cast<void>(instantiate(*outcome.value, {}));
}

void check_yaml(std::string_view text) {
  auto value = parse_yaml(text, limits);
  if (!value.ok()) return;
  std::string written = to_yaml(*value);
  auto again = parse_yaml(written);
  if (!again.ok())
    std::fprintf(stderr, "%s\nin\n%s\n", again.error().detail.c_str(), written.c_str());
  ASSERT(again.ok());
  check_same(*again, *value);
}

}  // namespace
}  // namespace harmonia::workflow

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  harmonia::workflow::check_yaml(text);
  harmonia::workflow::check_definition(text);
  harmonia::workflow::check_template(text);
  return 0;
}
