#include <unordered_map>

#include "workflow/compile.h"

// Loops that their condition can't end: it asks for nothing that an iteration changes.
namespace harmonia::workflow {
namespace {

class NoRoots final : public expr::Activation {
 public:
  std::optional<expr::LazyObject::Member> root(std::string_view) const override {
    return std::nullopt;
  }
};

class LoopCheck {
 public:
  explicit LoopCheck(DefinitionBuilder& builder) : builder_(builder) {
    for (const PlacedExpression& placed : builder.expressions) {
      if (placed.site.is_repeated) conditions_.emplace(placed.site.pointer, &placed);
    }
  }

  void check(TaskNumber number) {
    const auto* loop = std::get_if<Loop>(&builder_.definition.tasks[number].structure);
    if (loop == nullptr) return;
    std::string break_pointer = child_pointer(builder_.pointers[number], "break_when");
    bool can_break = loop->break_when && varies(break_pointer, *loop);
    if (loop->break_when && !can_break) {
      builder_.findings.warning(break_pointer, "nothing in break_when changes while the loop runs",
                                "name loop, or a task of its body");
    }
    bool asks = loop->kind == LoopKind::while_true || loop->kind == LoopKind::until;
    if (asks && loop->condition) check_condition(number, *loop, can_break);
  }

 private:
  void check_condition(TaskNumber number, const Loop& loop, bool can_break) {
    bool is_until = loop.kind == LoopKind::until;
    std::string_view field = is_until ? "until" : "while";
    std::string pointer = child_pointer(builder_.pointers[number], field);
    if (varies(pointer, loop)) return;
    std::string limit = std::to_string(loop.max_iterations) + " iterations (max_iterations)";
    auto value = loop.condition->is_constant() ? constant_value(*loop.condition) : std::nullopt;
    if (value && *value == is_until) {
      return builder_.findings.warning(std::move(pointer),
                                       is_until ? "until is always true: the loop runs once"
                                                : "while is always false: the loop never runs");
    }
    if (can_break) return;  // `while: true` with break_when
    std::string message = value ? "this loop can't end: its condition is always " +
                                      std::string(*value ? "true" : "false")
                                : "nothing in this condition changes while the loop runs";
    message +=
        value ? ", so it fails after " + limit : ": it ends at once, or fails after " + limit;
    builder_.findings.warning(std::move(pointer), std::move(message),
                              "name loop, or a task of its body; a number of times is `times`");
  }

  // Whether the condition names something that differs between iterations.
  bool varies(const std::string& pointer, const Loop& loop) const {
    auto found_at = conditions_.find(pointer);
    if (found_at == conditions_.end()) return true;
    const PlacedExpression& placed = *found_at->second;
    const auto& program = std::get<expr::Program>(placed.code);
    for (const expr::Reference& reference : program.references()) {
      bool is_own_root = reference.root == "loop" ||
                         (loop.kind == LoopKind::for_each && is_item_root(reference.root, loop));
      bool any_task = reference.root == "tasks" && reference.path.empty();
      if (is_own_root || any_task) return true;
    }
    for (std::size_t i = placed.references_begin; i < placed.references_end; ++i) {
      const auto& found = builder_.references[i].found;
      if (!found || builder_.definition.tasks[*found].body == loop.body) return true;
    }
    return false;
  }

  static bool is_item_root(std::string_view root, const Loop& loop) {
    return root == "item" || root == "index" || root == loop.as;
  }

  DefinitionBuilder& builder_;
  std::unordered_map<std::string_view, const PlacedExpression*> conditions_;  // by pointer
};

}  // namespace

std::optional<bool> constant_value(const expr::Program& condition) {
  if (!condition.is_constant()) return std::nullopt;
  auto value = expr::evaluate_condition(condition, NoRoots());
  if (!value.ok()) return std::nullopt;
  return *value;
}

void check_loops(DefinitionBuilder& builder) {
  LoopCheck check(builder);
  for (TaskNumber number = 0; number < builder.definition.tasks.size(); ++number)
    check.check(number);
}

}  // namespace harmonia::workflow
