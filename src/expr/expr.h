#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

// The ${...} language: Common Expression Language over JSON. Pure, total and bounded: an evaluation
// ends with a value or an error within its budget, whatever the expression.
namespace harmonia::expr {

struct Limits {
  std::size_t source_size_max = 64u << 10;  // bytes
  std::size_t depth_max = 100;              // nesting of the syntax tree
  std::uint64_t cost_max = 1'000'000;  // evaluation steps; comprehensions and string work count
  std::uint64_t template_cost_max = 10'000'000;  // of all the expressions of one template together
  std::size_t result_size_max = 16u << 20;       // bytes, as estimated while values are built
};

// Where in the source of one expression: byte offset, for carets in messages.
struct SourceRange {
  std::size_t offset = 0;
  std::size_t length = 0;
};

struct CompileError {
  std::string
      message;  // what is wrong; names the nearest known function or root where there is one
  std::string hint;
  SourceRange range;
};

// A reference found in an expression: a root and the constant path behind it, as in
// tasks.fetch.output.body ->
// {"tasks", ["fetch", "output", "body"]}. Stops at the first part that is not constant.
struct Reference {
  std::string root;
  std::vector<std::string> path;
  SourceRange range;
};

struct CompileOptions {
  Limits limits;
  // Root variables an expression may name. Others are errors, unless bound by a macro.
  std::span<const std::string_view> roots;
  // Off, unknown names are errors of the evaluation instead of the compilation.
  bool check_names = true;
  bool expand_macros = true;
};

// What a root variable holds: JSON, or an object whose members are found on demand (so that
// `tasks.a.output` costs one lookup however many tasks there are). Borrowed: must outlive the
// evaluation and its result use.
class LazyObject {
 public:
  virtual ~LazyObject() = default;
  struct Member {
    const Json* json = nullptr;  // exactly one of the three is set
    const LazyObject* object = nullptr;
    std::optional<Json> computed = {};
  };
  virtual std::optional<Member> member(std::string_view name) const = 0;
  virtual std::vector<std::string> names() const = 0;
};

// The values of the roots in one evaluation. `root` gives nothing for a root that is allowed but
// absent here.
class Activation {
 public:
  virtual ~Activation() = default;
  virtual std::optional<LazyObject::Member> root(std::string_view name) const = 0;
};

// A compiled expression: immutable, cheap to copy, usable from several threads at once.
class Program {
 public:
  struct Impl;
  explicit Program(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  const std::string& source() const;
  const std::vector<Reference>& references() const;
  // True when the value does not depend on any root.
  bool is_constant() const;
  const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

// One CEL expression without `${` and `}`. Either a program or all that is wrong with it.
struct CompileResult {
  std::optional<Program> program;
  std::vector<CompileError> errors;
};
CompileResult compile(std::string_view source, const CompileOptions& options);

// The value as JSON. Errors have code `expression`; their detail names the expression, the path or
// function at fault and what was there. Timestamps and durations become strings (RFC 3339, "3.5s"),
// bytes base64; uint and int are JSON integers.
Result<Json> evaluate(const Program& program, const Activation& activation,
                      const Limits& limits = {});

// For conditions: the value must be a bool.
Result<bool> evaluate_condition(const Program& program, const Activation& activation,
                                const Limits& limits = {});

}  // namespace harmonia::expr
