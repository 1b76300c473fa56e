#include <algorithm>

#include "expr/compare.h"
#include "expr/evaluation.h"
#include "expr/function.h"

// The lists extension (google/cel-go, ext/README.md). reverse() and join() of strings are with the
// strings.
namespace harmonia::expr {
namespace {

Value range(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::int64)) return evaluation.fail_overload("lists.range", a);
  if (a[0].int64 < 0) return evaluation.fail("lists.range() of a negative number");
  if (!evaluation.spend(static_cast<std::uint64_t>(a[0].int64))) return evaluation.out_of_budget();
  std::vector<Value> items;
  items.reserve(static_cast<std::size_t>(a[0].int64));
  for (std::int64_t i = 0; i < a[0].int64; ++i) items.push_back(int_value(i));
  return evaluation.make_list(items);
}

Value slice(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::list) || !a[1].is(Kind::int64) || !a[2].is(Kind::int64)) {
    return evaluation.fail_overload("slice", a);
  }
  auto size = static_cast<std::int64_t>(list_size(a[0]));
  std::int64_t begin = a[1].int64;
  std::int64_t end = a[2].int64;
  if (begin < 0 || end < begin || end > size) {
    return evaluation.fail("slice(" + std::to_string(begin) + ", " + std::to_string(end) +
                           ") of a list of " + std::to_string(size) + " items");
  }
  std::vector<Value> items;
  if (!evaluation.spend(static_cast<std::uint64_t>(end - begin))) return evaluation.out_of_budget();
  for (std::int64_t i = begin; i < end; ++i) {
    items.push_back(list_item(a[0], static_cast<std::size_t>(i)));
  }
  return evaluation.make_list(items);
}

// False when the budget is used up.
bool flatten_into(Evaluation& evaluation, const Value& list, std::int64_t depth,
                  std::vector<Value>& out) {
  for (std::size_t i = 0; i < list_size(list); ++i) {
    if (!evaluation.spend(1)) return false;
    Value item = list_item(list, i);
    if (item.is(Kind::list) && depth > 0) {
      if (!flatten_into(evaluation, item, depth - 1, out)) return false;
    } else {
      out.push_back(item);
    }
  }
  return true;
}

Value flatten(Evaluation& evaluation, Arguments a) {
  bool depth_fits = a.size() == 1 || a[1].is(Kind::int64);
  if (!a[0].is(Kind::list) || !depth_fits) return evaluation.fail_overload("flatten", a);
  std::int64_t depth = a.size() == 2 ? a[1].int64 : 1;
  if (depth < 0) return evaluation.fail("flatten() with a negative depth");
  std::vector<Value> items;
  if (!flatten_into(evaluation, a[0], depth, items)) return evaluation.out_of_budget();
  return evaluation.make_list(items);
}

std::vector<Value> items_of(const Value& list) {
  std::vector<Value> items;
  items.reserve(list_size(list));
  for (std::size_t i = 0; i < list_size(list); ++i) items.push_back(list_item(list, i));
  return items;
}

Value sort(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::list)) return evaluation.fail_overload("sort", a);
  std::vector<Value> items = items_of(a[0]);
  std::size_t bytes = 0;
  for (const Value& item : items) {
    bytes += compared_bytes(item);
    if (item.kind != items.front().kind || !has_order(item.kind)) {
      return evaluation.fail("sort() needs items of one type that has an order");
    }
  }
  if (!spend_sort(evaluation, items.size(), bytes)) return evaluation.out_of_budget();
  std::stable_sort(items.begin(), items.end(), [](const Value& x, const Value& y) {
    return compare_values(x, y) == std::partial_ordering::less;
  });
  return evaluation.make_list(items);
}

// The first of each set of equal items. Quadratic, which the budget bounds.
Value distinct(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::list)) return evaluation.fail_overload("distinct", a);
  std::vector<Value> kept;
  for (const Value& item : items_of(a[0])) {
    bool seen = std::any_of(kept.begin(), kept.end(), [&](const Value& other) {
      return values_equal(evaluation, item, other);
    });
    if (!evaluation.in_budget()) return evaluation.out_of_budget();
    if (!seen) kept.push_back(item);
  }
  return evaluation.make_list(kept);
}

Value end_of(Evaluation& evaluation, Arguments a, bool first) {
  if (!a[0].is(Kind::list)) return evaluation.fail_overload(first ? "first" : "last", a);
  std::size_t size = list_size(a[0]);
  if (size == 0) return optional_value(nullptr);
  return evaluation.make_optional(list_item(a[0], first ? 0 : size - 1));
}

Value first(Evaluation& evaluation, Arguments a) { return end_of(evaluation, a, true); }
Value last(Evaluation& evaluation, Arguments a) { return end_of(evaluation, a, false); }

constexpr Function functions[] = {
    {"lists.range", false, 1, 1, range}, {"slice", true, 3, 3, slice},
    {"flatten", true, 1, 2, flatten},    {"sort", true, 1, 1, sort},
    {"distinct", true, 1, 1, distinct},  {"first", true, 1, 1, first},
    {"last", true, 1, 1, last},
};

}  // namespace

std::span<const Function> list_functions() { return functions; }

}  // namespace harmonia::expr
