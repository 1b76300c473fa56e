#include "expr/compare.h"
#include "expr/evaluation.h"
#include "expr/function.h"

// The sets extension: lists taken as sets.
namespace harmonia::expr {
namespace {

bool has_item(Evaluation& evaluation, const Value& list, const Value& item) {
  for (std::size_t i = 0; i < list_size(list) && evaluation.in_budget(); ++i) {
    if (values_equal(evaluation, list_item(list, i), item)) return true;
  }
  return false;
}

bool has_all(Evaluation& evaluation, const Value& list, const Value& items) {
  for (std::size_t i = 0; i < list_size(items); ++i) {
    if (!has_item(evaluation, list, list_item(items, i))) return false;
  }
  return true;
}

bool are_lists(Arguments a) { return a[0].is(Kind::list) && a[1].is(Kind::list); }

Value contains(Evaluation& evaluation, Arguments a) {
  if (!are_lists(a)) return evaluation.fail_overload("sets.contains", a);
  return bool_value(has_all(evaluation, a[0], a[1]));
}

Value equivalent(Evaluation& evaluation, Arguments a) {
  if (!are_lists(a)) return evaluation.fail_overload("sets.equivalent", a);
  return bool_value(has_all(evaluation, a[0], a[1]) && has_all(evaluation, a[1], a[0]));
}

Value intersects(Evaluation& evaluation, Arguments a) {
  if (!are_lists(a)) return evaluation.fail_overload("sets.intersects", a);
  for (std::size_t i = 0; i < list_size(a[0]); ++i) {
    if (has_item(evaluation, a[1], list_item(a[0], i))) return bool_value(true);
  }
  return bool_value(false);
}

constexpr Function functions[] = {
    {"sets.contains", false, 2, 2, contains},
    {"sets.equivalent", false, 2, 2, equivalent},
    {"sets.intersects", false, 2, 2, intersects},
};

}  // namespace

std::span<const Function> set_functions() { return functions; }

}  // namespace harmonia::expr
