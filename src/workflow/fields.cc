#include "workflow/fields.h"

namespace harmonia::workflow::fields {

std::string snake_case(std::string_view name) {
  std::string snake;
  for (char c : name) {
    bool capital = c >= 'A' && c <= 'Z';
    if (capital && !snake.empty()) snake += '_';
    snake += capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

}  // namespace harmonia::workflow::fields
