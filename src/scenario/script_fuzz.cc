#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "scenario/script.h"

// Feeds any bytes to the reader of scenarios: what it accepts it writes again, and reads as the
// same. Built with clang only; see cmake/fuzz.cmake.
namespace harmonia::scenario {
namespace {

void check_text(std::string_view text) {
  auto file = parse_scenario(text);
  if (!file.ok()) return;
  std::string written = render_scenario(*file);
  auto again = parse_scenario(written);
  ASSERT(again.ok());
  ASSERT(render_scenario(*again) == written);
  for (const Block& block : file->blocks) {
    ASSERT(!split_words(block.directive, 3).empty());
    for (const std::string& line : block.body) static_cast<void>(parse_outcome(line));
  }
}

}  // namespace
}  // namespace harmonia::scenario

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harmonia::scenario::check_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
