#include "tests/simulation/steps.h"

namespace harmonia::simulation {
namespace {

std::string task_text(const ExecutionId& run, const std::string& path) {
  return to_string(run) + " " + path;
}

std::string attempt_text(const ExecutionId& run, const std::string& path, std::uint32_t attempt) {
  return task_text(run, path) + " #" + std::to_string(attempt);
}

struct Texts {
  std::string operator()(const StartRun& step) const {
    return "start " + step.label + " w" + std::to_string(step.workflow) + " " +
           harmonia::to_text(step.input) + (step.key.empty() ? "" : " key=" + step.key);
  }
  std::string operator()(const ControlRun& step) const {
    constexpr std::string_view names[] = {"pause ", "resume ", "cancel "};
    return std::string(names[static_cast<std::size_t>(step.control)]) + to_string(step.run);
  }
  std::string operator()(const SendSignal& step) const {
    return "signal " + to_string(step.run) + " " + step.name + " id=" + step.id +
           " correlation=" + step.correlation + " n=" + std::to_string(step.n) +
           " token=" + std::to_string(step.token);
  }
  std::string operator()(const SendEvent& step) const {
    return "event " + step.name + " id=" + step.id + " correlation=" + step.correlation +
           " retention=" + to_human(step.retention) + " n=" + std::to_string(step.n) +
           " token=" + std::to_string(step.token);
  }
  std::string operator()(const DecideTask& step) const {
    return (step.approved ? "approve " : "reject ") + task_text(step.run, step.path);
  }
  std::string operator()(const CallBack& step) const {
    return "callback " + task_text(step.run, step.path) + " token=" + std::to_string(step.token);
  }
  std::string operator()(const ResolveTask& step) const {
    constexpr std::string_view names[] = {"retry", "skip", "complete", "fail"};
    return "resolve " + task_text(step.run, step.path) + " " + std::string(names[step.action]);
  }
  std::string operator()(const SaveWorkflow& step) const {
    return "save w" + std::to_string(step.workflow) + " as text " + std::to_string(step.text);
  }
  std::string operator()(const ReportAttempt& step) const {
    std::string text = "report " + attempt_text(step.run, step.path, step.attempt);
    if (step.success) return text + " ok " + std::to_string(step.n);
    text += " fail " + step.code + (step.retryable ? "" : " permanent");
    if (step.retry_after_seconds > 0)
      text += " retry-after " + std::to_string(step.retry_after_seconds) + "s";
    return text;
  }
  std::string operator()(const Heartbeat& step) const {
    return "heartbeat " + attempt_text(step.run, step.path, step.attempt);
  }
  std::string operator()(const MoveClock& step) const {
    bool back = step.by < Duration(0);
    return std::string(back ? "clock goes back " : "clock goes on ") +
           to_human(back ? -step.by : step.by);
  }
  std::string operator()(const MoveClockToDue&) const { return "clock goes on to what is due"; }
  std::string operator()(const RunBatch& step) const {
    return "batch of shard " + std::to_string(step.shard);
  }
  std::string operator()(const Settle&) const { return "settle"; }
  std::string operator()(const BreakThings& step) const {
    std::string text = "fault " + std::string(to_string(step.fault));
    if (step.count > 1) text += " " + std::to_string(step.count) + " times";
    if (step.after > 0) text += " after " + std::to_string(step.after);
    if (step.length > Duration(0)) text += " for " + to_human(step.length);
    if (step.written > 0) text += ", " + std::to_string(step.written) + " written";
    return text;
  }
  std::string operator()(const Crash& step) const {
    return std::string("crash") + (step.power ? " without power" : "") + ", and start with " +
           std::to_string(step.shards) + " shards";
  }
};

}  // namespace

std::string_view to_string(Fault fault) {
  constexpr std::string_view names[] = {"commits fail",   "disk is full",        "reads fail",
                                        "calls are slow", "die before commit",   "die after commit",
                                        "die at handout", "die at announcement", "die at answer",
                                        "power fails"};
  return names[static_cast<std::size_t>(fault)];
}

std::string describe(const Step& step) { return std::visit(Texts{}, step); }

}  // namespace harmonia::simulation
