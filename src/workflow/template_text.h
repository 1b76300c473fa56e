#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace harmonia::workflow {

// Replaces parameters in the texts of a template's definition; see template.h. Internal to
// template*.cc.
class TemplateText {
 public:
  // The value of a declared parameter; null for others.
  using Values = std::function<const Json*(std::string_view)>;
  explicit TemplateText(Values values) : values_(std::move(values)) {}

  // What becomes of one string. `is_expression` says that it is an expression as a whole, without
  // `${`.
  Json expand(std::string_view text, bool is_expression) const;

  // The names behind `params.` that are no parameters.
  std::vector<std::string> unknown_names(std::string_view text, bool is_expression) const;

 private:
  Values values_;
};

// Calls `visit(Json& string, pointer, is_expression)` for each string of a definition, in all
// dialects. Texts of members called `when`, `condition` and the like are expressions as a whole
// when they hold no ${...}.
using VisitText = std::function<void(Json&, const std::string&, bool)>;
void for_each_text(Json& value, const std::string& pointer, const VisitText& visit);

}  // namespace harmonia::workflow
