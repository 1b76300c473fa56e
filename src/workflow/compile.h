#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "workflow/action_types.h"
#include "workflow/definition.h"
#include "workflow/field_reader.h"
#include "workflow/findings.h"
#include "workflow/parse.h"

// From the canonical form to a Definition. Internal to the room; the steps stand in files of their
// own and run in the order given here.
namespace harmonia::workflow {

// What an expression may name beyond the roots of its body, and what becomes of its value.
enum class ExpressionPlace {
  task_input,       // of a runner: the only place where secrets are resolved
  webhook_input,    // the same, with the root `callback`
  task_output,      // has the root `result`
  condition,        // `when` and the like
  event_filter,     // has the root `event`
  task_values,      // evaluated by the engine: values of set, times of wait, error of fail ...
  workflow_output,  // may name any task
};

// Where an expression stands, and from where it looks at other tasks.
struct ExpressionSite {
  std::string pointer;
  // It sees the ancestors of this task; none: every task of `body`, because all are over by then.
  std::optional<TaskNumber> task;
  BodyNumber body = 0;  // whose roots it may name
  ExpressionPlace place = ExpressionPlace::task_input;
  std::string extra_root = {};
  bool is_repeated = false;  // a condition of a loop, see loop_check.cc
};

// An expression of the definition, to be checked once all tasks are known.
struct PlacedExpression {
  ExpressionSite site;
  std::variant<expr::Program, expr::Template> code;  // a program is a condition
  std::size_t start = 0;                             // of the program in its string
  // What it names of other tasks, in DefinitionBuilder::references.
  std::size_t references_begin = 0;
  std::size_t references_end = 0;
};

// A `tasks.X...` in an expression, to be checked once all tasks are known.
struct TaskReference {
  std::optional<TaskNumber> from;  // as in ExpressionSite
  BodyNumber body = 0;
  ExpressionPlace place = ExpressionPlace::task_input;
  std::string pointer;
  std::size_t offset = 0;                // in that string
  std::vector<std::string> path;         // behind `tasks`
  std::optional<TaskNumber> found = {};  // by check_references
};

// A root in an expression that only some bodies have.
struct PlaceReference {
  BodyNumber body = 0;
  std::string pointer;
  std::string root;
};

// A name in `depends_on`, or of a target in a decision.
struct NamedTask {
  std::string name;
  std::string pointer;
};
struct ChoiceTargets {
  TaskNumber decision = 0;
  std::size_t choice = 0;  // position in cases; their number for the default
  std::vector<NamedTask> names;
};

// A body whose tasks are still to be read: bodies are read one after the other, so that the numbers
// of each are consecutive.
struct UnreadBody {
  BodyNumber number = 0;
  const Json* source = nullptr;  // a map of tasks; for `compensate` one task
  std::string pointer;
};

struct DefinitionBuilder {
  Findings& findings;  // pointers into the canonical form
  const ParseLimits& limits;
  Definition definition = {};
  std::vector<std::string> pointers = {};         // of each task
  std::vector<std::string_view> hyphenated = {};  // ids that CEL would read as a subtraction
  std::vector<TaskReference> references = {};
  std::vector<PlaceReference> place_references = {};
  std::vector<PlacedExpression> expressions = {};
  std::vector<std::vector<NamedTask>> dependencies = {};  // by task
  std::vector<ChoiceTargets> targets = {};
  std::vector<UnreadBody> unread = {};
  // By body: the roots its expressions may name besides the common ones, such as `item`.
  std::vector<std::vector<std::string>> roots = {};
  std::vector<TaskNumber> order = {};  // each task after its predecessors; without those of cycles
};

// One task while it is read.
struct TaskReading {
  Task task;
  FieldReader reader;
  TaskNumber number;
  DefinitionBuilder& builder;

