#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/environment.h"
#include "server/run_watch.h"
#include "server/runtime.h"

namespace harmonia::server {

struct EmbeddedOptions {
  std::string directory;  // empty: in memory
  std::vector<std::string> env_allow;
  Environment environment;
};

// A run that an earlier process left unfinished.
struct UnfinishedRun {
  ExecutionId id;
  std::string workflow_name;
  Timestamp created_at;
  bool is_paused = false;  // waits for a resume, so it does not end by itself
};

// How a run ended.
struct RunResult {
  ExecutionId id;
  RunStatus status = RunStatus::pending;
  Json output;
  Error error;  // of a failed run
  std::string cancel_reason;
  Duration elapsed{0};
};

// Harmonia inside one process, without a listener: `harmonia run`. Scripts and private addresses
// are allowed, because whoever gives the file could run its commands anyway.
class Embedded {
 public:
  // Opens the store and reads what is unfinished; `start` lets those runs go on.
  static Result<std::unique_ptr<Embedded>> open(const EmbeddedOptions& options);
  ~Embedded();

  Result<void> start();
  void stop();

  const std::vector<UnfinishedRun>& unfinished() const { return unfinished_; }
  const RunWatch& watch() const { return watch_; }
  RunWatch& watch() { return watch_; }

  // Stores the definition (a new revision only when it changed) and starts a run of it. On return
  // the run is durable.
  Result<ExecutionId> start_run(const workflow::Definition& definition, Json input);
  // A command of the person who runs it: Cancel, Signal, DecideApproval, ResolveIncident. Waits
  // until it is decided.
  Result<void> submit(ExecutionId id, execution::CommandBody command);
  // Of a run that has ended.
  Result<RunResult> result_of(ExecutionId id);

 private:
  Embedded(const EmbeddedOptions& options, std::unique_ptr<store::Store> store);
  Result<void> read_unfinished();
  struct Revision {
    WorkflowId workflow;
    std::uint32_t number = 0;
  };
  Result<Revision> store_definition(const workflow::Definition& definition);
  Result<engine::Receipt> wait_for(std::function<void(engine::Completion)> submit);

  RunWatch watch_;
  Runtime runtime_;
  std::vector<UnfinishedRun> unfinished_;
};

}  // namespace harmonia::server
