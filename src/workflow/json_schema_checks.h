#pragma once

#include <string>

#include "workflow/json_schema_node.h"

namespace harmonia::workflow::schema {

// The rules that assert something about one value by itself. `holds` answers; `explain` says in
// words what the value should have been, for a value that does not hold.
bool holds(const TypeRule& rule, const Json& value);
bool holds(const ConstRule& rule, const Json& value);
bool holds(const EnumRule& rule, const Json& value);
bool holds(const BoundRule& rule, const Json& value);
bool holds(const MultipleRule& rule, const Json& value);
bool holds(const SizeRule& rule, const Json& value);
bool holds(const PatternRule& rule, const Json& value);
bool holds(const UniqueRule& rule, const Json& value);
bool holds(const RequiredRule& rule, const Json& value);
bool holds(const DependentRequiredRule& rule, const Json& value);

std::string explain(const TypeRule& rule, const Json& value);
std::string explain(const ConstRule& rule, const Json& value);
std::string explain(const EnumRule& rule, const Json& value);
std::string explain(const BoundRule& rule, const Json& value);
std::string explain(const MultipleRule& rule, const Json& value);
std::string explain(const SizeRule& rule, const Json& value);
std::string explain(const PatternRule& rule, const Json& value);
std::string explain(const UniqueRule& rule, const Json& value);
std::string explain(const RequiredRule& rule, const Json& value);
std::string explain(const DependentRequiredRule& rule, const Json& value);

// Whether `value` is a whole multiple of `divisor` as both are written in decimal: 0.0075 is one of
// 0.0001.
bool is_multiple(const Json& value, const Json& divisor);
// Two equal items (by value, 1 == 1.0), or nothing when all differ.
std::optional<std::pair<std::size_t, std::size_t>> find_duplicate(const JsonArray& items);

}  // namespace harmonia::workflow::schema
