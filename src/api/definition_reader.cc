#include "api/definition_reader.h"

#include "api/request_reader.h"

namespace harmonia::api {
namespace {

// What workflow_to_json adds to a definition.
constexpr std::string_view server_members[] = {"id", "revision", "created_at", "updated_at"};

bool has_server_member(const JsonObject& object) {
  for (std::string_view name : server_members) {
    if (object.contains(json_view(name))) return true;
  }
  return false;
}

Result<std::optional<WorkflowId>> read_id(const JsonObject& object) {
  const Json* value = object.if_contains("id");
  if (value == nullptr || value->is_null()) return std::optional<WorkflowId>();
  if (value->is_string()) {
    if (auto id = parse_id<WorkflowId>(text_view(value->get_string()))) return std::optional(*id);
  }
  Error error = make_error(error_code::invalid_argument,
                           "id must be a UUID; leave it out to be given one", "/id");
  error.problems.push_back(
      {.pointer = "/id", .message = "id is not a UUID", .hint = "leave it out to be given one"});
  return error;
}

Result<Json> parse_body(const net::Request& request, BodyFormat format) {
  auto value = format == BodyFormat::yaml
                   ? workflow::parse_yaml(request.body)
                   : parse_json(request.body, {.depth_max = workflow::ParseLimits().depth_max});
  if (!value.ok()) workflow::add_excerpts(value.error().problems, request.body);
  return value;
}

}  // namespace

Result<DefinitionInput> read_definition(const net::Request& request,
                                        const workflow::ActionTypes* actions) {
  TRY(BodyFormat format, body_format(request));
  if (format == BodyFormat::none) {
    return make_error(error_code::invalid_argument,
                      "there is no body; send a definition as application/json or "
                      "application/yaml");
  }
  TRY(Json value, parse_body(request, format));
  auto text_format = format == BodyFormat::yaml ? workflow::Format::yaml : workflow::Format::json;
  if (!value.is_object() || !has_server_member(value.get_object())) {
    return DefinitionInput{
        .outcome = workflow::parse_definition(request.body, text_format, {}, {.actions = actions}),
        .id = {}};
  }
  TRY(auto id, read_id(value.get_object()));
  return DefinitionInput{.outcome = workflow::parse_definition_without(
                             server_members, request.body, text_format, {.actions = actions}),
                         .id = id};
}

}  // namespace harmonia::api
