#include "workflow/template.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "workflow/document.h"
#include "workflow/fields.h"
#include "workflow/normalise_context.h"
#include "workflow/template_text.h"

namespace harmonia::workflow {
namespace {

constexpr auto wrappers =
    std::to_array<std::string_view>({"workflow_definition", "workflowDefinition", "template"});
// What a file says about its template and not about the workflow.
constexpr auto own_fields = std::to_array<std::string_view>(
    {"id", "is_public", "usage_count", "created_at", "updated_at", "created_by", "category_ids",
     "current_version", "template_version", "parameters"});

JsonObject without(const JsonObject& object, std::span<const std::string_view> names) {
  JsonObject rest;
  for (const auto& member : object) {
    if (std::find(names.begin(), names.end(), text_view(member.key())) == names.end())
      rest.emplace(member.key(), member.value());
  }
  return rest;
}

// A null says nothing.
const Json* given(const JsonObject& object, std::string_view name) {
  const Json* value = object.if_contains(json_view(name));
  return value == nullptr || value->is_null() ? nullptr : value;
}

class TemplateReader {
 public:
  TemplateReader(const JsonObject& source, Findings& findings)
      : source_(source), findings_(findings) {}

  Template read() {
    find_definition();
    tmpl_.name = text("name");
    if (tmpl_.name.empty()) findings_.error("", "a template needs a name");
    tmpl_.description = text("description");
    if (const Json* tags = given(source_, "tags"); tags != nullptr && tags->is_array()) {
      for (const Json& tag : tags->get_array())
        if (tag.is_string()) tmpl_.tags.emplace_back(text_view(tag.get_string()));
    }
    const Json* metadata = given(source_, "metadata");
    if (metadata != nullptr && metadata->is_object()) tmpl_.metadata = metadata->get_object();
    read_version();
    read_parameters();
    check_names();
    return std::move(tmpl_);
  }

 private:
  void find_definition() {
    for (std::string_view wrapper : wrappers) {
      const Json* inner = given(source_, wrapper);
      if (inner == nullptr) continue;
      place_ = child_pointer("", wrapper);
      if (!inner->is_object()) {
        findings_.error(place_, "the definition of a template is an object");
        return;
      }
      tmpl_.definition = inner->get_object();
      for (std::string_view field : {"name", "description", "tags"}) {
        const Json* outer = given(source_, field);
        if (outer != nullptr && given(tmpl_.definition, field) == nullptr)
          tmpl_.definition[json_view(field)] = *outer;
      }
      return;
    }
    tmpl_.definition = without(source_, own_fields);
    if (given(source_, "tasks") == nullptr && given(source_, "steps") == nullptr) {
      findings_.error("", "a template needs a definition",
                      "as workflow_definition, as template, or with tasks or steps of its own");
    }
  }

  std::string text(std::string_view field) {
    const Json* value = given(source_, field);
    if (value == nullptr) return {};
    if (value->is_string()) return std::string(text_view(value->get_string()));
    findings_.error(child_pointer("", field), std::string(field) + " must be text");
    return {};
  }

  void read_version() {
    for (std::string_view field : {"current_version", "template_version"}) {
      if (std::string version = text(field); !version.empty()) {
        tmpl_.version = version;
        return;
      }
    }
    std::string version = get_string(tmpl_.metadata, "version");
    if (version.empty()) version = get_string(source_, "version");
    if (!version.empty()) tmpl_.version = version;
  }

  void read_parameters() {
    const Json* parameters = given(source_, "parameters");
    if (parameters == nullptr) return;
    if (parameters->is_object()) {
      for (const auto& member : parameters->get_object()) {
        std::string name(text_view(member.key()));
        read_parameter(name, member.value(), child_pointer("/parameters", name));
      }
    } else if (parameters->is_array()) {
      std::size_t index = 0;
      for (const Json& item : parameters->get_array()) {
        std::string at = child_pointer("/parameters", std::to_string(index++));
        std::string name = item.is_object() ? get_string(item.get_object(), "name") : "";
        if (name.empty()) {
          findings_.error(at, "a parameter in a list needs a name");
        } else {
          read_parameter(name, item, at);
        }
      }
    } else {
      findings_.error("/parameters", "parameters must be an object or a list of parameters");
    }
  }

