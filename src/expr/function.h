#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "expr/value.h"

namespace harmonia::expr {

class Evaluation;

using Arguments = std::span<const Value>;

// A function of the language. `implementation` gets values that are no errors, the receiver first,
// as many as the table allows; what their types are it must check itself.
struct Function {
  std::string_view name;  // with its namespace: math.greatest
  bool has_receiver = false;
  std::uint8_t arguments_min = 1;  // with the receiver
  std::uint8_t arguments_max = 1;  // unbounded_arguments: any number
  Value (*implementation)(Evaluation&, Arguments) = nullptr;
};
inline constexpr std::uint8_t unbounded_arguments = 255;

// Null when there is none.
const Function* find_function(std::string_view name, bool has_receiver);
// All names, for suggestions.
std::vector<std::string_view> function_names(bool has_receiver);
// True for the part before the dot of a function such as math.greatest.
bool is_function_namespace(std::string_view name);

// One table per family.
std::span<const Function> operator_functions();
std::span<const Function> conversion_functions();
std::span<const Function> string_functions();
std::span<const Function> string_extension_functions();
std::span<const Function> format_functions();
std::span<const Function> time_functions();
std::span<const Function> math_functions();
std::span<const Function> list_functions();
std::span<const Function> set_functions();
std::span<const Function> optional_functions();
std::span<const Function> encoder_functions();

}  // namespace harmonia::expr
