#include "tests/simulation/actors.h"

namespace harmonia::simulation {
namespace {

const std::vector<std::string>& event_names() {
  static const std::vector<std::string> names = {"go", "stop"};
  return names;
}

}  // namespace

Step Actors::next() {
  if (started_ == 0) return start();
  bool may_start = started_ < hostility_.runs_max;
  std::vector<double> weights = {hostility_.batch,       hostility_.settle,
                                 hostility_.report,      may_start ? hostility_.start : 0,
                                 hostility_.control,     hostility_.signal,
                                 hostility_.event,       hostility_.decide,
                                 hostility_.heartbeat,   hostility_.move_clock,
                                 hostility_.move_to_due, hostility_.save,
                                 hostility_.repeat,      hostility_.fault,
                                 hostility_.crash};
  switch (random_.weighted(weights)) {
    case 0: return batch();
    case 1: return Settle{};
    case 2: return report();
    case 3: return start();
    case 4: return control();
    case 5: return signal();
    case 6: return event();
    case 7: return decide();
    case 8: return heartbeat();
    case 9: return move_clock();
    case 10: return MoveClockToDue{};
    case 11: {
      std::size_t text = random_.pick(scenario_.texts.size());
      return SaveWorkflow{.workflow = text % scenario_.workflows, .text = text};
    }
    case 12: return repeat();
    case 13: return fault();
    default: return crash();
  }
}

Step Actors::remembered(Step step) {
  constexpr std::size_t most = 40;
  said_.push_back(step);
  if (said_.size() > most) said_.pop_front();
  return step;
}

Step Actors::crash() {
  Crash step{.shards = 1 + random_.pick(4)};
  if (!hostility_.on_sqlite || random_.one_in(3)) return step;
  if (random_.one_in(2)) return power_failure();
  step.power = random_.next();
  return step;
}

// `after`: writes of the commit that go well first; 0: the power goes when it is synced.
Step Actors::power_failure() {
  std::uint32_t after = random_.one_in(2) ? 0 : 1 + random_.pick(3);
  return BreakThings{.fault = Fault::power_fails, .after = after, .seed = random_.next()};
}

Step Actors::batch() { return RunBatch{.shard = random_.pick(world_.shard_count())}; }

Step Actors::repeat() {
  if (said_.empty()) return batch();
  Step step = said_[random_.pick(said_.size())];
  // The same key for another request: it must be refused.
  if (auto* start = std::get_if<StartRun>(&step); start != nullptr && random_.one_in(4))
    start->input.get_object()["n"] = start->input.at("n").as_int64() + 1;
  return step;
}

Json Actors::random_input() {
  return JsonObject{
      {"flag", random_.one_in(2)}, {"n", random_.between(0, 6)}, {"zero", 0}, {"text", "soon"}};
}

Step Actors::start() {
  StartRun step{.label = label_of(started_++),
                .workflow = random_.pick(scenario_.workflows),
                .input = random_input()};
  if (!random_.chance(hostility_.key_rate)) return step;
  step.key = "key-" + step.label;
  return remembered(step);
}

const RunRecord* Actors::any_run() {
  const auto& runs = world_.ledger().runs();
  if (runs.empty()) return nullptr;
  std::vector<const RunRecord*> open;
  for (const auto& [_, run] : runs) {
    if (!run.has_ended()) open.push_back(&run);
  }
  bool any = open.empty() || random_.one_in(12);
  if (!any) return random_.one_of(open);
  return &std::next(runs.begin(), random_.pick(runs.size()))->second;
}

Step Actors::control() {
  const RunRecord* run = any_run();
  if (run == nullptr) return start();
  bool paused = run->status == execution::RunStatus::paused;
  if (random_.one_in(10)) return remembered(ControlRun{.run = run->id, .control = Control::cancel});
  bool contrary = random_.one_in(5);
  return remembered(
      ControlRun{.run = run->id, .control = paused != contrary ? Control::resume : Control::pause});
}

Step Actors::signal() {
  const RunRecord* run = any_run();
  if (run == nullptr) return batch();
  SendSignal step{.run = run->id,
                  .id = {},
                  .name = random_.one_of(event_names()),
                  .correlation = {},
                  .n = random_.pick(10),
                  .token = ++tokens_};
  if (random_.one_in(2)) step.id = "s" + std::to_string(step.token);
  if (random_.one_in(3)) step.correlation = std::to_string(random_.pick(5));
  // One without an id may stand in the history twice when it is said twice.
  return remembered(step);
}

Step Actors::event() {
  return remembered(SendEvent{.id = "b" + std::to_string(++events_),
                              .name = random_.one_of(event_names()),
                              .correlation = std::to_string(random_.pick(5)),
                              .n = random_.pick(10),
                              .token = ++tokens_,
                              .retention = std::chrono::seconds(1 + random_.pick(300))});
}

const TaskRecord* Actors::any_waiting(const RunRecord& run) {
  std::vector<const TaskRecord*> waiting;
  for (const auto& [_, scope] : run.scopes) {
    if (!scope.open) continue;
    for (const TaskRecord& task : scope.tasks) {
      if (task.standing == Standing::awaiting || random_.one_in(20)) waiting.push_back(&task);
    }
  }
  return waiting.empty() ? nullptr : random_.one_of(waiting);
}

Step Actors::decide() {
  const RunRecord* run = any_run();
  const TaskRecord* task = run == nullptr ? nullptr : any_waiting(*run);
  if (task == nullptr) return batch();
  WaitsFor what = task->waits_for;
  if (task->standing != Standing::awaiting) {
    // Of the type at least: others are refused before they are decided.
    if (task->spec->type == "webhook") what = WaitsFor::callback;
    if (task->spec->type == "approval") what = WaitsFor::approval;
    if (task->spec->on_error == "incident" && random_.one_in(2)) what = WaitsFor::incident;
  }
  switch (what) {
    case WaitsFor::approval:
      if (task->spec->type != "approval") return batch();
      return remembered(DecideTask{.run = run->id,
                                   .path = task->path,
                                   .approved = !random_.one_in(3),
                                   .asked = random_.one_in(2) ? task->asked_at : 0});
    case WaitsFor::callback:
      return remembered(CallBack{.run = run->id, .path = task->path, .token = ++tokens_});
    case WaitsFor::incident:
      return remembered(ResolveTask{.run = run->id,
                                    .path = task->path,
                                    .action = random_.pick(4),
                                    .asked = random_.one_in(2) ? task->asked_at : 0});
    case WaitsFor::event:
      return remembered(SendSignal{.run = run->id,
                                   .id = {},
                                   .name = get_string(task->input->get_object(), "event"),
                                   .correlation = {},
                                   .n = random_.pick(10),
                                   .token = ++tokens_});
    default: return batch();
  }
}

// One that a runner has, mostly; an old one now and then.
std::optional<engine::AttemptKey> Actors::any_attempt() {
  const auto& keys = world_.runners().keys();
  if (keys.empty()) return std::nullopt;
  if (random_.chance(hostility_.stray_report_rate)) return keys[random_.pick(keys.size())];
  std::vector<engine::AttemptKey> wanted;
  for (const auto& [id, run] : world_.ledger().runs()) {
    for (const auto& [_, scope] : run.scopes) {
      if (!scope.open) continue;
      for (const TaskRecord& task : scope.tasks) {
        engine::AttemptKey key{.execution = id, .task = task.ref, .attempt = task.attempt};
        if (task.standing == Standing::attempting && world_.runners().is_held(key))
          wanted.push_back(key);
      }
    }
  }
  if (wanted.empty()) return std::nullopt;
  return random_.one_of(wanted);
}

Step Actors::report() {
  auto key = any_attempt();
  if (!key) return batch();
  const HeldAttempt& held = world_.runners().at(*key);
  ReportAttempt step{.run = key->execution,
                     .path = held.assignment.task_path,
                     .attempt = key->attempt,
                     .n = random_.pick(100)};
  if (!random_.chance(hostility_.failure_rate)) return step;
  constexpr const char* codes[] = {"http_503", "http_404", "broken"};
  step.success = false;
  step.code = codes[random_.pick(3)];
  step.retryable = !random_.one_in(4);
  if (random_.one_in(6)) step.retry_after_seconds = 1 + random_.pick(200);
  return step;
}

Step Actors::heartbeat() {
  auto key = any_attempt();
  if (!key) return batch();
  const HeldAttempt& held = world_.runners().at(*key);
  return Heartbeat{
      .run = key->execution, .path = held.assignment.task_path, .attempt = key->attempt};
}

Step Actors::move_clock() {
  constexpr std::int64_t second = 1'000'000;
  if (random_.chance(hostility_.clock_back_rate))
    return MoveClock{.by = Duration(-random_.between(1, 30 * second))};
  if (random_.chance(hostility_.long_jump_rate))
    return MoveClock{.by = std::chrono::hours(1 + random_.pick(100))};
  return MoveClock{.by = Duration(random_.between(1, 4 * second))};
}

Step Actors::fault() {
  constexpr Fault all[] = {
      Fault::commits_fail,        Fault::disk_is_full,     Fault::calls_are_slow,
      Fault::die_before_commit,   Fault::die_after_commit, Fault::die_at_handout,
      Fault::die_at_announcement, Fault::die_at_answer,    Fault::reads_fail};
  BreakThings step{.fault = all[random_.pick(hostility_.reads_fail ? 9 : 8)],
                   .count = 1 + random_.pick(3)};
  if (hostility_.on_sqlite && random_.one_in(2)) return power_failure();
  if (step.fault == Fault::commits_fail) {
    step.length = std::chrono::milliseconds(random_.pick(4000));
    if (random_.one_in(2)) step.written = 1 + random_.pick(4);
  }
  if (step.fault == Fault::disk_is_full) step.length = std::chrono::seconds(1 + random_.pick(20));
  if (step.fault == Fault::calls_are_slow)
    step.length = std::chrono::milliseconds(1 + random_.pick(3000));
  if (step.fault == Fault::reads_fail) step.after = random_.pick(6);
  return step;
}

}  // namespace harmonia::simulation
