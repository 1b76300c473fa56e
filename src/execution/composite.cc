#include "execution/composite.h"

#include "execution/activation.h"
#include "execution/scopes.h"
#include "execution/task_steps.h"
#include "execution/waiting.h"

namespace harmonia::execution {
namespace {

using workflow::Loop;
using workflow::LoopKind;
using workflow::Map;
using workflow::OnChildFailure;
using workflow::Parallel;

const Progress& progress_of(const Draft& draft, TaskRef ref) {
  return *draft.task_state(ref).progress;
}

std::uint32_t attempt_of(const Draft& draft, TaskRef ref) { return draft.task_state(ref).attempt; }

bool cancels(const Draft& draft, workflow::BodyNumber body) {
  return draft.definition().bodies[body].on_child_failure == OnChildFailure::cancel;
}

// The first failure of its scopes fails the attempt.
void fail_with_first(Draft& draft, TaskRef ref) {
  Error error = *progress_of(draft, ref).failure;
  attempt_failed(draft, ref, std::move(error), true);
}

// A list; an object becomes a list of {key, value}.
Result<Json> as_list(Json items, std::string_view field) {
  if (items.is_array()) return items;
  if (!items.is_object()) {
    return make_error(error_code::expression,
                      std::string(field) + ": expected a list, found " + to_text(items));
  }
  JsonArray list;
  for (auto& member : items.get_object())
    list.push_back(JsonObject{{"key", member.key()}, {"value", std::move(member.value())}});
  return Json(std::move(list));
}

Result<Json> number_of_times(Json times, std::uint32_t max_iterations) {
  auto whole = times.is_int64() || times.is_uint64();
  double number = times.is_number() ? times.to_number<double>() : -1;
  if (!whole || number < 0) {
    return make_error(error_code::expression,
                      "times: expected a whole number from 0, found " + to_text(times));
  }
  if (number > max_iterations) {
    return make_error(error_code::loop_limit, "times: " + to_text(times) +
                                                  " is more than max_iterations, which is " +
                                                  std::to_string(max_iterations));
  }
  return Json(JsonObject{{"times", times}});
}

Result<void> check_length(std::size_t length, std::uint32_t max_iterations) {
  if (length <= max_iterations) return {};
  return make_error(error_code::loop_limit, "for_each: " + std::to_string(length) +
                                                " items are more than max_iterations, which is " +
                                                std::to_string(max_iterations));
}

// What an attempt is about, evaluated once; a null pointer for types that need nothing.
Result<SharedJson> evaluate_subject(const Draft& draft, TaskRef ref) {
  const auto& structure = draft.task(ref).structure;
  if (const auto* map = std::get_if<Map>(&structure)) {
    TRY(Json items, render_field(draft, ref, *map->items, "items"));
    TRY(Json list, as_list(std::move(items), "items"));
    return share(std::move(list));
  }
  const auto* loop = std::get_if<Loop>(&structure);
  if (loop != nullptr && loop->kind == LoopKind::for_each) {
    TRY(Json items, render_field(draft, ref, *loop->items, "for_each"));
    TRY(Json list, as_list(std::move(items), "for_each"));
    TRY_DO(check_length(list.get_array().size(), loop->max_iterations));
    return share(std::move(list));
  }
  if (loop != nullptr && loop->kind == LoopKind::times) {
    TRY(Json times, render_field(draft, ref, *loop->times, "times"));
    TRY(Json counted, number_of_times(std::move(times), loop->max_iterations));
    return share(std::move(counted));
  }
  return SharedJson();
}

// One decision may not do it all: the rest comes with the next one.
bool is_long(const Draft& draft) { return draft.event_count() >= events_per_decision; }

void defer(Draft& draft, TaskRef ref, Timestamp due) {
  draft.emit(TaskDeferred{.task = ref, .due = due});
}

// Goes on with the next decision. Strictly later than the timer that led to this one: else the same
// timer would be owed before and after, and nobody would set it again.
void go_on_later(Draft& draft, TaskRef ref) {
  defer(draft, ref, draft.now() + std::chrono::microseconds(1));
}

// The number of scopes a list or a count asks for; none for loops that ask a condition.
std::optional<std::size_t> total_of(const workflow::Task& task, const TaskState& state) {
  if (const auto* map = std::get_if<Map>(&task.structure)) {
    std::size_t items = state.input->get_array().size();
    std::size_t batch = std::max<std::size_t>(map->batch_size, 1);
    return (items + batch - 1) / batch;
  }
  const auto& loop = task.as<Loop>();
  if (loop.kind == LoopKind::for_each) return state.input->get_array().size();
  if (loop.kind == LoopKind::times)
    return static_cast<std::size_t>(get_int(state.input->get_object(), "times"));
  return std::nullopt;
}

Result<bool> has_next(const Draft& draft, TaskRef ref) {
  const auto& loop = draft.task(ref).as<Loop>();
  const TaskState& state = draft.task_state(ref);
  if (auto total = total_of(draft.task(ref), state)) return state.progress->opened < *total;
  if (loop.kind == LoopKind::until) return true;
  ScopeActivation activation(draft, ref.scope);
  activation.set_loop(ref);
  auto holds = expr::evaluate_condition(*loop.condition, activation);
  if (!holds.ok()) return in_field("while", std::move(holds).error());
  return holds;
}

void advance_loop(Draft& draft, TaskRef ref) {
  const auto& loop = draft.task(ref).as<Loop>();
  auto next = has_next(draft, ref);
  if (!next.ok()) return attempt_failed(draft, ref, std::move(next).error(), false);
  if (!*next) return attempt_succeeded(draft, ref, attempt_of(draft, ref), nullptr);
  std::uint32_t index = progress_of(draft, ref).opened;
  if (index >= loop.max_iterations) {
    Error error = make_error(error_code::loop_limit, "the loop did not end within " +
                                                         std::to_string(loop.max_iterations) +
                                                         " iterations (max_iterations)");
    return attempt_failed(draft, ref, std::move(error), false);
  }
  if (is_long(draft)) return go_on_later(draft, ref);
  open_scope(draft, ref, loop.body, index);
}

// What the tasks of an iteration say about the next one.
struct AfterIteration {
  bool stop = false;
  Duration delay{0};
};

Result<bool> holds_in(const Draft& draft, ScopeId scope, const std::optional<expr::Program>& when,
                      std::string_view field) {
  if (!when) return false;
  ScopeActivation activation(draft, scope);
  auto holds = expr::evaluate_condition(*when, activation);
  if (!holds.ok()) return in_field(field, std::move(holds).error());
  return holds;
}

Result<AfterIteration> look_at_iteration(const Draft& draft, TaskRef ref, ScopeId scope) {
  const auto& loop = draft.task(ref).as<Loop>();
  AfterIteration after;
  if (loop.kind == LoopKind::until) {
    TRY(after.stop, holds_in(draft, scope, loop.condition, "until"));
  }
  if (!after.stop) {
    TRY(after.stop, holds_in(draft, scope, loop.break_when, "break_when"));
  }
  if (after.stop || !loop.delay) return after;
  ScopeActivation activation(draft, scope);
  auto delay = expr::render(*loop.delay, activation);
  if (!delay.ok()) return in_field("delay", std::move(delay).error());
  TRY(after.delay, read_delay(*delay, "delay"));
  return after;
}

void iteration_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed) {
  if (closed.outcome == ScopeOutcome::failed) {
    draft.emit(closed);
    return fail_with_first(draft, ref);
  }
  auto after = look_at_iteration(draft, ref, closed.scope);
  draft.emit(closed);
  if (!after.ok()) return attempt_failed(draft, ref, std::move(after).error(), false);
  if (after->stop) return attempt_succeeded(draft, ref, attempt_of(draft, ref), nullptr);
  auto total = total_of(draft.task(ref), draft.task_state(ref));
  bool last = total && progress_of(draft, ref).opened >= *total;
  if (after->delay > Duration(0) && !last) return defer(draft, ref, draft.now() + after->delay);
  advance_loop(draft, ref);
}

void advance_map(Draft& draft, TaskRef ref) {
  const auto& map = draft.task(ref).as<Map>();
  std::size_t total = *total_of(draft.task(ref), draft.task_state(ref));
  while (progress_of(draft, ref).opened < total &&
         progress_of(draft, ref).open < map.max_concurrency) {
    if (is_long(draft)) {
      bool is_deferred = progress_of(draft, ref).due > draft.now();
      if (!is_deferred) go_on_later(draft, ref);
      return;
    }
    open_scope(draft, ref, map.body, progress_of(draft, ref).opened);
  }
  if (progress_of(draft, ref).open == 0)
    attempt_succeeded(draft, ref, attempt_of(draft, ref), nullptr);
}

void item_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed) {
  draft.emit(closed);
  const auto& map = draft.task(ref).as<Map>();
  const Progress& progress = progress_of(draft, ref);
  if (progress.failed <= map.max_failures) return advance_map(draft, ref);
  // No further item begins; those that run end first, unless they are to be canceled.
  if (progress.open == 0 || cancels(draft, map.body)) fail_with_first(draft, ref);
}

