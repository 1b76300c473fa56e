#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "base/utf8.h"
#include "expr/evaluation.h"
#include "expr/template.h"
#include "expr/test_admits.h"
#include "expr/to_json.h"
#include "expr/type_check.h"

// Feeds any bytes to the compiler, the checker of types, the evaluator and the scanner of
// templates, and holds them to their laws. Built with clang only; see cmake/fuzz.cmake.
namespace harmonia::expr {
namespace {

Json sample_input() {
  return parse_json(R"({"a": [1, 2.5, "x", null, true], "b": {"c": "d"}, "n": 7, "s": "text"})")
      .value();
}

class Input final : public Activation {
 public:
  std::optional<LazyObject::Member> root(std::string_view) const override {
    return LazyObject::Member{.json = &json_};
  }

 private:
  Json json_ = sample_input();
};

class InputType final : public TypeEnvironment {
 public:
  Type root(std::string_view) const override { return type_; }

 private:
  Type type_ = type_of_json(sample_input());
};

constexpr std::string_view roots[] = {"input", "tasks", "secret"};

// What a program gives is of its type, before and after it leaves the expression.
void check_program(const Program& program, const Limits& limits) {
  Input input;
  TypeCheckResult checked = check_types(program, InputType());
  Evaluation evaluation(program, input, limits);
  Value value = evaluation.run();
  if (value.is_error()) return;
  ASSERT(test::admits(evaluation, checked.type, value));
  Json json;
  if (to_json(evaluation, value, json).is_error()) return;
  ASSERT(test::admits(evaluation, type_in_json(checked.type), json_value(json)));
}

void check_text(std::string_view text) {
  Limits limits;
  limits.cost_max = 20'000;
  limits.result_size_max = 1 << 20;
  auto compiled = compile(text, {.limits = limits, .roots = roots});
  ASSERT(compiled.program.has_value() == compiled.errors.empty());
  if (compiled.program) check_program(*compiled.program, limits);
  static_cast<void>(compile_condition(text, {.limits = limits, .roots = roots}));
  auto tmpl = compile_template(Json(json_view(text)), {.limits = limits, .roots = roots});
  if (!tmpl.value) return;
  static_cast<void>(check_types(*tmpl.value, InputType()));
  static_cast<void>(render(*tmpl.value, Input(), limits));
}

}  // namespace
}  // namespace harmonia::expr

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // Sources come out of JSON or YAML, whose readers refuse anything else.
  if (harmonia::is_valid_utf8(text)) harmonia::expr::check_text(text);
  return 0;
}
