#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/matcher.h"
#include "expr/search_cost.h"

// The string functions of the core language; the extension's are in functions_string_extension.cc.
namespace harmonia::expr {
namespace {

// True, with the budget charged, when both are strings.
bool both_strings(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::string) || !a[1].is(Kind::string)) return false;
  evaluation.spend((std::uint64_t{a[0].aux} + a[1].aux) / 64);
  return true;
}

Value contains(Evaluation& evaluation, Arguments a) {
  if (!both_strings(evaluation, a)) return evaluation.fail_overload("contains", a);
  if (!spend_search(evaluation, a[0].view(), a[1].view())) return evaluation.out_of_budget();
  return bool_value(a[0].view().find(a[1].view()) != std::string_view::npos);
}

Value starts_with(Evaluation& evaluation, Arguments a) {
  if (!both_strings(evaluation, a)) return evaluation.fail_overload("startsWith", a);
  return bool_value(a[0].view().starts_with(a[1].view()));
}

Value ends_with(Evaluation& evaluation, Arguments a) {
  if (!both_strings(evaluation, a)) return evaluation.fail_overload("endsWith", a);
  return bool_value(a[0].view().ends_with(a[1].view()));
}

// With a pattern that is computed; literal ones were compiled with the program.
Value matches(Evaluation& evaluation, Arguments a) {
  if (!both_strings(evaluation, a)) return evaluation.fail_overload("matches", a);
  constexpr std::uint64_t compilation_cost = 200;
  if (!evaluation.spend(compilation_cost + a[1].aux)) return evaluation.out_of_budget();
  auto pattern = compile_pattern(a[1].view());
  if (!pattern.ok()) return evaluation.fail(pattern.error().detail);
  std::uint64_t cost = pattern_size(*pattern.value()) + match_cost(*pattern.value(), a[0].aux);
  if (!evaluation.spend(cost)) return evaluation.out_of_budget();
  return bool_value(matches_anywhere(*pattern.value(), a[0].view()));
}

constexpr Function functions[] = {
    {"contains", true, 2, 2, contains},  {"startsWith", true, 2, 2, starts_with},
    {"endsWith", true, 2, 2, ends_with}, {"matches", true, 2, 2, matches},
    {"matches", false, 2, 2, matches},
};

}  // namespace

std::span<const Function> string_functions() { return functions; }

}  // namespace harmonia::expr
