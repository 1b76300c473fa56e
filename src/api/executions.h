#pragma once

#include "api/context.h"

// Handlers of /api/executions; what each does is said in api/openapi.yaml under its operationId.
namespace harmonia::api {

void start_execution(Context& context, Call call, net::Respond respond);
void execute_workflow(Context& context, Call call, net::Respond respond);
Result<net::Response> list_executions(Context& context, const Call& call);
Result<net::Response> get_execution(Context& context, const Call& call);
Result<net::Response> get_execution_history(Context& context, const Call& call);
Result<net::Response> list_execution_tasks(Context& context, const Call& call);
void cancel_execution(Context& context, Call call, net::Respond respond);
void pause_execution(Context& context, Call call, net::Respond respond);
void resume_execution(Context& context, Call call, net::Respond respond);

// `not_found` when there is none.
Result<engine::ReadRun> read_run(Context& context, ExecutionId id);

// Answers a command with the run's summary as it is on disk once the command is.
engine::Completion answer_with_summary(Context& context, net::Respond respond);

}  // namespace harmonia::api
