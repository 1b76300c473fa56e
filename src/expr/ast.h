#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"
#include "expr/value.h"

namespace re2 {
class RE2;
}

namespace harmonia::expr {

struct Function;

using NodeId = std::uint32_t;

enum class NodeKind : std::uint8_t {
  literal,
  identifier,
  select,         // children: operand; name
  index,          // children: operand, key
  call,           // children: receiver if any, arguments; operators are calls named _+_, !_ ...
  list,           // children: items
  map,            // children: key, value, key, value ...
  conditional,    // children: condition, then, else
  logical_and,    // children: two or more
  logical_or,     // children: two or more
  presence,       // has(): children: operand; name
  comprehension,  // children: range, then the bodies of the macro
  bind,           // cel.bind(): children: value, body
  option_map,     // optMap(), optFlatMap(): children: optional, body
  fallback,       // default(): children: value, otherwise
};

enum class Macro : std::uint8_t {
  none,
  all,
  exists,
  exists_one,
  map,        // bodies: transform
  map_where,  // bodies: condition, transform
  filter,
  transform_map,          // bodies: transform
  transform_map_where,    // bodies: condition, transform
  transform_entry,        // bodies: transform, to a map with one entry
  transform_entry_where,  // bodies: condition, transform
  sort_by,
  option_map,
  option_flat_map,
};

// What an identifier stands for; decided by the checker.
enum class Target : std::uint8_t { unknown, local, root };

struct Node {
  NodeKind kind = NodeKind::literal;
  Macro macro = Macro::none;
  Target target = Target::unknown;
  bool optional = false;       // .?name and [?key]
  bool has_receiver = false;   // of a call
  bool absolute = false;       // an identifier written with a leading dot
  bool reserved = false;       // an identifier that is a reserved word
  bool grouped = false;        // in parentheses, so that (a.b).c is never the qualified name a.b.c
  bool two_variables = false;  // of a comprehension: they are in `slot` and `slot` + 1
  std::uint32_t slot = 0;      // the local of an identifier or binder, or the number of the root
  std::vector<NodeId> children;
  const Function* function = nullptr;  // set by the checker
  std::string_view name;
  // Up to here is what an evaluation reads of most nodes: one line of the cache.
  Value literal;
  std::shared_ptr<const re2::RE2>
      pattern;  // of matches() with a literal pattern; shared by copies of the AST
  std::uint32_t depth = 1;
  SourceRange range;
  SourceRange name_range;
  std::vector<bool>
      optional_children;  // of lists and maps: [?x], {?k: v}; one flag per item or entry
};

// The syntax tree of one expression. Names and literals point into the source or into `texts`.
struct Ast {
  std::vector<Node> nodes;
  NodeId root = 0;
  std::deque<std::string> texts;  // a deque, for addresses that stay

  Node& at(NodeId id) { return nodes[id]; }
  const Node& at(NodeId id) const { return nodes[id]; }
  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
};

// What a compiled program is made of.
struct Program::Impl {
  std::string source;
  Ast ast;
  std::vector<std::string> roots;  // the roots it names, by slot
  std::vector<Reference> references;
  std::size_t locals_max = 0;  // variables of macros alive at once
};

}  // namespace harmonia::expr
