#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "workflow/parse.h"
#include "workflow/source_map.h"

namespace harmonia::workflow {

struct YamlDocument {
  Json value;
  std::vector<SourceNode> nodes;
};

// One YAML document as JSON, with the places of its values. Aliases are expanded within the limits;
// cycles of them, duplicate keys, merge keys (<<), keys that are no text, unknown tags, a second
// document, control characters and invalid UTF-8 are errors of code malformed_yaml whose only
// problem has line and column.
Result<YamlDocument> read_yaml(std::string_view text, const ParseLimits& limits);

}  // namespace harmonia::workflow
