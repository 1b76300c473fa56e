#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"

namespace harmonia::expr {

// A piece of a text: literal characters, or the source of an expression.
struct TextPart {
  bool is_expression = false;
  std::string
      text;  // `$${` already unescaped; of an expression without `${`, `}` and blanks around it
  SourceRange range;  // of `text` in the whole
};

struct ScannedText {
  std::vector<TextPart> parts;
  std::optional<CompileError> error;  // an expression that does not end
};

// Splits a text at its `${...}`. Quotes and braces inside an expression are read by CEL's rules.
ScannedText scan_text(std::string_view text);

}  // namespace harmonia::expr
