#include "api/workflow_export.h"

#include "api/request_reader.h"
#include "api/response.h"
#include "workflow/export.h"
#include "workflow/parse.h"

namespace harmonia::api {

Result<net::Response> export_workflow(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {"format"}));
  std::string name = query_text(call.request, "format");
  auto format = workflow::export_format(name.empty() ? "yaml" : name);
  if (!format) {
    return make_error(error_code::invalid_argument,
                      "format must be one of yaml, json, mermaid, dot, not " + quote_text(name));
  }
  TRY(auto stored, find_workflow(context, call.parameter("id")));
  auto outcome = workflow::parse_definition(stored.canonical, {}, {.findings = false});
  if (!outcome.ok()) {
    return make_error(error_code::internal, "the stored definition can't be read any more: " +
                                                workflow::to_error(outcome).detail);
  }
  return text_response(workflow::media_type(*format),
                       workflow::export_definition(*outcome.definition, *format));
}

}  // namespace harmonia::api
