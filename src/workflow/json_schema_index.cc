#include "workflow/json_schema_index.h"

#include <algorithm>
#include <array>

#include "workflow/json_schema_metaschemas.h"
#include "workflow/uri.h"

namespace harmonia::workflow::schema {
namespace {

// Keywords whose value is a schema or a list of schemas.
constexpr std::array<std::string_view, 16> schema_keywords = {"additionalProperties",
                                                              "propertyNames",
                                                              "items",
                                                              "additionalItems",
                                                              "prefixItems",
                                                              "contains",
                                                              "not",
                                                              "if",
                                                              "then",
                                                              "else",
                                                              "allOf",
                                                              "anyOf",
                                                              "oneOf",
                                                              "unevaluatedItems",
                                                              "unevaluatedProperties",
                                                              "contentSchema"};
// Keywords whose value is an object of schemas.
constexpr std::array<std::string_view, 6> schema_map_keywords = {
    "properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "dependencies"};

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_schema(const Json& value) { return value.is_object() || value.is_bool(); }

std::string child(const std::string& location, std::string_view token) {
  return location + "/" + escape_pointer_token(token);
}

std::string_view text_member(const JsonObject& object, std::string_view name) {
  const Json* value = object.if_contains(json_view(name));
  return value != nullptr && value->is_string() ? text_view(value->get_string())
                                                : std::string_view{};
}

constexpr std::string_view validation_vocabulary =
    "https://json-schema.org/draft/2020-12/vocab/validation";

}  // namespace

SchemaIndex::SchemaIndex(JsonSchema::Compiled& out, const SchemaDocuments& documents)
    : out_(out), documents_(documents) {
  out_.resources.push_back({.root = &out_.source});
  resource_by_uri_[""] = 0;
  if (out_.source.is_object()) read_dialect(out_.source.get_object(), out_.resources[0], "");
  walk(out_.source, 0, "");
}

const SchemaIndex::Place& SchemaIndex::place(const Json* schema) const {
  auto found = places_.find(schema);
  ASSERT(found != places_.end());
  return found->second;
}

void SchemaIndex::walk(const Json& schema, ResourceNumber resource, const std::string& location) {
  if (!is_schema(schema) || places_.contains(&schema)) return;
  if (schema.is_object()) resource = enter(schema, resource, location);
  places_[&schema] = {.resource = resource, .location = location};
  if (!schema.is_object()) return;
  note_anchors(schema, resource);
  walk_children(schema.get_object(), resource, location);
}

void SchemaIndex::walk_children(const JsonObject& object, ResourceNumber resource,
                                const std::string& location) {
  for (const auto& [key, value] : object) {
    std::string_view name = text_view(key);
    if (contains(schema_keywords, name)) {
      std::string place = child(location, name);
      walk(value, resource, place);
      if (!value.is_array()) continue;
      for (std::size_t i = 0; i < value.get_array().size(); ++i) {
        walk(value.get_array()[i], resource, place + "/" + std::to_string(i));
      }
    } else if (contains(schema_map_keywords, name) && value.is_object()) {
      std::string place = child(location, name);
      for (const auto& member : value.get_object()) {
        walk(member.value(), resource, child(place, text_view(member.key())));
      }
    }
  }
}

// The resource of a schema object: one of its own when it has an $id, else that of its parent.
ResourceNumber SchemaIndex::enter(const Json& schema, ResourceNumber parent,
                                  const std::string& location) {
  const JsonObject& object = schema.get_object();
  std::string_view id = text_member(object, "$id");
  bool id_is_ignored = out_.resources[parent].draft7 && object.contains("$ref");
  if (id.empty() || id_is_ignored) return parent;
  UriReference reference = split_fragment(id);
  if (reference.uri.empty()) return parent;
  std::string uri = resolve_uri(out_.resources[parent].uri, reference.uri);
  if (out_.resources[parent].root == &schema) {  // the root of a document names itself
    out_.resources[parent].uri = uri;
    resource_by_uri_.emplace(uri, parent);
    return parent;
  }
  auto number = static_cast<ResourceNumber>(out_.resources.size());
  Resource resource{.uri = uri, .root = &schema};
  resource.draft7 = out_.resources[parent].draft7;
  resource.validates = out_.resources[parent].validates;
  out_.resources.push_back(std::move(resource));
  read_dialect(object, out_.resources.back(), location);
  if (!resource_by_uri_.emplace(uri, number).second) {
    problems_.push_back({.pointer = location + "/$id",
                         .message = "the $id '" + uri + "' stands twice in the schema"});
  }
  return number;
}

void SchemaIndex::note_anchors(const Json& schema, ResourceNumber number) {
  const JsonObject& object = schema.get_object();
  Resource& resource = out_.resources[number];
  if (resource.draft7) {
    std::string fragment = split_fragment(text_member(object, "$id")).fragment;
    if (!fragment.empty() && !object.contains("$ref")) resource.anchors.emplace(fragment, &schema);
    return;
  }
  auto anchor = text_member(object, "$anchor");
  if (!anchor.empty()) resource.anchors.emplace(anchor, &schema);
  auto dynamic = text_member(object, "$dynamicAnchor");
  if (!dynamic.empty()) resource.dynamic_anchors.emplace(dynamic, &schema);
}

// Which draft and which vocabularies `$schema` asks for. Drafts between 7 and 2020-12 are read as
// 2020-12.
void SchemaIndex::read_dialect(const JsonObject& object, Resource& resource,
                               const std::string& location) {
  std::string_view named = text_member(object, "$schema");
  if (named.empty()) return;
  std::string uri = split_fragment(named).uri;
  if (uri.find("json-schema.org/draft-0") != std::string::npos) {
    resource.draft7 =
        uri.find("draft-07") != std::string::npos || uri.find("draft-06") != std::string::npos;
    if (!resource.draft7 && location.empty()) {
      problems_.push_back({.pointer = "/$schema",
                           .message = "draft '" + uri + "' is not supported",
                           .hint = "use https://json-schema.org/draft/2020-12/schema"});
    }
    return;
  }
  resource.draft7 = false;
  resource.validates = true;
  if (uri.find("json-schema.org/draft/20") != std::string::npos) return;
  auto found = documents_.find(uri);
  if (found == documents_.end()) {
    if (location.empty()) {
      problems_.push_back({.pointer = "/$schema",
                           .message = "the meta-schema '" + uri + "' is not known",
                           .hint = "use https://json-schema.org/draft/2020-12/schema"});
    }
    return;
  }
  const Json* vocabularies = find_pointer(found->second, "/$vocabulary");
  if (vocabularies == nullptr || !vocabularies->is_object()) return;
  resource.validates = vocabularies->get_object().contains(json_view(validation_vocabulary));
}

std::optional<SchemaIndex::Target> SchemaIndex::resolve(ResourceNumber from,
                                                        std::string_view reference) {
  UriReference parts = split_fragment(reference);
  auto number = find_resource(resolve_uri(out_.resources[from].uri, parts.uri));
  if (!number) return std::nullopt;
  Target target = find_in_resource(*number, parts.fragment);
  if (target.schema == nullptr) return std::nullopt;
  return target;
}

SchemaIndex::Target SchemaIndex::find_in_resource(ResourceNumber number,
                                                  const std::string& fragment) {
  Resource& resource = out_.resources[number];
  if (fragment.empty()) return {.schema = resource.root, .dynamic_anchor = {}};
  if (fragment.front() == '/') {
    const Json* found = find_pointer(*resource.root, fragment);
    if (found == nullptr || !is_schema(*found)) return {};
    // A place the walk did not take for a schema, such as one below an unknown keyword.
    if (!places_.contains(found)) walk(*found, number, place(resource.root).location + fragment);
    return {.schema = found, .dynamic_anchor = {}};
  }
  auto dynamic = resource.dynamic_anchors.find(fragment);
  if (dynamic != resource.dynamic_anchors.end()) {
    return {.schema = dynamic->second, .dynamic_anchor = fragment};
  }
  auto plain = resource.anchors.find(fragment);
  if (plain == resource.anchors.end()) return {};
  return {.schema = plain->second, .dynamic_anchor = {}};
}

std::optional<ResourceNumber> SchemaIndex::find_resource(const std::string& uri) {
  auto found = resource_by_uri_.find(uri);
  if (found != resource_by_uri_.end()) return found->second;
  auto registered = documents_.find(uri);
  if (registered != documents_.end()) return add_document(registered->second, uri);
  std::string_view text = find_metaschema(uri);
  if (text.empty()) return std::nullopt;
  auto parsed = parse_json(text);
  ASSERT(parsed.ok());
  return add_document(std::move(*parsed), uri);
}

std::optional<ResourceNumber> SchemaIndex::add_document(Json document, const std::string& uri) {
  if (!is_schema(document)) return std::nullopt;
  const Json& root = out_.documents.emplace_back(std::move(document));
  auto number = static_cast<ResourceNumber>(out_.resources.size());
  Resource resource{.uri = uri, .root = &root};
  resource.draft7 = out_.resources.front().draft7;  // unless it says otherwise
  if (root.is_object()) read_dialect(root.get_object(), resource, uri);
  out_.resources.push_back(std::move(resource));
  resource_by_uri_[uri] = number;
  walk(root, number, uri + "#");
  return number;
}

}  // namespace harmonia::workflow::schema
