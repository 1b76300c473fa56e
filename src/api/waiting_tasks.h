#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "api/context.h"
#include "api/request_reader.h"

// Tasks that wait for somebody outside: found by path or by token, and listed over all runs.
namespace harmonia::api {

struct FoundTask {
  engine::Run run;
  execution::TaskRef ref;

  const workflow::Task& task() const { return run.definition->tasks[ref.task]; }
  const execution::TaskState& now() const { return run.state.task(*run.definition, ref); }
  std::string path() const { return execution::path_of(*run.definition, run.state, ref); }
  bool waits_for(execution::WaitsFor what) const {
    return now().status == execution::TaskStatus::waiting && now().waits_for == what;
  }
};

// `not_found` when there is no such execution, or no task at this path now.
Result<FoundTask> find_task(Context& context, const std::string& execution,
                            const std::string& path);
// For who has no account but a link with the parameters `execution`, `token` and `path`. A wrong
// token, a wrong path and a wrong execution are one and the same `not_found`.
Result<FoundTask> find_task_of_link(Context& context, const Call& call);

// The path of a task as a part of a URL: one segment, whatever is in it.
std::string path_segment(std::string_view task_path);

// `workflow`, `cursor` and `limit` of a list's query.
struct WaitingQuery {
  execution::InterestKind kind = execution::InterestKind::approval;
  std::optional<WorkflowId> workflow = {};
  std::int64_t after = 0;  // place
  std::size_t limit = 50;
};
inline constexpr std::int64_t waiting_page_max = 200;  // items
Result<WaitingQuery> read_waiting_query(Context& context, const net::Request& request,
                                        execution::InterestKind kind);

// What a list shows of a task; null: not this one.
using RenderWaiting = std::function<Json(const FoundTask&)>;
// A page of the tasks that wait for this, oldest first. The store has a row for each of them; a run
// is loaded only for the rows of the page. A request looks at no more than 1,000 rows: with filters
// a page may have few items, or none, and still a cursor.
Result<net::Response> list_waiting(Context& context, const net::Request& request,
                                   const WaitingQuery& query, const RenderWaiting& render);

// `seq` of a body: the question it answers, as lists show it; 0 when it names none, and then means
// the one that is open.
std::uint64_t read_seq(BodyReader& body);

// The members that approvals and incidents have in common: what waits, since when, of which run.
JsonObject waiting_to_json(const FoundTask& found);

}  // namespace harmonia::api
