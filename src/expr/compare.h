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

// True for the types whose values have an order among themselves.
bool has_order(Kind kind);

// The order of two values of an ordered type; nothing for types without an order or for different
// types.
std::optional<std::partial_ordering> compare_values(const Value& a, const Value& b);

// Takes off the budget what sorting `count` values costs that hold so many bytes of text; false
// when it is used up.
bool spend_sort(Evaluation& evaluation, std::size_t count, std::size_t bytes);
// The bytes of text that comparing the value may look at.
std::size_t compared_bytes(const Value& value);

}  // namespace harmonia::expr
