#include "tasks/log/log_runner.h"

#include <utility>

#include "base/log.h"
#include "tasks/schema_text.h"

namespace harmonia::tasks {
namespace {

constexpr std::string_view input_schema = R"({
  "type": "object",
  "required": ["message"],
  "additionalProperties": false,
  "properties": {
    "message": { "description": "Text; other values are written as JSON" },
    "level": { "enum": ["debug", "info", "warning", "error"], "default": "info" },
    "fields": { "type": "object", "description": "Written as JSON" }
  }
})";

constexpr std::string_view output_schema = R"({
  "type": "object",
  "required": ["message"],
  "additionalProperties": false,
  "properties": { "message": { "type": "string" } }
})";

log::Level level_of(const JsonObject& input) {
  auto name = get_string(input, "level", "info");
  if (name == "debug") return log::Level::debug;
  if (name == "warning") return log::Level::warning;
  if (name == "error") return log::Level::error;
  return log::Level::info;
}

std::string message_of(const JsonObject& input) {
  const Json& message = input.at("message");
  return message.is_string() ? std::string(text_view(message.get_string())) : to_text(message);
}

// What the workflow says stands in fields of its own, so that it can't pass for the server's words.
Outcome write_line(const Work& work) {
  const JsonObject& input = work.input.get_object();
  std::string message = message_of(input);
  std::string execution = to_string(work.key.execution);
  const Json* fields = input.if_contains("fields");
  auto level = level_of(input);
  if (fields == nullptr) {
    log::write(level, "task log",
               {{"text", message},
                {"execution", execution},
                {"workflow", work.workflow_name},
                {"task", work.task_path}});
  } else {
    log::write(level, "task log",
               {{"text", message},
                {"execution", execution},
                {"workflow", work.workflow_name},
                {"task", work.task_path},
                {"fields", to_text(*fields)}});
  }
  return Outcome::success(JsonObject{{"message", json_view(message)}});
}

class LogRunner final : public Runner {
 public:
  explicit LogRunner(WorkerPool& pool) : pool_(pool) {}

  std::string_view component() const override { return "log"; }
  std::vector<ActionInfo> actions() const override {
    return {{.name = "write",
             .description = "Writes one line to the log of the server",
             .input_schema = schema_from_text(input_schema),
             .output_schema = schema_from_text(output_schema)}};
  }
  bool takes_secrets() const override { return false; }

  void start(Work work, Finish finish) override {
    bool posted = pool_.post([work = std::move(work), finish] { finish(write_line(work)); });
    if (!posted) finish(pool_is_full());
  }
  void cancel(const engine::AttemptKey&) override {}

 private:
  WorkerPool& pool_;
};

}  // namespace

std::unique_ptr<Runner> make_log_runner(WorkerPool& pool) {
  return std::make_unique<LogRunner>(pool);
}

}  // namespace harmonia::tasks
