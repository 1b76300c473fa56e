#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expr/template.h"

// Feeds any bytes to the compiler, the evaluator and the scanner of templates. Built with clang
// only.
namespace {

class Input final : public harmonia::expr::Activation {
 public:
  std::optional<harmonia::expr::LazyObject::Member> root(std::string_view) const override {
    return harmonia::expr::LazyObject::Member{.json = &json_};
  }

 private:
  harmonia::Json json_ =
      harmonia::parse_json(R"({"a": [1, 2.5, "x", null, true], "b": {"c": "d"}})").value();
};

constexpr std::string_view roots[] = {"input", "tasks", "secret"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace harmonia;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  expr::Limits limits;
  limits.cost_max = 20'000;
  limits.result_size_max = 1 << 20;
  Input input;
  auto compiled = expr::compile(text, {.limits = limits, .roots = roots});
  if (compiled.program) static_cast<void>(expr::evaluate(*compiled.program, input, limits));
  auto tmpl = expr::compile_template(Json(json_view(text)), {.limits = limits, .roots = roots});
  if (tmpl.value) static_cast<void>(expr::render(*tmpl.value, input, limits));
  return 0;
}
