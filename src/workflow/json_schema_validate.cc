#include "workflow/json_schema_validator.h"

namespace harmonia::workflow {
namespace schema {
namespace {

// Schemas within schemas and references, on the way to one value.
constexpr std::size_t recursion_max = 600;
constexpr std::uint64_t steps_max = 5'000'000;

}  // namespace

std::string to_pointer(const Path* path) {
  if (path == nullptr || path->parent == nullptr) return {};
  std::string token =
      path->is_index ? std::to_string(path->index) : escape_pointer_token(path->key);
  return to_pointer(path->parent) + "/" + token;
}

bool Validator::check(NodeNumber number, const Place& place) {
  const Node& node = compiled_.nodes[number];
  if (!exhausted_.empty()) return false;
  if (++steps_ > steps_max) exhausted_ = "validating this value takes too many steps";
  if (depth_ >= recursion_max) exhausted_ = "the schema refers to itself too deeply for this value";
  if (!exhausted_.empty()) return false;
  if (node.never) {
    report(place.path, "no value is allowed here", node.location);
    return false;
  }
  bool enters = scope_.empty() || scope_.back() != node.resource;
  if (enters) scope_.push_back(node.resource);
  ++depth_;
  bool accepted = check_node(node, place);
  --depth_;
  if (enters) scope_.pop_back();
  return accepted;
}

bool Validator::check_node(const Node& node, const Place& place) {
  std::optional<Evaluated> own;
  if (node.tracks) own.emplace(place.instance);
  Place inner{
      .instance = place.instance, .path = place.path, .evaluated = own ? &*own : place.evaluated};
  bool accepted = true;
  for (const Keyword& keyword : node.keywords) {
    // What failing sub-schemas did not look at would only be noise.
    bool unevaluated = std::holds_alternative<UnevaluatedPropertiesRule>(keyword.rule) ||
                       std::holds_alternative<UnevaluatedItemsRule>(keyword.rule);
    if (unevaluated && !accepted) continue;
    accepted = std::visit(RuleVisitor{*this, node, keyword, inner}, keyword.rule) && accepted;
    if (!accepted && silent()) return false;
  }
  if (own && place.evaluated != nullptr) place.evaluated->merge(*own);
  return accepted;
}

}  // namespace schema

std::vector<Problem> JsonSchema::validate(const Json& instance, std::size_t problems_max) const {
  return schema::Validator(*compiled_, problems_max).run(instance);
}

}  // namespace harmonia::workflow
