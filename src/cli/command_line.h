#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace harmonia::cli {

// Settings given as flags, by setting name.
using SettingFlags = std::map<std::string, std::string, std::less<>>;

struct ServeCommand {
  SettingFlags flags;
  std::string config_file;
};

struct RunCommand {
  std::string file;   // empty with --resume
  std::string input;  // as typed: JSON, @file or -
  SettingFlags flags;
  std::string config_file;
  bool in_memory = false;
  bool as_json = false;
  bool as_text = false;  // --raw
  bool no_progress = false;
  bool only_resume = false;
  std::optional<std::chrono::milliseconds> timeout;
};

struct ValidateCommand {
  std::vector<std::string> files;
  bool as_json = false;
  bool strict = false;
};

struct ExportCommand {
  std::string file;
  std::string format = "yaml";  // yaml, json, mermaid or dot
};

struct ExprCommand {
  std::string text;  // the expression, @file or -
  std::string with;  // as typed: JSON, @file or -
  bool as_json = false;
  bool as_text = false;  // --raw
};

struct VerifyCommand {
  SettingFlags flags;
  std::string config_file;
};

// Where the server is, for the commands that are its clients.
struct ClientTarget {
  std::string url;  // of --server; empty: HARMONIA_URL, else this machine
  bool as_json = false;
};

enum class WorkflowAction { list, get, create, update, remove, validate, execute };
struct WorkflowCommand {
  WorkflowAction action = WorkflowAction::list;
  ClientTarget target;
  std::string id;
  std::string file;
  std::string input;
  bool wait = false;
};

enum class ExecutionAction { list, get, history, tasks, cancel, pause, resume, watch };
struct ExecutionCommand {
  ExecutionAction action = ExecutionAction::list;
  ClientTarget target;
  std::string id;
  std::string status;
  std::string reason;
  int limit = 50;
};

struct VersionCommand {};

using CommandLine =
    std::variant<ServeCommand, RunCommand, ValidateCommand, ExportCommand, ExprCommand,
                 VerifyCommand, WorkflowCommand, ExecutionCommand, VersionCommand>;

// What to do, or what to print and how to exit (help, wrong usage).
struct Stop {
  std::string text;
  int exit_code = 0;
};
std::variant<CommandLine, Stop> parse_command_line(int count, const char* const* arguments);

}  // namespace harmonia::cli
