#pragma once

#include <string>
#include <vector>

#include "store/store.h"

// Material for the suite: commits that look like those of the engine, and the text of answers, by
// which drivers are compared.
namespace harmonia::store {

ExecutionId execution_id(std::uint64_t number);
WorkflowId workflow_id(std::uint64_t number);
// `seconds` after a fixed moment.
Timestamp time_at(std::int64_t seconds);

// A commit of `count` events on top of `version`; the first of all is execution_started.
Commit make_commit(ExecutionId execution, std::uint64_t version, std::size_t count = 1);
Summary make_summary(ExecutionId execution, execution::RunStatus status);
CommandRecord make_command(std::string id);
PutDefinition make_definition(std::uint64_t number, std::string name);
// An event of name "paid", correlated by "order-1", of `seconds` and kept for 10 s.
KeptEvent make_event(std::string id, std::int64_t seconds);

// A commit that must succeed.
Position commit_one(Store& store, const Commit& commit);

std::string describe(const Error& error);
std::string describe(const std::vector<execution::Event>& events);
std::string describe(const Summary& summary);
std::string describe(const Snapshot& snapshot);
std::string describe(const LoadedExecution& loaded);
std::string describe(const StoredDefinition& definition);
std::string describe(const CommandRecord& record);
std::string describe(ExecutionId id);
std::string describe(const TimerRow& row);
// Without its place: drivers may leave gaps.
std::string describe(const InterestRow& row);
std::string describe(const KeptEvent& event);
std::string describe(const FeedEntry& entry);
std::string describe(const ExecutionPage& page);
std::string describe(const DefinitionPage& page);
std::string describe(const std::string& text);

inline std::string describe(std::uint32_t number) { return std::to_string(number); }
inline std::string describe(bool answer) { return answer ? "yes" : "no"; }
inline std::string describe(std::size_t count) { return std::to_string(count); }
inline std::string describe(Position position) { return std::to_string(position); }

template <class T>
std::string describe(const Result<T>& result);

template <class T>
std::string describe(const std::vector<T>& items) {
  std::string text;
  for (const T& item : items) text += describe(item) + "\n";
  return text;
}
template <class T>
std::string describe(const std::optional<T>& item) {
  return item ? describe(*item) : "nothing";
}
template <class T>
std::string describe(const Result<T>& result) {
  return result.ok() ? describe(*result) : describe(result.error());
}
inline std::string describe(const Result<void>& result) {
  return result.ok() ? "done" : describe(result.error());
}

}  // namespace harmonia::store
