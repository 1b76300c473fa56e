#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workflow/parse.h"

// Definitions and short ways to look at outcomes, for the tests of this room.
namespace harmonia::workflow::examples {

struct Example {
  const char* name;
  const char* text;
};

// Valid definitions of all dialects.
extern const std::vector<Example> valid;
std::string_view text_of(std::string_view name);

// Problems as `line:column severity pointer message`, one a line.
std::string show(const ParseOutcome& outcome);
// The canonical form as JSON text, or the problems.
std::string canonical(std::string_view text);
// The same for a YAML document made of one task `t` with these fields (in flow style) after a task
// `a`.
ParseOutcome parse_task(std::string_view fields);

}  // namespace harmonia::workflow::examples
