#include "workflow/json_schema_rules.h"

#include "workflow/json_schema_pattern.h"

namespace harmonia::workflow::schema {
namespace {

using Keywords = std::vector<Keyword>;

// The node of a sub-schema; a problem when the value can't be one.
std::optional<NodeNumber> read_schema(RuleContext& context, std::string_view place,
                                      const Json& value) {
  if (value.is_object() || value.is_bool()) return context.nodes.number_of(value);
  add_problem(context, place, "a schema is an object or a boolean");
  return std::nullopt;
}

std::optional<NodeNumber> read_schema(RuleContext& context, std::string_view keyword) {
  const Json* value = member(context, keyword);
  return value == nullptr ? std::nullopt : read_schema(context, keyword, *value);
}

std::vector<NodeNumber> read_schemas(RuleContext& context, std::string_view keyword) {
  std::vector<NodeNumber> nodes;
  const Json* value = member(context, keyword);
  if (value == nullptr) return nodes;
  if (!value->is_array() || value->get_array().empty()) {
    add_problem(context, keyword, concat(keyword, " must be a list of at least one schema"));
    return nodes;
  }
  std::size_t index = 0;
  for (const Json& schema : value->get_array()) {
    auto node = read_schema(context, concat(keyword, "/", std::to_string(index++)), schema);
    if (node) nodes.push_back(*node);
  }
  return nodes;
}

// The members of an object of schemas, called back in the author's order.
template <class Callback>
void for_each_schema(RuleContext& context, std::string_view keyword, Callback callback) {
  const Json* value = member(context, keyword);
  if (value == nullptr) return;
  if (!value->is_object()) {
    return add_problem(context, keyword, concat(keyword, " must be an object of schemas"));
  }
  for (const auto& [key, schema] : value->get_object()) {
    std::string place = concat(keyword, "/", escape_pointer_token(text_view(key)));
    auto node = read_schema(context, place, schema);
    if (node) callback(std::string(text_view(key)), place, *node);
  }
}

void compile_references(RuleContext& context, Keywords& out) {
  for (std::string_view keyword : {"$ref", "$dynamicRef"}) {
    const Json* value = member(context, keyword);
    if (value == nullptr || (context.resource.draft7 && keyword == "$dynamicRef")) continue;
    if (!value->is_string()) {
      add_problem(context, keyword, concat(keyword, " must be a string"));
      continue;
    }
    std::string reference(text_view(value->get_string()));
    auto target = context.nodes.resolve(context.number, reference);
    if (!target) {
      add_problem(context, keyword, concat("the reference '", reference, "' leads to no schema"),
                  "references work within the document: #/$defs/name, #anchor or a given $id");
      continue;
    }
    NodeNumber node = context.nodes.number_of(*target->schema);
    if (keyword == "$dynamicRef" && !target->dynamic_anchor.empty()) {
      out.push_back({"$dynamicRef", DynamicRefRule{node, target->dynamic_anchor}});
    } else {
      out.push_back({std::string(keyword), RefRule{node}});
    }
  }
}

void compile_properties(RuleContext& context, Keywords& out) {
  PropertiesRule rule;
  for_each_schema(
      context, "properties",
      [&](std::string name, const std::string&, NodeNumber node) { rule.properties[name] = node; });
  for_each_schema(context, "patternProperties",
                  [&](std::string name, const std::string& place, NodeNumber node) {
                    auto pattern = compile_pattern(name);
                    if (!pattern.ok()) return add_problem(context, place, pattern.error().detail);
                    rule.patterns.emplace_back(std::move(*pattern), node);
                  });
  rule.additional = read_schema(context, "additionalProperties");
  bool empty = rule.properties.empty() && rule.patterns.empty() && !rule.additional;
  if (!empty) out.push_back({"properties", std::move(rule)});
  if (auto names = read_schema(context, "propertyNames")) {
    out.push_back({"propertyNames", PropertyNamesRule{*names}});
  }
}

void compile_dependent_schemas(RuleContext& context, Keywords& out) {
  if (context.resource.draft7) return;
  DependentSchemasRule schemas;
  for_each_schema(
      context, "dependentSchemas",
      [&](std::string name, const std::string&, NodeNumber node) { schemas.nodes[name] = node; });
  if (!schemas.nodes.empty()) out.push_back({"dependentSchemas", std::move(schemas)});
}

// Of draft 7: its values are schemas or lists of names. Later drafts allow it to go on working.
void compile_dependencies(RuleContext& context, Keywords& out) {
  const Json* value = member(context, "dependencies");
  if (value == nullptr) return;
  if (!value->is_object())
    return add_problem(context, "dependencies", "dependencies must be an object");
  DependentSchemasRule schemas;
  DependentRequiredRule required;
  for (const auto& [key, dependency] : value->get_object()) {
    std::string name(text_view(key));
    std::string place = concat("dependencies", "/", escape_pointer_token(name));
    if (dependency.is_array()) {
      required.names[name] = read_names(context, place, dependency);
    } else if (auto node = read_schema(context, place, dependency)) {
      schemas.nodes[name] = *node;
    }
  }
  if (!required.names.empty()) out.push_back({"dependencies", std::move(required)});
  if (!schemas.nodes.empty()) out.push_back({"dependencies", std::move(schemas)});
}

void compile_items(RuleContext& context, Keywords& out) {
  ItemsRule rule;
  const Json* items = member(context, "items");
  bool listed = items != nullptr && items->is_array();
  if (!context.resource.draft7) {
    rule.prefix = read_schemas(context, "prefixItems");
    if (listed) {
      add_problem(context, "items", "items must be a schema",
                  "a schema for each position is prefixItems since 2020-12");
    } else {
      rule.rest = read_schema(context, "items");
    }
  } else if (listed) {
    if (!items->get_array().empty()) rule.prefix = read_schemas(context, "items");
    rule.rest = read_schema(context, "additionalItems");
  } else {
    rule.rest = read_schema(context, "items");
  }
  if (!rule.prefix.empty() || rule.rest) out.push_back({"items", std::move(rule)});
}

void compile_contains(RuleContext& context, Keywords& out) {
  auto node = read_schema(context, "contains");
  if (!node) return;
  ContainsRule rule{.node = *node, .minimum = 1, .maximum = {}};
  rule.evaluates = !context.resource.draft7;
  if (!context.resource.draft7 && context.resource.validates) {
    rule.minimum = read_count(context, "minContains").value_or(1);
    rule.maximum = read_count(context, "maxContains");
  }
  out.push_back({"contains", rule});
}

void compile_logic(RuleContext& context, Keywords& out) {
  if (auto nodes = read_schemas(context, "allOf"); !nodes.empty()) {
    out.push_back({"allOf", AllOfRule{std::move(nodes)}});
  }
  if (auto nodes = read_schemas(context, "anyOf"); !nodes.empty()) {
    out.push_back({"anyOf", AnyOfRule{std::move(nodes)}});
  }
  if (auto nodes = read_schemas(context, "oneOf"); !nodes.empty()) {
    out.push_back({"oneOf", OneOfRule{std::move(nodes)}});
  }
  if (auto node = read_schema(context, "not")) out.push_back({"not", NotRule{*node}});
  if (auto condition = read_schema(context, "if")) {
    IfRule rule{.condition = *condition, .then_node = {}, .else_node = {}};
    rule.then_node = read_schema(context, "then");
    rule.else_node = read_schema(context, "else");
    out.push_back({"if", rule});
  }
}

}  // namespace

std::vector<Keyword> compile_keywords(RuleContext& context) {
  Keywords out;
  compile_references(context, out);
  // Draft 7: a $ref replaces what stands beside it.
  if (context.resource.draft7 && member(context, "$ref") != nullptr) return out;
  if (context.resource.validates) compile_assertions(context, out);
  compile_properties(context, out);
  compile_dependent_schemas(context, out);
  compile_dependencies(context, out);
  compile_items(context, out);
  compile_contains(context, out);
  compile_logic(context, out);
  if (context.resource.draft7) return out;
  if (auto node = read_schema(context, "unevaluatedProperties")) {
    out.push_back({"unevaluatedProperties", UnevaluatedPropertiesRule{*node}});
  }
  if (auto node = read_schema(context, "unevaluatedItems")) {
    out.push_back({"unevaluatedItems", UnevaluatedItemsRule{*node}});
  }
  return out;
}

}  // namespace harmonia::workflow::schema
