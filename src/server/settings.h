#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "server/environment.h"

// What can be configured. Every setting is declared once, in the table of settings_table.cc: its
// flag, variable, file key, default, meaning and parser; help, errors and documentation are made
// from the table.
namespace harmonia::server {

struct Settings {
  std::uint16_t port = 8007;  // 0: any free one
  std::string host = "127.0.0.1";
  std::string public_url;  // without a slash at the end; empty: that of host and port
  std::string data_dir;
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::text;
  unsigned io_threads = 2;
  unsigned shards = 2;
  bool enable_scripts = false;
  bool allow_private_addresses = false;
  int circuit_failures = 10;  // of a host, before calls to it are stopped; 0: never
  std::size_t body_size_max = 16u << 20;
  std::vector<std::string> allowed_origins;  // of browsers, for cross-origin calls
  std::vector<std::string> env_allow;        // variables visible as `env.NAME`
  bool insecure = false;
  std::chrono::milliseconds shutdown_grace{10'000};

  std::string config_file;  // the one that was read; empty: none
};

enum class SettingKind {
  value,
  toggle,  // true or false; as a flag without a value: true
  list,    // separated by commas; in a file also a list
};

struct SettingInfo {
  std::string_view name;           // key in a file; the flag is --name with dashes
  std::string_view variable;       // environment variable
  std::string_view also_variable;  // a second one, looked at after the first; may be empty
  std::string_view default_text;
  std::string_view allowed;  // completes "must be ..."
  std::string_view description;
  SettingKind kind = SettingKind::value;
  // Stores the value; false when the text is not allowed.
  bool (*parse)(std::string_view text, Settings& settings) = nullptr;
};

std::span<const SettingInfo> setting_table();
// `data_dir` -> `--data-dir`.
std::string flag_of(std::string_view setting_name);

struct SettingSources {
  std::map<std::string, std::string, std::less<>> flags = {};  // setting name -> value as typed
  Environment environment = {};
  std::string config_file = {};  // of --config; else HARMONIA_CONFIG, else data_dir/harmonia.yaml
};

// A flag wins over a variable, a variable over the file, the file over the default. The error lists
// everything that is wrong, each line with its source (flag, variable, file:line) and what is
// allowed.
Result<Settings> load_settings(const SettingSources& sources);

// The data folder when no flag and no file names one: HARMONIA_DATA_DIR, TEKTON_DATA_DIR/harmonia,
// $XDG_DATA_HOME/harmonia or ~/.local/share/harmonia. Empty when not even HOME is set.
std::string default_data_dir(const Environment& environment);

// An error when the server would be open to other machines without authentication.
Result<void> check_exposure(const Settings& settings);

}  // namespace harmonia::server
