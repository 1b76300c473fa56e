#include "tests/simulation/history_checks/signal_check.h"

#include <algorithm>

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using namespace execution;

constexpr const char* law = "signals";

std::size_t count_of(const TaskSpec& spec) {
  return static_cast<std::size_t>(spec.number_of("count", 1));
}

// `event.n > 3` is the only filter of the definitions made here.
bool passes_filter(const TaskSpec& spec, const SharedJson& payload) {
  if (!spec.json->contains("filter")) return true;
  const Json* n = payload ? find_pointer(*payload, "/n") : nullptr;
  return n != nullptr && n->is_int64() && n->get_int64() > 3;
}

void check_taken(const RunRecord& run, const SignalTaken& taken) {
  const TaskRecord* task = run.find_task(taken.task);
  if (task == nullptr) return;
  auto found = run.signals.find(taken.signal);
  expect(found != run.signals.end() && !found->second.taken, law, [&] {
    return name_of(run, taken.task) + " takes signal " + std::to_string(taken.signal) +
           ", which did not arrive or is taken";
  });
  expect(fits(*task, found->second), law, [&] {
    return name_of(run, taken.task) + " takes a signal '" + found->second.name +
           "' that is not what it waits for";
  });
  for (const auto& [number, signal] : run.signals) {
    if (number >= taken.signal) break;
    expect(signal.taken || !fits(*task, signal), law, [&] {
      return name_of(run, taken.task) + " takes signal " + std::to_string(taken.signal) +
             " before signal " + std::to_string(number);
    });
  }
}

// What it gives is what it took.
void check_completed(const RunRecord& run, Timestamp at, const TaskCompleted& completed) {
  const TaskRecord* task = run.find_task(completed.task);
  if (task == nullptr || task->standing != Standing::awaiting || task->waits_for != WaitsFor::event)
    return;
  std::size_t wanted = count_of(*task->spec);
  if (task->taken.size() < wanted) {
    bool may = task->deadline && at >= *task->deadline &&
               get_string(*task->spec->json, "on_timeout") == "continue";
    return expect(may, law, [&] {
      return name_of(run, completed.task) + " completes with " +
             std::to_string(task->taken.size()) + " of " + std::to_string(wanted) + " signals";
    });
  }
  JsonArray payloads;
  for (std::uint64_t number : task->taken) payloads.push_back(*run.signals.at(number).payload);
  Json expected = wanted > 1 ? Json(payloads) : payloads.front();
  expect(completed.output && json_equal(*completed.output, expected), law,
         [&] { return name_of(run, completed.task) + " gives something else than it took"; });
}

}  // namespace

std::int64_t token_of(const SharedJson& payload) {
  const Json* token = payload ? find_pointer(*payload, "/token") : nullptr;
  return token != nullptr && token->is_int64() ? token->get_int64() : 0;
}

bool fits(const TaskRecord& task, const SignalRecord& signal) {
  if (task.standing != Standing::awaiting || task.waits_for != WaitsFor::event) return false;
  const JsonObject& wanted = task.input->get_object();
  if (get_string(wanted, "event") != signal.name) return false;
  if (!signal.correlation.empty() && get_string(wanted, "correlation") != signal.correlation)
    return false;
  return passes_filter(*task.spec, signal.payload);
}

void SignalCheck::before(const RunRecord& run, const Event& event) {
  if (const auto* taken = std::get_if<SignalTaken>(&event.body)) return check_taken(run, *taken);
  if (const auto* completed = std::get_if<TaskCompleted>(&event.body))
    return check_completed(run, event.at, *completed);
  const auto* received = std::get_if<SignalReceived>(&event.body);
  if (received == nullptr) return;
  auto sent = witness_.signals.find(token_of(received->payload));
  bool known = sent != witness_.signals.end() &&
               (!sent->second.run || *sent->second.run == run.id) &&
               sent->second.name == received->name &&
               sent->second.correlation == received->correlation && sent->second.id == received->id;
  expect(known, law, [&] { return name_of(run) + " received a signal that nobody sent"; });
  expect(received->id.empty() || !run.signal_ids.contains(received->id), law,
         [&] { return name_of(run) + " received signal '" + received->id + "' a second time"; });
  std::uint32_t& times = received_[{run.id, sent->first}];
  expect(++times <= sent->second.times, law, [&] {
    return name_of(run) + " received a signal " + std::to_string(times) +
           " times, more often than it was sent";
  });
}

void SignalCheck::after_commit(const RunRecord& run, const std::vector<Event>&) {
  if (!run.goes_on() || run.signals.empty()) return;
  for (const auto& [_, scope] : run.scopes) {
    if (!scope.open) continue;
    for (const TaskRecord& task : scope.tasks) {
      bool ready = std::any_of(run.signals.begin(), run.signals.end(), [&](const auto& entry) {
        return !entry.second.taken && fits(task, entry.second);
      });
      expect(!ready, law,
             [&] { return name_of(run, task.ref) + " waits for a signal that is there"; });
    }
  }
}

}  // namespace harmonia::simulation
