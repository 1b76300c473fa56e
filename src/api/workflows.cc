#include "api/workflows.h"

#include "api/definition_reader.h"
#include "api/definition_writer.h"
#include "api/request_reader.h"
#include "api/response.h"

namespace harmonia::api {
namespace {

std::string etag_of(const store::StoredDefinition& stored) {
  return "\"" + std::to_string(stored.revision) + "\"";
}

// What a list shows of a definition: everything but its tasks and schemas.
Json brief_to_json(const store::StoredDefinition& stored) {
  JsonArray tags;
  for (const std::string& tag : stored.tags) tags.emplace_back(json_view(tag));
  const Json* tasks = find_pointer(stored.canonical, "/tasks");
  std::size_t count = tasks != nullptr && tasks->is_object()  ? tasks->get_object().size()
                      : tasks != nullptr && tasks->is_array() ? tasks->get_array().size()
                                                              : 0;
  return JsonObject{{"id", json_view(to_string(stored.id))},
                    {"name", json_view(stored.name)},
                    {"version", json_view(stored.version)},
                    {"revision", stored.revision},
                    {"description", json_view(stored.description)},
                    {"tags", std::move(tags)},
                    {"task_count", count},
                    {"created_at", json_view(to_rfc3339(stored.created_at))},
                    {"updated_at", json_view(to_rfc3339(stored.updated_at))}};
}

// The revision a write expects: If-Match must name the current one.
Result<std::optional<std::uint32_t>> expected_revision(Context& context, const Call& call,
                                                       const store::StoredDefinition& current) {
  std::string_view header = call.request.headers.get("If-Match");
  if (header.empty()) {
    if (!context.options.require_if_match) return std::optional<std::uint32_t>();
    return make_error("precondition_required",
                      "send If-Match with the ETag of the revision you have read");
  }
  if (names_etag(header, etag_of(current))) return std::optional(current.revision);
  return make_error(error_code::precondition_failed,
                    "the workflow is at revision " + std::to_string(current.revision) +
                        " now; read it again and repeat your change");
}

JsonArray problems_to_json(const std::vector<Problem>& problems) {
  JsonArray array;
  for (const Problem& problem : problems) array.push_back(problem_to_json(problem));
  return array;
}

// `stale` of the store, after the check above, means that somebody was faster.
Error as_precondition(Error error) {
  if (error.code == error_code::conflict) {
    error.code = error_code::precondition_failed;
    error.detail = "the workflow was changed meanwhile; read it again and repeat your change";
  }
  return error;
}

}  // namespace

Json workflow_to_json(const store::StoredDefinition& stored) {
  JsonObject object{{"id", json_view(to_string(stored.id))},
                    {"revision", stored.revision},
                    {"created_at", json_view(to_rfc3339(stored.created_at))},
                    {"updated_at", json_view(to_rfc3339(stored.updated_at))}};
  if (stored.deleted) object["deleted"] = true;
  if (stored.canonical.is_object()) {
    for (const auto& member : stored.canonical.get_object()) {
      object.emplace(member.key(), member.value());
    }
  }
  return object;
}

Result<net::Response> create_workflow(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(auto input, read_definition(call.request, context.ports.actions));
  if (!input.outcome.ok()) return workflow::to_error(input.outcome);
  TRY(CommandKey key, read_command_key(call, "createWorkflow", [&input] {
        std::string text = canonical_text(input.outcome.definition->canonical);
        return input.id ? text + to_string(*input.id) : text;
      }));
  DefinitionWriter writer(context);
  TRY(auto created, writer.create(*input.outcome.definition, input.id, key));
  net::Response response = json_response(201, workflow_to_json(created.stored));
  response.headers.set("Location", "/api/workflows/" + to_string(created.stored.id));
  response.headers.set("ETag", etag_of(created.stored));
  if (created.repeated) mark_replayed(response);
  return response;
}

Result<net::Response> list_workflows(Context& context, const Call& call) {
  const net::Request& request = call.request;
  TRY_DO(check_query(request, {"tag", "text", "cursor", "limit", "offset"}));
  auto limit_max = static_cast<std::int64_t>(context.options.page_items_max);
  TRY(auto limit, query_integer(request, "limit", {.min = 1, .max = limit_max}));
  TRY(auto offset, query_integer(request, "offset", {.min = 0, .max = 1'000'000'000}));
  store::DefinitionQuery query{.tag = query_text(request, "tag"),
                               .text = query_text(request, "text"),
                               .cursor = query_text(request, "cursor"),
                               .offset = static_cast<std::size_t>(offset.value_or(0)),
                               .limit = static_cast<std::size_t>(limit.value_or(100))};
  TRY(auto page, context.ports.store.list_definitions(query));
  JsonArray items;
  for (const auto& stored : page.items) items.push_back(brief_to_json(stored));
  Json next = page.next_cursor.empty() ? Json(nullptr) : Json(json_view(page.next_cursor));
  net::Response response =
      json_response(200, JsonObject{{"items", std::move(items)}, {"next_cursor", std::move(next)}});
  if (!page.next_cursor.empty()) {
    response.headers.set("Link", next_link(request, "cursor", page.next_cursor));
  }
  return response;
}

Result<net::Response> validate_workflow(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  auto input = read_definition(call.request, context.ports.actions);
  if (!input.ok()) {
    const Error& error = input.error();
    // A text that can't be read is a finding too, and this operation is there to give findings.
    bool malformed =
        error.code == error_code::malformed_json || error.code == error_code::malformed_yaml;
    if (!malformed) return error;
    return json_response(200, JsonObject{{"valid", false},
                                         {"problems", problems_to_json(error.problems)},
                                         {"translations", JsonArray()}});
  }
  const workflow::ParseOutcome& outcome = input->outcome;
  JsonArray translations;
  for (const std::string& text : outcome.translations) translations.emplace_back(json_view(text));
  JsonObject body{{"valid", outcome.ok()},
                  {"problems", problems_to_json(outcome.problems)},
                  {"translations", std::move(translations)}};
  if (outcome.ok()) body["canonical"] = outcome.definition->canonical;
  return json_response(200, body);
}

Result<net::Response> get_workflow(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(auto stored, find_workflow(context, call.parameter("id")));
  return tagged_response(call.request, etag_of(stored), workflow_to_json(stored));
}

Result<net::Response> replace_workflow(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(auto current, find_workflow(context, call.parameter("id")));
  TRY(auto expected, expected_revision(context, call, current));
  TRY(auto input, read_definition(call.request, context.ports.actions));
  if (input.id && *input.id != current.id) {
    return make_error(error_code::invalid_argument,
                      "the id in the body is not that of the workflow in the path", "/id");
  }
  if (!input.outcome.ok()) return workflow::to_error(input.outcome);
  DefinitionWriter writer(context);
  auto stored = writer.replace(current.id, expected, *input.outcome.definition);
  if (!stored.ok()) return as_precondition(std::move(stored).error());
  net::Response response = json_response(200, workflow_to_json(*stored));
  response.headers.set("ETag", etag_of(*stored));
  return response;
}

Result<net::Response> delete_workflow(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(auto current, find_workflow(context, call.parameter("id")));
  TRY(auto expected, expected_revision(context, call, current));
  DefinitionWriter writer(context);
  auto done = writer.remove(current, expected);
  if (!done.ok()) return as_precondition(std::move(done).error());
  return empty_response(204);
}

Result<net::Response> list_workflow_versions(Context& context, const Call& call) {
  const net::Request& request = call.request;
  TRY_DO(check_query(request, {"before", "limit"}));
  TRY(auto limit, query_integer(request, "limit", {.min = 1, .max = 100}));
  TRY(auto before, query_integer(request, "before", {.min = 1, .max = 4'294'967'295}));
  TRY(auto current, find_workflow(context, call.parameter("id")));
  std::int64_t revision = current.revision;
  if (before) revision = std::min(revision, *before - 1);
  JsonArray items;
  auto wanted = static_cast<std::size_t>(limit.value_or(20));
  for (; revision >= 1 && items.size() < wanted; --revision) {
    auto number = static_cast<std::uint32_t>(revision);
    TRY(auto stored, context.ports.store.find_definition(current.id, number));
    if (stored) items.push_back(brief_to_json(*stored));
  }
  Json next = nullptr;
  if (revision >= 1) next = json_view(std::to_string(revision + 1));
  std::string cursor = revision >= 1 ? std::to_string(revision + 1) : std::string();
  net::Response response =
      json_response(200, JsonObject{{"items", std::move(items)}, {"next_cursor", std::move(next)}});
  if (!cursor.empty()) response.headers.set("Link", next_link(request, "before", cursor));
  return response;
}

Result<net::Response> get_workflow_version(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  const std::string& text = call.parameter("revision");
  TRY(auto current, find_workflow(context, call.parameter("id")));
  std::uint32_t revision = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), revision);
  bool whole = failure == std::errc() && end == text.data() + text.size();
  if (whole && revision > 0) {
    TRY(auto stored, context.ports.store.find_definition(current.id, revision));
    if (stored) return tagged_response(call.request, etag_of(*stored), workflow_to_json(*stored));
  }
  return make_error(error_code::not_found,
                    "workflow " + to_string(current.id) + " has no revision " + quote_text(text) +
                        "; it is at revision " + std::to_string(current.revision));
}

}  // namespace harmonia::api
