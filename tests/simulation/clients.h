#pragma once

#include <functional>
#include <map>

#include "engine/mailbox.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/hostile_store.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/steps.h"
#include "tests/simulation/witness.h"

namespace harmonia::simulation {

// People and other systems, who ask for things and hold the engine to its answers: what was
// acknowledged is on disk and stays there, a key starts one run, an event reaches all who wait.
class Clients {
 public:
  struct Surroundings {
    const Ledger& ledger;
    WorldClock& clock;
    HostileStore& store;
    Witness& witness;
    Coverage& coverage;
    std::function<void()> look;
    std::function<void(const std::string&)> tell;  // for people who follow
    // False: the mailbox is full.
    std::function<bool(engine::Envelope&)> offer;
    std::function<void(engine::Envelope)> post;
    std::function<Result<std::uint32_t>(WorkflowId)> newest_revision;
    std::function<WorkflowId(std::size_t)> workflow;
  };
  explicit Clients(Surroundings around) : around_(std::move(around)) {}

  bool die_at_answer = false;

  void perform(const StartRun& step);
  void perform(const ControlRun& step);
  void perform(const SendSignal& step);
  void perform(const SendEvent& step);
  void perform(const DecideTask& step);
  void perform(const CallBack& step);
  void perform(const ResolveTask& step);

  // The process died: what was asked of it is not answered any more.
  void begin_life() { open_requests_ = 0; }

  // When nothing more happens by itself: every request is answered, everybody has the events that
  // are kept, and what was acknowledged is still there.
  void check_at_rest(store::Store& store) const;

  static ExecutionId id_of(const StartRun& step);

 private:
  struct Acknowledged {
    engine::Receipt receipt;
    std::string fingerprint;
  };
  using Check = std::function<void(const RunRecord&, const engine::Receipt&)>;

  void ask(ExecutionId run, execution::CommandBody command, Check check);
  void submit(engine::Envelope envelope, const std::string& command, Check check);
  void answered(const std::string& command, const Result<engine::Receipt>& answer,
                const Check& check);
  void check_started(const StartRun& step, const std::string& fingerprint, const RunRecord& run,
                     const engine::Receipt& receipt);
  void check_refusal(const std::string& command, const Error& error) const;
  static Check answer_to(const std::string& path, std::uint64_t given, std::uint64_t asked);
  std::vector<ExecutionId> waiting_for(const SendEvent& step) const;
  std::optional<TaskRef> find_task(ExecutionId run, const std::string& path) const;
  void die_perhaps();

  Surroundings around_;
  std::size_t open_requests_ = 0;
  std::map<std::string, Acknowledged> by_key_;         // the first receipt of each
  std::map<ExecutionId, std::uint64_t> acknowledged_;  // the highest version
  std::vector<SendEvent> events_;                      // that were acknowledged
  std::map<std::string, Timestamp> kept_until_;        // events by id: when the id is free again
};

}  // namespace harmonia::simulation
