#include "tasks/transform/json_actions.h"

#include "workflow/json_patch.h"

namespace harmonia::tasks {
namespace {

constexpr std::string_view patch_schema = R"({
  "type": "object",
  "properties": {
    "document": { "description": "What is changed" },
    "patch": {
      "type": "array",
      "description": "Operations of RFC 6902, applied in order, all or none",
      "items": {
        "type": "object",
        "properties": {
          "op": { "enum": ["add", "remove", "replace", "move", "copy", "test"] },
          "path": { "type": "string", "description": "JSON pointer of the place" },
          "from": { "type": "string", "description": "Of move and copy: where the value is" },
          "value": { "description": "Of add, replace and test" }
        },
        "required": ["op", "path"]
      }
    }
  },
  "required": ["document", "patch"],
  "additionalProperties": false
})";

constexpr std::string_view merge_schema = R"json({
  "type": "object",
  "properties": {
    "document": { "description": "What is changed" },
    "merge": {
      "description": "Its members are put over those of the document; null removes (RFC 7396)"
    }
  },
  "required": ["document", "merge"],
  "additionalProperties": false
})json";

constexpr std::string_view diff_schema = R"({
  "type": "object",
  "properties": {
    "from": { "description": "The document as it was" },
    "to": { "description": "The document as it is" },
    "as": {
      "enum": ["json_patch", "json_merge"],
      "default": "json_patch",
      "description": "The form of the difference"
    }
  },
  "required": ["from", "to"],
  "additionalProperties": false
})";

// An error about one member of the input.
Error below(std::string_view member, Error error) {
  error.instance.insert(0, member);
  for (Problem& problem : error.problems) problem.pointer.insert(0, member);
  return error;
}

Result<Json> patch_document(JsonObject& input) {
  auto result = workflow::apply_patch(std::move(input.at("document")), input.at("patch"));
  if (!result.ok()) return below("/patch", std::move(result).error());
  return result;
}

Result<Json> merge_document(JsonObject& input) {
  return workflow::apply_merge_patch(std::move(input.at("document")), input.at("merge"));
}

Result<Json> compare_documents(JsonObject& input) {
  const Json& from = input.at("from");
  const Json& to = input.at("to");
  if (get_string(input, "as") != "json_merge") return workflow::make_patch(from, to);
  auto result = workflow::make_merge_patch(from, to);
  if (!result.ok()) return below("/to", std::move(result).error());
  return result;
}

constexpr JsonAction actions[] = {
    {.name = "json_patch",
     .description = "Changes a document by a JSON Patch",
     .input_schema = patch_schema,
     .perform = patch_document},
    {.name = "json_merge",
     .description = "Changes a document by a JSON Merge Patch",
     .input_schema = merge_schema,
     .perform = merge_document},
    {.name = "json_diff",
     .description = "The patch that makes one document of another",
     .input_schema = diff_schema,
     .perform = compare_documents},
};

}  // namespace

std::span<const JsonAction> json_actions() { return actions; }

const JsonAction* find_json_action(std::string_view name) {
  for (const JsonAction& action : actions) {
    if (action.name == name) return &action;
  }
  return nullptr;
}

}  // namespace harmonia::tasks
