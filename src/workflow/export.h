#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "workflow/definition.h"

// A definition as text for other places: to store, to review, to draw.
namespace harmonia::workflow {

enum class ExportFormat : std::uint8_t {
  json,     // the canonical form, indented
  yaml,     // the canonical form as YAML
  mermaid,  // a flowchart for Mermaid
  dot,      // a graph for Graphviz
};

// "yaml", "json", "mermaid", "dot"; nothing for other names.
std::optional<ExportFormat> export_format(std::string_view name);
// The media type of such a text.
std::string_view media_type(ExportFormat format);

// JSON and YAML read back as the same definition. The drawings show tasks, dependencies, cases of
// decisions, bodies as groups, and what handles failures with dotted lines; they leave out what
// tasks get and give.
std::string export_definition(const Definition& definition, ExportFormat format);

// A JSON value as a YAML document in block style that every YAML 1.2 reader with the core schema
// reads back as the same value. Texts that look like something else, also to readers of YAML 1.1,
// are quoted; texts of several lines are block scalars where that keeps them exactly.
std::string to_yaml(const Json& value);

}  // namespace harmonia::workflow
