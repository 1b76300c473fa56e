#include "scenario/markdown.h"

namespace harmonia::markdown {

std::vector<Example> find_examples(std::string_view page) {
  constexpr std::string_view fence = "```";
  std::vector<Example> examples;
  bool inside = false;
  int line = 0;
  for (std::size_t at = 0; at < page.size();) {
    ++line;
    std::size_t end = std::min(page.find('\n', at), page.size());
    std::string_view text = page.substr(at, end - at);
    std::size_t next = std::min(end + 1, page.size());
    if (!text.starts_with(fence)) {
      if (inside) examples.back().text.append(page.substr(at, next - at));
    } else if (inside) {
      inside = false;
    } else {
      inside = true;
      examples.push_back({.language = std::string(text.substr(fence.size())),
                          .text = {},
                          .begin = next,
                          .line = line + 1});
    }
    at = next;
  }
  return examples;
}

std::vector<Example> find_examples(std::string_view page, std::string_view language) {
  std::vector<Example> examples = find_examples(page);
  std::erase_if(examples, [&](const Example& example) { return example.language != language; });
  return examples;
}

}  // namespace harmonia::markdown
