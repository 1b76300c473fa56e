#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace harmonia {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "harmonia: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace harmonia
