#pragma once

#include <string>

#include "cli/api_client.h"

namespace harmonia::cli {

// Follows a run by its history until it ends, a line per event on standard error; then prints how
// it ended as `wait_for_end` does.
int watch_execution(ApiClient& client, const std::string& id, bool as_json);

// Waits for the end of a run and prints its output (as_json: the whole run). Exit code 0 completed,
// 1 failed, 130 canceled.
int wait_for_end(ApiClient& client, const std::string& id, bool as_json);

std::string execution_path(const std::string& id);
// One event of a history as a line for people.
std::string event_line(const Json& event);

}  // namespace harmonia::cli
