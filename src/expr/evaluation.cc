#include "expr/evaluation.h"

#include <bit>
#include <cstring>
#include <new>

#include "expr/ast.h"
#include "expr/compare.h"
#include "expr/evaluate.h"
#include "expr/json_size.h"

namespace harmonia::expr {
namespace {

constexpr std::size_t index_threshold = 8;  // below, a walk is faster than a hash

constexpr Failure out_of_memory_failure{"the values built are larger than result_size_max", false,
                                        true};
constexpr Failure out_of_steps_failure{"the evaluation takes more steps than cost_max", false,
                                       true};
constexpr Failure forgiven_failure{"data is missing", true, false};
constexpr Failure not_looked_up{"", false, false};

}  // namespace

Evaluation::Evaluation(const Program& program, const Activation& activation, const Limits& limits)
    : program_(program),
      activation_(activation),
      limits_(limits),
      arena_(first_block_.data(), first_block_.size()) {
  const Program::Impl& impl = program.impl();
  locals_ = {allocate<Value>(impl.locals_max), impl.locals_max};
  std::uninitialized_fill(locals_.begin(), locals_.end(), Value());
  roots_ = {allocate<Value>(impl.roots.size()), impl.roots.size()};
  std::uninitialized_fill(roots_.begin(), roots_.end(), error_value(&not_looked_up));
}

Value Evaluation::run() {
  Value value = evaluate_node(*this, program_.impl().ast.root);
  return in_budget() ? value : out_of_budget();
}

Value Evaluation::out_of_budget() {
  bool steps = cost_ > limits_.cost_max;
  return error_value(steps ? &out_of_steps_failure : &out_of_memory_failure);
}

const Failure* Evaluation::make_failure(std::string_view message, bool missing, bool fatal) {
  // A loop that absorbs errors would otherwise grow without bound.
  if (!reserve(message.size() + sizeof(Failure))) return &out_of_memory_failure;
  char* text = allocate<char>(message.size() + 1);
  std::memcpy(text, message.data(), message.size());
  return new (allocate<Failure>(1)) Failure{{text, message.size()}, missing, fatal};
}

Value Evaluation::fail(std::string message) {
  return error_value(make_failure(message, false, false));
}

Value Evaluation::fail_forgiven() const { return error_value(&forgiven_failure); }

Value Evaluation::fail_missing(std::string message) {
  return error_value(make_failure(message, true, false));
}

Value Evaluation::fail_overload(std::string_view function, std::span<const Value> arguments) {
  std::string message = "no such overload: ";
  message += function;
  message += '(';
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) message += ", ";
    message += type_name(arguments[i]);
  }
  message += ')';
  bool is_part = current && current->range.length < program_.impl().source.size();
  if (is_part) message += " at " + std::string(text_of(*current));
  return fail(std::move(message));
}

std::string_view Evaluation::text_of(const Node& node) const {
  constexpr std::size_t length_max = 120;
  std::string_view source = program_.impl().source;
  return source.substr(node.range.offset, std::min(node.range.length, length_max));
}

Value Evaluation::copy_text(std::string_view text, bool is_bytes) {
  if (!reserve(text.size())) return out_of_budget();
  char* copy = allocate<char>(text.size() + 1);
  std::memcpy(copy, text.data(), text.size());
  std::string_view view(copy, text.size());
  return is_bytes ? bytes_value(view) : string_value(view);
}

Value Evaluation::make_string(std::string_view text) { return copy_text(text, false); }
Value Evaluation::make_bytes(std::string_view bytes) { return copy_text(bytes, true); }

Value Evaluation::with_levels(Value built, std::uint32_t levels) {
  constexpr std::size_t levels_max = JsonLimits{}.depth_max;
  if (levels >= levels_max) {
    return fail("a value nests deeper than " + std::to_string(levels_max) + " levels");
  }
  built.aux = levels;
  return built;
}

Value Evaluation::make_list(std::span<const Value> items) {
  if (!reserve(items.size_bytes() + sizeof(List))) return out_of_budget();
  Value* copy = allocate<Value>(items.size());
  std::uint32_t levels = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    levels = std::max(levels, levels_of(items[i]));
    new (copy + i) Value(items[i]);
  }
  return with_levels(list_value(new (allocate<List>(1)) List{{copy, items.size()}}), levels);
}