void cancel_branches(Draft& draft, TaskRef ref) {
  std::vector<ScopeId> open;
  for (const auto& [id, scope] : draft.state().scopes) {
    bool work = draft.definition().bodies[scope.body].role == workflow::BodyRole::work;
    if (scope.owner == ref && work && !scope.closed) open.push_back(id);
  }
  for (ScopeId id : open) draft.emit(ScopeClosed{.scope = id, .outcome = ScopeOutcome::canceled});
}

void branch_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed) {
  draft.emit(closed);
  const auto& parallel = draft.task(ref).as<Parallel>();
  const Progress& progress = progress_of(draft, ref);
  if (progress.completed >= parallel.needed) {
    cancel_branches(draft, ref);
    return attempt_succeeded(draft, ref, attempt_of(draft, ref), nullptr);
  }
  bool hopeless = progress.completed + progress.open < parallel.needed;
  if (!hopeless) return;
  if (progress.open == 0 || cancels(draft, parallel.branches.front().body))
    fail_with_first(draft, ref);
}

void open_branches(Draft& draft, TaskRef ref) {
  const auto& branches = draft.task(ref).as<Parallel>().branches;
  if (branches.empty()) return attempt_succeeded(draft, ref, attempt_of(draft, ref), nullptr);
  for (std::uint32_t i = 0; i < branches.size(); ++i) open_scope(draft, ref, branches[i].body, i);
}

