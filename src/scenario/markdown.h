#pragma once

#include <string>
#include <string_view>
#include <vector>

// The examples in pages of documentation, for whoever executes them.
namespace harmonia::markdown {

// A block between ``` fences that begin a line.
struct Example {
  std::string language;   // what follows the opening fence: yaml, cel, wft
  std::string text;       // its lines
  std::size_t begin = 0;  // place of the text in the page, in bytes
  int line = 0;           // of the first line of the text, 1-based
};

// All of them; an opening fence without a closing one ends with the page.
std::vector<Example> find_examples(std::string_view page);
// Those of one language.
std::vector<Example> find_examples(std::string_view page, std::string_view language);

}  // namespace harmonia::markdown
