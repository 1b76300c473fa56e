#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <re2/re2.h>

#include "base/json.h"
#include "workflow/json_schema.h"

// What a schema is compiled to: nodes that hold rules, one rule for each keyword (or for a few that
// belong together). Internal to the json_schema_*.cc files.
namespace harmonia::workflow::schema {

using NodeNumber = std::uint32_t;
using ResourceNumber = std::uint32_t;

// Bits of a set of JSON types; every integer is a number too.
enum TypeBit : std::uint8_t {
  type_null = 1,
  type_boolean = 2,
  type_integer = 4,
  type_number = 8,
  type_string = 16,
  type_array = 32,
  type_object = 64,
};

struct Pattern {
  std::string source;  // as the author wrote it
  std::unique_ptr<const re2::RE2> program;
};

struct TypeRule {
  std::uint8_t types;
};
struct ConstRule {
  const Json* value;
};
struct EnumRule {
  const JsonArray* values;
};
struct BoundRule {
  enum class Kind { minimum, maximum, exclusive_minimum, exclusive_maximum } kind;
  const Json* limit;
};
struct MultipleRule {
  const Json* divisor;
};
// Lengths of strings, arrays and objects.
struct SizeRule {
  enum class Of { string, array, object } of;
  bool is_maximum;
  std::uint64_t limit;
};
struct PatternRule {
  Pattern pattern;
};
struct UniqueRule {};
struct RequiredRule {
  std::vector<std::string> names;
};
struct DependentRequiredRule {
  std::map<std::string, std::vector<std::string>, std::less<>> names;
};
// properties, patternProperties and additionalProperties: the last depends on the first two.
struct PropertiesRule {
  std::map<std::string, NodeNumber, std::less<>> properties;
  std::vector<std::pair<Pattern, NodeNumber>> patterns;
  std::optional<NodeNumber> additional;
};
struct PropertyNamesRule {
  NodeNumber node;
};
struct DependentSchemasRule {
  std::map<std::string, NodeNumber, std::less<>> nodes;
};
struct UnevaluatedPropertiesRule {
  NodeNumber node;
};
// prefixItems and items (of draft 7: an array in items, and additionalItems).
struct ItemsRule {
  std::vector<NodeNumber> prefix;
  std::optional<NodeNumber> rest;
};
struct ContainsRule {
  NodeNumber node;
  std::uint64_t minimum = 1;
  std::optional<std::uint64_t> maximum;
  bool evaluates = true;  // draft 7 has no evaluated items
};
struct UnevaluatedItemsRule {
  NodeNumber node;
};
struct AllOfRule {
  std::vector<NodeNumber> nodes;
};
struct AnyOfRule {
  std::vector<NodeNumber> nodes;
};
struct OneOfRule {
  std::vector<NodeNumber> nodes;
};
struct NotRule {
  NodeNumber node;
};
struct IfRule {
  NodeNumber condition;
  std::optional<NodeNumber> then_node;
  std::optional<NodeNumber> else_node;
};
struct RefRule {
  NodeNumber node;
};
// The target is the outermost resource in dynamic scope that has this $dynamicAnchor.
struct DynamicRefRule {
  NodeNumber fallback;
  std::string anchor;
};

using Rule =
    std::variant<TypeRule, ConstRule, EnumRule, BoundRule, MultipleRule, SizeRule, PatternRule,
                 UniqueRule, RequiredRule, DependentRequiredRule, PropertiesRule, PropertyNamesRule,
                 DependentSchemasRule, UnevaluatedPropertiesRule, ItemsRule, ContainsRule,
                 UnevaluatedItemsRule, AllOfRule, AnyOfRule, OneOfRule, NotRule, IfRule, RefRule,
                 DynamicRefRule>;

struct Keyword {
  std::string name;
  Rule rule;
};

struct Node {
  std::string location;  // pointer of this schema; outside the root document with the document's
                         // URI and '#'
  ResourceNumber resource = 0;
  bool never = false;             // the schema `false`
  bool tracks = false;            // has an unevaluated... rule
  std::vector<Keyword> keywords;  // unevaluated... last
};

// A schema with an identity of its own: what $id begins.
struct Resource {
  std::string uri;
  const Json* root = nullptr;
  std::unordered_map<std::string, const Json*> anchors;
  std::unordered_map<std::string, const Json*> dynamic_anchors;
  std::unordered_map<std::string, NodeNumber> dynamic_nodes;  // filled when the resource is used
  bool draft7 = false;
  bool validates = true;  // false when a meta-schema leaves the validation vocabulary out
  bool used = false;
};

}  // namespace harmonia::workflow::schema

namespace harmonia::workflow {

struct JsonSchema::Compiled {
  Json source;
  std::deque<Json>
      documents;  // meta-schemas that were referred to; nodes point into them and into source
  std::vector<schema::Node> nodes;
  std::vector<schema::Resource> resources;
  schema::NodeNumber root = 0;
};

}  // namespace harmonia::workflow
