#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "execution/state.h"

// What an attempt shares with those of other runs, evaluated when it is handed out. It steers when
// and whether a runner is asked; history does not depend on it.
namespace harmonia::execution {

// Where a task stands in its definition: its path without the numbers of items and iterations.
// Tasks of the same id in different bodies share nothing.
std::string place_of(const workflow::Definition& definition, workflow::TaskNumber number);

// Attempts with the same key share the rate limit of their task.
Result<std::string> rate_limit_key(const workflow::Definition& definition, const State& state,
                                   TaskRef task);
// Attempts with the same key give the same result, while it is kept.
Result<std::string> cache_key(const workflow::Definition& definition, const State& state,
                              TaskRef task);

}  // namespace harmonia::execution
