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
  // Answers given beforehand: `TASK` or `TASK=JSON`, `NAME` or `NAME=JSON`.
  std::vector<std::string> approve;
  std::vector<std::string> reject;
  std::vector<std::string> events;
  std::vector<std::string> resolve;  // `TASK=ACTION`
  std::optional<std::chrono::milliseconds> timeout;
};

struct ValidateCommand {
  std::vector<std::string> files;
  bool as_json = false;
  bool strict = false;
};

struct TestCommand {
  std::vector<std::string> files;
  std::vector<std::string> modes;  // by name, or `all`; none: the usual ones
  bool update = false;
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

enum class ExecutionAction {
  list,
  get,
  history,
  tasks,
  cancel,
  pause,
  resume,
  watch,
  signal,
  approve,
  reject,
  resolve
};
struct ExecutionCommand {
  ExecutionAction action = ExecutionAction::list;
  ClientTarget target;
  std::string id;
  std::string status;
  std::string reason;
  int limit = 50;
  std::string task;         // approve, reject, resolve: its path
  std::string name;         // signal
  std::string payload;      // signal: as typed: JSON, @file or -
  std::string correlation;  // signal
  std::string signal_id;    // signal
  std::string data;         // approve, reject: as typed
  std::string comment;      // approve, reject
  std::string by;           // approve, reject, resolve: who
  std::string resolution;   // resolve: retry, skip, complete or fail
  std::string output;       // resolve: as typed
};

// `approvals` and `incidents`: what waits for people on a server.
enum class WaitingKind { approvals, incidents };
struct WaitingCommand {
  WaitingKind kind = WaitingKind::approvals;
  ClientTarget target = {};
  std::string assignee = {};
  std::string workflow = {};
  int limit = 50;
};

// `event`: to whoever waits for it on a server.
struct EventCommand {
  ClientTarget target;
  std::string name;
  std::string correlation;
  std::string payload;  // as typed
  std::string id;
};

struct SchemaCommand {};

struct VersionCommand {};

using CommandLine =
    std::variant<ServeCommand, RunCommand, ValidateCommand, TestCommand, ExportCommand, ExprCommand,
                 SchemaCommand, VerifyCommand, WorkflowCommand, ExecutionCommand, WaitingCommand,
                 EventCommand, VersionCommand>;

// What to do, or what to print and how to exit (help, wrong usage).
struct Stop {
  std::string text;
  int exit_code = 0;
};
std::variant<CommandLine, Stop> parse_command_line(int count, const char* const* arguments);

}  // namespace harmonia::cli
