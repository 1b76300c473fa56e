#pragma once

#include <string>
#include <utility>

namespace harmonia::simulation {

// Thrown by checkers wherever they look, also below the engine's own calls: the world is given up
// then, so nothing has to be put in order.
struct BrokenLaw {
  std::string law;     // its name, stable: a shrunk scenario must break the same one
  std::string detail;  // what was seen
};

// Thrown by a port: the process dies here. What it had in memory is gone.
struct ProcessDied {
  std::string where;
};

[[noreturn]] inline void break_law(std::string law, std::string detail) {
  throw BrokenLaw{std::move(law), std::move(detail)};
}
// `detail` is a function that makes the text, called only when it is needed.
template <class Detail>
void expect(bool holds, const char* law, Detail&& detail) {
  if (!holds) break_law(law, std::forward<Detail>(detail)());
}

}  // namespace harmonia::simulation
