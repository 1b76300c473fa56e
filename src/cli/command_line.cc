// The only file that knows CLI11.
#include "cli/command_line.h"

#include <deque>
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/exit_code.h"
#include "cli/help.h"
#include "server/settings.h"
#include "server/spelling.h"

namespace harmonia::cli {
namespace {

// What CLI11 writes into while it parses.
struct Parsed {
  ServeCommand serve;
  RunCommand run;
  ValidateCommand validate;
  TestCommand test;
  ExportCommand export_;
  ExprCommand expr;
  VerifyCommand verify;
  WorkflowCommand workflow;
  ExecutionCommand execution;
  WaitingCommand approvals;
  WaitingCommand incidents{.kind = WaitingKind::incidents};
  EventCommand event;
  double timeout_seconds = 0;
};

// Adds the settings of the table as flags; what is given lands in `flags`.
void add_settings(CLI::App& app, SettingFlags& flags,
                  std::initializer_list<std::string_view> only) {
  for (const server::SettingInfo& info : server::setting_table()) {
    if (only.size() > 0 && std::find(only.begin(), only.end(), info.name) == only.end()) continue;
    std::string name(info.name);
    std::string text(info.description);
    bool is_toggle = info.kind == server::SettingKind::toggle;
    if (!info.default_text.empty() && !is_toggle)
      text += " (default " + std::string(info.default_text) + ")";
    text += " [" + std::string(info.variable) + "]";
    if (info.kind == server::SettingKind::toggle) {
      auto store = [&flags, name](const std::string& value) { flags[name] = value; };
      app.add_flag_callback(
          server::flag_of(name), [store] { store("true"); }, text);
    } else {
      auto store = [&flags, name](const std::string& value) { flags[name] = value; };
      app.add_option_function<std::string>(server::flag_of(name), store, text)->type_name("VALUE");
    }
  }
}

void add_config(CLI::App& app, std::string& config_file) {
  app.add_option("--config", config_file,
                 "settings as YAML or JSON (default: harmonia.yaml in the data folder) "
                 "[HARMONIA_CONFIG]")
      ->type_name("FILE");
}

void add_serve(CLI::App& root, Parsed& parsed) {
  auto* app = root.add_subcommand("serve", "serve the REST API and WebSockets");
  add_settings(*app, parsed.serve.flags, {});
  add_config(*app, parsed.serve.config_file);
  app->footer(std::string(help::serve));
}

// What the run would ask a person for. Each may be given several times.
void add_answers(CLI::App& app, RunCommand& run) {
  auto add = [&app](const char* flag, std::vector<std::string>& values, const char* type,
                    const char* description) {
    app.add_option(flag, values, description)
        ->type_name(type)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
  };
  add("--approve", run.approve, "TASK[=JSON]", "approve it, with the data of its form");
  add("--reject", run.reject, "TASK[=TEXT]", "reject it, with a comment");
  add("--event", run.events, "NAME[=JSON]", "send the run an event with this payload");
  add("--resolve", run.resolve, "TASK=ACTION", "end an incident: retry, skip, complete or fail");
}

void add_run(CLI::App& root, Parsed& parsed) {
  RunCommand& run = parsed.run;
  auto* app = root.add_subcommand("run", "run a workflow file here and now, without a server");
  app->add_option("file", run.file, "the definition, YAML or JSON; - for standard input")
      ->type_name("FILE");
  app->add_option("-i,--input", run.input, "the input: JSON, @file, or - for standard input")
      ->type_name("JSON");
  add_settings(*app, run.flags, {"data_dir", "log_level", "log_format", "env_allow"});
  add_config(*app, run.config_file);
  app->add_flag("--memory", run.in_memory, "keep nothing on disk; a killed run is lost");
  app->add_flag("--json", run.as_json, "print id, status, output and error as one JSON object");
  app->add_flag("--raw", run.as_text, "print an output that is a string as plain text");
  app->add_flag("--no-progress", run.no_progress, "show no progress on standard error");
  app->add_option("--timeout", parsed.timeout_seconds, "cancel the run after so many seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 1e9).description(""));
  app->add_flag("--resume", run.only_resume, "only finish the runs an earlier process left");
  add_answers(*app, run);
  app->footer(std::string(help::run));
}

void add_validate(CLI::App& root, Parsed& parsed) {
  auto* app = root.add_subcommand("validate", "check workflow files and show what is wrong");
  app->add_option("files", parsed.validate.files, "definitions, YAML or JSON; - for standard input")
      ->type_name("FILE")
      ->required();
  app->add_flag("--json", parsed.validate.as_json, "print the findings as JSON");
  app->add_flag("--strict", parsed.validate.strict, "warnings count as errors");
  app->footer(std::string(help::validate));
}

void add_test(CLI::App& root, Parsed& parsed) {
  TestCommand& test = parsed.test;
  auto* app = root.add_subcommand("test", "run scenarios that say what workflows do");
  app->add_option("files", test.files,
                  "scenarios (.wft), pages with examples (.md), folders of them")
      ->type_name("FILE")
      ->required();
  app->add_option("-m,--mode", test.modes,
                  "memory, sqlite, crash-each, reload, twice or all; may be given several times "
                  "(default: memory and crash-each)")
      ->type_name("MODE")
      ->check(CLI::IsMember({"memory", "sqlite", "crash-each", "reload", "twice", "all"})
                  .description(""))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  app->add_flag("--update", test.update, "write what happens into the files");
  app->footer(std::string(help::test));
}

void add_export(CLI::App& root, Parsed& parsed) {
  auto* app = root.add_subcommand("export", "print a definition in another form");
  app->add_option("file", parsed.export_.file, "the definition; - for standard input")
      ->type_name("FILE")
      ->required();
  app->add_option("--as", parsed.export_.format, "yaml, json, mermaid or dot")->type_name("FORMAT");
  app->footer(std::string(help::export_));
}

void add_expr(CLI::App& root, Parsed& parsed) {
  ExprCommand& expr = parsed.expr;
  auto* app = root.add_subcommand("expr", "evaluate an expression and print its value");
  app->add_option("expression", expr.text,
                  "CEL, or text with ${...}; @file, or - for standard input")
      ->type_name("EXPR")
      ->required();
  app->add_option("-w,--with", expr.with,
                  "an object whose members are the names EXPR may use: "
                  "JSON, @file, or - for standard input")
      ->type_name("JSON");
  app->add_flag("--json", expr.as_json, "print result, type and errors as one JSON object");
  app->add_flag("--raw", expr.as_text, "print a result that is a string as plain text");
  app->footer(std::string(help::expr));
}

void add_schema(CLI::App& root) {
  root.add_subcommand("schema", "print the JSON Schema of definitions, for editors")
      ->footer(std::string(help::schema));
}

void add_verify(CLI::App& root, Parsed& parsed) {
  auto* app = root.add_subcommand("verify", "check the database: every run against its history");
  add_settings(*app, parsed.verify.flags, {"data_dir"});
  add_config(*app, parsed.verify.config_file);
  app->footer(std::string(help::verify));
}

void add_target(CLI::App& app, ClientTarget& target) {
  app.add_option("--server", target.url, "address of the server [HARMONIA_URL]")->type_name("URL");
  app.add_flag("--json", target.as_json, "print the answer as JSON");
}

// A subcommand that sets an enum value when it is the one given.
template <class Command, class Action>
CLI::App* add_action(CLI::App& group, Command& command, Action action, const std::string& name,
                     const std::string& description) {
  auto* app = group.add_subcommand(name, description);
  app->callback([&command, action] { command.action = action; });
  add_target(*app, command.target);
  return app;
}

void add_workflow(CLI::App& root, Parsed& parsed) {
  WorkflowCommand& command = parsed.workflow;
  auto* group = root.add_subcommand("workflow", "workflows on a server");
  group->require_subcommand(1);
  group->footer(std::string(help::workflow));
  auto add = [&](WorkflowAction action, const char* name, const char* description) {
    return add_action(*group, command, action, name, description);
  };
  auto id = [&](CLI::App* app) {
    app->add_option("id", command.id, "id of the workflow")->type_name("ID")->required();
  };
  auto file = [&](CLI::App* app) {
    app->add_option("file", command.file, "the definition; - for standard input")
        ->type_name("FILE")
        ->required();
  };
  add(WorkflowAction::list, "list", "all workflows");
  id(add(WorkflowAction::get, "get", "one workflow with its definition"));
  file(add(WorkflowAction::create, "create", "store a definition as a new workflow"));
  auto* update = add(WorkflowAction::update, "update", "store a new revision");
  id(update);
  file(update);
  id(add(WorkflowAction::remove, "delete", "delete a workflow; its runs stay"));
  file(add(WorkflowAction::validate, "validate", "let the server check a definition"));
  auto* execute = add(WorkflowAction::execute, "execute", "start a run");
  id(execute);
  execute->add_option("-i,--input", command.input, "the input: JSON, @file, or -")
      ->type_name("JSON");
  execute->add_flag("--wait", command.wait, "wait for the end and print the output");
}

void add_execution_answers(CLI::App* signal, CLI::App* approve, CLI::App* reject, CLI::App* resolve,
                           ExecutionCommand& command) {
  signal->add_option("name", command.name, "the `event` of the task that waits")
      ->type_name("NAME")
      ->required();
  signal->add_option("--payload", command.payload, "JSON, @file, or -")->type_name("JSON");
  signal->add_option("--correlation", command.correlation, "only for tasks of this correlation")
      ->type_name("TEXT");
  signal->add_option("--id", command.signal_id, "a second signal of this id changes nothing")
      ->type_name("ID");
  for (CLI::App* app : {approve, reject, resolve}) {
    app->add_option("task", command.task, "path of the task, e.g. orders[3]/check")
        ->type_name("TASK")
        ->required();
    app->add_option("--by", command.by, "who decides")->type_name("NAME");
  }
  for (CLI::App* app : {approve, reject}) {
    app->add_option("--data", command.data, "what the form asks for: JSON, @file, or -")
        ->type_name("JSON");
    app->add_option("--comment", command.comment, "for the history")->type_name("TEXT");
  }
  resolve->add_option("action", command.resolution, "retry, skip, complete or fail")
      ->type_name("ACTION")
      ->required()
      ->check(CLI::IsMember({"retry", "skip", "complete", "fail"}).description(""));
  resolve->add_option("--output", command.output, "of complete: JSON, @file, or -")
      ->type_name("JSON");
}

void add_execution(CLI::App& root, Parsed& parsed) {
  ExecutionCommand& command = parsed.execution;
  auto* group = root.add_subcommand("execution", "runs on a server");
  group->require_subcommand(1);
  group->footer(std::string(help::execution));
  auto add = [&](ExecutionAction action, const char* name, const char* description) {
    return add_action(*group, command, action, name, description);
  };
  auto id = [&](CLI::App* app) {
    app->add_option("id", command.id, "id of the run")->type_name("ID")->required();
    return app;
  };
  auto* list = add(ExecutionAction::list, "list", "the latest runs");
  list->add_option("--status", command.status,
                   "pending, running, paused, completed, failed or canceled")
      ->type_name("STATUS");
  list->add_option("--limit", command.limit, "at most so many")
      ->type_name("N")
      ->check(CLI::Range(1, 1000).description(""));
  id(add(ExecutionAction::get, "get", "one run"));
  id(add(ExecutionAction::history, "history", "its events"));
  id(add(ExecutionAction::tasks, "tasks", "its tasks"));
  id(add(ExecutionAction::cancel, "cancel", "end it"))
      ->add_option("--reason", command.reason, "why, for its history")
      ->type_name("TEXT");
  id(add(ExecutionAction::pause, "pause", "start no further tasks"));
  id(add(ExecutionAction::resume, "resume", "go on after a pause"));
  id(add(ExecutionAction::watch, "watch", "show its events until it ends"));
  add_execution_answers(id(add(ExecutionAction::signal, "signal", "send it a signal")),
                        id(add(ExecutionAction::approve, "approve", "approve a task of it")),
                        id(add(ExecutionAction::reject, "reject", "reject a task of it")),
                        id(add(ExecutionAction::resolve, "resolve", "end an incident of it")),
                        command);
}

void add_waiting(CLI::App& root, Parsed& parsed) {
  auto add = [&root](WaitingCommand& command, const char* name, const char* description) {
    auto* app = root.add_subcommand(name, description);
    add_target(*app, command.target);
    app->add_option("--workflow", command.workflow, "only of this workflow, by id or name")
        ->type_name("WORKFLOW");
    app->add_option("--limit", command.limit, "at most so many")
        ->type_name("N")
        ->check(CLI::Range(1, 200).description(""));
    app->footer(std::string(help::waiting));
    return app;
  };
  add(parsed.approvals, "approvals", "what waits for a decision on a server")
      ->add_option("--assignee", parsed.approvals.assignee, "only what names this one")
      ->type_name("NAME");
  add(parsed.incidents, "incidents", "what failed for good and waits for an operator");
}

void add_event(CLI::App& root, Parsed& parsed) {
  EventCommand& command = parsed.event;
  auto* app = root.add_subcommand("event", "send an event to the runs that wait for it");
  add_target(*app, command.target);
  app->add_option("name", command.name, "the `event` of tasks of that type")
      ->type_name("NAME")
      ->required();
  app->add_option("correlation", command.correlation, "their `correlation`")
      ->type_name("CORRELATION")
      ->required();
  app->add_option("--payload", command.payload, "JSON, @file, or -")->type_name("JSON");
  app->add_option("--id", command.id, "a second event of this id is not sent")->type_name("ID");
  app->footer(std::string(help::waiting));
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* one : app.get_subcommands({})) names.push_back(one->get_name());
  return names;
}

std::string list_commands(const CLI::App& app) {
  std::string all;
  for (const std::string& name : names_of_commands(app)) all += (all.empty() ? "" : ", ") + name;
  return all;
}

std::string did_you_mean(const CLI::App& app, const std::string& word) {
  std::string near = server::nearest_word(word, names_of_commands(app));
  return near.empty() ? "; there are " + list_commands(app) : "; did you mean " + near + "?";
}

// An unknown or missing command is told apart from CLI11's other complaints, because the names
// help.
std::optional<Stop> find_unknown_command(const CLI::App& root, int count,
                                         const char* const* arguments) {
  const CLI::App* app = &root;
  for (int i = 1; i < count && !app->get_subcommands({}).empty(); ++i) {
    std::string word = arguments[i];
    if (word.empty() || word.front() == '-') return std::nullopt;
    auto matching =
        app->get_subcommands([&word](const CLI::App* one) { return one->check_name(word); });
    if (matching.empty()) {
      std::string what = app == &root ? "command" : app->get_name() + " command";
      return Stop{
          "harmonia: unknown " + what + " \"" + word + "\"" + did_you_mean(*app, word) + "\n",
          exit_usage};
    }
    app = matching.front();
  }
  if (app == &root || app->get_subcommands({}).empty()) return std::nullopt;
  return Stop{"harmonia: " + app->get_name() + " needs a command: " + list_commands(*app) + "\n",
              exit_usage};
}

std::variant<CommandLine, Stop> finish_expr(ExprCommand& expr) {
  if (expr.text == "-" && expr.with == "-") {
    return Stop{"harmonia: only one of EXPR and --with can come from standard input\n", exit_usage};
  }
  return CommandLine(std::move(expr));
}

std::variant<CommandLine, Stop> finish(const CLI::App& root, Parsed& parsed) {
  std::string name = root.get_subcommands().front()->get_name();
  if (name == "serve") return CommandLine(std::move(parsed.serve));
  if (name == "validate") return CommandLine(std::move(parsed.validate));
  if (name == "test") return CommandLine(std::move(parsed.test));
  if (name == "export") return CommandLine(std::move(parsed.export_));
  if (name == "expr") return finish_expr(parsed.expr);
  if (name == "schema") return CommandLine(SchemaCommand{});
  if (name == "verify") return CommandLine(std::move(parsed.verify));
  if (name == "workflow") return CommandLine(std::move(parsed.workflow));
  if (name == "execution") return CommandLine(std::move(parsed.execution));
  if (name == "approvals") return CommandLine(std::move(parsed.approvals));
  if (name == "incidents") return CommandLine(std::move(parsed.incidents));
  if (name == "event") return CommandLine(std::move(parsed.event));
  if (name == "version") return CommandLine(VersionCommand{});
  if (parsed.timeout_seconds > 0) {
    parsed.run.timeout =
        std::chrono::milliseconds(static_cast<std::int64_t>(parsed.timeout_seconds * 1000));
  }
  if (parsed.run.file.empty() && !parsed.run.only_resume) {
    return Stop{"harmonia: run needs a file; try: harmonia run examples/hello.yaml\n", exit_usage};
  }
  if (!parsed.run.file.empty() && parsed.run.only_resume) {
    return Stop{"harmonia: --resume only finishes old runs; leave out the file or --resume\n",
                exit_usage};
  }
  return CommandLine(std::move(parsed.run));
}

}  // namespace

std::variant<CommandLine, Stop> parse_command_line(int count, const char* const* arguments) {
  CLI::App root(std::string(help::about), "harmonia");
  root.footer(std::string(help::root));
  root.require_subcommand(1);
  root.get_formatter()->column_width(34);
  root.get_formatter()->label("SUBCOMMAND", "COMMAND");
  // Given twice, the last one counts: scripts add flags behind their own.
  root.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  Parsed parsed;
  add_run(root, parsed);
  add_serve(root, parsed);
  add_validate(root, parsed);
  add_test(root, parsed);
  add_export(root, parsed);
  add_expr(root, parsed);
  add_schema(root);
  add_workflow(root, parsed);
  add_execution(root, parsed);
  add_waiting(root, parsed);
  add_event(root, parsed);
  add_verify(root, parsed);
  root.add_subcommand("version", "the version of this program");
  root.set_version_flag("--version", std::string(help::version));
  if (count <= 1) return Stop{root.help() + "\n", exit_usage};
  if (auto unknown = find_unknown_command(root, count, arguments)) return *unknown;
  try {
    root.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    return Stop{root.help() + "\n", exit_success};
  } catch (const CLI::CallForAllHelp&) {
    return Stop{root.help("", CLI::AppFormatMode::All) + "\n", exit_success};
  } catch (const CLI::CallForVersion&) {
    return Stop{std::string(help::version) + "\n", exit_success};
  } catch (const CLI::ParseError& error) {
    const CLI::App* used = &root;
    while (!used->get_subcommands().empty()) used = used->get_subcommands().front();
    std::string name = used == &root ? "" : " " + used->get_name();
    if (used->get_parent() != nullptr && used->get_parent() != &root) {
      name = " " + used->get_parent()->get_name() + name;
    }
    return Stop{"harmonia: " + std::string(error.what()) + "\nTry: harmonia" + name + " --help\n",
                exit_usage};
  }
  return finish(root, parsed);
}

}  // namespace harmonia::cli
