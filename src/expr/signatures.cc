#include "expr/signatures.h"

#include <algorithm>
#include <array>

namespace harmonia::expr {
namespace {

// Arguments and result of an overload, one letter each:
//   n null, b bool, i int, u uint, d double, s string, y bytes, l list, m map, t timestamp,
//   r duration, q type, o optional, # any number, . anything; * repeats the argument before it
// and for results besides
//   1 the first argument, 2 the second one, J any of the arguments, + a list of the items of both,
//   E an item of the first argument, O an optional of it, H what the first argument holds,
//   F its items, the lists among them taken apart, S list(string), I list(int), U the list of what
//   its items hold
struct Overload {
  std::string_view function;
  bool has_receiver;
  std::string_view arguments;
  char result;
};

constexpr Overload overloads[] = {
    {"_+_", false, "ii", 'i'},
    {"_+_", false, "uu", 'u'},
    {"_+_", false, "dd", 'd'},
    {"_+_", false, "ss", 's'},
    {"_+_", false, "yy", 'y'},
    {"_+_", false, "rr", 'r'},
    {"_+_", false, "tr", 't'},
    {"_+_", false, "rt", 't'},
    {"_+_", false, "ll", '+'},
    {"_-_", false, "ii", 'i'},
    {"_-_", false, "uu", 'u'},
    {"_-_", false, "dd", 'd'},
    {"_-_", false, "rr", 'r'},
    {"_-_", false, "tr", 't'},
    {"_-_", false, "tt", 'r'},
    {"_*_", false, "ii", 'i'},
    {"_*_", false, "uu", 'u'},
    {"_*_", false, "dd", 'd'},
    {"_/_", false, "ii", 'i'},
    {"_/_", false, "uu", 'u'},
    {"_/_", false, "dd", 'd'},
    {"_%_", false, "ii", 'i'},
    {"_%_", false, "uu", 'u'},
    {"-_", false, "i", 'i'},
    {"-_", false, "d", 'd'},
    {"!_", false, "b", 'b'},
    {"_==_", false, "..", 'b'},
    {"_!=_", false, "..", 'b'},
    {"_<_", false, "<<", 'b'},
    {"_<=_", false, "<<", 'b'},
    {"_>_", false, "<<", 'b'},
    {"_>=_", false, "<<", 'b'},
    {"_in_", false, ".l", 'b'},
    {"_in_", false, ".m", 'b'},

    {"int", false, "#", 'i'},
    {"int", false, "s", 'i'},
    {"int", false, "t", 'i'},
    {"uint", false, "#", 'u'},
    {"uint", false, "s", 'u'},
    {"double", false, "#", 'd'},
    {"double", false, "s", 'd'},
    {"bool", false, "b", 'b'},
    {"bool", false, "s", 'b'},
    {"string", false, "s", 's'},
    {"string", false, "#", 's'},
    {"string", false, "b", 's'},
    {"string", false, "y", 's'},
    {"string", false, "t", 's'},
    {"string", false, "r", 's'},
    {"bytes", false, "y", 'y'},
    {"bytes", false, "s", 'y'},
    {"timestamp", false, "t", 't'},
    {"timestamp", false, "i", 't'},
    {"timestamp", false, "s", 't'},
    {"duration", false, "r", 'r'},
    {"duration", false, "s", 'r'},
    {"dyn", false, ".", '.'},  // says: don't check
    {"type", false, ".", 'q'},
    {"size", false, "s", 'i'},
    {"size", false, "y", 'i'},
    {"size", false, "l", 'i'},
    {"size", false, "m", 'i'},
    {"size", true, "s", 'i'},
    {"size", true, "y", 'i'},
    {"size", true, "l", 'i'},
    {"size", true, "m", 'i'},

    {"contains", true, "ss", 'b'},
    {"startsWith", true, "ss", 'b'},
    {"endsWith", true, "ss", 'b'},
    {"matches", true, "ss", 'b'},
    {"matches", false, "ss", 'b'},
    {"charAt", true, "si", 's'},
    {"indexOf", true, "ss", 'i'},
    {"indexOf", true, "ssi", 'i'},
    {"lastIndexOf", true, "ss", 'i'},
    {"lastIndexOf", true, "ssi", 'i'},
    {"substring", true, "si", 's'},
    {"substring", true, "sii", 's'},
    {"upperAscii", true, "s", 's'},
    {"lowerAscii", true, "s", 's'},
    {"replace", true, "sss", 's'},
    {"replace", true, "sssi", 's'},
    {"split", true, "ss", 'S'},
    {"split", true, "ssi", 'S'},
    {"trim", true, "s", 's'},
    {"join", true, "l", 's'},
    {"join", true, "ls", 's'},
    {"reverse", true, "s", 's'},
    {"reverse", true, "l", '1'},
    {"strings.quote", false, "s", 's'},
    {"format", true, "sl", 's'},

    {"math.greatest", false, "l", 'E'},
    {"math.greatest", false, "#*", 'J'},
    {"math.least", false, "l", 'E'},
    {"math.least", false, "#*", 'J'},
    {"math.ceil", false, "d", 'd'},
    {"math.floor", false, "d", 'd'},
    {"math.round", false, "d", 'd'},
    {"math.trunc", false, "d", 'd'},
    {"math.abs", false, "#", '1'},
    {"math.sign", false, "#", '1'},
    {"math.sqrt", false, "#", 'd'},
    {"math.isNaN", false, "d", 'b'},
    {"math.isInf", false, "d", 'b'},
    {"math.isFinite", false, "d", 'b'},
    {"math.bitAnd", false, "ii", 'i'},
    {"math.bitAnd", false, "uu", 'u'},
    {"math.bitOr", false, "ii", 'i'},
    {"math.bitOr", false, "uu", 'u'},
    {"math.bitXor", false, "ii", 'i'},
    {"math.bitXor", false, "uu", 'u'},
    {"math.bitNot", false, "i", 'i'},
    {"math.bitNot", false, "u", 'u'},
    {"math.bitShiftLeft", false, "ii", 'i'},
    {"math.bitShiftLeft", false, "ui", 'u'},
    {"math.bitShiftRight", false, "ii", 'i'},
    {"math.bitShiftRight", false, "ui", 'u'},

    {"getFullYear", true, "t", 'i'},
    {"getFullYear", true, "ts", 'i'},
    {"getMonth", true, "t", 'i'},
    {"getMonth", true, "ts", 'i'},
    {"getDate", true, "t", 'i'},
    {"getDate", true, "ts", 'i'},
    {"getDayOfMonth", true, "t", 'i'},
    {"getDayOfMonth", true, "ts", 'i'},
    {"getDayOfWeek", true, "t", 'i'},
    {"getDayOfWeek", true, "ts", 'i'},
    {"getDayOfYear", true, "t", 'i'},
    {"getDayOfYear", true, "ts", 'i'},
    {"getHours", true, "t", 'i'},
    {"getHours", true, "ts", 'i'},
    {"getHours", true, "r", 'i'},
    {"getMinutes", true, "t", 'i'},
    {"getMinutes", true, "ts", 'i'},
    {"getMinutes", true, "r", 'i'},
    {"getSeconds", true, "t", 'i'},
    {"getSeconds", true, "ts", 'i'},
    {"getSeconds", true, "r", 'i'},
    {"getMilliseconds", true, "t", 'i'},
    {"getMilliseconds", true, "ts", 'i'},
    {"getMilliseconds", true, "r", 'i'},

    {"lists.range", false, "i", 'I'},
    {"slice", true, "lii", '1'},
    {"flatten", true, "l", 'F'},
    {"flatten", true, "li", 'l'},
    {"sort", true, "l", '1'},
    {"distinct", true, "l", '1'},
    {"first", true, "l", 'O'},
    {"last", true, "l", 'O'},
    {"sets.contains", false, "ll", 'b'},
    {"sets.equivalent", false, "ll", 'b'},
    {"sets.intersects", false, "ll", 'b'},

    {"optional.none", false, "", 'o'},
    {"optional.of", false, ".", '?'},
    {"optional.ofNonZeroValue", false, ".", '?'},
    {"optional.unwrap", false, "l", 'U'},
    {"unwrapOpt", true, "l", 'U'},
    {"hasValue", true, "o", 'b'},
    {"value", true, "o", 'H'},
    {"or", true, "oo", 'J'},
    {"orValue", true, "o.", '2'},

    {"base64.encode", false, "y", 's'},
    {"base64.decode", false, "s", 'y'},
};

struct Letter {
  char letter;
  std::uint16_t kinds;
  std::string_view name;
};
constexpr std::array<Letter, 16> letters = {{
    {'n', Type::null_bit, "null"},
    {'b', Type::bool_bit, "bool"},
    {'i', Type::int_bit, "int"},
    {'u', Type::uint_bit, "uint"},
    {'d', Type::double_bit, "double"},
    {'s', Type::string_bit, "string"},
    {'y', Type::bytes_bit, "bytes"},
    {'l', Type::list_bit, "list"},
    {'m', Type::map_bit, "map"},
    {'t', Type::timestamp_bit, "timestamp"},
    {'r', Type::duration_bit, "duration"},
    {'q', Type::type_bit, "type"},
    {'o', Type::optional_bit, "optional"},
    {'#', Type::number_bits, "number"},
    {'.', Type::all_bits, "anything"},
    // What has an order; that both sides are of one type is checked besides.
    {'<',
     Type::bool_bit | Type::number_bits | Type::string_bit | Type::bytes_bit | Type::timestamp_bit |
         Type::duration_bit,
     "a type with an order"},
}};

const Letter& letter_of(char c) {
  return *std::find_if(letters.begin(), letters.end(),
                       [c](const Letter& letter) { return letter.letter == c; });
}

// The letter of the argument at `index`; '\0' when the overload takes no more.
char argument_letter(const Overload& overload, std::size_t index) {
  std::string_view arguments = overload.arguments;
  bool repeats = arguments.ends_with('*');
  if (repeats) arguments.remove_suffix(1);
  if (index < arguments.size()) return arguments[index];
  return repeats ? arguments.back() : '\0';
}

// True when a value of one can be ordered against a value of the other.
bool may_compare(const Type& a, const Type& b) {
  if (a.may_be(Type::number_bits) && b.may_be(Type::number_bits)) return true;
  return (a.kinds & b.kinds & letter_of('<').kinds) != 0;
}

bool is_viable(const Overload& overload, std::span<const Type> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    char letter = argument_letter(overload, i);
    if (letter == '\0' || !arguments[i].may_be(letter_of(letter).kinds)) return false;
  }
  if (argument_letter(overload, arguments.size()) != '\0' && !overload.arguments.ends_with('*'))
    return false;
  return overload.arguments != "<<" || may_compare(arguments[0], arguments[1]);
}

// `type`, knowing that its value is of one of these kinds.
Type narrowed(const Type& type, unsigned kinds) {
  Type narrow = type;
  narrow.kinds = static_cast<std::uint16_t>(type.kinds & kinds);
  return narrow;
}

Type flattened(const Type& list) {
  Type item = item_of(list);
  if (!item.may_be(Type::list_bit)) return list_type(item);
  return list_type(either(narrowed(item, ~unsigned{Type::list_bit}), item_of(item)));
}

Type result_of(const Overload& overload, std::span<const Type> arguments) {
  auto argument = [&](std::size_t index) {
    return narrowed(arguments[index], letter_of(argument_letter(overload, index)).kinds);
  };
  switch (overload.result) {
    case '1': return argument(0);
    case '2': return either(held_by(arguments[0]), arguments[1]);
    case '?': return optional_type(arguments[0]);
    case '+': return either(argument(0), argument(1));
    case 'J': {
      Type joined = argument(0);
      for (std::size_t i = 1; i < arguments.size(); ++i) joined = either(joined, argument(i));
      return joined;
    }
    case 'E': {
      Type item = item_of(arguments[0]);
      return item.may_be(Type::number_bits) ? narrowed(item, Type::number_bits) : number_type();
    }
    case 'O': return optional_type(item_of(arguments[0]));
    case 'H': return held_by(arguments[0]);
    case 'F': return flattened(arguments[0]);
    case 'S': return list_type(string_type());
    case 'I': return list_type(int_type());
    case 'U': return list_type(held_by(item_of(arguments[0])));
    default: return type_of_kinds(letter_of(overload.result).kinds);
  }
}

}  // namespace