  void read_parameter(const std::string& name, const Json& source, const std::string& at) {
    bool is_known = std::any_of(tmpl_.parameters.begin(), tmpl_.parameters.end(),
                                [&](const Parameter& one) { return one.name == name; });
    if (is_known) return findings_.error(at, "two parameters have the name '" + name + "'");
    JsonObject described =
        schema_of_fields(JsonObject{{json_view(name), source}}, Unsaid::optional);
    const Json& shape = described["properties"].get_object().at(json_view(name));
    auto schema = JsonSchema::compile(shape);
    if (!schema.ok()) {
      for (const Problem& problem : schema.error().problems)
        findings_.error(at, "in the parameter '" + name + "': " + problem.message, problem.hint);
      return;
    }
    Parameter parameter{.name = name,
                        .description = {},
                        .required = described.contains("required"),
                        .default_value = std::nullopt,
                        .schema = std::move(*schema)};
    if (shape.is_object()) {
      parameter.description = get_string(shape.get_object(), "description");
      if (const Json* value = given(shape.get_object(), "default"))
        parameter.default_value = *value;
    }
    if (parameter.default_value) check_default(parameter, at);
    parameter.required = parameter.required && !parameter.default_value;
    tmpl_.parameters.push_back(std::move(parameter));
  }

  void check_default(const Parameter& parameter, const std::string& at) {
    for (const Problem& problem : parameter.schema.validate(*parameter.default_value)) {
      findings_.error(at,
                      "the default of '" + parameter.name + "' does not fit: " + problem.message);
    }
  }

  // What names a parameter that is not declared.
  void check_names() {
    Json declared = 0;
    TemplateText texts([&](std::string_view name) -> const Json* {
      bool known = std::any_of(tmpl_.parameters.begin(), tmpl_.parameters.end(),
                               [&](const Parameter& one) { return one.name == name; });
      return known ? &declared : nullptr;
    });
    std::vector<std::string_view> names;
    for (const Parameter& parameter : tmpl_.parameters) names.push_back(parameter.name);
    Json definition = tmpl_.definition;
    for_each_text(definition, place_, [&](Json& text, const std::string& at, bool is_expression) {
      for (const std::string& name :
           texts.unknown_names(text_view(text.get_string()), is_expression))
        findings_.error(at, "there is no parameter '" + name + "'",
                        did_you_mean(nearest_name(name, names)));
    });
  }

  const JsonObject& source_;
  Findings& findings_;
  std::string place_;  // of the definition in the file
  Template tmpl_;
};

TemplateOutcome failed(const Error& error) {
  TemplateOutcome outcome;
  outcome.code = error.code;
  outcome.problems = error.problems;
  if (outcome.problems.empty()) outcome.problems.push_back({.message = error.detail});
  return outcome;
}

std::vector<Problem> problems_of(SourceDocument& document, const Findings& findings) {
  std::vector<Problem> problems;
  for (const Finding& finding : findings.list())
    problems.push_back(document.locate(finding, finding.pointer, finding.spot));
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return problems;
}

TemplateOutcome read_template(SourceDocument document) {
  Findings findings;
  TemplateOutcome outcome;
  if (!document.value().is_object()) {
    findings.error("", "a template is an object");
  } else {
    Template tmpl = TemplateReader(document.value().get_object(), findings).read();
    if (!findings.has_errors()) outcome.value = std::move(tmpl);
  }
  outcome.problems = problems_of(document, findings);
  return outcome;
}

class BundleReader {
 public:
  BundleReader(Findings& findings, const ParseLimits& limits)
      : findings_(findings), limits_(limits) {}

