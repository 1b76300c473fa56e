#include "tasks/script/script_runner.h"

#include <utility>

#include "tasks/schema_text.h"
#include "tasks/script/command.h"
#include "tasks/script/script_loop.h"
#include "tasks/worker_pool.h"

namespace harmonia::tasks {
namespace {

constexpr std::string_view input_schema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "command": {
      "type": "array",
      "minItems": 1,
      "items": { "type": ["string", "number", "boolean"] },
      "description": "The program and its arguments; no shell is involved"
    },
    "script": { "type": "string", "minLength": 1 },
    "interpreter": {
      "type": "string",
      "minLength": 1,
      "default": "/bin/sh",
      "description": "Gets the script as a file"
    },
    "stdin": { "description": "A string as it is, anything else as JSON" },
    "env": {
      "type": "object",
      "additionalProperties": { "type": ["string", "number", "boolean"] }
    },
    "timeout": { "type": "number", "exclusiveMinimum": 0, "description": "Seconds" },
    "working_directory": { "type": "string", "pattern": "^/" },
    "parse": { "enum": ["text", "json", "lines"], "default": "text" }
  }
})";

// stdout is base64 when it is no UTF-8, which stdout_encoding says.
constexpr std::string_view output_schema = R"({
  "type": "object",
  "required": ["exit_code", "stdout", "stderr", "duration_ms"],
  "additionalProperties": false,
  "properties": {
    "exit_code": { "type": "integer" },
    "stdout": { "type": "string" },
    "stdout_encoding": { "const": "base64" },
    "stderr": { "type": "string" },
    "duration_ms": { "type": "integer" },
    "lines": { "type": "array", "items": { "type": "string" } },
    "json": {}
  }
})";

Error not_enabled() {
  return make_error(error_code::refused,
                    "scripts are not enabled on this server; it was started without "
                    "--enable-scripts (or HARMONIA_ENABLE_SCRIPTS)");
}

class ScriptRunner final : public Runner {
 public:
  explicit ScriptRunner(const ScriptOptions& options) : options_(options) {
    if (options_.enabled) loop_ = std::make_unique<ScriptLoop>(options_);
  }

  std::string_view component() const override { return "script"; }
  std::vector<ActionInfo> actions() const override {
    return {{.name = "run",
             .description = "Runs a command or a script as a child process",
             .input_schema = schema_from_text(input_schema),
             .output_schema = schema_from_text(output_schema)}};
  }

  void start(Work work, Finish finish) override {
    if (!loop_) return finish(Outcome::failure(not_enabled(), false));
    auto command = read_command(work, options_);
    if (!command.ok()) return finish(Outcome::failure(std::move(command).error(), false));
    bool taken = loop_->submit({.key = work.key,
                                .command = std::move(command).value(),
                                .deadline = work.deadline,
                                .finish = finish});
    if (!taken) finish(pool_is_full());
  }
  void cancel(const engine::AttemptKey& key) override {
    if (loop_) loop_->cancel(key);
  }

 private:
  const ScriptOptions options_;
  std::unique_ptr<ScriptLoop> loop_;  // none: not enabled
};

}  // namespace

std::unique_ptr<Runner> make_script_runner(const ScriptOptions& options) {
  return std::make_unique<ScriptRunner>(options);
}

}  // namespace harmonia::tasks
