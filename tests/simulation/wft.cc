#include <map>
#include <set>

#include "tests/simulation/clients.h"
#include "tests/simulation/shrink.h"

namespace harmonia::simulation {
namespace {

// Directives of docs/testing.md. Runs are known by the labels they were started with; subworkflows
// and starts with a key have none there.
class Writer {
 public:
  explicit Writer(const Scenario& scenario) : scenario_(scenario) {}

  std::string write(const BrokenLaw& broken) {
    text_ = "# Breaks `" + broken.law + "`: " + broken.detail + "\n";
    text_ += "# Seed " + std::to_string(scenario_.seed) + ", shrunk. Steps that a scenario can't " +
             "express are comments.\n\n";
    for (std::size_t i = 0; i < scenario_.texts.size(); ++i) {
      text_ += "workflow w" + std::to_string(i % scenario_.workflows) + "\n  " +
               to_text(scenario_.texts[i]) + "\n\n";
      if (i + 1 == scenario_.workflows) break;
    }
    hang_all();
    for (const Step& step : scenario_.steps) {
      if (!std::visit(*this, step)) text_ += "# " + describe(step) + "\n\n";
    }
    return std::move(text_);
  }

  bool operator()(const StartRun& step) {
    if (!step.key.empty()) return false;
    labels_[Clients::id_of(step)] = step.label;
    return say("start " + step.label + " w" + std::to_string(step.workflow) + " " +
               to_text(step.input));
  }
  bool operator()(const ControlRun& step) {
    constexpr std::string_view names[] = {"pause", "resume", "cancel"};
    return about(step.run, std::string(names[static_cast<std::size_t>(step.control)]), "");
  }
  bool operator()(const SendSignal& step) {
    std::string more = " " + step.name + named("id", step.id) +
                       named("correlation", step.correlation) +
                       " {\"n\":" + std::to_string(step.n) + "}";
    return about(step.run, "signal", more);
  }
  bool operator()(const SendEvent& step) {
    return say("event " + step.name + named("id", step.id) +
               named("correlation", step.correlation) +
               " retention=" + std::to_string(step.retention / std::chrono::seconds(1)) +
               "s {\"n\":" + std::to_string(step.n) + "}");
  }
  bool operator()(const DecideTask& step) {
    return about(step.run, step.approved ? "approve" : "reject", " " + step.path);
  }
  bool operator()(const CallBack& step) {
    return about(step.run, "callback", " " + step.path + " {\"n\":1}");
  }
  bool operator()(const ResolveTask& step) {
    constexpr std::string_view names[] = {"retry", "skip", "complete", "fail"};
    return about(step.run, "resolve", " " + step.path + " " + std::string(names[step.action]));
  }
  bool operator()(const ReportAttempt& step) {
    std::string more = " " + step.path + " #" + std::to_string(step.attempt);
    more += step.success ? " ok {\"n\":" + std::to_string(step.n) + "}"
                         : " fail " + step.code + " \"it went wrong\"" +
                               (step.retryable ? "" : " permanent");
    if (!step.success && step.retry_after_seconds > 0)
      more += " retry-after " + std::to_string(step.retry_after_seconds) + "s";
    return about(step.run, "report", more);
  }
  bool operator()(const MoveClock& step) {
    if (step.by < Duration(0)) return false;
    return say("advance " + std::to_string(step.by / std::chrono::milliseconds(1) + 1) + "ms");
  }
  bool operator()(const RunBatch&) { return say("run"); }
  bool operator()(const Settle&) { return say("run"); }
  bool operator()(const Crash&) { return say("crash"); }
  bool operator()(const auto&) { return false; }

 private:
  bool say(const std::string& directive) {
    text_ += directive + "\n\n";
    return true;
  }
  bool about(ExecutionId run, const std::string& verb, const std::string& more) {
    auto found = labels_.find(run);
    return found != labels_.end() && say(verb + " " + found->second + more);
  }
  static std::string named(const std::string& name, const std::string& value) {
    return value.empty() ? "" : " " + name + "=" + value;
  }

  // Attempts end by `report` only.
  void hang_all() {
    std::set<std::string> names;
    for (const Json& text : scenario_.texts) collect(text, names);
    for (const std::string& name : names) text_ += "script " + name + "\n  hang\n\n";
  }
  static void collect(const Json& value, std::set<std::string>& names) {
    if (value.is_array()) {
      for (const Json& one : value.get_array()) collect(one, names);
    }
    if (!value.is_object()) return;
    for (const auto& [name, one] : value.get_object()) {
      bool handed_out = one.is_object() && (one.get_object().contains("component") ||
                                            get_string(one.get_object(), "type") == "webhook");
      if (handed_out) names.emplace(text_view(name));
      collect(one, names);
    }
  }

  const Scenario& scenario_;
  std::string text_;
  std::map<ExecutionId, std::string> labels_;
};

}  // namespace

std::string to_wft(const Scenario& scenario, const BrokenLaw& broken) {
  return Writer(scenario).write(broken);
}

}  // namespace harmonia::simulation
