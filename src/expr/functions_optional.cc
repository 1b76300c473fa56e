#include "expr/evaluation.h"
#include "expr/function.h"

namespace harmonia::expr {
namespace {

// The zero of its type, as protocol buffers have it.
bool is_zero(Evaluation& evaluation, const Value& value) {
  switch (value.kind) {
    case Kind::null: return true;
    case Kind::boolean: return !value.boolean;
    case Kind::int64:
    case Kind::duration: return value.int64 == 0;
    case Kind::uint64: return value.uint64 == 0;
    case Kind::float64: return value.float64 == 0;
    case Kind::string:
    case Kind::bytes: return value.aux == 0;
    case Kind::list: return list_size(value) == 0;
    case Kind::map: return evaluation.size_of(value) == 0;
    case Kind::timestamp: return value.int64 == 0 && value.aux == 0;
    case Kind::optional: return !value.held;
    case Kind::type:
    case Kind::error: return false;
  }
  return false;
}

Value none(Evaluation&, Arguments) { return optional_value(nullptr); }
Value of(Evaluation& evaluation, Arguments a) { return evaluation.make_optional(a[0]); }

Value of_non_zero(Evaluation& evaluation, Arguments a) {
  return is_zero(evaluation, a[0]) ? optional_value(nullptr) : evaluation.make_optional(a[0]);
}

Value has_value(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::optional)) return evaluation.fail_overload("hasValue", a);
  return bool_value(a[0].held != nullptr);
}

Value value_of(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::optional)) return evaluation.fail_overload("value", a);
  return a[0].held ? *a[0].held
                   : evaluation.fail_missing("value() of an optional that holds nothing");
}

Value or_optional(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::optional) || !a[1].is(Kind::optional))
    return evaluation.fail_overload("or", a);
  return a[0].held ? a[0] : a[1];
}

Value or_value(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::optional)) return evaluation.fail_overload("orValue", a);
  return a[0].held ? *a[0].held : a[1];
}

Value unwrap(Evaluation& evaluation, Arguments a) {
  if (!a[0].is(Kind::list)) return evaluation.fail_overload("optional.unwrap", a);
  std::vector<Value> items;
  for (std::size_t i = 0; i < list_size(a[0]); ++i) {
    Value item = list_item(a[0], i);
    if (!item.is(Kind::optional))
      return evaluation.fail("optional.unwrap() needs a list of optionals");
    if (item.held) items.push_back(*item.held);
  }
  if (!evaluation.spend(list_size(a[0]))) return evaluation.out_of_budget();
  return evaluation.make_list(items);
}

constexpr Function functions[] = {
    {"optional.none", false, 0, 0, none},
    {"optional.of", false, 1, 1, of},
    {"optional.ofNonZeroValue", false, 1, 1, of_non_zero},
    {"optional.unwrap", false, 1, 1, unwrap},
    {"unwrapOpt", true, 1, 1, unwrap},
    {"hasValue", true, 1, 1, has_value},
    {"value", true, 1, 1, value_of},
    {"or", true, 2, 2, or_optional},
    {"orValue", true, 2, 2, or_value},
};

}  // namespace

std::span<const Function> optional_functions() { return functions; }

}  // namespace harmonia::expr
