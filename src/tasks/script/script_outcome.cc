#include "tasks/script/script_outcome.h"

#include <string.h>

#include "tasks/text.h"

namespace harmonia::tasks {
namespace {

constexpr std::size_t shown_errors_max = 1000;  // bytes of stderr in an error
constexpr int shown_lines_max = 10;

// The last lines: what a program says before it gives up.
std::string last_lines(const std::string& errors) {
  std::string text =
      valid_utf8(errors.substr(errors.size() - std::min(errors.size(), shown_errors_max)));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  std::size_t start = text.size();
  for (int lines = 0; lines < shown_lines_max && start != std::string::npos && start > 0; ++lines) {
    start = text.rfind('\n', start - 1);
  }
  return start == std::string::npos || start == text.size() ? text : text.substr(start + 1);
}

Outcome failure(std::string_view code, std::string detail, const std::string& errors,
                bool retryable = true) {
  std::string said = last_lines(errors);
  if (!said.empty()) detail += ": " + said;
  return Outcome::failure(make_error(code, std::move(detail)), retryable);
}

JsonArray lines_of(std::string_view text) {
  JsonArray lines;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(json_view(valid_utf8(line)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Outcome success(const Command& command, const ScriptEnd& end) {
  JsonObject output{{"exit_code", end.exit_code}};
  put_bytes(output, "stdout", end.output);
  output["stderr"] = json_view(valid_utf8(end.errors));
  output["duration_ms"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(end.duration).count();
  switch (command.form) {
    case OutputForm::text: break;
    case OutputForm::lines: output["lines"] = lines_of(end.output); break;
    case OutputForm::json: {
      auto parsed = parse_json(end.output);
      if (!parsed.ok()) {
        return Outcome::failure(
            make_error(error_code::malformed_json, "stdout is not JSON: " + parsed.error().detail),
            false);
      }
      output["json"] = std::move(parsed).value();
      break;
    }
  }
  return Outcome::success(std::move(output));
}

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : "SIG" + std::string(name);
}

}  // namespace

Outcome script_outcome(const Command& command, const ScriptOptions& options, ScriptEnd end) {
  switch (end.reason) {
    case ScriptEnd::Reason::exited: break;
    case ScriptEnd::Reason::killed:
      return failure("killed", "the script was killed by " + signal_name(end.signal_number),
                     end.errors);
    case ScriptEnd::Reason::timeout:
      return failure(error_code::timeout, "the script was killed after " + to_human(end.duration),
                     end.errors);
    case ScriptEnd::Reason::output_too_large:
      return failure("output_too_large",
                     "the script was killed because it wrote more than " +
                         std::to_string(options.output_max) + " bytes",
                     "", false);
    case ScriptEnd::Reason::canceled:
      return failure(error_code::canceled, "the script was canceled", end.errors);
  }
  if (end.exit_code == 0) return success(command, end);
  std::string code = std::to_string(end.exit_code);
  return failure("exit_" + code, "the script ended with exit code " + code, end.errors);
}

}  // namespace harmonia::tasks
