#include "tasks/transform/transform_runner.h"

#include <utility>

#include "expr/expr.h"
#include "tasks/schema_text.h"
#include "tasks/transform/json_actions.h"
#include "tasks/transform/program_cache.h"

namespace harmonia::tasks {
namespace {

constexpr std::string_view input_schema = R"({
  "type": "object",
  "properties": {
    "expression": {
      "type": "string",
      "description": "CEL without ${ }; its roots are the other members of the input"
    },
    "data": { "description": "What the expression is about" },
    "value": { "description": "Without an expression: the output as it is" }
  },
  "anyOf": [{ "required": ["expression"] }, { "required": ["value"] }]
})";

// The members of the input, by name.
class Members final : public expr::Activation {
 public:
  explicit Members(const JsonObject& input) : input_(input) {}
  std::optional<expr::LazyObject::Member> root(std::string_view name) const override {
    const Json* found = input_.if_contains(json_view(name));
    if (found == nullptr) return std::nullopt;
    return expr::LazyObject::Member{.json = found};
  }

 private:
  const JsonObject& input_;
};

Result<Json> evaluate_input(ProgramCache& cache, JsonObject& input) {
  const Json* expression = input.if_contains("expression");
  if (expression == nullptr) return std::move(input.at("value"));
  std::vector<std::string_view> roots;
  for (const auto& member : input) {
    if (member.key() != "expression") roots.push_back(text_view(member.key()));
  }
  TRY(expr::Program program, cache.compile(text_view(expression->get_string()), std::move(roots)));
  return expr::evaluate(program, Members(input));
}

class TransformRunner final : public Runner {
 public:
  explicit TransformRunner(WorkerPool& pool) : pool_(pool) {}

  std::string_view component() const override { return "transform"; }
  std::vector<ActionInfo> actions() const override {
    std::vector<ActionInfo> all = {{.name = "cel",
                                    .description = "Computes JSON from JSON with a CEL expression",
                                    .input_schema = schema_from_text(input_schema),
                                    .is_default = true}};
    for (const JsonAction& action : json_actions()) {
      all.push_back({.name = std::string(action.name),
                     .description = std::string(action.description),
                     .input_schema = schema_from_text(action.input_schema)});
    }
    return all;
  }
  bool takes_secrets() const override { return false; }

  void start(Work work, Finish finish) override {
    auto compute = [this, work = std::move(work), finish]() mutable {
      const JsonAction* action = find_json_action(work.action);
      JsonObject& input = work.input.get_object();
      auto value = action != nullptr ? action->perform(input) : evaluate_input(cache_, input);
      finish(value.ok() ? Outcome::success(std::move(value).value())
                        : Outcome::failure(std::move(value).error(), false));
    };
    if (!pool_.post(std::move(compute))) finish(pool_is_full());
  }
  // All actions end soon by their own bounds.
  void cancel(const engine::AttemptKey&) override {}

 private:
  WorkerPool& pool_;
  ProgramCache cache_;
};

}  // namespace

std::unique_ptr<Runner> make_transform_runner(WorkerPool& pool) {
  return std::make_unique<TransformRunner>(pool);
}

}  // namespace harmonia::tasks
