#include "tests/simulation/runners.h"

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

constexpr const char* law = "handouts";

std::string name_of(const engine::AttemptKey& key, const std::string& path) {
  return "run " + to_string(key.execution) + ", attempt " + path + "#" +
         std::to_string(key.attempt);
}

bool is_attempting(const TaskRecord* task, std::uint32_t attempt) {
  return task != nullptr && task->standing == Standing::attempting && task->attempt == attempt;
}

}  // namespace

void Runners::begin_life() {
  ++life_;
  rates_.clear();
  around_.witness.signs_of_life.clear();
}

HeldAttempt* Runners::find(const engine::AttemptKey& key) {
  auto found = held_.find(key);
  return found == held_.end() ? nullptr : &found->second;
}

HeldAttempt* Runners::find(ExecutionId run, const std::string& path, std::uint32_t attempt) {
  for (auto key = keys_.rbegin(); key != keys_.rend(); ++key) {
    if (key->execution != run || key->attempt != attempt) continue;
    HeldAttempt& held = held_.at(*key);
    if (held.assignment.task_path == path) return &held;
  }
  return nullptr;
}

bool Runners::is_held(const engine::AttemptKey& key) const {
  auto found = held_.find(key);
  return found != held_.end() && found->second.life == life_ && !found->second.canceled;
}

void Runners::dispatch(engine::Assignment assignment) {
  around_.look();
  check_assignment(assignment);
  check_rate(assignment);
  auto [place, is_new] = held_.try_emplace(assignment.key);
  HeldAttempt& held = place->second;
  if (is_new) keys_.push_back(assignment.key);
  expect(is_new || held.life != life_, law, [&] {
    return name_of(assignment.key, assignment.task_path) +
           " is handed out twice in the life of a process";
  });
  if (!is_new) around_.coverage.note("runner", "handed out again");
  around_.witness.signs_of_life[assignment.key] = around_.clock.now();
  held.assignment = std::move(assignment);
  held.life = life_;
  held.reported = false;
  held.canceled = false;
  if (!std::exchange(die_at_handout, false)) return;
  around_.coverage.note("fault", "die at handout");
  throw ProcessDied{"when work was handed out"};
}

void Runners::check_assignment(const engine::Assignment& assignment) const {
  const engine::AttemptKey& key = assignment.key;
  std::string name = name_of(key, assignment.task_path);
  const RunRecord* run = around_.ledger.find(key.execution);
  expect(run != nullptr && !run->has_ended(), law,
         [&] { return name + " is handed out, and no such run goes on"; });
  const TaskRecord* task = run->find_task(key.task);
  const ScopeRecord* scope = run->find_scope(key.task.scope);
  expect(is_attempting(task, key.attempt) && scope->open, law, [&] {
    return name + " is handed out, and on disk the task is " +
           (task == nullptr ? "unknown"
                            : std::string(to_string(task->standing)) + " with attempt " +
                                  std::to_string(task->attempt));
  });
  bool same = assignment.task_path == task->path && assignment.deadline == task->deadline &&
              assignment.heartbeat_timeout == task->spec->heartbeat_timeout &&
              assignment.workflow_name == run->spec->name &&
              assignment.component == (task->spec->type == "webhook"
                                           ? assignment.component
                                           : get_string(*task->spec->json, "component"));
  expect(same, law, [&] { return name + " is handed out as something else than it is"; });
  bool same_input = assignment.input && task->input && json_equal(*assignment.input, *task->input);
  expect(same_input, law, [&] { return name + " is handed out with another input"; });
}