std::span<const std::uint32_t> Evaluation::make_index(std::span<const MapEntry> entries) {
  std::size_t slots = std::bit_ceil(entries.size() * 2);
  if (!reserve(slots * sizeof(std::uint32_t))) return {};
  auto* index = allocate<std::uint32_t>(slots);
  std::fill_n(index, slots, 0u);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::size_t slot = key_hash(entries[i].key) & (slots - 1);
    if (!spend(1 + compared_bytes(entries[i].key) / bytes_per_step)) return {};
    while (index[slot] != 0) {
      if (!spend(1)) return {};  // keys that collide on purpose
      if (keys_equal(entries[index[slot] - 1].key, entries[i].key)) return {};
      slot = (slot + 1) & (slots - 1);
    }
    index[slot] = static_cast<std::uint32_t>(i + 1);
  }
  return {index, slots};
}

Value Evaluation::make_map(std::span<const MapEntry> entries) {
  if (!reserve(entries.size_bytes() + sizeof(Map))) return out_of_budget();
  auto* copy = allocate<MapEntry>(entries.size());
  std::uint32_t levels = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    levels = std::max(levels, levels_of(entries[i].value));
    new (copy + i) MapEntry(entries[i]);
  }
  Map* map = new (allocate<Map>(1)) Map{{copy, entries.size()}, {}};
  bool repeated = false;
  if (entries.size() > index_threshold) {
    map->index = make_index(map->entries);
    if (!in_budget()) return out_of_budget();
    repeated = map->index.empty();
  } else {
    for (std::size_t i = 0; i < entries.size() && !repeated; ++i) {
      repeated = map->find(entries[i].key) != &map->entries[i].value;
    }
  }
  if (repeated) return fail("a map has the same key twice");
  return with_levels(map_value(map), levels);
}

Value Evaluation::make_optional(const Value& held) {
  if (!reserve(sizeof(Value))) return out_of_budget();
  return with_levels(optional_value(new (allocate<Value>(1)) Value(held)), levels_of(held));
}

Value Evaluation::make_member(LazyObject::Member&& member) {
  if (member.json) return json_value(*member.json);
  if (member.object) return lazy_value(member.object);
  if (!member.computed) return null_value();
  if (!reserve(measure(*member.computed).bytes)) return out_of_budget();
  if (!computed_) computed_.emplace();
  return json_value(computed_->emplace_back(std::move(*member.computed)));
}

Value Evaluation::root(std::size_t root_index) {
  Value& known = roots_[root_index];
  if (!known.is_error()) return known;
  const std::string& name = program_.impl().roots[root_index];
  if (typed_roots_) {
    if (auto value = typed_roots_->typed_root(name)) return known = *value;
  }
  auto member = activation_.root(name);
  if (!member) return fail_missing("'" + name + "' has no value here");
  return known = make_member(std::move(*member));
}

std::vector<Value> Evaluation::keys(const Value& map) {
  std::vector<Value> keys;
  if (map.form == Form::json) {
    for (const auto& entry : *map.json_object) keys.push_back(string_value(text_view(entry.key())));
  } else if (map.form == Form::built) {
    for (const MapEntry& entry : map.map->entries) keys.push_back(entry.key);
  } else {
    for (const std::string& name : map.lazy->names()) keys.push_back(make_string(name));
  }
  spend(keys.size());
  return keys;
}

std::size_t Evaluation::size_of(const Value& map) {
  if (map.form == Form::json) return map.json_object->size();
  if (map.form == Form::built) return map.map->entries.size();
  std::size_t size = map.lazy->names().size();
  spend(size);
  return size;
}

std::optional<Value> Evaluation::find(const Value& map, const Value& key) {
  if (!spend_bytes(compared_bytes(key))) return std::nullopt;
  if (map.form == Form::built) {
    const Value* found = map.map->find(key);
    return found ? std::optional(*found) : std::nullopt;
  }
  if (!key.is(Kind::string)) return std::nullopt;
  if (map.form == Form::json) {
    const Json* found = map.json_object->if_contains(json_view(key.view()));
    return found ? std::optional(json_value(*found)) : std::nullopt;
  }
  auto member = map.lazy->member(key.view());
  if (!member) return std::nullopt;
  return make_member(std::move(*member));
}

}  // namespace harmonia::expr
