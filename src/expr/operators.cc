#include <algorithm>
#include <cmath>
#include <limits>

#include "expr/compare.h"
#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/time_value.h"

// The operators. int and uint fail on overflow; doubles follow IEEE 754; numbers of different types
// compare but don't mix in arithmetic (google/cel-spec, doc/langdef.md).
namespace harmonia::expr {
namespace {

Value overflow(Evaluation& evaluation, std::string_view operation) {
  return evaluation.fail("integer overflow in " + std::string(operation));
}

Value mismatch(Evaluation& evaluation, std::string_view name, Arguments a) {
  if (a[0].is_number() && a[1].is_number() && a[0].kind != a[1].kind) {
    std::string types = std::string(type_name(a[0])) + ", " + std::string(type_name(a[1]));
    return evaluation.fail(
        "no such overload: " + std::string(name) + "(" + types +
        "); numbers of different types don't mix: convert with int(x) or double(x)");
  }
  return evaluation.fail_overload(name, a);
}

Value join_lists(Evaluation& evaluation, const Value& a, const Value& b) {
  std::size_t total = list_size(a) + list_size(b);
  if (!evaluation.spend(total)) return evaluation.out_of_budget();
  std::vector<Value> items;
  items.reserve(total);
  for (std::size_t i = 0; i < list_size(a); ++i) items.push_back(list_item(a, i));
  for (std::size_t i = 0; i < list_size(b); ++i) items.push_back(list_item(b, i));
  return evaluation.make_list(items);
}

Value join_texts(Evaluation& evaluation, const Value& a, const Value& b) {
  if (!evaluation.spend((std::uint64_t{a.aux} + b.aux) / 64)) return evaluation.out_of_budget();
  std::string joined;
  joined.reserve(std::size_t{a.aux} + b.aux);
  joined += a.view();
  joined += b.view();
  return a.is(Kind::bytes) ? evaluation.make_bytes(joined) : evaluation.make_string(joined);
}

Value add_mixed(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::timestamp) && a[1].is(Kind::duration)) {
    return shift_timestamp(evaluation, a[0], a[1].int64, false);
  }
  if (a[0].is(Kind::duration) && a[1].is(Kind::timestamp)) {
    return shift_timestamp(evaluation, a[1], a[0].int64, false);
  }
  return mismatch(evaluation, "_+_", a);
}

Value add(Evaluation& evaluation, Arguments a) {
  if (a[0].kind != a[1].kind) return add_mixed(evaluation, a);
  if (a[0].is(Kind::int64) || a[0].is(Kind::duration)) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a[0].int64, a[1].int64, &sum))
      return overflow(evaluation, "addition");
    return a[0].is(Kind::int64) ? int_value(sum) : duration_value(sum);
  }
  if (a[0].is(Kind::uint64)) {
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(a[0].uint64, a[1].uint64, &sum))
      return overflow(evaluation, "addition");
    return uint_value(sum);
  }
  if (a[0].is(Kind::float64)) return double_value(a[0].float64 + a[1].float64);
  if (a[0].is(Kind::string) || a[0].is(Kind::bytes)) return join_texts(evaluation, a[0], a[1]);
  if (a[0].is(Kind::list)) return join_lists(evaluation, a[0], a[1]);
  return mismatch(evaluation, "_+_", a);
}

Value subtract(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::timestamp) && a[1].is(Kind::duration)) {
    return shift_timestamp(evaluation, a[0], a[1].int64, true);
  }
  if (a[0].kind != a[1].kind) return mismatch(evaluation, "_-_", a);
  if (a[0].is(Kind::int64) || a[0].is(Kind::duration)) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a[0].int64, a[1].int64, &difference)) {
      return overflow(evaluation, "subtraction");
    }
    return a[0].is(Kind::int64) ? int_value(difference) : duration_value(difference);
  }
  if (a[0].is(Kind::uint64)) {
    if (a[1].uint64 > a[0].uint64) return overflow(evaluation, "subtraction");
    return uint_value(a[0].uint64 - a[1].uint64);
  }
  if (a[0].is(Kind::float64)) return double_value(a[0].float64 - a[1].float64);
  if (a[0].is(Kind::timestamp)) return timestamp_difference(evaluation, a[0], a[1]);
  return mismatch(evaluation, "_-_", a);
}

Value multiply(Evaluation& evaluation, Arguments a) {
  if (a[0].kind != a[1].kind) return mismatch(evaluation, "_*_", a);
  if (a[0].is(Kind::int64)) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a[0].int64, a[1].int64, &product)) {
      return overflow(evaluation, "multiplication");
    }
    return int_value(product);
  }
  if (a[0].is(Kind::uint64)) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a[0].uint64, a[1].uint64, &product)) {
      return overflow(evaluation, "multiplication");
    }
    return uint_value(product);
  }
  if (a[0].is(Kind::float64)) return double_value(a[0].float64 * a[1].float64);
  return mismatch(evaluation, "_*_", a);
}