  Bundle read(const JsonObject& source) {
    for (const auto& member : source) {
      std::string_view name = text_view(member.key());
      std::string place = child_pointer("", name);
      bool is_part = name == "templates" || name == "workflows";
      if (!is_part || !member.value().is_array()) {
        refuse(std::string(name), std::move(place), is_part);
        continue;
      }
      std::size_t index = 0;
      for (const Json& item : member.value().get_array())
        add(name, item, child_pointer(place, std::to_string(index++)));
    }
    return std::move(bundle_);
  }

 private:
  void refuse(std::string name, std::string place, bool is_part) {
    std::string message = is_part ? name.append(" must be a list")
                                  : "'" + utf8_prefix(name, 80) + "' is no part of a bundle";
    findings_.error_at_key(std::move(place), std::move(message),
                           "a bundle has templates and workflows");
  }

  void add(std::string_view member, const Json& item, const std::string& place) {
    if (member == "templates") {
      TemplateOutcome one = parse_template(item, limits_);
      if (one.value) bundle_.templates.push_back(std::move(*one.value));
      note(std::move(one.problems), place);
    } else {
      ParseOutcome one = parse_definition(item, limits_);
      if (one.ok()) bundle_.workflows.push_back(one.definition);
      note(std::move(one.problems), place);
    }
  }

  void note(std::vector<Problem> problems, const std::string& place) {
    for (Problem& problem : problems) {
      findings_.add({.pointer = place + problem.pointer,
                     .message = std::move(problem.message),
                     .hint = std::move(problem.hint),
                     .severity = problem.severity});
    }
  }

