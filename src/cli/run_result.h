#pragma once

#include <string>

#include "server/embedded.h"

namespace harmonia::cli {

struct ResultForm {
  bool as_json = false;  // one object with id, status, output, error
  bool as_text = false;  // an output that is a string: as it is
};

// The output on standard output; how the run ended, its error and what to do on standard error.
void print_result(const server::RunResult& result, const std::string& error_task,
                  const ResultForm& form);

int exit_code_of(server::RunStatus status);

}  // namespace harmonia::cli
