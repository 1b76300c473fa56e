#include "engine/run_loader.h"

#include "workflow/parse.h"

namespace harmonia::engine {
namespace {

// Tags of the workflow and those given at the start.
std::vector<std::string> tags_of(const execution::State& state,
                                 const workflow::Definition& definition) {
  std::vector<std::string> tags = definition.tags;
  if (!state.context || !state.context->is_object()) return tags;
  const Json* given = state.context->get_object().if_contains("tags");
  if (given == nullptr || !given->is_array()) return tags;
  for (const Json& tag : given->get_array()) {
    if (tag.is_string()) tags.emplace_back(text_view(tag.get_string()));
  }
  return tags;
}

Result<void> fold(Run& run, const std::vector<execution::Event>& events) {
  for (const execution::Event& event : events) {
    if (event.seq != run.state.last_seq + 1) {
      return make_error(error_code::storage, "the history of execution " + to_string(run.state.id) +
                                                 " has a gap behind event " +
                                                 std::to_string(run.state.last_seq) +
                                                 "; run `harmonia verify` and restore a backup");
    }
    execution::evolve(run.state, *run.definition, event);
  }
  return {};
}

}  // namespace

Result<workflow::SharedDefinition> DefinitionCache::find(WorkflowId id, std::uint32_t revision) {
  Key key{.id = id, .revision = revision};
  {
    std::lock_guard lock(mutex_);
    if (auto found = by_key_.find(key); found != by_key_.end()) {
      by_use_.splice(by_use_.begin(), by_use_, found->second);
      return found->second->definition;
    }
  }
  // Compiled outside the lock: two threads may do it at once, which is harmless.
  TRY(auto stored, store_.find_definition(id, revision));
  if (!stored) {
    return make_error(error_code::not_found, "there is no revision " + std::to_string(revision) +
                                                 " of workflow " + to_string(id));
  }
  auto outcome = workflow::parse_definition(stored->canonical, {}, {.findings = false});
  if (!outcome.ok()) {
    return make_error(error_code::internal,
                      "the stored definition of workflow " + to_string(id) + ", revision " +
                          std::to_string(revision) +
                          ", can't be compiled: " + workflow::to_error(outcome).detail);
  }
  std::lock_guard lock(mutex_);
  if (by_key_.contains(key)) return by_key_[key]->definition;
  by_use_.push_front({.key = key, .definition = outcome.definition});
  by_key_[key] = by_use_.begin();
  if (by_use_.size() > entries_max_) {
    by_key_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
  return outcome.definition;
}

Result<std::uint32_t> DefinitionCache::newest_revision(WorkflowId id) {
  {
    std::lock_guard lock(mutex_);
    if (auto found = newest_.find(id); found != newest_.end()) return found->second;
  }
  TRY(auto stored, store_.find_definition(id, 0));
  if (!stored || stored->deleted) {
    return make_error(error_code::not_found, "there is no workflow " + to_string(id));
  }
  std::lock_guard lock(mutex_);
  if (newest_.size() >= entries_max_) newest_.clear();
  newest_[id] = stored->revision;
  return stored->revision;
}

void DefinitionCache::changed(WorkflowId id) {
  std::lock_guard lock(mutex_);
  newest_.erase(id);
}

Result<std::optional<Run>> load_run(store::Store& store, DefinitionCache& definitions,
                                    ExecutionId id) {
  TRY(auto loaded, store.load_execution(id));
  if (!loaded) return std::optional<Run>();
  Run run;
  TRY(run.definition, definitions.find(loaded->workflow, loaded->revision));
  if (loaded->snapshot) {
    TRY(run.state, execution::read_snapshot(loaded->snapshot->state));
    run.snapshot_seq = loaded->snapshot->seq;
    run.snapshot_size = loaded->snapshot->state.size();
  }
  run.state.id = id;
  TRY_DO(fold(run, loaded->tail));
  if (loaded->tail.size() == store::tail_max) TRY_DO(follow_run(store, run));
  return std::optional<Run>(std::move(run));
}

Result<void> follow_run(store::Store& store, Run& run) {
  // Page by page: a run may have any number of events.
  std::vector<execution::Event> events;
  do {
    TRY(events, store.read_history({.execution = run.state.id,
                                    .after_seq = run.state.last_seq,
                                    .limit = store::tail_max}));
    TRY_DO(fold(run, events));
  } while (events.size() == store::tail_max);
  return {};
}

store::Summary summarise(const execution::State& state, const workflow::Definition& definition) {
  store::Summary summary{.id = state.id,
                         .workflow = state.workflow,
                         .workflow_name = definition.name,
                         .revision = state.revision,
                         .status = state.status,
                         .created_at = state.created_at,
                         .ended_at = state.ended_at,
                         .tasks = state.counts,
                         .tags = tags_of(state, definition)};
  if (state.error) {
    summary.error_code = state.error->code;
    summary.error_detail = state.error->detail;
  }
  return summary;
}

}  // namespace harmonia::engine
