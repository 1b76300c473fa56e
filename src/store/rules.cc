#include "store/rules.h"

#include <algorithm>
#include <charconv>

namespace harmonia::store {

using execution::Event;
using execution::ExecutionStarted;

void assert_well_formed(const Commit& commit) {
  ASSERT(!commit.events.empty());
  std::uint64_t seq = commit.expected_version;
  for (const Event& event : commit.events) {
    ASSERT(event.seq == ++seq);
    ASSERT(event.at == commit.events.front().at);
  }
  ASSERT(!commit.summary || commit.summary->id == commit.execution);
  ASSERT(!commit.snapshot || commit.snapshot->seq <= seq);
}

const execution::TaskCounts& counts_of(const Commit& commit) {
  return commit.summary ? commit.summary->tasks : commit.tasks;
}

Summary first_summary(const Commit& commit) {
  const Event& first = commit.events.front();
  Summary summary{
      .id = commit.execution, .workflow = {}, .workflow_name = {}, .created_at = first.at};
  if (const auto* started = std::get_if<ExecutionStarted>(&first.body)) {
    summary.workflow = started->workflow;
    summary.revision = started->revision;
  }
  return summary;
}

Error version_conflict(ExecutionId execution, std::uint64_t expected, std::uint64_t actual) {
  return make_error(error_code::conflict, "execution " + to_string(execution) + " is at version " +
                                              std::to_string(actual) + ", not at " +
                                              std::to_string(expected));
}

Error follows_conflict(ExecutionId execution) {
  return make_error(error_code::conflict, "an earlier change of execution " + to_string(execution) +
                                              " in the same batch was refused");
}

Error command_conflict(std::string_view command_id) {
  return make_error(error_code::conflict,
                    "command '" + std::string(command_id) + "' was already carried out",
                    "/command");
}

Error no_such_workflow(WorkflowId workflow) {
  return make_error(error_code::not_found, "there is no workflow " + to_string(workflow));
}

Error workflow_exists(WorkflowId workflow) {
  return make_error(error_code::conflict, "workflow " + to_string(workflow) + " exists already");
}

Error revision_conflict(WorkflowId workflow, std::uint32_t expected, std::uint32_t actual) {
  return make_error(error_code::conflict, "workflow " + to_string(workflow) + " is at revision " +
                                              std::to_string(actual) + ", not at " +
                                              std::to_string(expected));
}

Error no_such_execution(ExecutionId execution) {
  return make_error(error_code::not_found, "there is no execution " + to_string(execution));
}

namespace {

Error bad_cursor() {
  return make_error(error_code::invalid_argument,
                    "the cursor is not one that an earlier page of this list gave");
}

}  // namespace

std::string execution_cursor(std::int64_t number) { return "e" + std::to_string(number); }

Result<std::int64_t> parse_execution_cursor(std::string_view cursor) {
  std::int64_t number = 0;
  const char* end = cursor.data() + cursor.size();
  if (!cursor.starts_with('e')) return bad_cursor();
  auto [stop, failure] = std::from_chars(cursor.data() + 1, end, number);
  if (failure != std::errc{} || stop != end || number < 1) return bad_cursor();
  return number;
}

std::string definition_cursor(const DefinitionPlace& place) {
  return "d" + to_string(place.id) + place.name;
}

Result<DefinitionPlace> parse_definition_cursor(std::string_view cursor) {
  constexpr std::size_t id_size = 36;
  if (!cursor.starts_with('d') || cursor.size() < 1 + id_size) return bad_cursor();
  auto id = parse_id<WorkflowId>(cursor.substr(1, id_size));
  if (!id) return bad_cursor();
  return DefinitionPlace{.name = std::string(cursor.substr(1 + id_size)), .id = *id};
}

bool keeps_place(const execution::Interest& gone, const execution::Interest& come) {
  using execution::InterestKind;
  bool turns = (gone.kind == InterestKind::lock && come.kind == InterestKind::aside) ||
               (gone.kind == InterestKind::aside && come.kind == InterestKind::lock);
  return turns && gone.task == come.task && gone.attempt == come.attempt && gone.key == come.key;
}

std::vector<PlaceMove> turn_back(std::int64_t place, std::vector<std::int64_t> line,
                                 const std::vector<std::int64_t>& aside, std::uint32_t limit) {
  bool all_have_it = line.size() < limit;
  if (all_have_it || line.back() < place) return {};
  std::int64_t last = line.back();
  std::erase_if(line, [place](std::int64_t holder) { return holder < place; });
  line.push_back(place);
  for (std::int64_t one : aside) {
    if (one > place && one < last) line.push_back(one);
  }
  std::vector<std::int64_t> slots = line;
  std::sort(slots.begin(), slots.end());
  std::vector<PlaceMove> moves;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != slots[i]) moves.push_back({.from = line[i], .to = slots[i]});
  }
  return moves;
}

bool contains_text(std::string_view text, std::string_view part) {
  auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  auto same = [&fold](char a, char b) { return fold(a) == fold(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
         part.empty();
}

}  // namespace harmonia::store
