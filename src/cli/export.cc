#include "cli/export.h"

#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "workflow/export.h"

namespace harmonia::cli {

int export_file(const ExportCommand& command) {
  auto format = workflow::export_format(command.format);
  if (!format) {
    complain("--as must be one of yaml, json, mermaid, dot, not '" + command.format + "'");
    return exit_usage;
  }
  auto text = read_definition_text(command.file);
  if (!text) {
    complain(text.error());
    return exit_usage;
  }
  auto outcome = workflow::parse_definition(*text);
  std::string name = display_name(command.file);
  print_error(render_problems(outcome.problems, name));
  if (!outcome.ok()) return exit_failed;
  for (const std::string& translation : outcome.translations)
    print_error(name + ": " + translation + "\n");
  print_out(workflow::export_definition(*outcome.definition, *format));
  return exit_success;
}

}  // namespace harmonia::cli
