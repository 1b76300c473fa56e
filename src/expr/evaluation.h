#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"
#include "expr/value.h"

namespace harmonia::expr {

struct Node;

// Roots whose values JSON can't hold (bytes, timestamps ...); for tests of the language itself.
class TypedRoots {
 public:
  virtual ~TypedRoots() = default;
  virtual std::optional<Value> typed_root(std::string_view name) const = 0;
};

// One run of one program: its memory, its budget and where it is. Everything built lives in the
// arena until the run is over, so values need no owners; what is built counts against
// result_size_max.
class Evaluation {
 public:
  Evaluation(const Program& program, const Activation& activation, const Limits& limits);
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  void use_typed_roots(const TypedRoots* roots) { typed_roots_ = roots; }

  // The value of the whole program; of kind error on failure. Borrows from this object.
  Value run();

  // Takes `steps` off the budget. False, for ever after, when it is used up.
  bool spend(std::uint64_t steps) {
    cost_ += steps;
    return cost_ <= limits_.cost_max;
  }
  // For work that looks at every byte of a text.
  bool spend_bytes(std::size_t bytes) { return spend(bytes / bytes_per_step); }
  // Takes bytes off the memory budget; false when it is used up.
  bool reserve(std::size_t bytes) {
    memory_ += bytes;
    return memory_ <= limits_.result_size_max;
  }
  // True when `bytes` more would fit; for texts that are built outside of the arena first.
  bool has_room(std::size_t bytes) const {
    return memory_ <= limits_.result_size_max && bytes <= limits_.result_size_max - memory_;
  }
  std::uint64_t cost() const { return cost_; }
  bool in_budget() const { return cost_ <= limits_.cost_max && memory_ <= limits_.result_size_max; }
  Value out_of_budget();

  // Failures. The message should name what is at fault.
  Value fail(std::string message);
  Value fail_missing(std::string message);
  // Within default(), where missing data needs no message: fail_forgiven() costs nothing.
  void forgive(bool begin) { forgiving_ += begin ? 1 : -1; }
  bool is_forgiving() const { return forgiving_ > 0; }
  Value fail_forgiven() const;
  // "no such overload": the current call's function can't take arguments of these types.
  Value fail_overload(std::string_view function, std::span<const Value> arguments);

  // Building. Each gives an error value when the memory budget is used up, or when lists, maps and
  // optionals would nest deeper than JSON may: what walks a value can then recurse.
  Value make_string(std::string_view text);
  Value make_bytes(std::string_view bytes);
  Value make_list(std::span<const Value> items);
  // Fails on two equal keys.
  Value make_map(std::span<const MapEntry> entries);
  Value make_optional(const Value& held);
  Value make_member(LazyObject::Member&& member);
  // The keys of any map, as a list's items.
  std::vector<Value> keys(const Value& map);
  // The number of entries of any map.
  std::size_t size_of(const Value& map);
  // The value of a key of any map.
  std::optional<Value> find(const Value& map, const Value& key);

  // The source text of a node, for messages.
  std::string_view text_of(const Node& node) const;
  const Node* current = nullptr;  // the call being made

  Value& local(std::size_t slot) { return locals_[slot]; }
  Value root(std::size_t root_index);
  const Program& program() const { return program_; }

 private:
  static constexpr std::size_t bytes_per_step = 64;

  Value copy_text(std::string_view text, bool is_bytes);
  std::span<const std::uint32_t> make_index(std::span<const MapEntry> entries);
  // The levels of a value made of these; too many are a failure.
  static std::uint32_t levels_of(const Value& part) {
    bool nests = part.is(Kind::list) || part.is(Kind::map) || part.is(Kind::optional);
    return nests ? part.aux + 1 : 0;
  }
  Value with_levels(Value built, std::uint32_t levels);
  const Failure* make_failure(std::string_view message, bool missing, bool fatal);
  // Uninitialised room for `count` objects in the arena.
  template <class T>
  T* allocate(std::size_t count) {
    return static_cast<T*>(arena_.allocate(count * sizeof(T), alignof(T)));
  }

  const Program& program_;
  const Activation& activation_;
  const TypedRoots* typed_roots_ = nullptr;
  const Limits& limits_;
  std::uint64_t cost_ = 0;
  int forgiving_ = 0;
  std::size_t memory_ = 0;
  std::array<std::byte, 1024> first_block_;
  std::pmr::monotonic_buffer_resource arena_;
  std::span<Value> locals_;
  std::span<Value> roots_;                    // of kind error until looked up
  std::optional<std::deque<Json>> computed_;  // JSON made on demand by lazy objects
};

}  // namespace harmonia::expr
