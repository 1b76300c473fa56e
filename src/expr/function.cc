#include "expr/function.h"

#include <array>

namespace harmonia::expr {
namespace {

std::array<std::span<const Function>, 11> families() {
  return {operator_functions(),
          conversion_functions(),
          string_functions(),
          format_functions(),
          string_extension_functions(),
          time_functions(),
          math_functions(),
          list_functions(),
          set_functions(),
          optional_functions(),
          encoder_functions()};
}

}  // namespace

const Function* find_function(std::string_view name, bool has_receiver) {
  for (auto family : families()) {
    for (const Function& function : family) {
      if (function.name == name && function.has_receiver == has_receiver) return &function;
    }
  }
  return nullptr;
}

std::vector<std::string_view> function_names(bool has_receiver) {
  std::vector<std::string_view> names;
  for (auto family : families()) {
    for (const Function& function : family) {
      bool is_operator = function.name.find('_') != std::string_view::npos;
      if (function.has_receiver == has_receiver && !is_operator) names.push_back(function.name);
    }
  }
  return names;
}

bool is_function_namespace(std::string_view name) {
  for (auto family : families()) {
    for (const Function& function : family) {
      if (function.name.size() > name.size() && function.name[name.size()] == '.' &&
          function.name.starts_with(name)) {
        return true;
      }
    }
  }
  return name == "cel";
}

}  // namespace harmonia::expr
