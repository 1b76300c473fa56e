#include "tasks/script/command.h"

#include <algorithm>
#include <unistd.h>

#include <sys/stat.h>

#include "tasks/text.h"
#include "tasks/time_bound.h"

namespace harmonia::tasks {
namespace {

constexpr std::string_view search_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

Error invalid(std::string detail, std::string pointer) {
  return make_error(error_code::invalid_argument, std::move(detail), std::move(pointer));
}

bool has_zero_byte(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::string_view value_of(const Command& command, std::string_view name) {
  for (const auto& [key, value] : command.environment) {
    if (key == name) return value;
  }
  return {};
}

void set_variable(Command& command, std::string_view name, std::string value) {
  auto found = std::find_if(command.environment.begin(), command.environment.end(),
                            [name](const auto& entry) { return entry.first == name; });
  if (found != command.environment.end()) {
    found->second = std::move(value);
  } else {
    command.environment.emplace_back(name, std::move(value));
  }
}

Result<void> read_program(const JsonObject& input, Command& command) {
  const Json* arguments = input.if_contains("command");
  const Json* script = input.if_contains("script");
  if ((arguments != nullptr) == (script != nullptr)) {
    return invalid("the input has either a command or a script", "");
  }
  if (script != nullptr) {
    command.script = std::string(text_view(script->get_string()));
    command.arguments = {get_string(input, "interpreter", "/bin/sh")};
    return {};
  }
  if (input.contains("interpreter")) {
    return invalid("an interpreter is for a script, not for a command", "/interpreter");
  }
  for (const Json& argument : arguments->get_array()) {
    command.arguments.push_back(scalar_text(argument));
    if (has_zero_byte(command.arguments.back())) {
      return invalid("an argument holds a zero byte", "/command");
    }
  }
  return {};
}

Result<void> read_environment(const JsonObject& input, Command& command) {
  const Json* variables = input.if_contains("env");
  if (variables == nullptr) return {};
  for (const auto& variable : variables->get_object()) {
    std::string_view name = text_view(variable.key());
    std::string value = scalar_text(variable.value());
    bool bad_name = name.empty() || name.find('=') != std::string_view::npos;
    if (bad_name || has_zero_byte(name) || has_zero_byte(value)) {
      return invalid("'" + std::string(name) + "' can't be in an environment",
                     "/env/" + escape_pointer_token(name));
    }
    set_variable(command, name, std::move(value));
  }
  return {};
}

void set_standard_environment(const Work& work, Command& command) {
  command.environment = {
      {"PATH", std::string(search_path)},
      {"LANG", "C.UTF-8"},
      {"HARMONIA_EXECUTION_ID", to_string(work.key.execution)},
      {"HARMONIA_TASK", work.task_path},
      {"HARMONIA_ATTEMPT", std::to_string(work.key.attempt)},
      {"HARMONIA_IDEMPOTENCY_KEY", engine::idempotency_key(work.key, work.task_path)}};
}

OutputForm read_form(const JsonObject& input) {
  auto name = get_string(input, "parse", "text");
  if (name == "json") return OutputForm::json;
  return name == "lines" ? OutputForm::lines : OutputForm::text;
}

bool is_executable_file(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<Command> read_command(const Work& work, const ScriptOptions& options) {
  const JsonObject& input = work.input.get_object();
  Command command;
  TRY_DO(read_program(input, command));
  set_standard_environment(work, command);
  TRY_DO(read_environment(input, command));
  if (const Json* text = input.if_contains("stdin")) command.input = scalar_text(*text);
  command.directory = get_string(input, "working_directory", options.directory);
  if (has_zero_byte(command.directory)) {
    return invalid("the folder's name holds a zero byte", "/working_directory");
  }
  command.form = read_form(input);
  command.timeout = time_asked(input, {.fallback = options.time_max, .longest = options.time_max});
  return command;
}

Result<std::string> find_program(const Command& command) {
  const std::string& name = command.arguments.front();
  if (name.find('/') != std::string::npos) return name;
  std::string_view folders = value_of(command, "PATH");
  while (!name.empty() && !folders.empty()) {
    std::size_t end = std::min(folders.find(':'), folders.size());
    std::string path = std::string(folders.substr(0, end)) + "/" + name;
    if (is_executable_file(path)) return path;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return invalid("there is no program '" + name + "' in " + std::string(value_of(command, "PATH")),
                 command.script ? "/interpreter" : "/command");
}

}  // namespace harmonia::tasks