  Findings& findings_;
  const ParseLimits& limits_;
  Bundle bundle_;
};

// The value of each parameter, defaults applied, or all that is wrong.
Result<JsonObject> check_values(const Template& tmpl, const JsonObject& values) {
  Error error = make_error(error_code::invalid_argument,
                           "the parameters of '" + tmpl.name + "' are not as it needs them");
  std::vector<std::string_view> names;
  JsonObject checked;
  for (const Parameter& parameter : tmpl.parameters) {
    names.push_back(parameter.name);
    std::string pointer = child_pointer("", parameter.name);
    const Json* value = given(values, parameter.name);
    if (value == nullptr && parameter.required) {
      error.problems.push_back({.pointer = pointer,
                                .message = "the parameter '" + parameter.name + "' must be given",
                                .hint = parameter.description});
    } else if (value == nullptr) {
      checked.emplace(parameter.name, parameter.default_value.value_or(nullptr));
    } else {
      for (Problem& problem : parameter.schema.validate(*value)) {
        problem.pointer = pointer + problem.pointer;
        error.problems.push_back(std::move(problem));
      }
      checked.emplace(parameter.name, *value);
    }
  }
  for (const auto& member : values) {
    std::string name(text_view(member.key()));
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    error.problems.push_back({.pointer = child_pointer("", name),
                              .message = "there is no parameter '" + utf8_prefix(name, 80) + "'",
                              .hint = did_you_mean(nearest_name(name, names))});
  }
  if (!error.problems.empty()) return error;
  return checked;
}

// `input` of the template file repeats parameters, because `{{ x }}` may mean either: those that
// are parameters are given by now.
void drop_given_input(JsonObject& definition, const JsonObject& values) {
  Json* input = definition.if_contains("input");
  if (input == nullptr || !input->is_object()) return;
  const JsonObject& fields = input->get_object();
  if (fields.contains("properties") || fields.contains("$schema")) return;
  JsonObject rest;
  for (const auto& field : fields) {
    if (!values.contains(field.key())) rest.emplace(field.key(), field.value());
  }
  *input = std::move(rest);
}

}  // namespace

TemplateOutcome parse_template(std::string_view text, Format format, const ParseLimits& limits) {
  auto document = SourceDocument::read(text, format, limits);
  TemplateOutcome outcome =
      document.ok() ? read_template(std::move(*document)) : failed(document.error());
  add_excerpts(outcome.problems, text);
  return outcome;
}

TemplateOutcome parse_template(const Json& value, const ParseLimits& limits) {
  auto document = SourceDocument::check(value, limits);
  return document.ok() ? read_template(std::move(*document)) : failed(document.error());
}

Json to_json(const Template& tmpl) {
  JsonObject object{{"name", tmpl.name}, {"template_version", tmpl.version}};
  if (!tmpl.description.empty()) object["description"] = tmpl.description;
  JsonArray tags;
  for (const std::string& tag : tmpl.tags) tags.emplace_back(json_view(tag));
  if (!tags.empty()) object["tags"] = std::move(tags);
  if (!tmpl.metadata.empty()) object["metadata"] = tmpl.metadata;
  JsonObject parameters;
  for (const Parameter& parameter : tmpl.parameters) {
    Json described = parameter.schema.source();
    if (described.is_object() && parameter.required) described.get_object()["required"] = true;
    parameters.emplace(parameter.name, std::move(described));
  }
  object["parameters"] = std::move(parameters);
  object["workflow_definition"] = tmpl.definition;
  return object;
}

Result<Json> expand_template(const Template& tmpl, const JsonObject& values) {
  TRY(JsonObject checked, check_values(tmpl, values));
  TemplateText texts([&](std::string_view name) { return checked.if_contains(json_view(name)); });
  JsonObject source = tmpl.definition;
  drop_given_input(source, checked);
  Json definition = std::move(source);
  for_each_text(definition, "", [&](Json& text, const std::string&, bool is_expression) {
    Json expanded = texts.expand(text_view(text.get_string()), is_expression);
    text = std::move(expanded);
  });
  auto [metadata, is_new] = definition.get_object().emplace("metadata", JsonObject());
  if (metadata->value().is_null()) metadata->value() = JsonObject();
  if (metadata->value().is_object()) {
    metadata->value().get_object()["template"] =
        JsonObject{{"name", tmpl.name}, {"version", tmpl.version}};
  }
  return definition;
}

ParseOutcome instantiate(const Template& tmpl, const JsonObject& values) {
  auto definition = expand_template(tmpl, values);
  if (definition.ok()) return parse_definition(*definition);
  ParseOutcome outcome;
  outcome.code = definition.error().code;
  outcome.problems = definition.error().problems;
  return outcome;
}

BundleOutcome parse_bundle(std::string_view text, Format format, const ParseLimits& limits) {
  BundleOutcome outcome;
  auto document = SourceDocument::read(text, format, limits);
  bool is_bundle = document.ok() && document->value().is_object() &&
                   given(document->value().get_object(), "templates") != nullptr;
  if (is_bundle) {
    Findings findings;
    Bundle bundle = BundleReader(findings, limits).read(document->value().get_object());
    outcome.problems = problems_of(*document, findings);
    if (!findings.has_errors()) outcome.value = std::move(bundle);
  } else {
    TemplateOutcome one =
        document.ok() ? read_template(std::move(*document)) : failed(document.error());
    outcome.problems = std::move(one.problems);
    outcome.code = std::move(one.code);
    if (one.value) outcome.value = Bundle{.templates = {std::move(*one.value)}, .workflows = {}};
  }
  add_excerpts(outcome.problems, text);
  return outcome;
}

Json to_json(const Bundle& bundle) {
  JsonArray templates;
  for (const Template& tmpl : bundle.templates) templates.push_back(to_json(tmpl));
  JsonArray workflows;
  for (const SharedDefinition& workflow : bundle.workflows)
    workflows.push_back(workflow->canonical);
  return JsonObject{{"templates", std::move(templates)}, {"workflows", std::move(workflows)}};
}

}  // namespace harmonia::workflow
