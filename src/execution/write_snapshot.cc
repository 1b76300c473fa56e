// A run's state as one JSON document: what a load starts from instead of replaying the whole
// history. Written member by member, without a document in memory: the state may be large.
#include "base/json_writer.h"
#include "execution/state.h"

namespace harmonia::execution {
namespace {

void append_error(std::string& out, const Error& error) {
  ObjectWriter w(out);
  w.text("code", error.code);
  w.text("detail", error.detail);
  w.text("instance", error.instance);
}

// A missing one is null, one that is null is written as [].
void append_optional(std::string& out, const SharedJson& value) {
  out += '[';
  if (value) append_text(out, *value);
  out += ']';
}

void append_ref(std::string& out, TaskRef ref) {
  out.append("[").append(std::to_string(ref.scope)).append(",");
  out.append(std::to_string(ref.task)).append("]");
}

// Texts of JSON have no line breaks. Inside one string they need no values of their own, of which
// there could be very many, when they are read.
std::string join_results(const std::vector<std::string>& results) {
  std::string joined;
  for (const std::string& text : results) joined.append(text).append("\n");
  return joined;
}

void append_progress(std::string& out, const Progress& progress) {
  ObjectWriter w(out);
  w.number("phase", static_cast<std::int64_t>(progress.phase));
  if (progress.canceled) w.flag("canceled");
  w.number("clause", progress.clause);
  if (progress.caught) append_error(w.member("caught"), *progress.caught);
  w.json("pending_output", progress.pending_output);
  w.number("opened", progress.opened);
  w.number("open", progress.open);
  w.number("completed", progress.completed);
  w.number("failed", progress.failed);
  if (progress.failure) append_error(w.member("failure"), *progress.failure);
  if (!progress.results.empty()) w.text("results", join_results(progress.results));
  w.json("last", progress.last);
  if (progress.owns_scopes) w.flag("owns_scopes");
  if (!progress.lock_key.empty()) w.text("lock_key", progress.lock_key);
  if (!progress.received.empty()) w.list("received", progress.received, append_optional);
  if (progress.asked_seq > 0) w.number("asked_seq", static_cast<std::int64_t>(progress.asked_seq));
  w.time("due", progress.due);
}

void append_task(std::string& out, const TaskState& task) {
  // A pending task has nothing to tell: long lists of them stay small.
  ObjectWriter w(out);
  if (task.status == TaskStatus::pending) return;
  w.number("status", static_cast<std::int64_t>(task.status));
  if (task.failure_continued) w.flag("continued");
  if (task.attempt > 0) w.number("attempt", task.attempt);
  w.time("started_at", task.started_at);
  w.time("ended_at", task.ended_at);
  w.time("due", task.due);
  w.time("deadline", task.deadline);
  w.json("input", task.input);
  w.json("output", task.output);
  if (task.error) append_error(w.member("error"), *task.error);
  if (!task.reason.empty()) w.text("reason", task.reason);
  if (task.waits_for != WaitsFor::time)
    w.number("waits_for", static_cast<std::int64_t>(task.waits_for));
  if (task.progress) append_progress(w.member("progress"), *task.progress);
}

void append_undo(std::string& out, const Undo& undo) {
  ObjectWriter w(out);
  w.number("seq", static_cast<std::int64_t>(undo.seq));
  w.number("body", undo.body);
  w.text("path", undo.path);
  w.json("input", undo.input);
  w.json("view", undo.view);
  if (undo.error) append_error(w.member("error"), *undo.error);
}

void append_string(std::string& out, const std::string& text) { append_quoted(out, text); }

void append_scope(std::string& out, const Scope& scope) {
  ObjectWriter w(out);
  w.number("id", scope.id);
  w.number("body", scope.body);
  if (scope.owner) append_ref(w.member("owner"), *scope.owner);
  if (scope.parent) w.number("parent", *scope.parent);
  if (scope.index > 0) w.number("index", scope.index);
  if (!scope.prefix.empty()) w.text("prefix", scope.prefix);
  if (scope.undoes) append_undo(w.member("undoes"), *scope.undoes);
  if (!scope.undo.empty()) w.list("undo", scope.undo, append_undo);
  if (!scope.not_undone.empty()) w.list("not_undone", scope.not_undone, append_string);
  if (scope.follow_up) w.number("follow_up", *scope.follow_up);
  if (scope.failing) w.flag("failing");
  if (scope.failure) append_error(w.member("failure"), *scope.failure);
  if (scope.closed) w.flag("closed");
  if (scope.has_inner) w.flag("has_inner");
  w.list("tasks", scope.tasks, append_task);
}

void put_counts(ObjectWriter& w, const TaskCounts& counts) {
  std::initializer_list<std::uint32_t> numbers = {counts.total,   counts.completed, counts.failed,
                                                  counts.skipped, counts.canceled,  counts.running,
                                                  counts.waiting};
  w.list("counts", numbers, ObjectWriter::append);
}

void put_signals(ObjectWriter& w, const State& state) {
  w.number("signals_received", static_cast<std::int64_t>(state.signals_received));
  w.list("signals", state.signals, [](std::string& out, const KeptSignal& signal) {
    ObjectWriter one(out);
    one.number("number", static_cast<std::int64_t>(signal.number));
    one.text("name", signal.name);
    one.text("correlation", signal.correlation);
    one.json("payload", signal.payload);
  });
  w.list("signal_ids", state.signal_ids, append_string);
}

// Its turn and its parent.
void put_relations(ObjectWriter& w, const State& state) {
  if (!state.turn.key.empty()) {
    std::string& out = w.member("turn") += '[';
    append_quoted(out, state.turn.key);
    out.append(",").append(std::to_string(state.turn.limit)).append(",");
    out.append(std::to_string(static_cast<int>(state.turn.policy))).append("]");
  }
  if (state.parent) {
    const Parent& parent = *state.parent;
    std::string& out = w.member("parent") += '[';
    append_quoted(out, to_string(parent.execution));
    for (std::uint32_t number : {parent.task.scope, parent.task.task, parent.attempt, parent.depth})
      out.append(",").append(std::to_string(number));
    out.append(parent.waits ? ",true]" : ",false]");
  }
}

}  // namespace

std::string write_snapshot(const State& state) {
  std::string text;
  {
    ObjectWriter w(text);
    w.text("id", to_string(state.id));
    w.text("workflow", to_string(state.workflow));
    w.number("revision", state.revision);
    w.number("status", static_cast<std::int64_t>(state.status));
    w.number("last_seq", static_cast<std::int64_t>(state.last_seq));
    w.number("created_at", to_micros(state.created_at));
    w.number("last_at", to_micros(state.last_at));
    w.time("ended_at", state.ended_at);
    w.time("deadline", state.deadline);
    if (state.timed_out) w.flag("timed_out");
    w.json("input", state.input);
    w.json("context", state.context);
    w.json("env", state.env);
    w.json("output", state.output);
    if (state.error) append_error(w.member("error"), *state.error);
    if (!state.cancel_reason.empty()) w.text("cancel_reason", state.cancel_reason);
    if (!state.key.empty()) w.text("key", state.key);
    if (!state.public_url.empty()) w.text("public_url", state.public_url);
    put_relations(w, state);
    w.number("last_scope", state.last_scope);
    w.number("active", state.active);
    put_counts(w, state.counts);
    if (!state.queue.empty()) w.list("queue", state.queue, append_ref);
    if (state.signals_received > 0) put_signals(w, state);
    w.list("scopes", state.scopes,
           [](std::string& out, const auto& entry) { append_scope(out, entry.second); });
  }
  return text;
}

}  // namespace harmonia::execution
