#include "tests/simulation/history_checks/limit_check.h"

#include <algorithm>

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using namespace execution;

constexpr const char* slot_law = "max_parallel";
constexpr const char* lock_law = "locks";

template <class Visit>
void for_open_tasks(const RunRecord& run, Visit visit) {
  for (const auto& [_, scope] : run.scopes) {
    if (!scope.open) continue;
    for (const TaskRecord& task : scope.tasks) visit(task);
  }
}

std::int64_t count(const RunRecord& run, Standing standing) {
  std::int64_t found = 0;
  for_open_tasks(run, [&](const TaskRecord& task) { found += task.standing == standing ? 1 : 0; });
  return found;
}

std::size_t limit_of(const TaskRecord& task) {
  return static_cast<std::size_t>(task.spec->concurrency_limit.value_or(1));
}

// The key is the evaluated one: what the same key means must not depend on who asks.
void check_key(const RunRecord& run, const TaskAwaiting& awaiting) {
  const TaskRecord* task = run.find_task(awaiting.task);
  if (task == nullptr || awaiting.waits_for != WaitsFor::lock) return;
  bool critical = task->spec->type == "critical";
  const JsonObject& json = *task->spec->json;
  const Json& written = critical ? json.at("key") : json.at("concurrency").get_object().at("key");
  auto value = evaluate_simply(written, *run.input);
  if (!value) return;
  std::string text =
      value->is_string() ? std::string(text_view(value->get_string())) : to_text(*value);
  std::string key = get_string(awaiting.input->get_object(), "key");
  bool fits = critical ? key == "critical/" + text : key.ends_with("/" + text);
  expect(fits, lock_law,
         [&] { return name_of(run, awaiting.task) + " asks for " + key + " with key " + text; });
}

// Who goes before: higher priority, then who came first.
bool goes_before(const TaskRecord& a, const TaskRecord& b) {
  if (a.spec->priority != b.spec->priority) return a.spec->priority > b.spec->priority;
  return a.queued_at < b.queued_at;
}

}  // namespace

void SlotCheck::before(const RunRecord& run, const Event& event) {
  if (!run.spec || !run.spec->max_parallel) return;
  const auto* scheduled = std::get_if<TaskScheduled>(&event.body);
  const auto* queued = std::get_if<TaskQueued>(&event.body);
  if (scheduled == nullptr && queued == nullptr) return;
  std::int64_t running = count(run, Standing::attempting);
  if (queued != nullptr) {
    expect(running >= *run.spec->max_parallel, slot_law,
           [&] { return name_of(run, queued->task) + " waits though there is room for it"; });
    return;
  }
  expect(running < *run.spec->max_parallel, slot_law, [&] {
    return name_of(run, scheduled->task) + " is handed out beside " + std::to_string(running) +
           " others";
  });
  const TaskRecord* task = run.find_task(scheduled->task);
  if (task == nullptr) return;
  for_open_tasks(run, [&](const TaskRecord& other) {
    if (other.standing != Standing::queued || other.ref == task->ref) return;
    bool overtakes = task->standing != Standing::queued || goes_before(other, *task);
    expect(!overtakes, slot_law, [&] {
      return name_of(run, scheduled->task) + " goes before " + other.path + ", which was first";
    });
  });
}

void SlotCheck::after_commit(const RunRecord& run, const std::vector<Event>&) {
  if (!run.goes_on()) return;
  bool has_room =
      !run.spec->max_parallel || count(run, Standing::attempting) < *run.spec->max_parallel;
  expect(!has_room || count(run, Standing::queued) == 0, slot_law,
         [&] { return name_of(run) + " has room, and an attempt waits for it"; });
}

