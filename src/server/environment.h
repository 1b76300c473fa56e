#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace harmonia::server {

// The environment variables of the process, as a value: only main reads the real ones.
using Environment = std::map<std::string, std::string, std::less<>>;

// From the `environ` of the process. Call before threads are started.
Environment read_environment(const char* const* variables);

// The value, or "" when the variable is absent.
std::string_view variable(const Environment& environment, std::string_view name);

// HARMONIA_SECRET_<NAME> -> secret NAME.
JsonObject secrets_of(const Environment& environment);

// The variables that definitions may read as `env.NAME`: those of `names` that are set.
JsonObject allowed_variables(const Environment& environment, const std::vector<std::string>& names);

}  // namespace harmonia::server
