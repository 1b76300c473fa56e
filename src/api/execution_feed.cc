#include "api/execution_feed.h"

#include <algorithm>

#include "api/client_message.h"
#include "api/execution_json.h"
#include "api/executions.h"
#include "base/log.h"

namespace harmonia::api {
namespace {

// Events read and sent at once; the outlet's queue takes more than that.
constexpr std::size_t portion_max = 128;
constexpr std::size_t state_tasks_max = 1000;  // shown by the `state` of an event stream
constexpr std::uint16_t close_normal = 1000;
constexpr std::uint16_t close_internal_error = 1011;

std::string server_sent_event(std::string_view name, const Json& data) {
  return "event: " + std::string(name) + "\ndata: " + to_text(data) + "\n\n";
}

std::string frame(const LiveEvent& event, ExecutionFeed::Framing framing) {
  switch (framing) {
    case ExecutionFeed::Framing::web_socket: return event.json;
    case ExecutionFeed::Framing::event_stream: break;
  }
  std::string out = "id: " + std::to_string(event.seq) + "\nevent: ";
  out.append(event.name).append("\ndata: ").append(event.json).append("\n\n");
  return out;
}

// The tasks' statuses by path, as Tekton's streams show them.
Json state_to_json(const engine::Run& run) {
  JsonObject tasks;
  for (const auto& [id, scope] : run.state.scopes) {
    const auto& numbers = run.definition->bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size() && tasks.size() < state_tasks_max; ++i) {
      execution::TaskRef ref{.scope = id, .task = numbers[i]};
      std::string path = execution::path_of(*run.definition, run.state, ref);
      tasks[path] = json_view(to_string(scope.tasks[i].status));
    }
  }
  return JsonObject{{"execution_id", json_view(to_string(run.state.id))},
                    {"status", json_view(to_string(run.state.status))},
                    {"seq", run.state.last_seq},
                    {"tasks", std::move(tasks)}};
}

}  // namespace

net::OutletEvents ExecutionFeed::events(const std::shared_ptr<ExecutionFeed>& self) {
  net::OutletEvents events;
  events.on_open = [self](std::shared_ptr<net::Outlet> outlet) { self->open(std::move(outlet)); };
  events.on_message = [self](std::string_view text) { self->on_message(text); };
  events.on_close = [self] { self->close(); };
  events.on_drained = [self] { self->pump(); };
  events.on_overflow = [] {
    return std::string("too slow; reconnect with ?after= and the last seq you received");
  };
  return events;
}

void ExecutionFeed::open(std::shared_ptr<net::Outlet> outlet) {
  std::weak_ptr<ExecutionFeed> weak = weak_from_this();
  auto watch = context_.ports.hub.watch_events(request_.execution, [weak](const LiveEvents& live) {
    if (auto feed = weak.lock()) feed->on_events(live);
  });
  {
    std::lock_guard lock(mutex_);
    outlet_ = std::move(outlet);
    watch_ = std::move(watch);
    is_pumping_ = true;
  }
  if (auto joined = join(); !joined.ok()) return fail(joined.error());
  pump();
}

// Says where the run stands, and where the stream begins.
Result<void> ExecutionFeed::join() {
  TRY(auto run, read_run(context_, request_.execution));
  const execution::State& state = run->state;
  greet(*run);
  std::lock_guard lock(mutex_);
  sent_ = std::min(request_.after.value_or(state.last_seq), state.last_seq);
  known_ = std::max(known_, state.last_seq);
  is_pumping_ = false;
  bool is_over = is_terminal(state.status) && sent_ == state.last_seq;
  if (is_over && request_.framing == Framing::event_stream) {
    outlet_->close(close_normal, "the execution has ended");
  }
  return {};
}

void ExecutionFeed::close() {
  LiveHub::WatchHandle watch;  // dropped outside the lock
  std::lock_guard lock(mutex_);
  watch = std::move(watch_);
  outlet_.reset();
}

