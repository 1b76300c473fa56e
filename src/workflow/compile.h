#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/definition.h"
#include "workflow/field_reader.h"
#include "workflow/findings.h"
#include "workflow/parse.h"

// From the canonical form to a Definition. Internal to the room; the steps stand in files of their
// own and run in the order given here.
namespace harmonia::workflow {

// What an expression may name beyond the common roots.
enum class ExpressionPlace {
  task_input,       // of a runner: the only place where secrets are resolved
  task_output,      // has the root `result`
  condition,        // `when`
  task_values,      // evaluated by the engine: values of set, times of wait, error of fail
  workflow_output,  // may name any task
};

// A `tasks.X...` in an expression, to be checked once all tasks are known.
struct TaskReference {
  std::optional<TaskNumber> from;  // none: the workflow's output
  ExpressionPlace place = ExpressionPlace::task_input;
  std::string pointer;
  std::size_t offset = 0;         // in that string
  std::vector<std::string> path;  // behind `tasks`
};

struct DefinitionBuilder {
  Findings& findings;  // pointers into the canonical form
  const ParseLimits& limits;
  Definition definition = {};
  std::vector<std::string_view> hyphenated = {};  // ids that CEL would read as a subtraction
  std::vector<TaskReference> references = {};
  // As the author wrote them, by task: names of predecessors with the index in `depends_on`.
  std::vector<std::vector<std::pair<std::string, std::size_t>>> dependencies = {};
  std::vector<TaskNumber> order = {};  // each task after its predecessors; without those of cycles
};

// compile_definition.cc: the fields of the workflow; calls compile_task for each task.
void compile_definition(const JsonObject& canonical, DefinitionBuilder& builder);
// compile_task.cc: the fields of one task, added to the definition.
void compile_task(std::string_view id, const Json& source, DefinitionBuilder& builder);
// compile_retry.cc
std::optional<RetryPolicy> compile_retry(FieldReader& task);
std::optional<JoinRule> compile_join(FieldReader& task);

// compile_expression.cc: what is wrong becomes findings and the result is empty.
struct ExpressionSite {
  std::string pointer;
  std::optional<TaskNumber> task;
  ExpressionPlace place = ExpressionPlace::task_input;
};
std::optional<expr::Template> compile_value(const Json& source, const ExpressionSite& site,
                                            DefinitionBuilder& builder);
std::optional<expr::Program> compile_when(const Json& source, const ExpressionSite& site,
                                          DefinitionBuilder& builder);

// graph_check.cc: resolves depends_on, fills dependents and order, checks joins, names cycles.
void check_graph(DefinitionBuilder& builder);
// reference_check.cc: every tasks.X exists and, but for the workflow's output, is an ancestor of
// the task.
void check_references(DefinitionBuilder& builder);

// canonical.cc: the definition in canonical form, fields in a fixed order and defaults left out.
// `source` is the normalised document it was compiled from.
Json make_canonical(const Definition& definition, const JsonObject& source);

}  // namespace harmonia::workflow
