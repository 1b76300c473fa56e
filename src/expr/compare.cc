#include "expr/compare.h"

#include <bit>
#include <cmath>

#include "expr/evaluation.h"

namespace harmonia::expr {
namespace {

std::partial_ordering reverse(std::partial_ordering order) { return 0 <=> order; }

std::partial_ordering compare_int_uint(std::int64_t a, std::uint64_t b) {
  if (a < 0) return std::partial_ordering::less;
  return static_cast<std::uint64_t>(a) <=> b;
}

// As doubles, as the conformance cases have it: beyond 2^53 neighbouring integers may compare equal
// to a double.
template <class Integer>
std::partial_ordering compare_with_double(Integer a, double b) {
  return static_cast<double>(a) <=> b;
}

// Exactly the same number, so that equal keys have equal hashes.
bool is_exactly(const Value& integer, double number) {
  bool is_int = integer.is(Kind::int64);
  double low = is_int ? -9223372036854775808.0 : 0.0;
  double high = is_int ? 9223372036854775808.0 : 18446744073709551616.0;
  if (!(number >= low && number < high) || std::trunc(number) != number) return false;
  return is_int ? static_cast<std::int64_t>(number) == integer.int64
                : static_cast<std::uint64_t>(number) == integer.uint64;
}

bool lists_equal(Evaluation& evaluation, const Value& a, const Value& b) {
  std::size_t size = list_size(a);
  if (size != list_size(b)) return false;
  for (std::size_t i = 0; i < size; ++i) {
    if (!values_equal(evaluation, list_item(a, i), list_item(b, i))) return false;
  }
  return true;
}

bool maps_equal(Evaluation& evaluation, const Value& a, const Value& b) {
  if (evaluation.size_of(a) != evaluation.size_of(b)) return false;
  std::vector<Value> keys = evaluation.keys(a);
  for (const Value& key : keys) {
    auto left = evaluation.find(a, key);
    auto right = evaluation.find(b, key);
    if (!left || !right || !values_equal(evaluation, *left, *right)) return false;
  }
  return true;
}

bool optionals_equal(Evaluation& evaluation, const Value& a, const Value& b) {
  if (!a.held || !b.held) return a.held == b.held;
  return values_equal(evaluation, *a.held, *b.held);
}

}  // namespace

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  if (a.is(Kind::int64)) {
    if (b.is(Kind::int64)) return a.int64 <=> b.int64;
    if (b.is(Kind::uint64)) return compare_int_uint(a.int64, b.uint64);
    return compare_with_double(a.int64, b.float64);
  }
  if (a.is(Kind::uint64)) {
    if (b.is(Kind::uint64)) return a.uint64 <=> b.uint64;
    if (b.is(Kind::int64)) return reverse(compare_int_uint(b.int64, a.uint64));
    return compare_with_double(a.uint64, b.float64);
  }
  if (b.is(Kind::float64)) return a.float64 <=> b.float64;
  return reverse(compare_numbers(b, a));
}

bool keys_equal(const Value& a, const Value& b) {
  if (a.is(Kind::string) && b.is(Kind::string)) return a.view() == b.view();
  if (a.is_number() && b.is_number()) {
    if (a.is(Kind::float64) == b.is(Kind::float64)) return compare_numbers(a, b) == 0;
    return a.is(Kind::float64) ? is_exactly(b, a.float64) : is_exactly(a, b.float64);
  }
  return a.is(Kind::boolean) && b.is(Kind::boolean) && a.boolean == b.boolean;
}

bool values_equal(Evaluation& evaluation, const Value& a, const Value& b) {
  if (!evaluation.spend(1)) return false;
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::null: return true;
    case Kind::boolean: return a.boolean == b.boolean;
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64: return compare_numbers(a, b) == 0;
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
      if (a.aux != b.aux || !evaluation.spend_bytes(a.aux)) return false;
      return a.view() == b.view();
    case Kind::list: return lists_equal(evaluation, a, b);
    case Kind::map: return maps_equal(evaluation, a, b);
    case Kind::timestamp: return a.int64 == b.int64 && a.aux == b.aux;
    case Kind::duration: return a.int64 == b.int64;
    case Kind::optional: return optionals_equal(evaluation, a, b);
    case Kind::error: return false;
  }
  return false;
}

bool has_order(Kind kind) {
  switch (kind) {
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration: return true;
    case Kind::null:
    case Kind::list:
    case Kind::map:
    case Kind::type:
    case Kind::optional:
    case Kind::error: return false;
  }
  return false;
}

std::size_t compared_bytes(const Value& value) {
  return value.is(Kind::string) || value.is(Kind::bytes) ? value.aux : 0;
}

bool spend_sort(Evaluation& evaluation, std::size_t count, std::size_t bytes) {
  std::size_t rounds = static_cast<std::size_t>(std::bit_width(count));
  // A comparison is cheaper than a step.
  return evaluation.spend(count + count * rounds / 4 + bytes / 64 * rounds);
}

std::optional<std::partial_ordering> compare_values(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.kind != b.kind) return std::nullopt;
  switch (a.kind) {
    case Kind::boolean: return a.boolean <=> b.boolean;
    case Kind::string:
    case Kind::bytes: return a.view() <=> b.view();
    case Kind::timestamp:
      if (a.int64 != b.int64) return a.int64 <=> b.int64;
      return a.aux <=> b.aux;
    case Kind::duration: return a.int64 <=> b.int64;
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64: return compare_numbers(a, b);
    case Kind::null:
    case Kind::list:
    case Kind::map:
    case Kind::type:
    case Kind::optional:
    case Kind::error: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace harmonia::expr