void ExecutionFeed::greet(const engine::Run& run) {
  std::string id = to_string(request_.execution);
  JsonObject connected{{"type", "connected"},
                       {"message", json_view("Connected to execution " + id)},
                       {"client_id", json_view(request_.client_id)},
                       {"execution_id", json_view(id)},
                       {"status", json_view(to_string(run.state.status))},
                       {"seq", run.state.last_seq},
                       {"timestamp", json_view(to_rfc3339(context_.ports.clock.now()))}};
  std::lock_guard lock(mutex_);
  if (!outlet_) return;
  switch (request_.framing) {
    case Framing::web_socket: outlet_->send(to_text(connected)); break;
    case Framing::event_stream:
      outlet_->send(server_sent_event("connected", connected));
      outlet_->send(server_sent_event("state", state_to_json(run)));
      break;
  }
}

void ExecutionFeed::on_message(std::string_view text) {
  std::shared_ptr<net::Outlet> outlet;
  {
    std::lock_guard lock(mutex_);
    outlet = outlet_;
  }
  if (!outlet) return;
  std::string subject = "execution " + to_string(request_.execution);
  answer_client_message(*outlet, text, subject, context_.ports.clock.now());
}

// On a shard thread.
void ExecutionFeed::on_events(const LiveEvents& events) {
  std::lock_guard lock(mutex_);
  known_ = std::max(known_, events->back().seq);
  if (!is_live_ || !outlet_) return;  // the next read finds them
  if (events->front().seq > sent_ + 1) {
    // A commit was not announced: the store has it.
    is_live_ = false;
    context_.background.post([self = shared_from_this()] { self->pump(); });
    return;
  }
  for (const LiveEvent& event : *events) {
    if (event.seq > sent_) send_with_lock(event);
  }
}

void ExecutionFeed::send_with_lock(const LiveEvent& event) {
  outlet_->send(frame(event, request_.framing));
  sent_ = event.seq;
  if (event.ends_execution && request_.framing == Framing::event_stream) {
    outlet_->close(close_normal, "the execution has ended");
  }
}

// Sends what is on disk until the client has enough to read, or until it has caught up.
void ExecutionFeed::pump() {
  std::uint64_t after = 0;
  {
    std::lock_guard lock(mutex_);
    if (is_pumping_ || is_live_ || !outlet_) return;
    is_pumping_ = true;
    after = sent_;
  }
  for (;;) {
    auto portion = read_portion(after);
    if (!portion.ok()) return fail(portion.error());
    if (!portion->empty()) after = portion->back().seq;
    if (send_portion(*portion, portion->size() == portion_max)) return;
  }
}

// True when the pump is to stop: caught up, or a full portion waits for the client.
bool ExecutionFeed::send_portion(const std::vector<LiveEvent>& portion, bool is_full) {
  std::lock_guard lock(mutex_);
  for (const LiveEvent& event : portion) {
    if (outlet_) send_with_lock(event);
  }
  bool caught_up = !is_full && (known_ <= sent_ || portion.empty());
  if (outlet_ && !is_full && !caught_up) return false;
  is_pumping_ = false;
  is_live_ = caught_up;
  return true;
}

Result<std::vector<LiveEvent>> ExecutionFeed::read_portion(std::uint64_t after) {
  TRY(auto events,
      context_.ports.store.read_history(
          {.execution = request_.execution, .after_seq = after, .limit = portion_max}));
  std::vector<LiveEvent> portion;
  if (events.empty()) return portion;
  // Read after the events, so that the state knows every task they speak of.
  TRY(auto run, read_run(context_, request_.execution));
  for (const execution::Event& event : events) {
    Json json = event_to_json(event, run->state, *run->definition, Payloads::bounded);
    portion.push_back({.seq = event.seq,
                       .name = wire_name(event.body),
                       .json = to_text(json),
                       .ends_execution = execution::ends_execution(event.body)});
  }
  return portion;
}

void ExecutionFeed::fail(const Error& error) {
  log::warning("a live stream ends because its execution can't be read",
               {{"execution", to_string(request_.execution)}, {"error", error.detail}});
  std::lock_guard lock(mutex_);
  is_pumping_ = false;
  if (outlet_) outlet_->close(close_internal_error, "the execution can't be read; try again");
}

}  // namespace harmonia::api
