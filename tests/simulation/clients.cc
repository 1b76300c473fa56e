#include "tests/simulation/clients.h"

#include <algorithm>

#include "base/hash.h"
#include "engine/relations.h"
#include "tests/simulation/broken_law.h"
#include "tests/simulation/history_checks/signal_check.h"

namespace harmonia::simulation {
namespace {

using execution::RunStatus;

constexpr const char* law = "receipts";

Json payload_of(std::int64_t n, std::int64_t token) {
  return JsonObject{{"n", n}, {"token", token}};
}

std::string name_of(ExecutionId run) { return "run " + to_string(run); }

bool holds_token(const RunRecord& run, std::int64_t token) {
  return std::any_of(run.signals.begin(), run.signals.end(),
                     [&](const auto& entry) { return token_of(entry.second.payload) == token; });
}

// Codes with which a request may be refused, whatever the request.
bool is_known(std::string_view code) {
  constexpr std::string_view codes[] = {
      "not_found",  "wrong_state", "stale", "conflict", "idempotency_mismatch",
      "overloaded", "storage",     "schema"};
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

}  // namespace

ExecutionId Clients::id_of(const StartRun& step) {
  if (!step.key.empty()) return {uuid_from_text(step.key)};
  return {make_uuid_v7(0, 0, stable_hash(step.label))};
}

void Clients::die_perhaps() {
  if (!std::exchange(die_at_answer, false)) return;
  around_.coverage.note("fault", "die at answer");
  throw ProcessDied{"when a request was answered"};
}

// A disk that works is no reason to refuse anything, and the engine never fails for one of its own.
void Clients::check_refusal(const std::string& command, const Error& error) const {
  expect(is_known(error.code), law,
         [&] { return command + " is refused with " + error.code + ": " + error.detail; });
  bool disk_failed = around_.store.read_failures + around_.store.write_failures > 0;
  expect(error.code != "storage" || disk_failed, law,
         [&] { return command + " is refused though the disk works: " + error.detail; });
}

void Clients::answered(const std::string& command, const Result<engine::Receipt>& answer,
                       const Check& check) {
  die_perhaps();
  --open_requests_;
  if (!answer.ok()) {
    around_.coverage.note("refusal", command + " " + answer.error().code);
    around_.tell(command + " is refused: " + answer.error().code + ": " + answer.error().detail);
    return check_refusal(command, answer.error());
  }
  around_.look();
  const engine::Receipt& receipt = *answer;
  const RunRecord* run = around_.ledger.find(receipt.execution);
  expect(run != nullptr && run->seq >= receipt.version && receipt.version > 0, law, [&] {
    return command + " of " + name_of(receipt.execution) + " is acknowledged with version " +
           std::to_string(receipt.version) + ", and on disk it has " +
           std::to_string(run == nullptr ? 0 : run->seq);
  });
  expect(run->status_at(receipt.version) == receipt.status, law, [&] {
    return command + " of " + name_of(receipt.execution) + " is acknowledged as " +
           std::string(to_string(receipt.status)) + ", on disk it is " +
           std::string(to_string(run->status_at(receipt.version)));
  });
  std::uint64_t& highest = acknowledged_[receipt.execution];
  highest = std::max(highest, receipt.version);
  if (receipt.repeated) around_.coverage.note("repeat", "same receipt");
  check(*run, receipt);
}

void Clients::submit(engine::Envelope envelope, const std::string& command, Check check) {
  around_.coverage.note("command", command);
  auto times = std::make_shared<int>(0);
  bool has_key = !envelope.command_id.empty();
  envelope.done = [this, command, check = std::move(check), times,
                   has_key](const Result<engine::Receipt>& answer) {
    expect(++*times == 1, law, [&] { return command + " is answered twice"; });
    expect(answer.ok() || !has_key || answer.error().code != "conflict", law,
           [&] { return command + " with a key is not known again"; });
    answered(command, answer, check);
  };
  ++open_requests_;
  if (around_.offer(envelope)) return;
  --open_requests_;
  around_.coverage.note("refusal", command + " overloaded");
}

void Clients::ask(ExecutionId run, execution::CommandBody command, Check check) {
  std::string name(execution::command_name(command));
  submit({.execution = run, .command = std::move(command)}, name, std::move(check));
}

void Clients::check_started(const StartRun& step, const std::string& fingerprint,
                            const RunRecord& run, const engine::Receipt& receipt) {
  expect(receipt.execution == id_of(step), law,
         [&] { return "start " + step.label + " is acknowledged with another run"; });
  if (step.key.empty()) {
    expect(json_equal(*run.input, step.input), law,
           [&] { return name_of(run.id) + " has another input than it was started with"; });
    return;
  }
  auto [first, is_new] =
      by_key_.try_emplace(step.key, Acknowledged{.receipt = receipt, .fingerprint = fingerprint});
  expect(first->second.fingerprint == fingerprint, law,
         [&] { return "key " + step.key + " is acknowledged for two different requests"; });
  expect(json_equal(*run.input, step.input), law,
         [&] { return name_of(run.id) + " has another input than it was started with"; });
  bool same = first->second.receipt.execution == receipt.execution &&
              first->second.receipt.version == receipt.version &&
              first->second.receipt.status == receipt.status;
  expect(same, law, [&] { return "key " + step.key + " is answered with another receipt"; });
}

void Clients::perform(const StartRun& step) {
  WorkflowId workflow = around_.workflow(step.workflow);
  auto revision = around_.newest_revision(workflow);
  if (!revision.ok()) {
    around_.coverage.note("refusal", "start " + revision.error().code);
    return check_refusal("start", revision.error());
  }
  ExecutionId id = id_of(step);
  execution::Start start{.execution = id,
                         .workflow = workflow,
                         .revision = *revision,
                         .input = share(step.input),
                         .context = share(JsonObject{}),
                         .env = nullptr};
  std::string fingerprint = std::to_string(step.workflow) + harmonia::to_text(step.input);
  engine::Envelope envelope{.execution = id,
                            .command = std::move(start),
                            .command_id = step.key,
                            .fingerprint = step.key.empty() ? "" : fingerprint};
  submit(std::move(envelope), "start",
         [this, step, fingerprint](const RunRecord& run, const engine::Receipt& receipt) {
           check_started(step, fingerprint, run, receipt);
         });
}

void Clients::perform(const ControlRun& step) {
  auto expect_status = [](std::initializer_list<RunStatus> allowed) {
    std::vector<RunStatus> list(allowed);
    return [list](const RunRecord& run, const engine::Receipt& receipt) {
      bool fits = std::find(list.begin(), list.end(), receipt.status) != list.end();
      expect(fits, law, [&] {
        return name_of(run.id) + " is acknowledged to be " +
               std::string(to_string(receipt.status)) + ", which was not asked for";
      });
    };
  };
  switch (step.control) {
    case Control::pause:
      around_.witness.paused_or_resumed.insert(step.run);
      return ask(step.run, execution::Pause{}, expect_status({RunStatus::paused}));
    case Control::resume:
      around_.witness.paused_or_resumed.insert(step.run);
      // It may end in the same breath.
      return ask(step.run, execution::Resume{},
                 expect_status({RunStatus::running, RunStatus::completed, RunStatus::failed}));
    case Control::cancel:
      around_.witness.canceled.insert(step.run);
      return ask(step.run, execution::Cancel{.reason = "asked to"},
                 expect_status({RunStatus::canceled}));
  }
}

void Clients::perform(const SendSignal& step) {
  auto [sent, is_new] = around_.witness.signals.try_emplace(
      step.token,
      SentSignal{
          .run = step.run, .id = step.id, .name = step.name, .correlation = step.correlation});
  if (!is_new) ++sent->second.times;
  execution::Signal signal{.id = step.id,
                           .name = step.name,
                           .correlation = step.correlation,
                           .payload = share(payload_of(step.n, step.token))};
  ask(step.run, std::move(signal), [step](const RunRecord& run, const engine::Receipt&) {
    bool there = step.id.empty() ? holds_token(run, step.token) : run.signal_ids.contains(step.id);
    expect(there, law, [&] {
      return name_of(run.id) + ": signal " + step.name + " id=" + step.id +
             " is acknowledged and stands in no history";
    });
  });
}

std::vector<ExecutionId> Clients::waiting_for(const SendEvent& step) const {
  std::vector<ExecutionId> waiting;
  for (const auto& [id, run] : around_.ledger.runs()) {
    if (run.has_ended()) continue;
    for (const auto& [_, scope] : run.scopes) {
      for (const TaskRecord& task : scope.tasks) {
        bool waits = scope.open && task.standing == Standing::awaiting &&
                     task.waits_for == WaitsFor::event &&
                     get_string(task.input->get_object(), "event") == step.name &&
                     task.input->get_object().contains("correlation") &&
                     get_string(task.input->get_object(), "correlation") == step.correlation;
        if (waits) waiting.push_back(id);
      }
    }
  }
  return waiting;
}

void Clients::perform(const SendEvent& step) {
  around_.coverage.note("command", "event");
  around_.witness.signals.try_emplace(
      step.token,
      SentSignal{
          .run = std::nullopt, .id = step.id, .name = step.name, .correlation = step.correlation});
  Timestamp now = around_.clock.now();
  store::KeptEvent event{.id = step.id,
                         .name = step.name,
                         .correlation = step.correlation,
                         .payload = payload_of(step.n, step.token),
                         .at = now,
                         .expires_at = now + step.retention};
  around_.look();
  auto waiting = waiting_for(step);
  ++open_requests_;
  auto done = [this, step, waiting, now](const Result<bool>& is_new) {
    die_perhaps();
    --open_requests_;
    if (!is_new.ok()) {
      around_.coverage.note("refusal", "event " + is_new.error().code);
      return check_refusal("event", is_new.error());
    }
    if (!*is_new) around_.coverage.note("repeat", "same event");
    around_.look();
    if (*is_new) {
      auto kept = kept_until_.find(step.id);
      expect(kept == kept_until_.end() || kept->second <= now, law, [&] {
        return "event " + step.name + " id=" + step.id + " is new though one of its id is kept";
      });
      kept_until_[step.id] = now + step.retention;
      events_.push_back(step);
    }
    for (ExecutionId id : waiting) {
      const RunRecord& run = *around_.ledger.find(id);
      expect(run.has_ended() || run.signal_ids.contains(step.id), law, [&] {
        return "event " + step.name + " id=" + step.id + " is acknowledged, and " + name_of(id) +
               ", which waited for it, does not have it";
      });
    }
  };
  engine::Relations::send_event(around_.store, std::move(event), around_.post, std::move(done));
}

std::optional<TaskRef> Clients::find_task(ExecutionId id, const std::string& path) const {
  const RunRecord* run = around_.ledger.find(id);
  const TaskRecord* task = run == nullptr ? nullptr : run->find_path(path);
  if (task == nullptr) return std::nullopt;
  return task->ref;
}

// An answer to what is asked no more must not be taken for one to what is asked now.
Clients::Check Clients::answer_to(const std::string& path, std::uint64_t given,
                                  std::uint64_t asked) {
  return [=](const RunRecord& run, const engine::Receipt&) {
    expect(given == 0 || given >= asked, law, [&] {
      return name_of(run.id) + ": an answer to event " + std::to_string(given) +
             " is taken, and task " + path + " waits since event " + std::to_string(asked);
    });
  };
}

void Clients::perform(const DecideTask& step) {
  auto ref = find_task(step.run, step.path);
  if (!ref) return;
  around_.witness.decisions[step.run].insert(step.path);
  std::uint64_t asked = around_.ledger.find(step.run, *ref)->asked_at;
  execution::DecideApproval decision{.task = *ref,
                                     .asked_seq = step.asked == 0 ? asked : step.asked,
                                     .approved = step.approved,
                                     .data = nullptr,
                                     .decided_by = "ann",
                                     .comment = {}};
  ask(step.run, std::move(decision), answer_to(step.path, step.asked, asked));
}

void Clients::perform(const CallBack& step) {
  auto ref = find_task(step.run, step.path);
  if (!ref) return;
  around_.witness.callbacks[step.run].insert(step.token);
  execution::Callback callback{.task = *ref, .payload = share(payload_of(1, step.token))};
  ask(step.run, std::move(callback), [](const RunRecord&, const engine::Receipt&) {});
}

void Clients::perform(const ResolveTask& step) {
  auto ref = find_task(step.run, step.path);
  if (!ref) return;
  around_.witness.resolutions[step.run].insert(step.path);
  std::uint64_t asked = around_.ledger.find(step.run, *ref)->asked_at;
  execution::ResolveIncident resolution{
      .task = *ref,
      .asked_seq = step.asked == 0 ? asked : step.asked,
      .action = static_cast<execution::IncidentAction>(step.action),
      .output = share(JsonObject{{"n", 1}}),
      .resolved_by = "op"};
  ask(step.run, std::move(resolution), answer_to(step.path, step.asked, asked));
}

void Clients::check_at_rest(store::Store& store) const {
  expect(open_requests_ == 0, law,
         [&] { return std::to_string(open_requests_) + " requests are not answered"; });
  for (const auto& [id, version] : acknowledged_) {
    const RunRecord* run = around_.ledger.find(id);
    expect(run != nullptr && run->seq >= version, law,
           [&] { return name_of(id) + " has lost what was acknowledged"; });
  }
  for (const SendEvent& event : events_) {
    auto kept = store.read_kept_events({.name = event.name,
                                        .correlation = event.correlation,
                                        .now = around_.clock.latest(),
                                        .id = event.id});
    if (!kept.ok() || kept->empty()) continue;
    for (ExecutionId id : waiting_for(event)) {
      expect(around_.ledger.find(id)->signal_ids.contains(event.id), law, [&] {
        return name_of(id) + " waits for event " + event.name + ", and id=" + event.id +
               ", which is kept, did not reach it";
      });
    }
  }
}

}  // namespace harmonia::simulation