  ExpressionSite site(std::string_view field, ExpressionPlace place) const {
    return {.pointer = reader.pointer_to(field), .task = number, .body = task.body, .place = place};
  }
  std::optional<expr::Template> value(std::string_view field, ExpressionPlace place);
  std::optional<expr::Program> condition(std::string_view field);
  // The tasks in a member of `owner`, as a body of their own. Nothing, and a finding, when the
  // member is no map of tasks.
  std::optional<BodyNumber> body(FieldReader& owner, std::string_view field, Body body,
                                 std::vector<std::string> roots = {});
};

// compile_definition.cc: the fields of the workflow, then the tasks of all bodies.
void compile_definition(const JsonObject& canonical, DefinitionBuilder& builder);
// Registers a body to be read later.
struct NewBody {
  Body body;
  BodyNumber parent = 0;  // where its owner stands
  std::string pointer;
  std::vector<std::string> roots = {};  // what it adds
};
BodyNumber add_body(DefinitionBuilder& builder, NewBody body, const Json& source);

// compile_task.cc: one task, added to the definition.
void compile_task(std::string_view id, const Json& source, const UnreadBody& body,
                  DefinitionBuilder& builder);
// A finding when a name can't be an id; `what` it names: task, branch.
void check_id(std::string_view id, std::string_view what, const std::string& pointer,
              Findings& findings);
// compile_structure.cc: what decides and what holds other tasks.
void read_decision(TaskReading& reading);
void read_parallel(TaskReading& reading);
void read_loop(TaskReading& reading);
void read_map(TaskReading& reading);
void read_try(TaskReading& reading);
void read_critical(TaskReading& reading);
// compile_waiting.cc: what waits for somebody else.
void read_subworkflow(TaskReading& reading);
void read_event(TaskReading& reading);
void read_approval(TaskReading& reading);
void read_webhook(TaskReading& reading);
// compile_handlers.cc: catch, finally, compensate; the bounds shared between runs.
void read_handlers(TaskReading& reading);
void read_sharing(TaskReading& reading);
std::optional<Concurrency> compile_concurrency(FieldReader& owner, const ExpressionSite& site,
                                               DefinitionBuilder& builder);
// A text with ${...}: only its evaluation tells what it gives.
inline bool has_expression(const Json& source) {
  return source.is_string() && text_view(source.get_string()).find("${") != std::string_view::npos;
}
// The name in `as`; "" when there is none, or none that could be a root. `what` it names: an item.
std::string read_as(FieldReader& reader, std::string_view what);
// compile_retry.cc: `field` holds a retry policy.
std::optional<RetryPolicy> compile_retry(FieldReader& owner, std::string_view field);
std::optional<JoinRule> compile_join(FieldReader& task);
// compile_definition.cc: an empty schema accepts all, which is the same as none.
std::optional<JsonSchema> compile_schema(FieldReader& owner, std::string_view field);

// compile_expression.cc: what is wrong becomes findings and the result is empty.
std::optional<expr::Template> compile_value(const Json& source, const ExpressionSite& site,
                                            DefinitionBuilder& builder);
std::optional<expr::Program> compile_condition(const Json& source, const ExpressionSite& site,
                                               DefinitionBuilder& builder);

// graph_check.cc: resolves depends_on and the targets of decisions, fills dependents and order,
// checks joins, names cycles.
void check_graph(DefinitionBuilder& builder);
// reference_check.cc: every tasks.X exists and, but for the outputs of whole bodies, is an ancestor
// of the task or of a task around it.
void check_references(DefinitionBuilder& builder);

// undo_view.cc: what compensations see of what is around their tasks; they name tasks outright.
void find_undo_views(DefinitionBuilder& builder);

// reachability_check.cc: warns of tasks that can never run.
void check_reachability(DefinitionBuilder& builder);
// type_check.cc: types of all expressions, and of what is made of them; `actions` may be null.
void check_definition_types(DefinitionBuilder& builder, const ActionTypes* actions);
// loop_check.cc: warns of loops that can't end by their condition.
void check_loops(DefinitionBuilder& builder);
// The value of a condition that names no root; nothing when it has none.
std::optional<bool> constant_value(const expr::Program& condition);

// canonical.cc: the definition in canonical form, fields in a fixed order and defaults left out.
Json make_canonical(const Definition& definition);

}  // namespace harmonia::workflow
