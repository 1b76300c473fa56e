#include "expr/test_activation.h"

#include <array>

namespace harmonia::expr::test {
namespace {

constexpr std::array<std::string_view, 5> roots = {"input", "tasks", "secret", "loop", "item"};

Json world() {
  return parse_json(R"({
    "input": {"n": 7, "name": "Ada", "nothing": null, "list": [3, 1, 2],
              "items": [{"sku": "a", "price": 3}, {"sku": "b", "price": 12.5}]},
    "loop": {"index": 3},
    "fetch": {"status": "completed",
              "output": {"status": 200, "body": {"total": 1500},
                         "headers": {"content-type": "text/plain"}}}
  })")
      .value();
}

class Task final : public LazyObject {
 public:
  explicit Task(const Json& json) : json_(json) {}
  std::optional<Member> member(std::string_view name) const override {
    if (name == "attempt") {
      Member attempt;
      attempt.computed = Json(1);
      return attempt;
    }
    const Json* found = json_.get_object().if_contains(json_view(name));
    if (!found) return std::nullopt;
    return Member{.json = found};
  }
  std::vector<std::string> names() const override { return {"status", "output", "attempt"}; }

 private:
  const Json& json_;
};

class Tasks final : public LazyObject {
 public:
  explicit Tasks(const Task& fetch) : fetch_(fetch) {}
  std::optional<Member> member(std::string_view name) const override {
    if (name != "fetch") return std::nullopt;
    return Member{.object = &fetch_};
  }
  std::vector<std::string> names() const override { return {"fetch"}; }

 private:
  const Task& fetch_;
};

class World final : public Activation {
 public:
  std::optional<LazyObject::Member> root(std::string_view name) const override {
    if (name == "tasks") return LazyObject::Member{.object = &tasks_};
    const Json* found = json_.get_object().if_contains(json_view(name));
    if (!found) return std::nullopt;
    return LazyObject::Member{.json = found};
  }

 private:
  Json json_ = world();
  Task fetch_{json_.at("fetch")};
  Tasks tasks_{fetch_};
};

}  // namespace

const CompileOptions& options() {
  static const CompileOptions options{.limits = {}, .roots = roots};
  return options;
}

const Activation& activation() {
  static const World world;
  return world;
}

std::optional<Program> compile_text(std::string_view source) {
  return compile(source, options()).program;
}

std::vector<CompileError> compile_errors(std::string_view source) {
  return compile(source, options()).errors;
}

std::string evaluate_text(std::string_view source) {
  auto compiled = compile(source, options());
  if (!compiled.program) return "error: " + compiled.errors.at(0).message;
  auto value = evaluate(*compiled.program, activation());
  return value.ok() ? to_text(value.value()) : "error: " + value.error().detail;
}

std::string failure_of(std::string_view source) {
  auto compiled = compile(source, options());
  if (!compiled.program) return "does not compile: " + compiled.errors.at(0).message;
  auto value = evaluate(*compiled.program, activation());
  return value.ok() ? "" : value.error().detail;
}

}  // namespace harmonia::expr::test
