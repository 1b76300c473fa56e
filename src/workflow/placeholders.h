#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace harmonia::workflow {

// What `{{ x }}` may name.
struct PlaceholderNames {
  std::function<bool(std::string_view)> is_task;
  // The default declared for an input, if any.
  std::function<const Json*(std::string_view)> input_default;
  std::function<bool(std::string_view)> is_input;  // a field of the input that is declared
};

// A string with `{{ x }}`, `{{ t.output.y }}` and `{{ x | default(80) }}` as one with `${...}`;
// nothing when it has no placeholder. An error (its detail is the message) for a placeholder that
// is something else.
Result<std::optional<std::string>> translate_placeholders(std::string_view text,
                                                          const PlaceholderNames& names);

// The same for a text that is an expression as a whole: the placeholders become parts of it.
Result<std::optional<std::string>> translate_placeholders_in_expression(
    std::string_view text, const PlaceholderNames& names);

// Whether some placeholder names a task or a declared field of the input.
bool has_known_placeholder(std::string_view text, const PlaceholderNames& names);

// A JSON value as a CEL literal.
std::string to_cel_literal(const Json& value);

}  // namespace harmonia::workflow
