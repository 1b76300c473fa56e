#pragma once

#include <compare>
#include <optional>

#include "expr/value.h"

namespace harmonia::expr {

class Evaluation;

// Of two numbers, also of different types; an integer and a double compare as doubles.
// Unordered with NaN.
std::partial_ordering compare_numbers(const Value& a, const Value& b);

// Equality of scalars that can be keys; numbers by value, exactly.
bool keys_equal(const Value& a, const Value& b);

// CEL's equality: values of different types differ, numbers compare by value, lists and maps
// deeply. Spends the budget of the evaluation for composites; false once it is used up (the next
// step fails then).
bool values_equal(Evaluation& evaluation, const Value& a, const Value& b);

// The order of two values of an ordered type; nothing for types without an order or for different
// types.
std::optional<std::partial_ordering> compare_values(const Value& a, const Value& b);

}  // namespace harmonia::expr
