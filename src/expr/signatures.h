#pragma once

#include <span>
#include <string>
#include <string_view>

#include "expr/types.h"

// What each function of the language takes and gives, for the check of types. The functions
// themselves look at the values they get (function.h); a test holds the two to each other.
namespace harmonia::expr {

// What a call gives. `viable` is false when no overload can take arguments of these types; the type
// is dyn then.
struct CallType {
  bool viable = true;
  Type type;
};

// The receiver is the first argument. A function without a signature takes and gives anything.
CallType type_of_call(std::string_view function, bool has_receiver,
                      std::span<const Type> arguments);

// What the function takes, for messages: "contains(string, string)"; overloads with "or".
std::string overloads_text(std::string_view function, bool has_receiver);

// The type of an item of a list, of a value an optional holds, of the keys and of the values of a
// map; dyn when it is not known or there is none.
Type item_of(const Type& list);
Type held_by(const Type& optional);
Type key_of(const Type& map);
Type value_of(const Type& map);

}  // namespace harmonia::expr
