#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

// The expression dialects of Tekton's documents that are no CEL:
//
//   state.STEP.x, state.STEP.success   what a step gave, whether it succeeded
//   parameters.x, workflow.input.x     the input of the run
//   list.length, list.some(i => ...), list.every(i => ...), a === b, DateTime.parse(text)
namespace harmonia::workflow {

// What names stand for.
struct LegacyNames {
  std::function<bool(std::string_view)> is_task;
  std::function<bool(std::string_view)> is_input;  // a field of the input that is declared
  // Roots that the document gives a meaning of its own (`as: state`): not touched.
  std::set<std::string, std::less<>> bound;
  // The form is one of those dialects: also what CEL would understand in another way (`x.length`)
  // is translated. Else only expressions that are no CEL, or name workflow.input, are.
  bool is_legacy = false;
};

struct LegacyResult {
  std::string text;
  std::vector<std::string> translations;       // a sentence for each kind
  std::set<std::string, std::less<>> watched;  // tasks whose failure is asked for
};

// One expression without `${` and `}`. An error (its detail is the message, its instance the hint)
// for what has no translation.
Result<LegacyResult> translate_legacy(std::string_view expression, const LegacyNames& names);
// A text with `${...}` in it.
Result<LegacyResult> translate_legacy_text(std::string_view text, const LegacyNames& names);

// A text cut at its `${...}`, like expr::scan_text, but as written, and with the arrows of lambdas
// allowed. The parts in their order make the text again.
struct RawPart {
  bool is_expression = false;
  std::string_view text;  // of an expression without `${` and `}`
};
// Nothing when some `${` has no end; the check will say so.
std::vector<RawPart> split_text(std::string_view text);

}  // namespace harmonia::workflow
