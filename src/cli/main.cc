#include <unistd.h>

#include "cli/client_execution.h"
#include "cli/client_waiting.h"
#include "cli/client_workflow.h"
#include "cli/command_line.h"
#include "cli/export.h"
#include "cli/expr.h"
#include "cli/help.h"
#include "cli/run.h"
#include "cli/serve.h"
#include "cli/terminal.h"
#include "cli/test.h"
#include "cli/validate.h"
#include "cli/verify.h"
#include "workflow/definition_schema.h"

namespace harmonia::cli {
namespace {

struct Perform {
  const server::Environment& environment;

  int operator()(const ServeCommand& command) const { return serve(command, environment); }
  int operator()(const RunCommand& command) const { return run(command, environment); }
  int operator()(const ValidateCommand& command) const { return validate(command); }
  int operator()(const TestCommand& command) const { return test(command, environment); }
  int operator()(const ExportCommand& command) const { return export_file(command); }
  int operator()(const ExprCommand& command) const { return evaluate(command); }
  int operator()(const SchemaCommand&) const {
    print_out(std::string(workflow::definition_schema()));
    return 0;
  }
  int operator()(const VerifyCommand& command) const { return verify(command, environment); }
  int operator()(const WorkflowCommand& command) const {
    return perform_workflow(command, environment);
  }
  int operator()(const ExecutionCommand& command) const {
    return perform_execution(command, environment);
  }
  int operator()(const WaitingCommand& command) const { return list_waiting(command, environment); }
  int operator()(const EventCommand& command) const { return send_event(command, environment); }
  int operator()(const VersionCommand&) const {
    print_out(std::string(help::version) + "\n");
    return 0;
  }
};

}  // namespace
}  // namespace harmonia::cli

int main(int count, char** arguments) {
  using namespace harmonia;
  server::Environment environment = server::read_environment(::environ);
  auto parsed = cli::parse_command_line(count, arguments);
  if (const auto* stop = std::get_if<cli::Stop>(&parsed)) {
    stop->exit_code == 0 ? cli::print_out(stop->text) : cli::print_error(stop->text);
    return stop->exit_code;
  }
  return std::visit(cli::Perform{environment}, std::get<cli::CommandLine>(parsed));
}
