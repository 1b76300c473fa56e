#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tasks/registry.h"
#include "tasks/runner.h"

namespace harmonia::tasks {

enum class OutputForm { text, json, lines };

// What the child is to be: all decided before it is made.
struct Command {
  std::vector<std::string> arguments;  // the first names the program
  std::optional<std::string> script;   // given to the program as its first argument, a file
  std::string input;                   // to stdin
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;  // empty: a fresh temporary folder
  Duration timeout{0};
  OutputForm form = OutputForm::text;
};

// The input has passed the schema of the action; `invalid_argument` for what a schema can't say.
Result<Command> read_command(const Work& work, const ScriptOptions& options);

// The program's file, looked up in the PATH of `command.environment` unless it names a path.
Result<std::string> find_program(const Command& command);

}  // namespace harmonia::tasks
