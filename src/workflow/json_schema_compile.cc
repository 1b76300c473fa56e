#include <array>

#include "workflow/json_schema.h"
#include "workflow/json_schema_index.h"
#include "workflow/json_schema_rules.h"

namespace harmonia::workflow {
namespace {

using schema::Node;
using schema::NodeNumber;
using schema::ResourceNumber;

constexpr std::size_t depth_max = 128;
constexpr std::size_t nodes_max = 200'000;

bool deeper_than(const Json& value, std::size_t levels) {
  if (!value.is_object() && !value.is_array()) return false;
  if (levels == 0) return true;
  auto too_deep = [levels](const Json& child) { return deeper_than(child, levels - 1); };
  if (value.is_array()) {
    return std::any_of(value.get_array().begin(), value.get_array().end(), too_deep);
  }
  return std::any_of(value.get_object().begin(), value.get_object().end(),
                     [&](const auto& member) { return too_deep(member.value()); });
}

Error schema_error(std::vector<Problem> problems) {
  const Problem& first = problems.front();
  Error error = make_error(error_code::schema,
                           "the schema is wrong at '" + first.pointer + "': " + first.message);
  error.instance = first.pointer;
  error.problems = std::move(problems);
  return error;
}

// Compiles schemas in the order they are found needed: references make no recursion here, however
// long a chain of them is.
class Compiler final : public schema::NodeSource {
 public:
  Compiler(JsonSchema::Compiled& out, const SchemaDocuments& documents)
      : out_(out), index_(out, documents) {}

  std::vector<Problem> run() {
    out_.root = number_of(out_.source);
    while (!pending_.empty()) {
      const Json* next = pending_.back();
      pending_.pop_back();
      compile(*next);
      if (out_.nodes.size() > nodes_max) {
        problems_.push_back(
            {.message = "the schema has more than " + std::to_string(nodes_max) + " parts"});
        break;
      }
    }
    const auto& found = index_.problems();
    problems_.insert(problems_.begin(), found.begin(), found.end());
    return std::move(problems_);
  }

  NodeNumber number_of(const Json& schema) override {
    auto [found, is_new] = numbers_.emplace(&schema, static_cast<NodeNumber>(out_.nodes.size()));
    if (!is_new) return found->second;
    const auto& place = index_.place(&schema);
    Node node;
    node.location = place.location;
    node.resource = place.resource;
    NodeNumber number = found->second;
    out_.nodes.push_back(std::move(node));
    pending_.push_back(&schema);
    use(place.resource);
    return number;
  }

  std::optional<schema::SchemaIndex::Target> resolve(ResourceNumber from,
                                                     std::string_view reference) override {
    return index_.resolve(from, reference);
  }

 private:
  // Every $dynamicAnchor of a resource that can be in dynamic scope may be jumped to.
  void use(ResourceNumber number) {
    if (out_.resources[number].used) return;
    out_.resources[number].used = true;
    auto anchors = out_.resources[number].dynamic_anchors;
    for (const auto& [name, target] : anchors) {
      NodeNumber node = number_of(*target);
      out_.resources[number].dynamic_nodes[name] = node;
    }
  }

  void compile(const Json& schema) {
    NodeNumber number = numbers_.at(&schema);
    if (schema.is_bool()) {
      out_.nodes[number].never = !schema.get_bool();
      return;
    }
    const auto place = index_.place(&schema);
    schema::RuleContext context{.schema = schema.get_object(),
                                .location = place.location,
                                .resource = out_.resources[place.resource],
                                .number = place.resource,
                                .nodes = *this,
                                .problems = problems_};
    auto keywords = schema::compile_keywords(context);
    Node& node = out_.nodes[number];
    node.keywords = std::move(keywords);
    for (const auto& keyword : node.keywords) {
      node.tracks = node.tracks ||
                    std::holds_alternative<schema::UnevaluatedPropertiesRule>(keyword.rule) ||
                    std::holds_alternative<schema::UnevaluatedItemsRule>(keyword.rule);
    }
  }

  JsonSchema::Compiled& out_;
  schema::SchemaIndex index_;
  std::unordered_map<const Json*, NodeNumber> numbers_;
  std::vector<const Json*> pending_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<JsonSchema> JsonSchema::compile(const Json& schema) { return compile(schema, {}); }

Result<JsonSchema> JsonSchema::compile(const Json& schema, const SchemaDocuments& documents) {
  if (!schema.is_object() && !schema.is_bool()) {
    return schema_error({{.message = "a schema is an object or a boolean"}});
  }
  if (deeper_than(schema, depth_max)) {
    return schema_error(
        {{.message = "the schema nests deeper than " + std::to_string(depth_max) + " levels"}});
  }
  auto compiled = std::make_shared<Compiled>();
  compiled->source = schema;
  auto problems = Compiler(*compiled, documents).run();
  if (!problems.empty()) return schema_error(std::move(problems));
  return JsonSchema(std::move(compiled));
}

const Json& JsonSchema::source() const { return compiled_->source; }

}  // namespace harmonia::workflow