// So many may be before it as leave room, those that have it included.
void LockCheck::check_turn(const RunRecord& run, const Place& mine, const std::string& key,
                           std::size_t limit) const {
  auto found = lines_.find(key);
  expect(found != lines_.end() && found->second.contains(mine), lock_law,
         [&] { return name_of(run) + " gets " + key + " and did not ask"; });
  std::uint64_t my_place = found->second.at(mine).place;
  if (mixed_.contains(key)) return;
  std::size_t holders = 0;
  std::size_t earlier = 0;
  for (const auto& [place, turn] : found->second) {
    if (place == mine) continue;
    holders += turn.has_it ? 1 : 0;
    bool before = turn.has_it || (turn.place < my_place && !turn.was_aside);
    earlier += before ? 1 : 0;
  }
  std::string who = mine.task ? name_of(run, *mine.task) : name_of(run);
  expect(holders < limit, lock_law, [&] {
    return who + " gets " + key + " beside " + std::to_string(holders) + " others that have it";
  });
  // Where those stand that let others pass and come back is not told by histories.
  expect(earlier < limit || found->second.at(mine).was_aside, lock_law,
         [&] { return who + " gets " + key + " before others that came first"; });
}

void LockCheck::check_at_rest(const Ledger& ledger) const {
  for (const auto& [key, line] : lines_) {
    if (mixed_.contains(key)) continue;
    std::size_t holders = 0;
    std::size_t waiting = 0;
    std::size_t limit = line.begin()->second.limit;
    for (const auto& [place, turn] : line) {
      holders += turn.has_it ? 1 : 0;
      waiting += !turn.has_it && turn.place != 0 ? 1 : 0;
      bool may_wait = place.task || ledger.find(place.run)->spec->concurrency_policy == "queue";
      expect(turn.has_it || may_wait, lock_law, [&] {
        return name_of(*ledger.find(place.run)) + " waits for its turn, and its policy is " +
               ledger.find(place.run)->spec->concurrency_policy;
      });
    }
    expect(waiting == 0 || holders >= limit, lock_law, [&] {
      return std::to_string(waiting) + " wait for " + key + ", and " + std::to_string(holders) +
             " have it";
    });
  }
}

void LockCheck::before(const RunRecord& run, const Event& event) {
  if (std::holds_alternative<ExecutionAdmitted>(event.body))
    return check_turn(run, {.run = run.id, .task = std::nullopt}, run.turn, run.turn_limit);
  if (const auto* awaiting = std::get_if<TaskAwaiting>(&event.body)) check_key(run, *awaiting);
  bool begins = std::holds_alternative<TaskScheduled>(event.body) ||
                std::holds_alternative<TaskQueued>(event.body) ||
                std::holds_alternative<TaskStarted>(event.body);
  if (!begins) return;
  TaskRef ref = *event_task(event.body);
  const TaskRecord* task = run.find_task(ref);
  if (task == nullptr || !task->in_line) return;
  check_turn(run, {.run = run.id, .task = ref}, task->key, limit_of(*task));
}

void LockCheck::after(const RunRecord& run, const Event& event) {
  auto known = keys_.find(run.id);
  bool asks = std::holds_alternative<ExecutionQueued>(event.body) ||
              std::holds_alternative<TaskAwaiting>(event.body);
  if (known == keys_.end() && !asks) return;
  std::set<std::string>& keys = keys_[run.id];
  for (const std::string& key : keys) {
    Line& line = lines_[key];
    std::erase_if(line, [&](const auto& entry) { return entry.first.run == run.id; });
    if (line.empty()) lines_.erase(key);
  }
  keys.clear();
  auto add = [&](const std::string& key, std::optional<TaskRef> task, Turn turn) {
    Line& line = lines_[key];
    line[{.run = run.id, .task = task}] = turn;
    if (line.begin()->second.limit != turn.limit) mixed_.insert(key);
    keys.insert(key);
  };
  if (!run.turn.empty())
    add(run.turn, std::nullopt, {run.place, !run.in_line, false, run.turn_limit});
  if (!run.has_ended()) {
    for_open_tasks(run, [&](const TaskRecord& task) {
      if (!task.key.empty())
        add(task.key, task.ref, {task.place, !task.in_line, task.was_aside, limit_of(task)});
    });
  }
  if (keys.empty()) keys_.erase(run.id);
}

}  // namespace harmonia::simulation