void only_scope_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed) {
  draft.emit(closed);
  if (closed.outcome == ScopeOutcome::failed) return fail_with_first(draft, ref);
  attempt_succeeded(draft, ref, attempt_of(draft, ref), nullptr);
}

struct Begin {
  Draft& draft;
  TaskRef ref;

  void operator()(const Parallel&) const { open_branches(draft, ref); }
  void operator()(const Loop&) const { advance_loop(draft, ref); }
  void operator()(const Map&) const { advance_map(draft, ref); }
  void operator()(const workflow::Try& block) const { open_scope(draft, ref, block.body); }
  void operator()(const workflow::Critical& critical) const {
    open_scope(draft, ref, critical.body);
  }
  void operator()(const auto&) const { ASSERT(false); }
};

struct Ended {
  Draft& draft;
  TaskRef ref;
  const ScopeClosed& closed;

  void operator()(const Parallel&) const { branch_ended(draft, ref, closed); }
  void operator()(const Loop&) const { iteration_ended(draft, ref, closed); }
  void operator()(const Map&) const { item_ended(draft, ref, closed); }
  void operator()(const auto&) const { only_scope_ended(draft, ref, closed); }
};

}  // namespace

void begin_composite(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  SharedJson input;
  if (!draft.task_state(ref).input) {
    auto evaluated = evaluate_subject(draft, ref);
    if (!evaluated.ok()) return attempt_failed(draft, ref, std::move(evaluated).error(), false);
    input = std::move(*evaluated);
  }
  std::optional<Timestamp> deadline;
  if (draft.task(ref).timeout) deadline = draft.now() + *draft.task(ref).timeout;
  draft.emit(TaskStarted{
      .task = ref, .attempt = attempt, .input = std::move(input), .deadline = deadline});
  std::visit(Begin{draft, ref}, draft.task(ref).structure);
}

void scope_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed) {
  std::visit(Ended{draft, ref, closed}, draft.task(ref).structure);
}

void proceed(Draft& draft, TaskRef ref) {
  if (draft.task(ref).type == workflow::TaskType::map) return advance_map(draft, ref);
  advance_loop(draft, ref);
}

}  // namespace harmonia::execution
