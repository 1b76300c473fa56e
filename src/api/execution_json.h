#pragma once

#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "execution/event.h"
#include "execution/state.h"
#include "store/store.h"
#include "workflow/definition.h"

// The wire forms of executions, used by every surface that shows one. The schemas are in
// api/openapi.yaml under the names given here.
namespace harmonia::api {

// Schema Error: {code, title, detail, instance?}.
Json error_to_json(const Error& error);

// What begins with `append` is written straight to the text: a document in between would be most of
// the cost of showing a run.

// Schema ExecutionSummary, what lists show.
void append_summary(std::string& out, const store::Summary& summary);

// A part of a run's tasks, in the order of their scopes and of the definition.
struct TaskPage {
  std::size_t offset = 0;
  std::size_t limit = 1000;
};
// An array, schema Task for each; how many there are in it.
std::size_t append_tasks(std::string& out, const execution::State& state,
                         const workflow::Definition& definition, const TaskPage& page);
std::size_t count_all_tasks(const execution::State& state);

// Schema Execution: the summary with input, output, context and the tasks (those of the first page;
// `tasks_truncated` says that there are more).
struct ExecutionView {
  const execution::State& state;
  const workflow::Definition& definition;
  const store::Summary& summary;  // engine::summarise of the two
};
void append_execution(std::string& out, const ExecutionView& view);

// How much of inputs and outputs an event shows.
enum class Payloads {
  full,     // histories
  bounded,  // streams: left out when large, `<name>_omitted: true` instead
};
// Schema Event: {event_type, execution_id, task_id, seq, timestamp, message, details}. Event types
// are Tekton's names (workflow_started, task_completed ...) and, where it has none, ours
// (task_waiting, task_canceled). `state` is the run at the event or later.
Json event_to_json(const execution::Event& event, const execution::State& state,
                   const workflow::Definition& definition, Payloads payloads);
std::string_view wire_name(const execution::EventBody& body);

}  // namespace harmonia::api
