#include "workflow/json_schema_pattern.h"
#include "workflow/json_schema_validator.h"

// The rules that apply sub-schemas.
namespace harmonia::workflow::schema {

bool RuleVisitor::check_property(const PropertiesRule& rule, const JsonObject::value_type& member,
                                 bool& matched) const {
  std::string_view name = text_view(member.key());
  bool accepted = true;
  auto found = rule.properties.find(name);
  matched = found != rule.properties.end();
  if (matched) accepted = check_member(found->second, member);
  for (const auto& [pattern, target] : rule.patterns) {
    if (!matches(pattern, name)) continue;
    matched = true;
    accepted = check_member(target, member) && accepted;
  }
  if (matched || !rule.additional) return accepted;
  matched = true;
  if (!validator.compiled_.nodes[*rule.additional].never)
    return check_member(*rule.additional, member);
  Path path{.parent = place.path, .key = name};
  validator.report(&path, "the property '" + std::string(name) + "' is not allowed here",
                   node.location + "/additionalProperties");
  return false;
}

bool RuleVisitor::operator()(const PropertiesRule& rule) const {
  if (!value().is_object()) return true;
  bool accepted = true;
  std::size_t index = 0;
  for (const auto& member : value().get_object()) {
    bool matched = false;
    accepted = check_property(rule, member, matched) && accepted;
    if (!accepted && validator.silent()) return false;
    if (matched) mark(index);
    ++index;
  }
  return accepted;
}

bool RuleVisitor::operator()(const PropertyNamesRule& rule) const {
  if (!value().is_object()) return true;
  bool accepted = true;
  for (const auto& member : value().get_object()) {
    Path path{.parent = place.path, .key = text_view(member.key())};
    Json name(member.key());
    accepted =
        validator.check(rule.node, {.instance = name, .path = &path, .evaluated = nullptr}) &&
        accepted;
  }
  return accepted;
}

bool RuleVisitor::operator()(const DependentSchemasRule& rule) const {
  if (!value().is_object()) return true;
  bool accepted = true;
  for (const auto& [name, target] : rule.nodes) {
    if (value().get_object().contains(name)) accepted = validator.check(target, place) && accepted;
  }
  return accepted;
}

bool RuleVisitor::operator()(const UnevaluatedPropertiesRule& rule) const {
  if (!value().is_object()) return true;
  bool accepted = true;
  std::size_t index = 0;
  for (const auto& member : value().get_object()) {
    std::size_t at = index++;
    if (place.evaluated->members[at]) continue;
    mark(at);
    accepted = check_member(rule.node, member) && accepted;
  }
  return accepted;
}

bool RuleVisitor::operator()(const ItemsRule& rule) const {
  if (!value().is_array()) return true;
  bool accepted = true;
  std::size_t count = value().get_array().size();
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= rule.prefix.size() && !rule.rest) break;
    accepted = check_item(i < rule.prefix.size() ? rule.prefix[i] : *rule.rest, i) && accepted;
    if (!accepted && validator.silent()) return false;
    mark(i);
  }
  return accepted;
}

bool RuleVisitor::operator()(const ContainsRule& rule) const {
  if (!value().is_array()) return true;
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < value().get_array().size(); ++i) {
    Path path{.parent = place.path, .index = i, .is_index = true};
    Place item{.instance = value().get_array()[i], .path = &path, .evaluated = nullptr};
    if (!validator.accepts(rule.node, item)) continue;
    ++found;
    if (rule.evaluates) mark(i);
  }
  if (found < rule.minimum) {
    return refuse("must contain at least " + std::to_string(rule.minimum) +
                  " matching item(s), not " + std::to_string(found));
  }
  if (rule.maximum && found > *rule.maximum) {
    return refuse("must contain at most " + std::to_string(*rule.maximum) +
                  " matching item(s), not " + std::to_string(found));
  }
  return true;
}

bool RuleVisitor::operator()(const UnevaluatedItemsRule& rule) const {
  if (!value().is_array()) return true;
  bool accepted = true;
  for (std::size_t i = 0; i < value().get_array().size(); ++i) {
    if (place.evaluated->members[i]) continue;
    mark(i);
    accepted = check_item(rule.node, i) && accepted;
  }
  return accepted;
}

bool RuleVisitor::operator()(const AllOfRule& rule) const {
  bool accepted = true;
  for (NodeNumber target : rule.nodes) {
    accepted = validator.check(target, place) && accepted;
    if (!accepted && validator.silent()) return false;
  }
  return accepted;
}

bool RuleVisitor::operator()(const AnyOfRule& rule) const {
  bool accepted = false;
  for (NodeNumber target : rule.nodes) {
    accepted = validator.accepts_branch(target, place) || accepted;
    if (accepted && place.evaluated == nullptr) return true;
  }
  if (accepted || validator.silent()) return accepted;
  return refuse("matches none of the " + std::to_string(rule.nodes.size()) + " alternatives" +
                nearest(rule.nodes));
}

bool RuleVisitor::operator()(const OneOfRule& rule) const {
  std::size_t matched = 0;
  for (NodeNumber target : rule.nodes) matched += validator.accepts_branch(target, place);
  if (matched == 1) return true;
  if (validator.silent()) return false;
  if (matched > 1) {
    return refuse("matches " + std::to_string(matched) +
                  " of the alternatives, must match exactly one");
  }
  return refuse("matches none of the " + std::to_string(rule.nodes.size()) + " alternatives" +
                nearest(rule.nodes));
}

// What each alternative (of a few) has against the value.
std::string RuleVisitor::nearest(const std::vector<NodeNumber>& nodes) const {
  constexpr std::size_t shown_max = 3;
  std::string text;
  for (std::size_t i = 0; i < nodes.size() && i < shown_max; ++i) {
    std::string problem = validator.first_problem(nodes[i], place);
    if (!problem.empty()) text += (text.empty() ? " (" : "; ") + problem;
  }
  if (text.empty()) return {};
  return text + (nodes.size() > shown_max ? "; ...)" : ")");
}

bool RuleVisitor::operator()(const NotRule& rule) const {
  Place apart{.instance = value(), .path = place.path, .evaluated = nullptr};
  if (!validator.accepts(rule.node, apart)) return true;
  return refuse("must not match the schema under 'not'");
}

bool RuleVisitor::operator()(const IfRule& rule) const {
  bool condition = validator.accepts_branch(rule.condition, place);
  const auto& chosen = condition ? rule.then_node : rule.else_node;
  return !chosen || validator.check(*chosen, place);
}

bool RuleVisitor::operator()(const DynamicRefRule& rule) const {
  for (ResourceNumber resource : validator.scope_) {
    const auto& anchors = validator.compiled_.resources[resource].dynamic_nodes;
    auto found = anchors.find(rule.anchor);
    if (found != anchors.end()) return validator.check(found->second, place);
  }
  return validator.check(rule.fallback, place);
}

}  // namespace harmonia::workflow::schema
