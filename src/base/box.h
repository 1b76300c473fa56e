#pragma once

#include <memory>

namespace harmonia {

// An optional value on the heap that is copied with its owner: for parts that few objects have, so
// that the others stay small.
template <class Value>
class Box {
 public:
  Box() = default;
  Box(const Box& other) : value_(other ? std::make_unique<Value>(*other) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(const Box& other) {
    value_ = other ? std::make_unique<Value>(*other) : nullptr;
    return *this;
  }
  Box& operator=(Box&&) noexcept = default;
  ~Box() = default;

  explicit operator bool() const { return value_ != nullptr; }
  const Value& operator*() const { return *value_; }
  Value& operator*() { return *value_; }
  const Value* operator->() const { return value_.get(); }
  Value* operator->() { return value_.get(); }

  // The value, made when there is none.
  Value& need() {
    if (!value_) value_ = std::make_unique<Value>();
    return *value_;
  }
  void reset() { value_.reset(); }

 private:
  std::unique_ptr<Value> value_;
};

}  // namespace harmonia
