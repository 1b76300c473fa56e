#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace harmonia::workflow {

// Where one value of a document stands in its text: byte offsets. A document's values are kept in
// the order in which they are written (parents before children), the root first.
struct SourceNode {
  std::uint32_t key = 0;  // of the member's name; of the value where there is no name
  std::uint32_t value = 0;
  std::uint32_t count = 1;  // of this value and all in it
};

// The source nodes of a text that is known to be well-formed JSON.
std::vector<SourceNode> locate_json(std::string_view text);

// What of a value a message is about.
struct SourceSpot {
  bool at_key = false;                     // its name instead of the value
  std::optional<std::size_t> offset = {};  // a byte of the decoded string
};

// Finds the place of a JSON pointer in the author's text. Everything is borrowed.
class SourceMap {
 public:
  SourceMap(std::string_view text, const Json& document, const std::vector<SourceNode>& nodes);

  // The place of the value, or of the nearest enclosing one that exists.
  TextPosition find(std::string_view pointer, const SourceSpot& spot) const;
  TextPosition position(std::size_t offset) const;

 private:
  std::size_t offset_inside(std::size_t start, std::string_view decoded, std::size_t offset) const;

  std::string_view text_;
  const Json& document_;
  const std::vector<SourceNode>& nodes_;
  std::vector<std::size_t> line_starts_;
};

}  // namespace harmonia::workflow
