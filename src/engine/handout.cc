#include "engine/handout.h"

#include "base/log.h"
#include "execution/task_keys.h"

namespace harmonia::engine {
namespace {

std::vector<SecretUse> secrets_of(const workflow::Task& task) {
  std::vector<SecretUse> uses;
  if (!task.input) return uses;
  for (const auto& [pointer, reference] : task.input->references()) {
    if (reference.root == "secret" && !reference.path.empty()) {
      uses.push_back({.pointer = pointer, .name = reference.path.front()});
    }
  }
  return uses;
}

}  // namespace

// True while the attempt waits for its rate limit.
bool Handout::must_wait(const execution::Dispatch& owed, const Run& run, Timestamp now) {
  const auto& limit = run.definition->tasks[owed.task.task].rate_limit;
  if (!limit) return false;
  AttemptKey key{.execution = run.state.id, .task = owed.task, .attempt = owed.attempt};
  if (auto found = admitted_.find(key); found != admitted_.end()) return !found->second;
  auto shared = execution::rate_limit_key(*run.definition, run.state, owed.task);
  if (!shared.ok())
    log::warning("the key of a rate limit can't be evaluated", {{"error", shared.error().detail}});
  Timestamp begin =
      limits_.rates.reserve(shared.ok() ? *shared : "", limit->limit, limit->per, now);
  admitted_[key] = begin <= now;
  if (begin <= now) return false;
  waiting_.emplace(begin, key);
  return true;
}

SharedJson Handout::hand_out(const execution::Dispatch& owed, const Run& run, Timestamp now) {
  const auto& state = run.state.task(*run.definition, owed.task);
  const auto& task = run.definition->tasks[owed.task.task];
  AttemptKey key{.execution = run.state.id, .task = owed.task, .attempt = owed.attempt};
  // A runner has it, whatever others know by now: no second look at what it would share.
  if ((task.cache || task.rate_limit) && claims_.holds(key)) return nullptr;
  if (task.cache) {
    auto shared = execution::cache_key(*run.definition, run.state, owed.task);
    if (shared.ok()) {
      if (SharedJson output = limits_.results.find(*shared, now)) return output;
      caching_[key] = {.key = std::move(*shared), .ttl = task.cache->ttl};
    } else {
      log::warning("the key of a cache can't be evaluated", {{"error", shared.error().detail}});
    }
  }
  if (must_wait(owed, run, now) || !claims_.claim(key, task.heartbeat_timeout, now)) return nullptr;
  dispatcher_.dispatch({.key = key,
                        .task_path = execution::path_of(*run.definition, run.state, owed.task),
                        .workflow_name = run.definition->name,
                        .component = task.component,
                        .action = task.action,
                        .input = state.input,
                        .secrets = secrets_of(task),
                        .context = run.state.context,
                        .deadline = state.deadline,
                        .heartbeat_timeout = task.heartbeat_timeout});
  return nullptr;
}

void Handout::take_back(const AttemptKey& key, const execution::Report* report, Timestamp now) {
  bool reported_itself =
      report != nullptr && report->task == key.task && report->attempt == key.attempt;
  admitted_.erase(key);
  if (auto found = caching_.find(key); found != caching_.end()) {
    const auto* success =
        reported_itself ? std::get_if<execution::AttemptSucceeded>(&report->outcome) : nullptr;
    if (success != nullptr)
      limits_.results.keep(found->second.key, success->output, now + found->second.ttl);
    caching_.erase(found);
  }
  if (claims_.release(key) && !reported_itself) dispatcher_.cancel(key);
}

std::vector<AttemptKey> Handout::take_due(Timestamp now) {
  std::vector<AttemptKey> due;
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    AttemptKey key = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    auto admitted = admitted_.find(key);
    if (admitted == admitted_.end()) continue;  // it is over
    admitted->second = true;
    due.push_back(key);
  }
  return due;
}

std::optional<Timestamp> Handout::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

}  // namespace harmonia::engine
