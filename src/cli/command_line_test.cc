#include "cli/command_line.h"

#include <gtest/gtest.h>

#include "cli/exit_code.h"

namespace harmonia::cli {
namespace {

std::variant<CommandLine, Stop> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "harmonia");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

template <class Command>
Command command_of(std::vector<const char*> arguments) {
  auto parsed = parse(std::move(arguments));
  const auto* line = std::get_if<CommandLine>(&parsed);
  if (line == nullptr) {
    ADD_FAILURE() << std::get<Stop>(parsed).text;
    return {};
  }
  return std::get<Command>(*line);
}

Stop stop_of(std::vector<const char*> arguments) {
  auto parsed = parse(std::move(arguments));
  const auto* stop = std::get_if<Stop>(&parsed);
  if (stop == nullptr) {
    ADD_FAILURE() << "it was accepted";
    return {};
  }
  return *stop;
}

TEST(CommandLine, every_setting_is_a_flag_of_serve) {
  auto serve = command_of<ServeCommand>({"serve", "--port", "0", "--data-dir=/d", "--insecure"});
  EXPECT_EQ(serve.flags, (SettingFlags{{"port", "0"}, {"data_dir", "/d"}, {"insecure", "true"}}));
}

TEST(CommandLine, run_takes_a_file_an_input_and_a_timeout) {
  auto run = command_of<RunCommand>({"run", "a.yaml", "-i", "{}", "--timeout", "1.5", "--json"});
  EXPECT_EQ(run.file, "a.yaml");
  EXPECT_EQ(run.input, "{}");
  EXPECT_EQ(run.timeout, std::chrono::milliseconds(1500));
  EXPECT_TRUE(run.as_json);
  EXPECT_TRUE(command_of<RunCommand>({"run", "--resume"}).only_resume);
}

TEST(CommandLine, run_without_a_file_is_wrong_usage) {
  EXPECT_EQ(stop_of({"run"}).exit_code, exit_usage);
  EXPECT_EQ(stop_of({"run", "x", "--resume"}).exit_code, exit_usage);
  EXPECT_EQ(stop_of({"run", "x", "--timeout", "soon"}).exit_code, exit_usage);
}

TEST(CommandLine, test_takes_files_and_modes) {
  auto test =
      command_of<TestCommand>({"test", "--mode", "twice", "-m", "all", "a.wft", "b", "--update"});
  EXPECT_EQ(test.files, (std::vector<std::string>{"a.wft", "b"}));
  EXPECT_EQ(test.modes, (std::vector<std::string>{"twice", "all"}));
  EXPECT_TRUE(test.update);
  EXPECT_TRUE(command_of<TestCommand>({"test", "a.wft"}).modes.empty());
  EXPECT_EQ(stop_of({"test"}).exit_code, exit_usage);
  EXPECT_EQ(stop_of({"test", "a.wft", "--mode", "fast"}).exit_code, exit_usage);
}

TEST(CommandLine, schema_takes_nothing) {
  command_of<SchemaCommand>({"schema"});
  EXPECT_EQ(stop_of({"schema", "a.yaml"}).exit_code, exit_usage);
}

TEST(CommandLine, answers_of_a_run_may_be_given_several_times) {
  auto run = command_of<RunCommand>({"run", "--approve", "a", "--approve", "b={}", "x.yaml",
                                     "--event", "paid=1", "--resolve", "c=skip", "--reject", "d"});
  EXPECT_EQ(run.file, "x.yaml");
  EXPECT_EQ(run.approve, (std::vector<std::string>{"a", "b={}"}));
  EXPECT_EQ(run.events, (std::vector<std::string>{"paid=1"}));
  EXPECT_EQ(run.resolve, (std::vector<std::string>{"c=skip"}));
  EXPECT_EQ(run.reject, (std::vector<std::string>{"d"}));
}

TEST(CommandLine, what_people_answer_names_run_and_task) {
  auto approve = command_of<ExecutionCommand>(
      {"execution", "approve", "ID", "orders[3]/check", "--by", "ada", "--data", "{}"});
  EXPECT_EQ(approve.action, ExecutionAction::approve);
  EXPECT_EQ(approve.task, "orders[3]/check");
  EXPECT_EQ(approve.by, "ada");
  auto resolve = command_of<ExecutionCommand>({"execution", "resolve", "ID", "t", "retry"});
  EXPECT_EQ(resolve.resolution, "retry");
  EXPECT_EQ(stop_of({"execution", "resolve", "ID", "t", "ignore"}).exit_code, exit_usage);
  EXPECT_EQ(stop_of({"execution", "approve", "ID"}).exit_code, exit_usage);
  auto signal = command_of<ExecutionCommand>({"execution", "signal", "ID", "n", "--payload", "1"});
  EXPECT_EQ(signal.name, "n");
  EXPECT_EQ(signal.payload, "1");
  EXPECT_EQ(command_of<WaitingCommand>({"incidents"}).kind, WaitingKind::incidents);
  EXPECT_EQ(command_of<WaitingCommand>({"approvals", "--assignee", "a"}).assignee, "a");
  EXPECT_EQ(command_of<EventCommand>({"event", "paid", "7"}).correlation, "7");
}

TEST(CommandLine, export_takes_a_file_and_a_format) {
  auto exported = command_of<ExportCommand>({"export", "a.yaml", "--as", "dot"});
  EXPECT_EQ(exported.file, "a.yaml");
  EXPECT_EQ(exported.format, "dot");
  EXPECT_EQ(command_of<ExportCommand>({"export", "-"}).format, "yaml");
  EXPECT_EQ(stop_of({"export"}).exit_code, exit_usage);
}

TEST(CommandLine, an_unknown_command_is_told_with_the_nearest_one) {
  Stop stop = stop_of({"valdate", "x"});
  EXPECT_EQ(stop.exit_code, exit_usage);
  EXPECT_NE(stop.text.find("did you mean validate?"), std::string::npos) << stop.text;
  stop = stop_of({"workflow", "lst"});
  EXPECT_NE(stop.text.find("did you mean list?"), std::string::npos) << stop.text;
}

TEST(CommandLine, help_is_no_error) {
  EXPECT_EQ(stop_of({"--help"}).exit_code, 0);
  Stop stop = stop_of({"serve", "--help"});
  EXPECT_EQ(stop.exit_code, 0);
  EXPECT_NE(stop.text.find("--data-dir"), std::string::npos);
  EXPECT_NE(stop.text.find("HARMONIA_PORT"), std::string::npos);
  EXPECT_EQ(stop_of({}).exit_code, exit_usage);
}

TEST(CommandLine, client_commands_know_their_server) {
  auto list = command_of<ExecutionCommand>(
      {"execution", "list", "--status", "failed", "--server", "h:1", "--json"});
  EXPECT_EQ(list.action, ExecutionAction::list);
  EXPECT_EQ(list.status, "failed");
  EXPECT_EQ(list.target.url, "h:1");
  EXPECT_TRUE(list.target.as_json);
  auto execute = command_of<WorkflowCommand>({"workflow", "execute", "ID", "--wait"});
  EXPECT_EQ(execute.action, WorkflowAction::execute);
  EXPECT_EQ(execute.id, "ID");
  EXPECT_TRUE(execute.wait);
}

}  // namespace
}  // namespace harmonia::cli
