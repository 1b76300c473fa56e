#include "api/waiting_tasks.h"

#include <charconv>

#include "api/executions.h"
#include "api/response.h"
#include "execution/token.h"

namespace harmonia::api {
namespace {

using execution::InterestKind;
using execution::WaitsFor;

constexpr std::size_t rows_looked_at_max = 1000;
constexpr std::size_t rows_read_at_once = 100;

Error no_such_link() {
  return make_error(error_code::not_found,
                    "this link leads nowhere: it is mistyped, or its run is gone");
}

WaitsFor waits_for_of(InterestKind kind) {
  return kind == InterestKind::incident ? WaitsFor::incident : WaitsFor::approval;
}

// One request for a page: keeps the run it loaded last, because the rows of a run often follow each
// other.
class Pager {
 public:
  Pager(Context& context, const WaitingQuery& query, const RenderWaiting& render)
      : context_(context), query_(query), render_(render), after_(query.after) {}

  Result<void> fill() {
    while (items_.size() < query_.limit && looked_at_ < rows_looked_at_max) {
      store::InterestQuery rows{
          .kind = query_.kind, .key = "", .after = after_, .limit = rows_read_at_once};
      TRY(auto page, context_.ports.store.read_interests(rows));
      for (const store::InterestRow& row : page) {
        if (items_.size() >= query_.limit || looked_at_ >= rows_looked_at_max) return {};
        TRY_DO(look_at(row));
        after_ = row.place;
        ++looked_at_;
      }
      if (page.size() < rows_read_at_once) {
        more_ = false;
        return {};
      }
    }
    return {};
  }

  JsonArray take_items() { return std::move(items_); }
  std::string next_cursor() const { return more_ ? std::to_string(after_) : std::string(); }

 private:
  // A row may be older than what the run has become meanwhile.
  Result<void> look_at(const store::InterestRow& row) {
    if (!row.interest.task) return {};
    TRY(bool wanted, load(row.execution));
    if (!wanted) return {};
    found_->ref = *row.interest.task;
    const execution::State& state = found_->run.state;
    if (state.find_scope(found_->ref.scope) == nullptr) return {};
    if (!found_->waits_for(waits_for_of(query_.kind))) return {};
    Json item = render_(*found_);
    if (!item.is_null()) items_.push_back(std::move(item));
    return {};
  }

  // False: the run is of another workflow, or not there any more.
  Result<bool> load(ExecutionId id) {
    if (found_ && found_->run.state.id == id) return true;
    if (query_.workflow) {
      TRY(auto summary, context_.ports.store.find_summary(id));
      if (!summary || summary->workflow != *query_.workflow) return false;
    }
    TRY(auto run, engine::load_run(context_.ports.store, context_.ports.engine.definitions(), id));
    if (!run) return false;
    found_ = FoundTask{.run = std::move(*run), .ref = {}};
    return true;
  }

  Context& context_;
  const WaitingQuery& query_;
  const RenderWaiting& render_;
  std::int64_t after_;
  std::size_t looked_at_ = 0;
  bool more_ = true;
  std::optional<FoundTask> found_;
  JsonArray items_;
};

Result<std::int64_t> read_cursor(const net::Request& request) {
  std::string text = query_text(request, "cursor");
  if (text.empty()) return std::int64_t{0};
  std::int64_t place = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), place);
  if (failure == std::errc() && end == text.data() + text.size() && place >= 0) return place;
  return invalid_parameter("cursor", "must be the next_cursor of the page before");
}

}  // namespace

Result<FoundTask> find_task(Context& context, const std::string& execution,
                            const std::string& path) {
  TRY(ExecutionId id, read_execution_id(execution));
  TRY(auto run, engine::load_run(context.ports.store, context.ports.engine.definitions(), id));
  if (!run) return no_such_execution(id);
  auto ref = execution::find_path(*run->definition, run->state, path);
  if (!ref) {
    return make_error(error_code::not_found, "the execution has no task " + quote_text(path) +
                                                 " now; GET /api/executions/" + to_string(id) +
                                                 "/tasks lists those it has");
  }
  return FoundTask{.run = std::move(*run), .ref = *ref};
}

Result<FoundTask> find_task_of_link(Context& context, const Call& call) {
  auto found = find_task(context, call.parameter("execution"), call.parameter("path"));
  if (!found.ok()) {
    if (found.error().code == error_code::not_found) return no_such_link();
    return found;
  }
  const execution::State& state = found->run.state;
  // A run without a key has no tokens: they could be computed by anybody.
  if (state.key.empty()) return no_such_link();
  std::string token = execution::task_token(*found->run.definition, state, found->ref);
  if (!execution::tokens_equal(token, call.parameter("token"))) return no_such_link();
  return found;
}

std::string path_segment(std::string_view task_path) { return net::percent_encode(task_path); }

Result<WaitingQuery> read_waiting_query(Context& context, const net::Request& request,
                                        InterestKind kind) {
  WaitingQuery query{.kind = kind};
  TRY(query.after, read_cursor(request));
  TRY(auto limit, query_integer(request, "limit", {.min = 1, .max = waiting_page_max}));
  query.limit = static_cast<std::size_t>(limit.value_or(50));
  std::string workflow = query_text(request, "workflow");
  if (workflow.empty()) return query;
  // A deleted workflow has executions still, so an unknown UUID is a filter like any other.
  if (auto id = parse_id<WorkflowId>(workflow)) {
    query.workflow = *id;
    return query;
  }
  TRY(auto stored, find_workflow(context, workflow));
  query.workflow = stored.id;
  return query;
}

Result<net::Response> list_waiting(Context& context, const net::Request& request,
                                   const WaitingQuery& query, const RenderWaiting& render) {
  Pager pager(context, query, render);
  TRY_DO(pager.fill());
  std::string cursor = pager.next_cursor();
  Json next = cursor.empty() ? Json(nullptr) : Json(json_view(cursor));
  net::Response response = json_response(
      200, JsonObject{{"items", pager.take_items()}, {"next_cursor", std::move(next)}});
  if (!cursor.empty()) response.headers.set("Link", next_link(request, "cursor", cursor));
  return response;
}

std::uint64_t read_seq(BodyReader& body) {
  const Json* seq = body.find("seq");
  if (seq == nullptr) return 0;
  bool good = seq->is_int64() && seq->get_int64() > 0;
  if (!good) body.add_problem("seq", "must be a whole number from 1");
  return good ? static_cast<std::uint64_t>(seq->get_int64()) : 0;
}

JsonObject waiting_to_json(const FoundTask& found) {
  const execution::State& state = found.run.state;
  const execution::TaskState& now = found.now();
  auto time = [](const std::optional<Timestamp>& at) {
    return at ? Json(json_view(to_rfc3339(*at))) : Json(nullptr);
  };
  return JsonObject{{"execution_id", json_view(to_string(state.id))},
                    {"workflow_id", json_view(to_string(state.workflow))},
                    {"workflow_name", json_view(found.run.definition->name)},
                    {"revision", state.revision},
                    {"path", json_view(found.path())},
                    {"task_id", json_view(found.task().id)},
                    {"task_name", json_view(found.task().name)},
                    {"attempt", now.attempt},
                    {"seq", execution::asked_seq(now)},
                    {"since", time(now.started_at)},
                    {"deadline", time(now.deadline)}};
}

}  // namespace harmonia::api
