#include "store/memory/memory_store.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "store/memory/interest_table.h"
#include "store/rules.h"

namespace harmonia::store {
namespace {

using execution::Event;
using execution::Interest;
using execution::Wake;

constexpr std::size_t command_retention_count = 1'000'000;

struct Run {
  std::int64_t number = 0;  // in order of creation: 1, 2, 3 ...
  Summary summary;
  std::vector<Event> history;
  std::optional<Snapshot> snapshot;
  bool at_work = false;
};

struct Workflow {
  std::vector<StoredDefinition> revisions;  // revision r at r - 1
  bool deleted = false;
};

// The reference of what a store does: one lock, the standard containers, the shortest way.
class MemoryStore final : public Store {
 public:
  std::vector<Result<Position>> commit(std::span<const Commit> commits) override;
  Result<std::optional<LoadedExecution>> load_execution(ExecutionId id) override;
  Result<std::optional<Summary>> find_summary(ExecutionId id) override;
  Result<std::vector<Event>> read_history(const HistoryQuery& query) override;
  Result<ExecutionPage> list_executions(const ExecutionQuery& query) override;
  Result<std::vector<ExecutionId>> read_at_work(const AtWorkQuery& query) override;
  Result<std::vector<TimerRow>> read_timers(const TimerQuery& query) override;
  Result<std::vector<InterestRow>> read_interests(const InterestQuery& query) override;
  Result<bool> keep_event(const KeptEvent& event) override;
  Result<std::vector<KeptEvent>> read_kept_events(const KeptEventQuery& query) override;
  Result<std::size_t> forget_expired_events(Timestamp now) override;
  Result<std::uint32_t> put_definition(const PutDefinition& put) override;
  Result<void> delete_definition(const DeleteDefinition& del) override;
  Result<std::optional<StoredDefinition>> find_definition(WorkflowId id,
                                                          std::uint32_t revision) override;
  Result<std::optional<StoredDefinition>> find_definition_by_name(std::string_view name) override;
  Result<DefinitionPage> list_definitions(const DefinitionQuery& query) override;
  Result<std::optional<CommandRecord>> find_command(std::string_view command_id) override;
  Result<std::vector<FeedEntry>> read_feed(Position after, std::size_t limit) override;
  Result<Position> last_position() override;
  Result<StoreStats> stats() override;
  StoreHealth health() const override { return {}; }
  Result<std::vector<std::string>> check() override;

 private:
  Result<Position> commit_one(const Commit& commit);
  void change_owed(const Run& run, const execution::OwedDelta& delta);
  void remember(const CommandRecord& record);
  Position announce(FeedEntry entry);
  // The number of a run, 0 for a nil id, or not_found.
  Result<std::int64_t> number_of(ExecutionId id) const;

