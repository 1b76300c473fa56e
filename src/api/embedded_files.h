#pragma once

#include <string_view>

namespace harmonia::api {

struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

// The text of a file built into the program (openapi.yaml, home.html ...), by its name without
// folder; empty when there is none. Defined by embed_files.cmake.
std::string_view embedded_file(std::string_view name);

}  // namespace harmonia::api
