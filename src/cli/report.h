#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "workflow/parse.h"

namespace harmonia::cli {

// `harmonia: ...` on standard error.
void complain(std::string_view message);
void complain(const Error& error);
// With a second line that says what to do, where that is known.
void complain_with_hint(const Error& error);

// What to do about an error of this code, a sentence, or "".
std::string_view hint_for(std::string_view code);

// All findings about a text, each with its place, the line with a caret, and its hint.
std::string render_problems(const std::vector<Problem>& problems, std::string_view file_name);
JsonObject problem_to_json(const Problem& problem);

}  // namespace harmonia::cli
