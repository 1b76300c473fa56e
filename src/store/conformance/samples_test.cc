#include "store/conformance/samples.h"

#include <cstdlib>
#include <unistd.h>

#include "store/conformance/driver.h"

namespace harmonia::store {

using execution::Event;
using execution::ExecutionStarted;
using execution::RunStatus;
using execution::TaskCompleted;
using execution::TaskScheduled;

TemporaryDirectory::TemporaryDirectory() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base == nullptr ? "/tmp" : base) + "/harmonia_store_XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ExecutionId execution_id(std::uint64_t number) {
  return {make_uuid_v7(1'700'000'000'000 + static_cast<std::int64_t>(number), number, ~number)};
}

WorkflowId workflow_id(std::uint64_t number) {
  return {make_uuid_v7(1'600'000'000'000, number, number)};
}

Timestamp time_at(std::int64_t seconds) {
  return from_micros((1'700'000'000 + seconds) * 1'000'000 + 7);
}

Commit make_commit(ExecutionId execution, std::uint64_t version, std::size_t count) {
  Commit commit;
  commit.execution = execution;
  commit.expected_version = version;
  Timestamp at = time_at(static_cast<std::int64_t>(version));
  for (std::uint64_t seq = version + 1; seq <= version + count; ++seq) {
    auto task = static_cast<std::uint32_t>(seq / 2);
    Event event{.seq = seq, .at = at, .body = {}};
    if (seq == 1) {
      event.body = ExecutionStarted{.workflow = workflow_id(1),
                                    .revision = 3,
                                    .input = share(JsonObject{{"order", 42}}),
                                    .context = share(JsonObject{}),
                                    .env = share(JsonObject{})};
    } else if (seq % 2 == 0) {
      event.body = TaskScheduled{.task = {.scope = 0, .task = task},
                                 .attempt = 1,
                                 .input = share(JsonObject{{"url", "https://example.test/ü"}}),
                                 .deadline = at + Duration(5)};
    } else {
      event.body = TaskCompleted{.task = {.scope = 0, .task = task},
                                 .attempt = 1,
                                 .output = share(JsonObject{{"ok", true}, {"share", 0.1}})};
    }
    commit.events.push_back(std::move(event));
  }
  return commit;
}

Summary make_summary(ExecutionId execution, RunStatus status) {
  Summary summary;
  summary.id = execution;
  summary.workflow = workflow_id(1);
  summary.workflow_name = "Nightly invoices";
  summary.revision = 3;
  summary.status = status;
  summary.created_at = time_at(0);
  if (execution::is_terminal(status)) summary.ended_at = time_at(9);
  summary.tasks = {.total = 7,
                   .completed = 1,
                   .failed = 2,
                   .skipped = 3,
                   .canceled = 4,
                   .running = 5,
                   .waiting = 6};
  if (status == RunStatus::failed) {
    summary.error_code = "timeout";
    summary.error_detail = "Task 'fetch' took longer than 5 s";
  }
  return summary;
}

CommandRecord make_command(std::string id) {
  return {.command_id = std::move(id),
          .fingerprint = "0123abcd",
          .answer = JsonObject{{"status", 202}, {"body", JsonObject{{"id", "x"}}}},
          .at = time_at(1)};
}

PutDefinition make_definition(std::uint64_t number, std::string name) {
  PutDefinition put;
  put.id = workflow_id(number);
  put.create = true;
  put.canonical = JsonObject{{"name", name}, {"tasks", JsonArray{1, 2.5, "three"}}};
  put.name = std::move(name);
  put.version = "1.0.0";
  put.description = "Definition number " + std::to_string(number);
  put.at = time_at(static_cast<std::int64_t>(number));
  return put;
}

KeptEvent make_event(std::string id, std::int64_t seconds) {
  return {.id = std::move(id),
          .name = "paid",
          .correlation = "order-1",
          .payload = JsonObject{{"amount", 12.5}, {"by", "ü"}},
          .at = time_at(seconds),
          .expires_at = time_at(seconds + 10)};
}

Position commit_one(Store& store, const Commit& commit) {
  auto results = store.commit({&commit, 1});
  EXPECT_EQ(results.size(), 1u);
  if (results.empty()) return 0;
  EXPECT_TRUE(results[0].ok()) << describe(results[0]);
  return results[0].ok() ? *results[0] : 0;
}

std::string describe(const Error& error) { return error.code + ": " + error.detail; }

std::string describe(const std::vector<Event>& events) {
  std::string text;
  std::vector<Event> together;
  // Events of several commits have several times: each group is one text.
  for (const Event& event : events) {
    if (!together.empty() && together.back().at != event.at) {
      execution::append_events_text(text, together);
      together.clear();
    }
    together.push_back(event);
  }
  if (!together.empty()) execution::append_events_text(text, together);
  return text;
}

std::string describe(const Summary& s) {
  std::string text = to_string(s.id) + " " + to_string(s.workflow) + " " + s.workflow_name + " r" +
                     std::to_string(s.revision) + " " + std::string(to_string(s.status)) + " " +
                     to_rfc3339(s.created_at) + " " +
                     (s.ended_at ? to_rfc3339(*s.ended_at) : "open");
  for (std::uint32_t count : {s.tasks.total, s.tasks.completed, s.tasks.failed, s.tasks.skipped,
                              s.tasks.canceled, s.tasks.running, s.tasks.waiting})
    text += " " + std::to_string(count);
  text += " " + s.error_code + " " + s.error_detail;
  for (const std::string& tag : s.tags) text += " #" + tag;
  return text;
}

std::string describe(const Snapshot& snapshot) {
  return std::to_string(snapshot.seq) + " " + snapshot.state;
}

std::string describe(const LoadedExecution& loaded) {
  return to_string(loaded.workflow) + " r" + std::to_string(loaded.revision) + " snapshot " +
         describe(loaded.snapshot) + " tail " + describe(loaded.tail);
}

std::string describe(const StoredDefinition& d) {
  std::string text = to_string(d.id) + " r" + std::to_string(d.revision) + " " + d.name + " " +
                     d.version + " " + d.description + " " + to_text(d.canonical) + " " +
                     to_rfc3339(d.created_at) + " " + to_rfc3339(d.updated_at) +
                     (d.deleted ? " deleted" : "");
  for (const std::string& tag : d.tags) text += " #" + tag;
  return text;
}

std::string describe(const CommandRecord& record) {
  return record.command_id + " " + record.fingerprint + " " + to_text(record.answer) + " " +
         to_rfc3339(record.at);
}

std::string describe(ExecutionId id) { return to_string(id); }

std::string describe(const TimerRow& row) {
  const auto& wake = row.wake;
  return to_string(row.execution) + " " + to_rfc3339(wake.due) + " " +
         std::to_string(static_cast<int>(wake.kind)) + " " + std::to_string(wake.task.scope) + "/" +
         std::to_string(wake.task.task) + "#" + std::to_string(wake.attempt);
}

std::string describe(const InterestRow& row) {
  const auto& interest = row.interest;
  std::string task = interest.task ? std::to_string(interest.task->scope) + "/" +
                                         std::to_string(interest.task->task)
                                   : "run";
  return to_string(row.execution) + " " + std::to_string(static_cast<int>(interest.kind)) + " " +
         task + "#" + std::to_string(interest.attempt) + " " + interest.key + " " +
         std::to_string(interest.limit) + " " + std::to_string(static_cast<int>(interest.policy));
}

std::string describe(const KeptEvent& event) {
  return event.id + " " + event.name + " " + event.correlation + " " + to_text(event.payload) +
         " " + to_rfc3339(event.at) + " " + to_rfc3339(event.expires_at);
}

std::string describe(const FeedEntry& entry) {
  std::string text = std::to_string(entry.position) + " " + to_rfc3339(entry.at);
  if (entry.execution) text += " " + to_string(*entry.execution) + " " + describe(entry.events);
  if (entry.workflow) {
    text += " " + to_string(*entry.workflow) + " change " +
            std::to_string(static_cast<int>(entry.change)) + " r" + std::to_string(entry.revision);
  }
  return text;
}

std::string describe(const ExecutionPage& page) {
  return describe(page.items) + "next " + page.next_cursor;
}

std::string describe(const DefinitionPage& page) {
  return describe(page.items) + "next " + page.next_cursor;
}

std::string describe(const std::string& text) { return text; }

}  // namespace harmonia::store
