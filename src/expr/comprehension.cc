#include <algorithm>

#include "expr/compare.h"
#include "expr/evaluate.h"

namespace harmonia::expr {
namespace {

// Walks the items of a list or the entries of a map, putting each into the variables of the macro.
class Walk {
 public:
  Walk(Evaluation& evaluation, const Node& node, const Value& range)
      : evaluation_(evaluation), node_(node), range_(range) {
    if (range_.is(Kind::map)) keys_ = evaluation_.keys(range_);
    size_ = range_.is(Kind::map) ? keys_.size() : list_size(range_);
  }

  std::size_t size() const { return size_; }

  void enter(std::size_t index) {
    Value& first = evaluation_.local(node_.slot);
    bool is_map = range_.is(Kind::map);
    if (!node_.two_variables) {
      first = is_map ? keys_[index] : list_item(range_, index);
      return;
    }
    Value& second = evaluation_.local(node_.slot + 1);
    if (is_map) {
      first = keys_[index];
      second = evaluation_.find(range_, keys_[index]).value_or(null_value());
    } else {
      first = int_value(static_cast<std::int64_t>(index));
      second = list_item(range_, index);
    }
  }

  // The value of one of the bodies, for the item entered last.
  Value body(std::size_t number) { return evaluate_node(evaluation_, node_.children[number + 1]); }
  const Node& body_node(std::size_t number) const {
    return evaluation_.program().impl().ast.at(node_.children[number + 1]);
  }
  // The first body as a condition: a bool or an error.
  Value condition() {
    Value value = body(0);
    return value.is(Kind::boolean) ? value : fail_condition(evaluation_, body_node(0), value);
  }

 private:
  Evaluation& evaluation_;
  const Node& node_;
  Value range_;
  std::vector<Value> keys_;
  std::size_t size_ = 0;
};

// all() and exists(): as && and || over the items, with their treatment of errors.
Value quantify(Walk& walk, bool decisive) {
  Value error;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    walk.enter(i);
    Value value = walk.condition();
    if (value.is_error()) {
      if (value.failure->fatal) return value;
      if (!error.is_error()) error = value;
    } else if (value.boolean == decisive) {
      return value;
    }
  }
  return error.is_error() ? error : bool_value(!decisive);
}

Value exists_one(Walk& walk) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    walk.enter(i);
    Value value = walk.condition();
    if (value.is_error()) return value;
    if (value.boolean) ++count;
  }
  return bool_value(count == 1);
}

Value transform(Evaluation& evaluation, Walk& walk, bool conditional) {
  std::vector<Value> items;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    walk.enter(i);
    if (conditional) {
      Value wanted = walk.condition();
      if (wanted.is_error()) return wanted;
      if (!wanted.boolean) continue;
    }
    Value item = walk.body(conditional ? 1 : 0);
    if (item.is_error()) return item;
    items.push_back(item);
  }
  return evaluation.make_list(items);
}

Value filter(Evaluation& evaluation, const Node& node, Walk& walk) {
  std::vector<Value> items;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    walk.enter(i);
    Value wanted = walk.condition();
    if (wanted.is_error()) return wanted;
    if (wanted.boolean) items.push_back(evaluation.local(node.slot));
  }
  return evaluation.make_list(items);
}

// transformMap() keeps the keys; transformMapEntry() takes the one entry of the map its body gives.
Value transform_map(Evaluation& evaluation, const Node& node, Walk& walk) {
  bool conditional =
      node.macro == Macro::transform_map_where || node.macro == Macro::transform_entry_where;
  bool by_entry =
      node.macro == Macro::transform_entry || node.macro == Macro::transform_entry_where;
  std::vector<MapEntry> entries;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    walk.enter(i);
    if (conditional) {
      Value wanted = walk.condition();
      if (wanted.is_error()) return wanted;
      if (!wanted.boolean) continue;
    }
    Value key = evaluation.local(node.slot);
    Value value = walk.body(conditional ? 1 : 0);
    if (value.is_error()) return value;
    if (!by_entry) {
      entries.push_back({key, value});
      continue;
    }
    if (!value.is(Kind::map))
      return evaluation.fail("transformMapEntry() needs a body that gives a map");
    for (const Value& made : evaluation.keys(value)) {
      entries.push_back({made, evaluation.find(value, made).value_or(null_value())});
    }
  }
  return evaluation.make_map(entries);
}

Value sort_by(Evaluation& evaluation, const Node& node, Walk& walk) {
  std::vector<MapEntry> keyed;  // key: what to sort by
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    walk.enter(i);
    Value item = evaluation.local(node.slot);
    Value key = walk.body(0);
    if (key.is_error()) return key;
    keyed.push_back({key, item});
    bytes += compared_bytes(key);
    if (!has_order(key.kind) || key.kind != keyed.front().key.kind) {
      return evaluation.fail("sortBy() needs keys of one type that has an order");
    }
  }
  if (!spend_sort(evaluation, keyed.size(), bytes)) return evaluation.out_of_budget();
  std::stable_sort(keyed.begin(), keyed.end(), [](const MapEntry& a, const MapEntry& b) {
    return compare_values(a.key, b.key) == std::partial_ordering::less;
  });
  std::vector<Value> items;
  for (const MapEntry& entry : keyed) items.push_back(entry.value);
  return evaluation.make_list(items);
}

}  // namespace

Value evaluate_comprehension(Evaluation& evaluation, const Node& node) {
  Value range = evaluate_node(evaluation, node.children[0]);
  if (range.is_error()) return range;
  if (!range.is(Kind::list) && !range.is(Kind::map)) {
    return evaluation.fail(
        std::string(evaluation.text_of(evaluation.program().impl().ast.at(node.children[0]))) +
        " is " + std::string(kind_phrase(range)) + ", but " + std::string(node.name) +
        "() needs a list or a map");
  }
  Walk walk(evaluation, node, range);
  switch (node.macro) {
    case Macro::all: return quantify(walk, false);
    case Macro::exists: return quantify(walk, true);
    case Macro::exists_one: return exists_one(walk);
    case Macro::map: return transform(evaluation, walk, false);
    case Macro::map_where: return transform(evaluation, walk, true);
    case Macro::filter: return filter(evaluation, node, walk);
    case Macro::transform_map:
    case Macro::transform_map_where:
    case Macro::transform_entry:
    case Macro::transform_entry_where: return transform_map(evaluation, node, walk);
    case Macro::sort_by: return sort_by(evaluation, node, walk);
    case Macro::none:
    case Macro::option_map:
    case Macro::option_flat_map: break;
  }
  return evaluation.fail("unreachable");
}

}  // namespace harmonia::expr