  std::mutex mutex_;  // guards all below
  std::unordered_map<ExecutionId, Run> runs_;
  std::vector<ExecutionId> by_number_;  // run n at n - 1
  std::set<std::tuple<Timestamp, std::int64_t, Wake>> timers_;
  InterestTable interests_;
  std::vector<KeptEvent> kept_events_;  // as they came
  std::map<WorkflowId, Workflow> workflows_;
  std::map<std::string, CommandRecord, std::less<>> commands_;
  std::deque<std::string> command_order_;
  std::vector<FeedEntry> feed_;  // position p at p - 1
};

std::vector<Result<Position>> MemoryStore::commit(std::span<const Commit> commits) {
  std::lock_guard lock(mutex_);
  std::vector<Result<Position>> results;
  std::unordered_set<ExecutionId> refused;
  for (const Commit& commit : commits) {
    assert_well_formed(commit);
    if (refused.contains(commit.execution)) {
      results.push_back(follows_conflict(commit.execution));
      continue;
    }
    results.push_back(commit_one(commit));
    if (!results.back().ok()) refused.insert(commit.execution);
  }
  return results;
}

Result<Position> MemoryStore::commit_one(const Commit& commit) {
  auto found = runs_.find(commit.execution);
  std::uint64_t version = found == runs_.end() ? 0 : found->second.history.size();
  if (version != commit.expected_version)
    return version_conflict(commit.execution, commit.expected_version, version);
  if (commit.command && commands_.contains(commit.command->command_id))
    return command_conflict(commit.command->command_id);

  if (found == runs_.end()) {
    by_number_.push_back(commit.execution);
    auto number = static_cast<std::int64_t>(by_number_.size());
    Run made{.number = number,
             .summary = commit.summary.value_or(first_summary(commit)),
             .history = {},
             .snapshot = {}};
    found = runs_.emplace(commit.execution, std::move(made)).first;
  }
  Run& run = found->second;
  run.history.insert(run.history.end(), commit.events.begin(), commit.events.end());
  if (commit.summary) {
    const Summary& now = *commit.summary;
    run.summary.status = now.status;
    run.summary.ended_at = now.ended_at;
    run.summary.error_code = now.error_code;
    run.summary.error_detail = now.error_detail;
  }
  run.summary.tasks = counts_of(commit);
  if (commit.snapshot) run.snapshot = commit.snapshot;
  run.at_work = commit.at_work;
  change_owed(run, commit.owed);
  if (commit.command) remember(*commit.command);
  FeedEntry entry;
  entry.at = commit.events.front().at;
  entry.execution = commit.execution;
  entry.events = commit.events;
  return announce(std::move(entry));
}

void MemoryStore::change_owed(const Run& run, const execution::OwedDelta& delta) {
  std::int64_t number = run.number;
  for (const Wake& wake : delta.removed.wakes) timers_.erase({wake.due, number, wake});
  for (const Wake& wake : delta.added.wakes) timers_.insert({wake.due, number, wake});
  interests_.apply({.number = number, .execution = run.summary.id}, delta);
}

void MemoryStore::remember(const CommandRecord& record) {
  commands_.emplace(record.command_id, record);
  command_order_.push_back(record.command_id);
  if (command_order_.size() <= command_retention_count) return;
  commands_.erase(command_order_.front());
  command_order_.pop_front();
}

Position MemoryStore::announce(FeedEntry entry) {
  entry.position = static_cast<Position>(feed_.size()) + 1;
  feed_.push_back(std::move(entry));
  return feed_.back().position;
}

Result<std::int64_t> MemoryStore::number_of(ExecutionId id) const {
  if (id.is_nil()) return std::int64_t{0};
  auto found = runs_.find(id);
  if (found == runs_.end()) return no_such_execution(id);
  return found->second.number;
}

Result<std::optional<LoadedExecution>> MemoryStore::load_execution(ExecutionId id) {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(id);
  if (found == runs_.end()) return std::optional<LoadedExecution>();
  const Run& run = found->second;
  std::uint64_t seq = run.snapshot ? run.snapshot->seq : 0;
  auto tail = run.history.begin() + static_cast<std::ptrdiff_t>(seq);
  auto count = std::min<std::ptrdiff_t>(tail_max, run.history.end() - tail);
  return std::optional(LoadedExecution{.workflow = run.summary.workflow,
                                       .revision = run.summary.revision,
                                       .snapshot = run.snapshot,
                                       .tail = {tail, tail + count}});
}

Result<std::optional<Summary>> MemoryStore::find_summary(ExecutionId id) {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(id);
  if (found == runs_.end()) return std::optional<Summary>();
  return std::optional(found->second.summary);
}

Result<std::vector<Event>> MemoryStore::read_history(const HistoryQuery& query) {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(query.execution);
  if (found == runs_.end()) return std::vector<Event>();
  const auto& history = found->second.history;
  auto begin = std::min<std::size_t>(query.after_seq, history.size());
  auto count = std::min(query.limit, history.size() - begin);
  auto first = history.begin() + static_cast<std::ptrdiff_t>(begin);
  return std::vector<Event>(first, first + static_cast<std::ptrdiff_t>(count));
}

bool matches(const Summary& summary, const ExecutionQuery& query) {
  const auto& statuses = query.statuses;
  if (!statuses.empty() &&
      std::find(statuses.begin(), statuses.end(), summary.status) == statuses.end())
    return false;
  if (query.workflow && *query.workflow != summary.workflow) return false;
  const auto& tags = summary.tags;
  if (!query.tag.empty() && std::find(tags.begin(), tags.end(), query.tag) == tags.end())
    return false;
  if (query.created_from && summary.created_at < *query.created_from) return false;
  if (query.created_before && summary.created_at >= *query.created_before) return false;
  return contains_text(summary.workflow_name, query.text) ||
         contains_text(to_string(summary.id), query.text) ||
         contains_text(summary.error_code, query.text) ||
         contains_text(summary.error_detail, query.text);
}

Result<ExecutionPage> MemoryStore::list_executions(const ExecutionQuery& query) {
  std::lock_guard lock(mutex_);
  auto number = static_cast<std::int64_t>(by_number_.size());
  if (!query.cursor.empty()) {
    TRY(std::int64_t last, parse_execution_cursor(query.cursor));
    number = std::min(number, last - 1);
  }
  ExecutionPage page;
  std::size_t skipped = 0;
  std::int64_t last_listed = 0;
  for (; number > 0; --number) {
    const Summary& summary = runs_.at(by_number_[static_cast<std::size_t>(number - 1)]).summary;
    if (!matches(summary, query) || skipped++ < query.offset) continue;
    if (page.items.size() == query.limit) {
      if (last_listed > 0) page.next_cursor = execution_cursor(last_listed);
      break;
    }
    page.items.push_back(summary);
    last_listed = number;
  }
  return page;
}

Result<std::vector<ExecutionId>> MemoryStore::read_at_work(const AtWorkQuery& query) {
  std::lock_guard lock(mutex_);
  TRY(std::int64_t after, number_of(query.after));
  std::vector<ExecutionId> found;
  for (auto i = static_cast<std::size_t>(after); i < by_number_.size(); ++i) {
    if (found.size() == query.limit) break;
    if (runs_.at(by_number_[i]).at_work) found.push_back(by_number_[i]);
  }
  return found;
}

Result<std::vector<TimerRow>> MemoryStore::read_timers(const TimerQuery& query) {
  std::lock_guard lock(mutex_);
  std::vector<TimerRow> rows;
  for (const auto& [due, run, wake] : timers_) {
    if (due >= query.due_before || rows.size() == query.limit) break;
    rows.push_back({.execution = by_number_[static_cast<std::size_t>(run - 1)], .wake = wake});
  }
  return rows;
}

Result<std::vector<InterestRow>> MemoryStore::read_interests(const InterestQuery& query) {
  std::lock_guard lock(mutex_);
  return interests_.read(query);
}

Result<bool> MemoryStore::keep_event(const KeptEvent& event) {
  std::lock_guard lock(mutex_);
  for (KeptEvent& kept : kept_events_) {
    if (kept.id != event.id) continue;
    if (kept.expires_at > event.at) return false;
    kept = event;
    return true;
  }
  kept_events_.push_back(event);
  return true;
}

Result<std::vector<KeptEvent>> MemoryStore::read_kept_events(const KeptEventQuery& query) {
  std::lock_guard lock(mutex_);
  std::vector<KeptEvent> found;
  for (const KeptEvent& kept : kept_events_) {
    if (kept.name == query.name && kept.correlation == query.correlation &&
        kept.expires_at > query.now && (query.id.empty() || kept.id == query.id))
      found.push_back(kept);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const KeptEvent& a, const KeptEvent& b) { return a.at < b.at; });
  if (found.size() > query.limit) found.resize(query.limit);
  return found;
}

Result<std::size_t> MemoryStore::forget_expired_events(Timestamp now) {
  std::lock_guard lock(mutex_);
  return std::erase_if(kept_events_, [now](const KeptEvent& e) { return e.expires_at <= now; });
}

Result<std::uint32_t> MemoryStore::put_definition(const PutDefinition& put) {
  std::lock_guard lock(mutex_);
  auto found = workflows_.find(put.id);
  bool live = found != workflows_.end() && !found->second.deleted;
  if (put.create && live) return workflow_exists(put.id);
  if (!put.create && !live) return no_such_workflow(put.id);
  auto current = live ? static_cast<std::uint32_t>(found->second.revisions.size()) : 0;
  if (live && put.expected_revision && *put.expected_revision != current)
    return revision_conflict(put.id, *put.expected_revision, current);
  if (put.command && commands_.contains(put.command->command_id))
    return command_conflict(put.command->command_id);

  Workflow& workflow = workflows_[put.id];
  workflow.deleted = false;
  auto revision = static_cast<std::uint32_t>(workflow.revisions.size()) + 1;
  Timestamp created = revision == 1 ? put.at : workflow.revisions.front().created_at;
  workflow.revisions.push_back({.id = put.id,
                                .revision = revision,
                                .name = put.name,
                                .version = put.version,
                                .description = put.description,
                                .tags = put.tags,
                                .canonical = put.canonical,
                                .created_at = created,
                                .updated_at = put.at});
  if (put.command) remember(*put.command);
  FeedEntry entry;
  entry.at = put.at;
  entry.workflow = put.id;
  entry.change = put.create ? DefinitionChange::created : DefinitionChange::updated;
  entry.revision = revision;
  announce(std::move(entry));
  return revision;
}

Result<void> MemoryStore::delete_definition(const DeleteDefinition& del) {
  std::lock_guard lock(mutex_);
  auto found = workflows_.find(del.id);
  if (found == workflows_.end() || found->second.deleted) return no_such_workflow(del.id);
  auto current = static_cast<std::uint32_t>(found->second.revisions.size());
  if (del.expected_revision && *del.expected_revision != current)
    return revision_conflict(del.id, *del.expected_revision, current);
  found->second.deleted = true;
  FeedEntry entry;
  entry.at = del.at;
  entry.workflow = del.id;
  entry.change = DefinitionChange::deleted;
  entry.revision = current;
  announce(std::move(entry));
  return {};
}

Result<std::optional<StoredDefinition>> MemoryStore::find_definition(WorkflowId id,
                                                                     std::uint32_t revision) {
  std::lock_guard lock(mutex_);
  auto found = workflows_.find(id);
  if (found == workflows_.end()) return std::optional<StoredDefinition>();
  const Workflow& workflow = found->second;
  if (revision == 0 && workflow.deleted) return std::optional<StoredDefinition>();
  std::size_t number = revision == 0 ? workflow.revisions.size() : revision;
  if (number > workflow.revisions.size()) return std::optional<StoredDefinition>();
  StoredDefinition definition = workflow.revisions[number - 1];
  definition.deleted = workflow.deleted;
  return std::optional(std::move(definition));
}

Result<std::optional<StoredDefinition>> MemoryStore::find_definition_by_name(
    std::string_view name) {
  std::lock_guard lock(mutex_);
  const StoredDefinition* newest = nullptr;
  for (const auto& [id, workflow] : workflows_) {
    const StoredDefinition& current = workflow.revisions.back();
    if (workflow.deleted || current.name != name) continue;
    if (newest == nullptr || current.updated_at >= newest->updated_at) newest = &current;
  }
  if (newest == nullptr) return std::optional<StoredDefinition>();
  return std::optional(*newest);
}

bool matches(const StoredDefinition& definition, const DefinitionQuery& query) {
  const auto& tags = definition.tags;
  if (!query.tag.empty() && std::find(tags.begin(), tags.end(), query.tag) == tags.end())
    return false;
  return contains_text(definition.name, query.text) ||
         contains_text(definition.description, query.text);
}

Result<DefinitionPage> MemoryStore::list_definitions(const DefinitionQuery& query) {
  std::lock_guard lock(mutex_);
  std::map<DefinitionPlace, const StoredDefinition*> places;
  for (const auto& [id, workflow] : workflows_) {
    const StoredDefinition& current = workflow.revisions.back();
    if (!workflow.deleted && matches(current, query))
      places.emplace(DefinitionPlace{.name = current.name, .id = id}, &current);
  }
  auto place = places.begin();
  if (!query.cursor.empty()) {
    TRY(DefinitionPlace last, parse_definition_cursor(query.cursor));
    place = places.upper_bound(last);
  }
  for (std::size_t i = 0; i < query.offset && place != places.end(); ++i) ++place;
  DefinitionPage page;
  for (; place != places.end() && page.items.size() < query.limit; ++place)
    page.items.push_back(*place->second);
  if (place != places.end() && !page.items.empty())
    page.next_cursor = definition_cursor(std::prev(place)->first);
  return page;
}

Result<std::optional<CommandRecord>> MemoryStore::find_command(std::string_view command_id) {
  std::lock_guard lock(mutex_);
  auto found = commands_.find(command_id);
  if (found == commands_.end()) return std::optional<CommandRecord>();
  return std::optional(found->second);
}

Result<std::vector<FeedEntry>> MemoryStore::read_feed(Position after, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<FeedEntry> entries;
  for (auto i = static_cast<std::size_t>(std::max<Position>(after, 0));
       i < feed_.size() && entries.size() < limit; ++i)
    entries.push_back(feed_[i]);
  return entries;
}

Result<Position> MemoryStore::last_position() {
  std::lock_guard lock(mutex_);
  return static_cast<Position>(feed_.size());
}

Result<StoreStats> MemoryStore::stats() {
  std::lock_guard lock(mutex_);
  StoreStats stats;
  stats.executions = runs_.size();
  for (const auto& [id, run] : runs_) {
    if (!execution::is_terminal(run.summary.status)) ++stats.executions_active;
  }
  for (const auto& [id, workflow] : workflows_) {
    if (!workflow.deleted) ++stats.definitions;
  }
  return stats;
}

// Its invariants hold by construction: histories are vectors and numbers are positions in them.
Result<std::vector<std::string>> MemoryStore::check() { return std::vector<std::string>(); }

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace harmonia::store
