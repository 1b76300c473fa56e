#pragma once

#include <span>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace harmonia::tasks {

// An action of `transform` that edits JSON; what they do is said in workflow/json_patch.h.
struct JsonAction {
  std::string_view name;
  std::string_view description;
  std::string_view input_schema;
  // `input` keeps the schema and is used up. The instance of an error points into it.
  Result<Json> (*perform)(JsonObject& input);
};

// `json_patch` {document, patch}, `json_merge` {document, merge}, `json_diff` {from, to, as?}.
std::span<const JsonAction> json_actions();
// Null when it is none of them.
const JsonAction* find_json_action(std::string_view name);

}  // namespace harmonia::tasks
