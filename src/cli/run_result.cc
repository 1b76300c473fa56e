#include "cli/run_result.h"

#include "cli/exit_code.h"
#include "cli/report.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

using server::RunStatus;

JsonObject to_json(const server::RunResult& result, const std::string& error_task) {
  JsonObject object;
  object["execution_id"] = to_string(result.id);
  object["status"] = json_view(to_string(result.status));
  object["duration_seconds"] = to_seconds(result.elapsed);
  object["output"] = result.output;
  if (result.status == RunStatus::failed) {
    JsonObject error;
    error["code"] = result.error.code;
    error["detail"] = result.error.detail;
    if (!error_task.empty()) error["task"] = error_task;
    object["error"] = std::move(error);
  }
  if (!result.cancel_reason.empty()) object["reason"] = result.cancel_reason;
  return object;
}

std::string describe_failure(const server::RunResult& result, const std::string& error_task) {
  std::string text = "harmonia: the run failed";
  if (!error_task.empty()) text += " in task " + error_task;
  text += ": " + result.error.code + ": " + printable(result.error.detail) + "\n";
  if (std::string_view hint = hint_for(result.error.code); !hint.empty()) {
    text += "  hint: " + std::string(hint) + "\n";
  }
  return text;
}

}  // namespace

void print_result(const server::RunResult& result, const std::string& error_task,
                  const ResultForm& form) {
  if (form.as_json) print_out(to_pretty_text(to_json(result, error_task)) + "\n");
  switch (result.status) {
    case RunStatus::completed: {
      if (form.as_json) return;
      const auto* text = result.output.if_string();
      bool is_plain = form.as_text && text != nullptr;
      std::string shown = is_plain ? std::string(text_view(*text)) : to_pretty_text(result.output);
      if (!shown.ends_with('\n')) shown += '\n';
      print_out(shown);
      return;
    }
    case RunStatus::failed: print_error(describe_failure(result, error_task)); return;
    case RunStatus::canceled:
      print_error("harmonia: the run was canceled (" + printable(result.cancel_reason) + ")\n");
      return;
    case RunStatus::pending:
    case RunStatus::running:
    case RunStatus::paused: return;
  }
}

int exit_code_of(RunStatus status) {
  switch (status) {
    case RunStatus::completed: return exit_success;
    case RunStatus::failed: return exit_failed;
    case RunStatus::canceled: return exit_canceled;
    case RunStatus::pending:
    case RunStatus::running:
    case RunStatus::paused: return exit_failed;
  }
  return exit_failed;
}

}  // namespace harmonia::cli