// So many at once, then evenly: never more than that since the first one of this life.
void Runners::check_rate(const engine::Assignment& assignment) {
  const TaskRecord* task = around_.ledger.find(assignment.key.execution, assignment.key.task);
  const Json* limit = task->spec->json->if_contains("rate_limit");
  if (limit == nullptr) return;
  const JsonObject& rule = limit->get_object();
  std::string key = assignment.workflow_name + "/" + place_of(assignment.task_path);
  auto [place, is_new] =
      rates_.try_emplace(key, Rate{.first = around_.clock.now(), .last = around_.clock.now()});
  Rate& rate = place->second;
  rate.last = std::max(rate.last, around_.clock.now());
  ++rate.count;
  double interval = rule.contains("per") ? rule.at("per").to_number<double>() : 1;
  auto most = static_cast<double>(get_int(rule, "limit"));
  double passed = to_seconds(rate.last - rate.first);
  // Revisions of a workflow may disagree; then what the widest of them allows counts.
  rate.most = std::max(rate.most, most);
  rate.per_second = std::max(rate.per_second, most / interval);
  expect(static_cast<double>(rate.count) <= rate.most + passed * rate.per_second + 1e-6,
         "rate_limit", [&] {
           return name_of(assignment.key, assignment.task_path) + " is number " +
                  std::to_string(rate.count) + " within " + to_human(rate.last - rate.first);
         });
}

void Runners::cancel(const engine::AttemptKey& key) {
  around_.look();
  HeldAttempt* held = find(key);
  expect(held != nullptr && held->life == life_, law,
         [&] { return name_of(key, "?") + " is canceled and was not handed out in this life"; });
  const TaskRecord* task = around_.ledger.find(key.execution, key.task);
  expect(!is_attempting(task, key.attempt), law, [&] {
    return name_of(key, held->assignment.task_path) + " is canceled, and on disk it is wanted";
  });
  held->canceled = true;
}

void Runners::check_at_rest() const {
  for (const auto& [id, run] : around_.ledger.runs()) {
    if (run.has_ended()) continue;
    for (const auto& [_, scope] : run.scopes) {
      if (!scope.open) continue;
      for (const TaskRecord& task : scope.tasks) {
        if (task.standing != Standing::attempting || task.spec->json->contains("rate_limit"))
          continue;
        engine::AttemptKey key{.execution = id, .task = task.ref, .attempt = task.attempt};
        expect(is_held(key), law,
               [&] { return name_of(key, task.path) + " is owed to a runner, and none has it"; });
        expect(!held_.at(key).reported, law,
               [&] { return name_of(key, task.path) + " goes on, and its report was heard"; });
      }
    }
  }
  for (const auto& [key, held] : held_) {
    if (held.life != life_ || held.canceled || held.reported) continue;
    const TaskRecord* task = around_.ledger.find(key.execution, key.task);
    expect(is_attempting(task, key.attempt), law, [&] {
      return name_of(key, held.assignment.task_path) + " is over, and its runner was not told";
    });
  }
}

std::uint64_t Listener::heard(ExecutionId run) const {
  auto found = heard_.find(run);
  return found == heard_.end() ? 0 : found->second;
}

void Listener::announce(const engine::Announcement& announcement) {
  constexpr const char* own_law = "announcements";
  look_();
  const auto& events = announcement.events;
  std::string name = "run " + to_string(announcement.execution);
  expect(!events.empty(), own_law, [&] { return name + ": nothing is announced"; });
  const RunRecord* run = ledger_.find(announcement.execution);
  expect(run != nullptr && run->seq >= events.back().seq, own_law, [&] {
    return name + ": event " + std::to_string(events.back().seq) + " is announced and not on disk";
  });
  auto [last, is_new] = heard_.try_emplace(announcement.execution, events.back().seq);
  // A commit that failed, and is on disk all the same, is told by nobody.
  auto unheard = store_.unheard().find(announcement.execution);
  bool missed = unheard != store_.unheard().end() && unheard->second >= events.front().seq - 1;
  expect(is_new || missed || last->second + 1 == events.front().seq, own_law, [&] {
    return name + ": event " + std::to_string(events.front().seq) + " is announced after event " +
           std::to_string(last->second);
  });
  last->second = events.back().seq;
  compare_(announcement);
  if (!std::exchange(die_at_announcement, false)) return;
  coverage_.note("fault", "die at announcement");
  throw ProcessDied{"when events were announced"};
}

}  // namespace harmonia::simulation