bool overflows_division(const Value& a, const Value& b) {
  return a.int64 == std::numeric_limits<std::int64_t>::min() && b.int64 == -1;
}

Value divide(Evaluation& evaluation, Arguments a) {
  if (a[0].kind != a[1].kind) return mismatch(evaluation, "_/_", a);
  if (a[0].is(Kind::float64)) return double_value(a[0].float64 / a[1].float64);
  bool is_int = a[0].is(Kind::int64);
  if (!is_int && !a[0].is(Kind::uint64)) return mismatch(evaluation, "_/_", a);
  if (a[1].uint64 == 0) return evaluation.fail("division by zero");
  if (!is_int) return uint_value(a[0].uint64 / a[1].uint64);
  if (overflows_division(a[0], a[1])) return overflow(evaluation, "division");
  return int_value(a[0].int64 / a[1].int64);
}

Value remainder_of(Evaluation& evaluation, Arguments a) {
  bool is_int = a[0].is(Kind::int64);
  bool fits = a[0].kind == a[1].kind && (is_int || a[0].is(Kind::uint64));
  if (!fits) return mismatch(evaluation, "_%_", a);
  if (a[1].uint64 == 0) return evaluation.fail("remainder of a division by zero");
  if (!is_int) return uint_value(a[0].uint64 % a[1].uint64);
  if (overflows_division(a[0], a[1])) return overflow(evaluation, "remainder");
  return int_value(a[0].int64 % a[1].int64);
}

Value negate(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::float64)) return double_value(-a[0].float64);
  if (!a[0].is(Kind::int64)) return evaluation.fail_overload("-_", a);
  if (a[0].int64 == std::numeric_limits<std::int64_t>::min())
    return overflow(evaluation, "negation");
  return int_value(-a[0].int64);
}

Value invert(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::boolean)) return evaluation.fail_overload("!_", a);
  return bool_value(!a[0].boolean);
}

Value equal(Evaluation& evaluation, Arguments a) {
  return bool_value(values_equal(evaluation, a[0], a[1]));
}

Value not_equal(Evaluation& evaluation, Arguments a) {
  return bool_value(!values_equal(evaluation, a[0], a[1]));
}

// The order of the operands, with its cost charged; nothing for types without an order.
std::optional<std::partial_ordering> order_of(Evaluation& evaluation, Arguments a) {
  evaluation.spend_bytes(std::min(compared_bytes(a[0]), compared_bytes(a[1])));
  return compare_values(a[0], a[1]);
}

Value less(Evaluation& evaluation, Arguments a) {
  auto order = order_of(evaluation, a);
  return order ? bool_value(*order < 0) : evaluation.fail_overload("_<_", a);
}

Value less_equal(Evaluation& evaluation, Arguments a) {
  auto order = order_of(evaluation, a);
  return order ? bool_value(*order <= 0) : evaluation.fail_overload("_<=_", a);
}

Value greater(Evaluation& evaluation, Arguments a) {
  auto order = order_of(evaluation, a);
  return order ? bool_value(*order > 0) : evaluation.fail_overload("_>_", a);
}

Value greater_equal(Evaluation& evaluation, Arguments a) {
  auto order = order_of(evaluation, a);
  return order ? bool_value(*order >= 0) : evaluation.fail_overload("_>=_", a);
}

Value in(Evaluation& evaluation, Arguments a) {
  if (a[1].is(Kind::map)) return bool_value(evaluation.find(a[1], a[0]).has_value());
  if (!a[1].is(Kind::list)) return evaluation.fail_overload("_in_", a);
  std::size_t size = list_size(a[1]);
  for (std::size_t i = 0; i < size; ++i) {
    if (values_equal(evaluation, a[0], list_item(a[1], i))) return bool_value(true);
    if (!evaluation.in_budget()) return evaluation.out_of_budget();
  }
  return bool_value(false);
}

constexpr Function functions[] = {
    {"_+_", false, 2, 2, add},
    {"_-_", false, 2, 2, subtract},
    {"_*_", false, 2, 2, multiply},
    {"_/_", false, 2, 2, divide},
    {"_%_", false, 2, 2, remainder_of},
    {"-_", false, 1, 1, negate},
    {"!_", false, 1, 1, invert},
    {"_==_", false, 2, 2, equal},
    {"_!=_", false, 2, 2, not_equal},
    {"_<_", false, 2, 2, less},
    {"_<=_", false, 2, 2, less_equal},
    {"_>_", false, 2, 2, greater},
    {"_>=_", false, 2, 2, greater_equal},
    {"_in_", false, 2, 2, in},
};

}  // namespace

std::span<const Function> operator_functions() { return functions; }

}  // namespace harmonia::expr
