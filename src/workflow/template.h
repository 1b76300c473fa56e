#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/json_schema.h"
#include "workflow/parse.h"

// Templates: workflows with parameters, which are given when a workflow is made from them.
//
// In the definition `${params.x}`, `${param.x}`, `${parameters.x}` and `{{ x }}` stand for
// parameters. A string that is one of them as a whole becomes the value with its type, so that a
// timeout can be a parameter; within text the value is written as text, within a larger expression
// as a literal. `${tasks...}`, `${input...}` and `{{ task.output.y }}` are left alone, and texts in
// values stay texts: `${` and `{{` in them are not evaluated.
namespace harmonia::workflow {

struct Parameter {
  std::string name;
  std::string description;
  bool required = false;  // has no default, and must be given
  std::optional<Json> default_value;
  JsonSchema schema;  // of its value: type, enum, bounds, pattern
};

struct Template {
  std::string name;
  std::string version = "1.0.0";
  std::string description;
  std::vector<std::string> tags;
  std::vector<Parameter> parameters;  // in the author's order
  JsonObject definition;              // in the dialect of its author, with its parameters
  JsonObject metadata;
};

struct TemplateOutcome {
  std::optional<Template> value;  // none when there are errors
  std::vector<Problem> problems;  // all at once, in the order of the text
  std::string code = std::string(error_code::invalid_definition);

  bool ok() const { return value.has_value(); }
};

// A template file: `{name, parameters, workflow_definition}` of Tekton, `{name, parameters,
// template}`, or a workflow of any dialect with `parameters` in it. Parameters are an object by
// name or a list with names; each has type (text and select are strings), description, required,
// default, enum or options, minimum and maximum (min_value, max_value), min_length, max_length,
// pattern, format. What names a parameter that is not declared is an error. Whether the
// definition is valid depends on the values: instantiate tells.
TemplateOutcome parse_template(std::string_view text, Format format = Format::automatic,
                               const ParseLimits& limits = {});
inline TemplateOutcome parse_template(const char* text, Format format = Format::automatic,
                                      const ParseLimits& limits = {}) {
  return parse_template(std::string_view(text), format, limits);  // else a Json would be as near
}
TemplateOutcome parse_template(const Json& value, const ParseLimits& limits = {});

// The template as a file that parse_template reads.
Json to_json(const Template& tmpl);

// The definition with the values in it, in the dialect of its author; `metadata.template` tells
// name and version of the template. Every value is checked: on failure the error is
// invalid_argument with all that is wrong as problems, whose pointers are into `values`. Optional
// parameters without value and default are null.
Result<Json> expand_template(const Template& tmpl, const JsonObject& values);

// The same, and parsed. With faults in the values the outcome has code invalid_argument and their
// pointers; else the pointers of its problems are into the expanded definition.
ParseOutcome instantiate(const Template& tmpl, const JsonObject& values);

// A file that carries templates with the workflows they start: `{templates: [...], workflows:
// [...]}`. Any other template file is a bundle of one.
struct Bundle {
  std::vector<Template> templates;
  std::vector<SharedDefinition> workflows;
};
struct BundleOutcome {
  std::optional<Bundle> value;
  std::vector<Problem> problems;
  std::string code = std::string(error_code::invalid_definition);

  bool ok() const { return value.has_value(); }
};
BundleOutcome parse_bundle(std::string_view text, Format format = Format::automatic,
                           const ParseLimits& limits = {});
Json to_json(const Bundle& bundle);

}  // namespace harmonia::workflow
