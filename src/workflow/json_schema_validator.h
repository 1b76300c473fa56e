#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/json_schema_checks.h"
#include "workflow/json_schema_node.h"

// One validation of an instance against a compiled schema. Internal to the json_schema_*.cc files.
namespace harmonia::workflow::schema {

// The way from the root of the instance to a value, as a chain on the stack: pointers are only
// built for problems.
struct Path {
  const Path* parent = nullptr;
  std::string_view key = {};
  std::size_t index = 0;
  bool is_index = false;
};

std::string to_pointer(const Path* path);

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

}  // namespace harmonia::workflow::schema
