#include "server/environment.h"

namespace harmonia::server {
namespace {

constexpr std::string_view secret_prefix = "HARMONIA_SECRET_";

}  // namespace

Environment read_environment(const char* const* variables) {
  Environment environment;
  for (; variables != nullptr && *variables != nullptr; ++variables) {
    std::string_view entry = *variables;
    std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

std::string_view variable(const Environment& environment, std::string_view name) {
  auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

JsonObject secrets_of(const Environment& environment) {
  JsonObject secrets;
  for (auto it = environment.lower_bound(secret_prefix); it != environment.end(); ++it) {
    std::string_view name = it->first;
    if (!name.starts_with(secret_prefix)) break;
    name.remove_prefix(secret_prefix.size());
    if (!name.empty()) secrets[json_view(name)] = json_view(it->second);
  }
  return secrets;
}

JsonObject allowed_variables(const Environment& environment,
                             const std::vector<std::string>& names) {
  JsonObject allowed;
  for (const std::string& name : names) {
    auto found = environment.find(name);
    if (found != environment.end()) allowed[json_view(name)] = json_view(found->second);
  }
  return allowed;
}

}  // namespace harmonia::server
