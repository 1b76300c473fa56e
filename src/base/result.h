#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "base/error.h"

namespace harmonia {

// A value or an Error. The only channel for expected failure; see the TRY macros below.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & {
    ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  const Error& error() const& {
    ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    ASSERT(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { ASSERT(ok()); }

  Error& error() & {
    ASSERT(!ok());
    return *error_;
  }
  const Error& error() const& {
    ASSERT(!ok());
    return *error_;
  }
  Error&& error() && {
    ASSERT(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace harmonia

#define HARMONIA_CONCAT_(a, b) a##b
#define HARMONIA_CONCAT(a, b) HARMONIA_CONCAT_(a, b)
#define HARMONIA_TRY_(result, declaration, expression) \
  auto result = (expression);                          \
  if (!result.ok()) return std::move(result).error();  \
  declaration = std::move(result).value()

// TRY(auto x, f()): the value of f() in x, or return its error.
#define TRY(declaration, ...) \
  HARMONIA_TRY_(HARMONIA_CONCAT(try_result_, __LINE__), declaration, (__VA_ARGS__))
// TRY_DO(f()): return f()'s error if it has one.
#define TRY_DO(...)                                                                              \
  do {                                                                                           \
    if (auto try_result = (__VA_ARGS__); !try_result.ok()) return std::move(try_result).error(); \
  } while (false)
