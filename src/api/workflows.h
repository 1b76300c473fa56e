#pragma once

#include "api/context.h"

// Handlers of /api/workflows; what each does is said in api/openapi.yaml under its operationId.
namespace harmonia::api {

Result<net::Response> create_workflow(Context& context, const Call& call);
Result<net::Response> list_workflows(Context& context, const Call& call);
Result<net::Response> validate_workflow(Context& context, const Call& call);
Result<net::Response> get_workflow(Context& context, const Call& call);
Result<net::Response> replace_workflow(Context& context, const Call& call);
Result<net::Response> delete_workflow(Context& context, const Call& call);
Result<net::Response> list_workflow_versions(Context& context, const Call& call);
Result<net::Response> get_workflow_version(Context& context, const Call& call);

// Schema Workflow: the canonical definition with id, revision, created_at and updated_at.
Json workflow_to_json(const store::StoredDefinition& stored);

}  // namespace harmonia::api
