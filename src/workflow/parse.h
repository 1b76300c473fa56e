#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "workflow/action_types.h"
#include "workflow/definition.h"

namespace harmonia::workflow {

enum class Format { automatic, json, yaml };

struct ParseLimits {
  std::size_t size_max = 8u << 20;  // bytes of text
  std::size_t depth_max = 64;
  std::size_t nodes_max = 500'000;  // values after YAML aliases are expanded
  std::size_t tasks_max = 10'000;
};

// What is looked at beyond what a definition needs to be compiled.
struct Checks {
  // Types of expressions, tasks that can never run, loops that can't end. Off for what was saved
  // already: a run goes on, whatever a later version finds wrong.
  bool findings = true;
  const ActionTypes* actions = nullptr;  // of the components; null: not known
};

// What came of a text: with no error among `problems` there is a definition. Warnings may accompany
// it.
struct ParseOutcome {
  SharedDefinition definition;    // null when there are errors
  std::vector<Problem> problems;  // all of them at once, in the order of the text
  std::vector<std::string>
      translations;  // what was rewritten from another dialect, a sentence each

  // invalid_definition; malformed_json, malformed_yaml or payload_too_large when there was nothing
  // to check.
  std::string code = std::string(error_code::invalid_definition);

  bool ok() const { return definition != nullptr; }
};

// Accepts the canonical form and all six dialects of the Tekton document (docs/language.md,
// Dialects), as JSON or YAML. Never throws and never drops a field silently.
ParseOutcome parse_definition(std::string_view text, Format format = Format::automatic,
                              const ParseLimits& limits = {}, const Checks& checks = {});
inline ParseOutcome parse_definition(const char* text, Format format = Format::automatic,
                                     const ParseLimits& limits = {}, const Checks& checks = {}) {
  return parse_definition(std::string_view(text), format, limits, checks);  // Json is as near
}
// The same for a text that has further members beside those of a definition, for instance what a
// server adds to one that it shows. They are passed over.
ParseOutcome parse_definition_without(std::span<const std::string_view> members,
                                      std::string_view text, Format format,
                                      const Checks& checks = {});
// The same for a value that is parsed already; problems then have pointers but no lines.
ParseOutcome parse_definition(const Json& value, const ParseLimits& limits = {},
                              const Checks& checks = {});

// All findings as one error of code invalid_definition (or malformed_json / malformed_yaml), for
// APIs.
Error to_error(const ParseOutcome& outcome);

// One problem for people: place, message, excerpt, hint.
std::string render_problem(const Problem& problem, std::string_view file_name);

// Gives problems that have a line their excerpt of the source.
void add_excerpts(std::vector<Problem>& problems, std::string_view source);

// A YAML (1.2 core schema) or JSON document as JSON, bounded against alias bombs; errors name line
// and column.
Result<Json> parse_yaml(std::string_view text, const ParseLimits& limits = {});

}  // namespace harmonia::workflow
