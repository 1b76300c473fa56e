// The members of roots are written twice: in activation.cc, where expressions get them, and in
// workflow/output_types.cc, where they are checked when a definition is saved.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "execution/activation.h"
#include "execution/decide.h"
#include "workflow/definition_types.h"
#include "workflow/parse.h"

namespace harmonia::execution {
namespace {

using Names = std::set<std::string>;

constexpr std::string_view text = R"({
  "name": "roots", "version": "2", "description": "d",
  "tasks": {
    "bad": {"type": "fail", "error": {"code": "bad", "message": "on purpose"}},
    "lax": {"type": "fail", "on_error": "continue", "error": {"code": "bad", "message": "so"}},
    "good": {"component": "noop"},
    "hook": {"type": "webhook", "input": {"url": "${callback.url}"}},
    "each": {"type": "loop", "times": 2, "do": {"inner": {"component": "noop"}}}
  }
})";

// The definition as the checks see it, and the types of its roots.
struct Checked {
  Json source = *parse_json(text);
  workflow::Findings findings;
  workflow::ParseLimits limits;
  workflow::DefinitionBuilder builder{.findings = findings, .limits = limits};
  std::optional<workflow::DefinitionTypes> types;

  Checked() {
    workflow::compile_definition(source.get_object(), builder);
    workflow::check_graph(builder);
    workflow::check_references(builder);
    EXPECT_FALSE(findings.has_errors());
    types.emplace(builder, nullptr);
    types->check();
  }

  const workflow::Definition& definition() const { return builder.definition; }

  TaskRef task(ScopeId scope, workflow::BodyNumber body, std::string_view id) const {
    const auto& numbers = definition().bodies[body].tasks;
    auto found = std::find_if(numbers.begin(), numbers.end(),
                              [&](auto number) { return definition().tasks[number].id == id; });
    return {.scope = scope, .task = *found};
  }

  Names members(std::string_view root, workflow::BodyNumber body,
                workflow::ExpressionPlace place = workflow::ExpressionPlace::task_values) const {
    workflow::ExpressionSite site;
    site.body = body;
    site.place = place;
    expr::Type type = types->root(root, site, nullptr);
    Names names;
    EXPECT_TRUE(type.object && type.object->closed) << root;
    if (!type.object) return names;
    for (const auto& [name, field] : type.object->fields) {
      EXPECT_TRUE(field.required) << root << "." << name;
      names.insert(name);
    }
    return names;
  }
};

Names names_of(const std::optional<expr::LazyObject::Member>& found) {
  Names names;
  if (!found || !found->computed || !found->computed->is_object()) return names;
  for (const auto& member : found->computed->get_object())
    names.insert(std::string(text_view(member.key())));
  return names;
}

// A run of it: one task has failed, others work, the loop is in its first iteration.
State begun(const workflow::Definition& definition) {
  constexpr Timestamp now = from_micros(1'767'225'600'000'000);
  Start start{.execution = {make_uuid_v7(1, 1, 1)},
              .workflow = {make_uuid_v7(1, 2, 3)},
              .revision = 1,
              .input = share(JsonObject{}),
              .context = share(JsonObject{}),
              .env = share(JsonObject{}),
              .key = "key"};
  State state;
  state.id = start.execution;
  Decision decision = decide(definition, std::move(state), {.now = now, .body = start});
  EXPECT_FALSE(decision.refusal.has_value());
  return std::move(decision.state);
}

TEST(Roots, their_members_are_those_that_are_checked_when_a_definition_is_saved) {
  Checked checked;
  State state = begun(checked.definition());
  ASSERT_EQ(state.scopes.size(), 2u);
  ScopeId iteration = state.scopes.rbegin()->first;
  auto body = state.scope(iteration).body;
  ScopeActivation outer(checked.definition(), state, root_scope);
  ScopeActivation inner(checked.definition(), state, iteration);
  for (std::string_view root : {"workflow", "execution", "error"}) {
    EXPECT_FALSE(checked.members(root, 0).empty()) << root;
    EXPECT_EQ(names_of(outer.root(root)), checked.members(root, 0)) << root;
  }
  EXPECT_FALSE(checked.members("loop", body).empty());
  EXPECT_EQ(names_of(inner.root("loop")), checked.members("loop", body));
  outer.set_task(checked.task(root_scope, 0, "hook"));
  EXPECT_EQ(names_of(outer.root("callback")),
            checked.members("callback", 0, workflow::ExpressionPlace::webhook_input));
}

}  // namespace
}  // namespace harmonia::execution
