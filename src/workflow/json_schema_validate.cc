#include "workflow/json_schema_checks.h"
#include "workflow/json_schema_pattern.h"

namespace harmonia::workflow {
namespace {

using namespace schema;

constexpr std::size_t recursion_max =
    600;  // schemas within schemas and references, on the way to one value
constexpr std::uint64_t steps_max = 5'000'000;

// The way from the root of the instance to a value, as a chain on the stack: pointers are only
// built for problems.
struct Path {
  const Path* parent = nullptr;
  std::string_view key = {};
  std::size_t index = 0;
  bool is_index = false;
};

std::string to_pointer(const Path* path) {
  if (path == nullptr || path->parent == nullptr) return {};
  std::string token =
      path->is_index ? std::to_string(path->index) : escape_pointer_token(path->key);
  return to_pointer(path->parent) + "/" + token;
}

// Which members of one object or array some keyword has looked at, by position.
struct Evaluated {
  std::vector<bool> members;

  explicit Evaluated(const Json& instance)
      : members(instance.is_object()  ? instance.get_object().size()
                : instance.is_array() ? instance.get_array().size()
                                      : 0) {}
  void merge(const Evaluated& other) {
    for (std::size_t i = 0; i < members.size(); ++i) members[i] = members[i] || other.members[i];
  }
};

struct Place {
  const Json& instance;
  const Path* path;
  Evaluated* evaluated;  // null when no keyword will ask
};

class Validator {
 public:
  Validator(const JsonSchema::Compiled& compiled, std::size_t problems_max)
      : compiled_(compiled), problems_max_(problems_max) {}

  std::vector<Problem> run(const Json& instance) {
    Path root;
    check(compiled_.root, {.instance = instance, .path = &root, .evaluated = nullptr});
    if (!exhausted_.empty()) return {{.message = exhausted_}};
    return std::move(problems_);
  }

 private:
  friend struct RuleVisitor;

  bool check(NodeNumber number, const Place& place);
  bool check_node(const Node& node, const Place& place);

  // Whether the node accepts the value, without reporting anything.
  bool accepts(NodeNumber number, const Place& place) {
    ++silent_;
    bool accepted = check(number, place);
    --silent_;
    return accepted;
  }

  // A branch whose evaluated members count only when it accepts.
  bool accepts_branch(NodeNumber number, const Place& place) {
    if (place.evaluated == nullptr) return accepts(number, place);
    Evaluated own(place.instance);
    bool accepted =
        accepts(number, {.instance = place.instance, .path = place.path, .evaluated = &own});
    if (accepted) place.evaluated->merge(own);
    return accepted;
  }

  bool silent() const { return silent_ > 0 || problems_.size() >= problems_max_; }

  void report(const Path* path, std::string message, std::string keyword_location) {
    if (silent()) return;
    problems_.push_back({.pointer = to_pointer(path),
                         .message = std::move(message),
                         .hint = "required by " + std::move(keyword_location) + " of the schema"});
  }

  // The first problem a node has with a value, for messages about alternatives.
  std::string first_problem(NodeNumber number, const Place& place) {
    if (silent() || nested_ || !exhausted_.empty()) return {};
    Validator other(compiled_, 1);
    other.nested_ = true;
    other.scope_ = scope_;
    other.depth_ = depth_;
    other.steps_ = steps_;
    other.check(number, {.instance = place.instance, .path = place.path, .evaluated = nullptr});
    steps_ = other.steps_;
    exhausted_ = other.exhausted_;
    if (other.problems_.empty()) return {};
    const Problem& problem = other.problems_.front();
    std::string where =
        problem.pointer == to_pointer(place.path) ? "" : "at " + problem.pointer + ": ";
    return where + problem.message;
  }

  const JsonSchema::Compiled& compiled_;
  std::size_t problems_max_;
  std::vector<Problem> problems_;
  std::vector<ResourceNumber> scope_;  // the resources entered, outermost first
  int silent_ = 0;
  bool nested_ = false;  // explains an alternative; alternatives within are not explained again
  std::size_t depth_ = 0;
  std::uint64_t steps_ = 0;
  std::string exhausted_;  // why validation was given up
};

// One rule on one value. True: it holds.
struct RuleVisitor {
  Validator& validator;
  const Node& node;
  const Keyword& keyword;
  const Place& place;

  const Json& value() const { return place.instance; }
  std::string location() const { return node.location + "/" + keyword.name; }
  bool refuse(std::string message) const {
    validator.report(place.path, std::move(message), location());
    return false;
  }
  void mark(std::size_t index) const {
    if (place.evaluated != nullptr) place.evaluated->members[index] = true;
  }
  template <class AssertionRule>
  bool asserted(const AssertionRule& rule) const {
    if (holds(rule, value())) return true;
    return validator.silent() ? false : refuse(explain(rule, value()));
  }

  bool operator()(const TypeRule& rule) const { return asserted(rule); }
  bool operator()(const ConstRule& rule) const { return asserted(rule); }
  bool operator()(const EnumRule& rule) const { return asserted(rule); }
  bool operator()(const BoundRule& rule) const { return asserted(rule); }
  bool operator()(const MultipleRule& rule) const { return asserted(rule); }
  bool operator()(const SizeRule& rule) const { return asserted(rule); }
  bool operator()(const PatternRule& rule) const { return asserted(rule); }
  bool operator()(const UniqueRule& rule) const { return asserted(rule); }
  bool operator()(const RequiredRule& rule) const { return asserted(rule); }
  bool operator()(const DependentRequiredRule& rule) const { return asserted(rule); }

  bool operator()(const PropertiesRule& rule) const;
  bool operator()(const PropertyNamesRule& rule) const;
  bool operator()(const DependentSchemasRule& rule) const;
  bool operator()(const UnevaluatedPropertiesRule& rule) const;
  bool operator()(const ItemsRule& rule) const;
  bool operator()(const ContainsRule& rule) const;
  bool operator()(const UnevaluatedItemsRule& rule) const;
  bool operator()(const AllOfRule& rule) const;
  bool operator()(const AnyOfRule& rule) const;
  bool operator()(const OneOfRule& rule) const;
  bool operator()(const NotRule& rule) const;
  bool operator()(const IfRule& rule) const;
  bool operator()(const RefRule& rule) const { return validator.check(rule.node, place); }
  bool operator()(const DynamicRefRule& rule) const;

  bool check_member(NodeNumber number, const JsonObject::value_type& member) const {
    Path path{.parent = place.path, .key = text_view(member.key())};
    return validator.check(number,
                           {.instance = member.value(), .path = &path, .evaluated = nullptr});
  }
  bool check_item(NodeNumber number, std::size_t index) const {
    Path path{.parent = place.path, .index = index, .is_index = true};
    return validator.check(
        number, {.instance = value().get_array()[index], .path = &path, .evaluated = nullptr});
  }
  bool check_property(const PropertiesRule& rule, const JsonObject::value_type& member,
                      bool& matched) const;
  std::string nearest(const std::vector<NodeNumber>& nodes) const;
};

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

}  // namespace

std::vector<Problem> JsonSchema::validate(const Json& instance, std::size_t problems_max) const {
  return Validator(*compiled_, problems_max).run(instance);
}

}  // namespace harmonia::workflow
