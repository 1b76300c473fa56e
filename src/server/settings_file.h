#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace harmonia::server {

// The top-level keys of a configuration file with their values as text.
struct SettingsFile {
  struct Entry {
    std::string name;
    std::string text;       // of a list: the items joined by commas
    bool is_scalar = true;  // false for an object, null, or a list of such: no setting has one
    int line = 0;
  };

  std::string path;
  std::vector<Entry> entries;
};

// YAML or JSON. Errors name the file, and the line where it is malformed.
Result<SettingsFile> read_settings_file(const std::string& path);

}  // namespace harmonia::server
