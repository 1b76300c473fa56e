#include "server/settings.h"

#include <algorithm>
#include <optional>

#include <sys/stat.h>

#include "base/utf8.h"
#include "server/settings_file.h"
#include "server/spelling.h"

namespace harmonia::server {
namespace {

// Findings are gathered, so that one start shows everything there is to correct.
struct Loading {
  Settings settings;
  std::vector<Problem> problems;

  void apply(const SettingInfo& info, std::string_view text, const std::string& source) {
    if (info.parse(text, settings)) return;
    std::string shown = utf8_prefix(text, 60);
    problems.push_back({.message = source + ": \"" + shown + "\" is not allowed, " +
                                   std::string(info.name) + " must be " +
                                   std::string(info.allowed)});
  }
};

const SettingInfo* find_setting(std::string_view name) {
  for (const SettingInfo& info : setting_table()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

void apply_file(Loading& loading, const SettingsFile& file) {
  std::vector<std::string> names;
  for (const SettingInfo& info : setting_table()) names.emplace_back(info.name);
  for (const SettingsFile::Entry& entry : file.entries) {
    std::string source = file.path + ":" + std::to_string(entry.line);
    const SettingInfo* info = find_setting(entry.name);
    if (info != nullptr && entry.is_scalar) {
      loading.apply(*info, entry.text, source);
      continue;
    }
    std::string message = source + ": unknown setting \"" + entry.name + "\"";
    if (info != nullptr) {
      message = source + ": " + entry.name + " must be " + std::string(info->allowed);
    } else if (std::string near = nearest_word(entry.name, names); !near.empty()) {
      message += ", did you mean " + near + "?";
    } else {
      message += "; `harmonia serve --help` lists the settings";
    }
    loading.problems.push_back({.message = std::move(message)});
  }
}

void apply_variables(Loading& loading, const Environment& environment) {
  for (const SettingInfo& info : setting_table()) {
    std::string_view name = info.variable;
    std::string_view text = variable(environment, name);
    if (text.empty() && !info.also_variable.empty()) {
      name = info.also_variable;
      text = variable(environment, name);
    }
    // An empty variable is one that is not set: service files cannot unset them.
    if (!text.empty()) loading.apply(info, text, "environment variable " + std::string(name));
  }
}

void apply_flags(Loading& loading, const SettingSources& sources) {
  for (const auto& [name, text] : sources.flags) {
    const SettingInfo* info = find_setting(name);
    ASSERT(info != nullptr);
    loading.apply(*info, text, flag_of(name));
  }
}

// The data folder by flag or environment: where harmonia.yaml is looked for.
std::string initial_data_dir(const SettingSources& sources) {
  auto flag = sources.flags.find("data_dir");
  if (flag != sources.flags.end()) return flag->second;
  return default_data_dir(sources.environment);
}

bool is_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// A file that is named must exist, the one in the data folder need not.
std::string choose_config_file(const SettingSources& sources, const std::string& data_dir) {
  if (!sources.config_file.empty()) return sources.config_file;
  std::string_view named = variable(sources.environment, "HARMONIA_CONFIG");
  if (!named.empty()) return std::string(named);
  std::string usual = data_dir + "/harmonia.yaml";
  return !data_dir.empty() && is_file(usual) ? usual : std::string();
}

Error settings_error(std::vector<Problem> problems) {
  std::string detail;
  for (const Problem& problem : problems) {
    if (!detail.empty()) detail += '\n';
    detail += problem.message;
  }
  Error error = make_error(error_code::invalid_argument, std::move(detail));
  error.problems = std::move(problems);
  return error;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace

std::string flag_of(std::string_view setting_name) {
  std::string flag = "--" + std::string(setting_name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string default_data_dir(const Environment& environment) {
  if (auto own = variable(environment, "HARMONIA_DATA_DIR"); !own.empty()) return std::string(own);
  struct Candidate {
    std::string_view variable;
    std::string_view below;
  };
  constexpr Candidate candidates[] = {{"TEKTON_DATA_DIR", "/harmonia"},
                                      {"XDG_DATA_HOME", "/harmonia"},
                                      {"HOME", "/.local/share/harmonia"}};
  for (const Candidate& candidate : candidates) {
    auto folder = variable(environment, candidate.variable);
    if (!folder.empty()) return std::string(folder) + std::string(candidate.below);
  }
  return {};
}

Result<Settings> load_settings(const SettingSources& sources) {
  Loading loading;
  loading.settings.data_dir = initial_data_dir(sources);
  std::string path = choose_config_file(sources, loading.settings.data_dir);
  if (!path.empty()) {
    TRY(SettingsFile file, read_settings_file(path));
    loading.settings.config_file = path;
    apply_file(loading, file);
  }
  apply_variables(loading, sources.environment);
  apply_flags(loading, sources);
  if (loading.settings.data_dir.empty()) {
    loading.problems.push_back(
        {.message = "no data folder: neither HOME nor HARMONIA_DATA_DIR is set; use --data-dir"});
  }
  if (!loading.problems.empty()) return settings_error(std::move(loading.problems));
  return std::move(loading.settings);
}

Result<void> check_exposure(const Settings& settings) {
  if (settings.insecure || is_loopback(settings.host)) return {};
  return make_error(error_code::refused,
                    "host " + settings.host +
                        " is reachable by other machines and there is no authentication yet: "
                        "everybody there could run workflows. Use 127.0.0.1 behind a proxy that "
                        "authenticates, or add --insecure where the network is trusted");
}

}  // namespace harmonia::server
