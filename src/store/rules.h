#pragma once

#include <string>
#include <string_view>

#include "store/store.h"

// What every driver must do alike: refusals in the same words, cursors of the same form.
namespace harmonia::store {

// Breaks the program when a commit is not well formed: no events, gaps in their numbers, several
// times in one commit, or a summary of another execution.
void assert_well_formed(const Commit& commit);

const execution::TaskCounts& counts_of(const Commit& commit);

// The summary of a new execution whose first commit brings none.
Summary first_summary(const Commit& commit);

Error version_conflict(ExecutionId execution, std::uint64_t expected, std::uint64_t actual);
// After an earlier commit of the same execution in the same call was refused.
Error follows_conflict(ExecutionId execution);
// `instance` is "/command": tells it from a conflict of versions.
Error command_conflict(std::string_view command_id);
Error no_such_workflow(WorkflowId workflow);
Error workflow_exists(WorkflowId workflow);
Error revision_conflict(WorkflowId workflow, std::uint32_t expected, std::uint32_t actual);
Error no_such_execution(ExecutionId execution);

// Executions are paged by the number of their creation, definitions by name, then id.
std::string execution_cursor(std::int64_t number);
Result<std::int64_t> parse_execution_cursor(std::string_view cursor);

struct DefinitionPlace {
  std::string name;
  WorkflowId id;

  auto operator<=>(const DefinitionPlace&) const = default;
};
std::string definition_cursor(const DefinitionPlace& place);
Result<DefinitionPlace> parse_definition_cursor(std::string_view cursor);

// A place in line for a lock that is kept while its run is paused: the same interest, but for its
// kind, goes as a lock and comes as aside, or the other way round. The row then keeps its place,
// and the first `limit` locks of a key have it among locks. Turning back, a row may not come before
// one that has the lock: it goes behind the last of those, and so do others that stand aside.
bool keeps_place(const execution::Interest& gone, const execution::Interest& come);
// Which rows that moves, as pairs of old and new place, all at once. `place` is the one of the row
// that turns back, `line` those of the first `limit` locks, `aside` those of who stands aside.
struct PlaceMove {
  std::int64_t from = 0;
  std::int64_t to = 0;
};
std::vector<PlaceMove> turn_back(std::int64_t place, std::vector<std::int64_t> line,
                                 const std::vector<std::int64_t>& aside, std::uint32_t limit);

// True when `part` stands in `text`; ASCII letters match in both cases.
bool contains_text(std::string_view text, std::string_view part);

}  // namespace harmonia::store
