#include <array>

#include "api/approval_page.h"
#include "api/approvals.h"
#include "api/executions.h"
#include "api/expressions.h"
#include "api/incidents.h"
#include "api/operations.h"
#include "api/pages.h"
#include "api/signals.h"
#include "api/streams.h"
#include "api/workflow_export.h"
#include "api/workflows.h"

namespace harmonia::api {
namespace {

constexpr std::array routes = std::to_array<Route>({
    {"POST", "/api/workflows", "createWorkflow", create_workflow},
    {"GET", "/api/workflows", "listWorkflows", list_workflows},
    {"POST", "/api/workflows/validate", "validateWorkflow", validate_workflow},
    {"GET", "/api/workflows/{id}", "getWorkflow", get_workflow},
    {"PUT", "/api/workflows/{id}", "replaceWorkflow", replace_workflow},
    {"DELETE", "/api/workflows/{id}", "deleteWorkflow", delete_workflow},
    {"POST", "/api/workflows/{id}/execute", "executeWorkflow", execute_workflow},
    {"GET", "/api/workflows/{id}/export", "exportWorkflow", export_workflow},
    {"GET", "/api/workflows/{id}/versions", "listWorkflowVersions", list_workflow_versions},
    {"GET", "/api/workflows/{id}/versions/{revision}", "getWorkflowVersion", get_workflow_version},

    {"POST", "/api/executions", "startExecution", start_execution},
    {"GET", "/api/executions", "listExecutions", list_executions},
    {"GET", "/api/executions/{id}", "getExecution", get_execution},
    {"GET", "/api/executions/{id}/history", "getExecutionHistory", get_execution_history},
    {"GET", "/api/executions/{id}/tasks", "listExecutionTasks", list_execution_tasks},
    {"POST", "/api/executions/{id}/cancel", "cancelExecution", cancel_execution},
    {"POST", "/api/executions/{id}/pause", "pauseExecution", pause_execution},
    {"POST", "/api/executions/{id}/resume", "resumeExecution", resume_execution},
    {"POST", "/api/executions/{id}/signal", "signalExecution", signal_execution},
    {"POST", "/api/executions/{id}/tasks/{path}/resolve", "resolveIncident", resolve_incident},

    {"POST", "/api/events", "sendEvent", send_event},
    {"GET", "/api/approvals", "listApprovals", list_approvals},
    {"GET", "/api/approvals/{execution}/{path}", "getApproval", get_approval},
    {"POST", "/api/approvals/{execution}/{path}/approve", "approveTask", approve_task},
    {"POST", "/api/approvals/{execution}/{path}/reject", "rejectTask", reject_task},
    {"GET", "/approvals/{execution}/{token}/{path}", "getApprovalPage", get_approval_page},
    {"POST", "/approvals/{execution}/{token}/{path}", "decideByLink", decide_by_link},
    {"GET", "/api/incidents", "listIncidents", list_incidents},
    {"POST", "/api/callbacks/{execution}/{token}/{path}", "callBack", call_back},

    {"POST", "/api/expressions/evaluate", "evaluateExpression", evaluate_expression},

    {"GET", "/api/schemas/workflow.json", "getWorkflowSchema", get_workflow_schema},
    {"GET", "/api/components", "listComponents", list_components},

    {"GET", "/ws/executions/{id}", "watchExecution", WebSocketRoute{watch_execution}},
    {"GET", "/ws/workflows", "watchWorkflows", WebSocketRoute{watch_workflows}},
    {"GET", "/events/executions/{id}", "streamExecution", EventStreamRoute{stream_execution}},

    {"GET", "/health", "getHealth", get_health},
    {"GET", "/ready", "getReady", get_ready},
    {"GET", "/status", "getStatus", get_status},
    {"GET", "/metrics", "getMetrics", get_metrics},
    {"GET", "/openapi.json", "getOpenApi", get_openapi},
    {"GET", "/docs", "getDocs", get_docs},
    {"GET", "/docs/errors", "getErrorDocs", get_error_docs},
    {"GET", "/", "getRoot", get_root},
});

}  // namespace

std::span<const Route> all_routes() { return routes; }

}  // namespace harmonia::api