CallType type_of_call(std::string_view function, bool has_receiver,
                      std::span<const Type> arguments) {
  CallType call{.viable = false, .type = {}};
  bool known = false;
  for (const Overload& overload : overloads) {
    if (overload.function != function || overload.has_receiver != has_receiver) continue;
    known = true;
    if (!is_viable(overload, arguments)) continue;
    Type result = result_of(overload, arguments);
    call.type = call.viable ? either(call.type, result) : std::move(result);
    call.viable = true;
  }
  if (!known) call.viable = true;
  return call;
}

std::string overloads_text(std::string_view function, bool has_receiver) {
  std::string text;
  for (const Overload& overload : overloads) {
    if (overload.function != function || overload.has_receiver != has_receiver) continue;
    text += text.empty() ? "(" : " or (";
    for (std::size_t i = 0; i < overload.arguments.size(); ++i) {
      bool repeated = overload.arguments[i] == '*';
      if (i > 0 && !repeated) text += ", ";
      text += repeated ? " ..." : letter_of(overload.arguments[i]).name;
    }
    text += ")";
  }
  return text;
}

Type item_of(const Type& list) {
  if (!list.item || list.item->kinds == 0) return dyn_type();
  return *list.item;
}

Type held_by(const Type& optional) {
  if (!optional.held || optional.held->kinds == 0) return dyn_type();
  return *optional.held;
}

Type key_of(const Type& map) {
  constexpr unsigned any_key = Type::bool_bit | Type::int_bit | Type::uint_bit | Type::string_bit;
  bool known = map.object && map.object->key_kinds != 0;
  return type_of_kinds(known ? map.object->key_kinds : any_key);
}

Type value_of(const Type& map) {
  if (!map.object) return dyn_type();
  Type value = map.object->closed ? type_of_kinds(0) : map.object->others;
  for (const auto& [_, field] : map.object->fields) value = either(value, field.type);
  return value.kinds == 0 ? dyn_type() : value;
}

}  // namespace harmonia::expr
