#include <cmath>
#include <limits>

#include "expr/compare.h"
#include "expr/evaluation.h"
#include "expr/function.h"

// The math extension (google/cel-go, ext/README.md).
namespace harmonia::expr {
namespace {

// The extreme of numbers given one by one or as a list; the first of equal ones.
Value extreme(Evaluation& evaluation, Arguments a, bool greatest) {
  std::string_view name = greatest ? "math.greatest" : "math.least";
  bool is_list = a.size() == 1 && a[0].is(Kind::list);
  std::size_t count = is_list ? list_size(a[0]) : a.size();
  if (count == 0) return evaluation.fail(std::string(name) + "() needs at least one number");
  if (!evaluation.spend(count)) return evaluation.out_of_budget();
  Value best;
  for (std::size_t i = 0; i < count; ++i) {
    Value item = is_list ? list_item(a[0], i) : a[i];
    if (!item.is_number()) return evaluation.fail_overload(name, a);
    auto order = i == 0 ? std::partial_ordering::equivalent : compare_numbers(item, best);
    if (i == 0 || (greatest ? order > 0 : order < 0)) best = item;
  }
  return best;
}

Value greatest(Evaluation& evaluation, Arguments a) { return extreme(evaluation, a, true); }
Value least(Evaluation& evaluation, Arguments a) { return extreme(evaluation, a, false); }

Value round_with(Evaluation& evaluation, Arguments a, double (*rounding)(double)) {
  if (!a[0].is(Kind::float64))
    return evaluation.fail_overload("math.ceil, floor, round or trunc", a);
  return double_value(rounding(a[0].float64));
}

Value ceil(Evaluation& evaluation, Arguments a) { return round_with(evaluation, a, std::ceil); }
Value floor(Evaluation& evaluation, Arguments a) { return round_with(evaluation, a, std::floor); }
Value round(Evaluation& evaluation, Arguments a) { return round_with(evaluation, a, std::round); }
Value trunc(Evaluation& evaluation, Arguments a) { return round_with(evaluation, a, std::trunc); }

Value abs(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::uint64)) return a[0];
  if (a[0].is(Kind::float64)) return double_value(std::fabs(a[0].float64));
  if (!a[0].is(Kind::int64)) return evaluation.fail_overload("math.abs", a);
  if (a[0].int64 == std::numeric_limits<std::int64_t>::min()) {
    return evaluation.fail("integer overflow in math.abs()");
  }
  return int_value(a[0].int64 < 0 ? -a[0].int64 : a[0].int64);
}

Value sign(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::uint64)) return uint_value(a[0].uint64 > 0 ? 1 : 0);
  if (a[0].is(Kind::int64)) return int_value((a[0].int64 > 0) - (a[0].int64 < 0));
  if (!a[0].is(Kind::float64)) return evaluation.fail_overload("math.sign", a);
  double x = a[0].float64;
  return double_value(std::isnan(x) ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0);
}

Value sqrt(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::float64)) return double_value(std::sqrt(a[0].float64));
  if (a[0].is(Kind::int64)) return double_value(std::sqrt(static_cast<double>(a[0].int64)));
  if (a[0].is(Kind::uint64)) return double_value(std::sqrt(static_cast<double>(a[0].uint64)));
  return evaluation.fail_overload("math.sqrt", a);
}

Value is_nan(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::float64)) return evaluation.fail_overload("math.isNaN", a);
  return bool_value(std::isnan(a[0].float64));
}

Value is_inf(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::float64)) return evaluation.fail_overload("math.isInf", a);
  return bool_value(std::isinf(a[0].float64));
}

Value is_finite(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::float64)) return evaluation.fail_overload("math.isFinite", a);
  return bool_value(std::isfinite(a[0].float64));
}

bool same_integers(Arguments a) {
  return a[0].kind == a[1].kind && (a[0].is(Kind::int64) || a[0].is(Kind::uint64));
}

// Bits with the type of `like`.
Value bits_value(const Value& like, std::uint64_t bits) {
  return like.is(Kind::uint64) ? uint_value(bits) : int_value(static_cast<std::int64_t>(bits));
}

Value bit_and(Evaluation& evaluation, Arguments a) {
  if (!same_integers(a)) return evaluation.fail_overload("math.bitAnd", a);
  return bits_value(a[0], a[0].uint64 & a[1].uint64);
}

Value bit_or(Evaluation& evaluation, Arguments a) {
  if (!same_integers(a)) return evaluation.fail_overload("math.bitOr", a);
  return bits_value(a[0], a[0].uint64 | a[1].uint64);
}

Value bit_xor(Evaluation& evaluation, Arguments a) {
  if (!same_integers(a)) return evaluation.fail_overload("math.bitXor", a);
  return bits_value(a[0], a[0].uint64 ^ a[1].uint64);
}

Value bit_not(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::int64) && !a[0].is(Kind::uint64)) {
    return evaluation.fail_overload("math.bitNot", a);
  }
  return bits_value(a[0], ~a[0].uint64);
}

// Shifts move bits, not signs: zeros come in on both sides. By 64 or more nothing is left.
Value shift(Evaluation& evaluation, Arguments a, bool left) {
  bool integer = a[0].is(Kind::int64) || a[0].is(Kind::uint64);
  if (!integer || !a[1].is(Kind::int64)) {
    return evaluation.fail_overload(left ? "math.bitShiftLeft" : "math.bitShiftRight", a);
  }
  if (a[1].int64 < 0) return evaluation.fail("a shift by a negative number of bits");
  if (a[1].int64 >= 64) return bits_value(a[0], 0);
  return bits_value(a[0], left ? a[0].uint64 << a[1].int64 : a[0].uint64 >> a[1].int64);
}

Value shift_left(Evaluation& evaluation, Arguments a) { return shift(evaluation, a, true); }
Value shift_right(Evaluation& evaluation, Arguments a) { return shift(evaluation, a, false); }

constexpr Function functions[] = {
    {"math.greatest", false, 1, unbounded_arguments, greatest},
    {"math.least", false, 1, unbounded_arguments, least},
    {"math.ceil", false, 1, 1, ceil},
    {"math.floor", false, 1, 1, floor},
    {"math.round", false, 1, 1, round},
    {"math.trunc", false, 1, 1, trunc},
    {"math.abs", false, 1, 1, abs},
    {"math.sign", false, 1, 1, sign},
    {"math.sqrt", false, 1, 1, sqrt},
    {"math.isNaN", false, 1, 1, is_nan},
    {"math.isInf", false, 1, 1, is_inf},
    {"math.isFinite", false, 1, 1, is_finite},
    {"math.bitAnd", false, 2, 2, bit_and},
    {"math.bitOr", false, 2, 2, bit_or},
    {"math.bitXor", false, 2, 2, bit_xor},
    {"math.bitNot", false, 1, 1, bit_not},
    {"math.bitShiftLeft", false, 2, 2, shift_left},
    {"math.bitShiftRight", false, 2, 2, shift_right},
};

}  // namespace

std::span<const Function> math_functions() { return functions; }

}  // namespace harmonia::expr
