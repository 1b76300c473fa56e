#include "tests/simulation/history_checks/report_check.h"

#include <algorithm>

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using namespace execution;

constexpr const char* law = "reports";

// Codes that the engine gives an attempt by itself.
bool is_of_engine(const std::string& code) {
  return code == "timeout" || code == "worker_lost" || code == "expression";
}

class Visitor {
 public:
  Visitor(const RunRecord& run, const Witness& witness) : run_(run), witness_(witness) {}

  void operator()(const AttemptFailed& event) const { failed(event.task, event.error); }
  void operator()(const ErrorCaught& event) const { failed(event.task, event.error); }
  void operator()(const IncidentRaised& event) const { failed(event.task, event.error); }
  void operator()(const TaskFailed& event) const { failed(event.task, event.error); }
  void operator()(const CleanupStarted& event) const {
    if (event.canceled) return;
    if (event.error) {
      failed(event.task, *event.error);
    } else {
      succeeded(event.task, event.output);
    }
  }
  void operator()(const TaskCompleted& event) const { succeeded(event.task, event.output); }
  void operator()(const TaskAwaiting& event) const {
    if (event.waits_for == WaitsFor::callback) reported(event.task, event.response);
  }
  void operator()(const auto&) const {}

 private:
  void failed(TaskRef ref, const Error& error) const {
    const TaskRecord* task = run_.find_task(ref);
    if (task == nullptr || task->standing != Standing::attempting) return;
    bool told =
        std::any_of(reports(*task).begin(), reports(*task).end(),
                    [&](const SentReport& one) { return !one.success && one.code == error.code; });
    expect(told || is_of_engine(error.code), law, [&] {
      return name_of(run_, ref) + " failed with " + error.code + ", which no runner said";
    });
  }

  void succeeded(TaskRef ref, const SharedJson& output) const {
    const TaskRecord* task = run_.find_task(ref);
    if (task == nullptr) return;
    if (task->standing == Standing::awaiting) return answered(*task, output);
    if (task->standing != Standing::attempting) return;
    // The callback of a webhook may be faster than the answer to its call.
    if (task->spec->type == "webhook") return called_back(*task, output);
    reported(ref, output);
  }

  void reported(TaskRef ref, const SharedJson& output) const {
    const TaskRecord* task = run_.find_task(ref);
    if (task == nullptr) return;
    bool maps = task->spec->json->contains("output") && task->spec->type == "standard";
    bool told =
        std::any_of(reports(*task).begin(), reports(*task).end(), [&](const SentReport& one) {
          return one.success && (maps || json_equal(one.output, *output));
        });
    expect(told || was_cached(*task, output, maps), law, [&] {
      return name_of(run_, ref) + " completed with " + to_text(*output) + ", which no runner said";
    });
  }

  bool was_cached(const TaskRecord& task, const SharedJson& output, bool maps) const {
    if (!task.spec->json->contains("cache")) return false;
    auto found = witness_.results.find(result_key(run_, task));
    if (found == witness_.results.end()) return false;
    return maps || std::any_of(found->second.begin(), found->second.end(),
                               [&](const Json& one) { return json_equal(one, *output); });
  }

  // Somebody decided, called back or resolved; or the wait was over.
  void answered(const TaskRecord& task, const SharedJson& output) const {
    if (task.waits_for == WaitsFor::callback) return called_back(task, output);
    auto asked = [&](const std::map<ExecutionId, std::set<std::string>>& who) {
      auto found = who.find(run_.id);
      return found != who.end() && found->second.contains(task.path);
    };
    bool by_timeout = task.deadline && task.spec->json->contains("on_timeout");
    if (task.waits_for == WaitsFor::approval) {
      expect(asked(witness_.decisions) || by_timeout, law,
             [&] { return name_of(run_, task.ref) + " is decided, and nobody did"; });
    }
    if (task.waits_for == WaitsFor::incident) {
      expect(asked(witness_.resolutions), law,
             [&] { return name_of(run_, task.ref) + " is resolved, and nobody did"; });
    }
  }

  void called_back(const TaskRecord& task, const SharedJson& output) const {
    const Json* token = output ? find_pointer(*output, "/callback/token") : nullptr;
    auto found = witness_.callbacks.find(run_.id);
    bool sent = token != nullptr && token->is_int64() && found != witness_.callbacks.end() &&
                found->second.contains(token->get_int64());
    expect(sent, law, [&] { return name_of(run_, task.ref) + " got a callback that nobody sent"; });
  }

  const std::vector<SentReport>& reports(const TaskRecord& task) const {
    static const std::vector<SentReport> none;
    auto found = witness_.reports.find({run_.id, task.ref, task.attempt});
    return found == witness_.reports.end() ? none : found->second;
  }

  const RunRecord& run_;
  const Witness& witness_;
};

}  // namespace

std::string result_key(const RunRecord& run, const TaskRecord& task) {
  const Json& key = task.spec->json->at("cache").get_object().at("key");
  auto value = evaluate_simply(key, *run.input);
  return run.spec->name + "/" + place_of(task.path) + "/" + (value ? to_text(*value) : "");
}

void ReportCheck::before(const RunRecord& run, const Event& event) {
  std::visit(Visitor(run, witness_), event.body);
}

}  // namespace harmonia::simulation
