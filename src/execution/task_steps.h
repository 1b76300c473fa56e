#pragma once

#include "execution/draft.h"

// What can happen to one task. Each emits events; settle draws what follows from them.
namespace harmonia::execution {

// Its join rule holds: skips it when its condition says so, else begins its first attempt.
void release_task(Draft& draft, TaskRef ref);

// Begins an attempt, whatever the type of the task. Types without work end at once.
void begin_attempt(Draft& draft, TaskRef ref, std::uint32_t attempt);

// The work of a runner, once nothing more has to be asked for.
void begin_work(Draft& draft, TaskRef ref, std::uint32_t attempt);

// The work of an attempt gave `raw_output`; a null pointer: what its scopes gave. Applies the
// output mapping, then runs `finally` or completes the task.
void attempt_succeeded(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson raw_output);

// The attempt failed: plans the next one if the retry policy allows it, else looks for a catch
// clause, an operator or `finally`, else fails the task.
void attempt_failed(Draft& draft, TaskRef ref, Error error, bool retryable);

// The handler of a catch clause ended; so did `finally`.
void handler_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed);
void cleanup_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed);

// Without a further handler or retry: runs `finally`, then fails the task. The first failure of a
// scope with on_child_failure: cancel cancels what runs in it.
void give_up(Draft& draft, TaskRef ref, Error error);

// Hands out attempts that waited for a slot of max_parallel.
void fill_slots(Draft& draft);

// Cancels what runs or waits in a scope that has failed; a task with `finally` runs that first.
void cancel_active_tasks(Draft& draft, ScopeId scope);

// True in a scope that has failed and wants no new tasks but those meant for failures.
bool cancels_siblings(const Draft& draft, ScopeId scope);

// Why such a scope cancels and skips tasks, for people.
std::string reason_of_siblings(const Draft& draft, ScopeId scope);

// Evaluates a field of a task in its scope; the error names the field.
Result<Json> render_field(const Draft& draft, TaskRef ref, const expr::Template& field,
                          std::string_view name);
// The `input` of a task, an empty object when it has none.
Result<SharedJson> evaluate_input(const Draft& draft, TaskRef ref);
Error in_field(std::string_view field, Error error);

}  // namespace harmonia::execution
