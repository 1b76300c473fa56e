#include <map>

#include <gtest/gtest.h>

#include "expr/ast.h"
#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/signatures.h"
#include "expr/test_admits.h"
#include "expr/to_json.h"
#include "expr/type_check.h"

// The laws of the type checker, over every function and over many expressions.
namespace harmonia::expr {
namespace {

class NoRoots final : public Activation {
 public:
  std::optional<LazyObject::Member> root(std::string_view) const override { return std::nullopt; }
};

// Values of each kind, several where a function may want a certain one.
std::vector<Value> sample_values(Evaluation& evaluation) {
  const Value one = int_value(1);
  const Value text = string_value("a");
  const Value held = evaluation.make_optional(one);
  const MapEntry entry{text, one};
  return {null_value(),
          bool_value(true),
          one,
          int_value(0),
          uint_value(1),
          double_value(1.5),
          string_value("1"),
          string_value("true"),
          string_value("1s"),
          string_value("2026-01-01T00:00:00Z"),
          string_value("aaaa"),
          string_value("UTC"),
          bytes_value("a"),
          evaluation.make_list({&text, 1}),
          evaluation.make_list({&one, 1}),
          evaluation.make_list({&held, 1}),
          evaluation.make_map({&entry, 1}),
          timestamp_value(0, 0),
          duration_value(1),
          type_value("int"),
          held};
}

class CallLaw {
 public:
  explicit CallLaw(Evaluation& evaluation)
      : evaluation_(evaluation), samples_(sample_values(evaluation)) {}

  // Calls the function with every combination of the samples.
  void check(const Function& function) {
    std::size_t max = std::min<std::size_t>(function.arguments_max, 4);
    for (std::size_t count = function.arguments_min; count <= max; ++count) {
      accepted_.clear();
      combine(function, {}, count);
      for (const auto& [kinds, accepted] : accepted_) {
        std::vector<Type> types;
        for (Kind kind : kinds) types.push_back(type_of_kinds(1u << static_cast<unsigned>(kind)));
        bool viable = type_of_call(function.name, function.has_receiver, types).viable;
        EXPECT_EQ(viable, accepted) << function.name << " of " << text_of(types);
      }
    }
  }

 private:
  static std::string text_of(std::span<const Type> types) {
    std::string text;
    for (const Type& type : types) text += describe(type) + " ";
    return text;
  }

  void combine(const Function& function, std::vector<Value> arguments, std::size_t left) {
    if (left == 0) return call(function, arguments);
    for (const Value& sample : samples_) {
      arguments.push_back(sample);
      combine(function, arguments, left - 1);
      arguments.pop_back();
    }
  }

  void call(const Function& function, const std::vector<Value>& arguments) {
    Value value = function.implementation(evaluation_, arguments);
    bool refused = value.is_error() && value.failure->message.find("no such overload") == 0;
    std::vector<Kind> kinds;
    std::vector<Type> types;
    for (const Value& argument : arguments) {
      kinds.push_back(argument.kind);
      types.push_back(type_of_kinds(1u << static_cast<unsigned>(argument.kind)));
    }
    accepted_[kinds] = accepted_[kinds] || !refused;
    if (value.is_error()) return;
    CallType call = type_of_call(function.name, function.has_receiver, types);
    EXPECT_TRUE(test::admits(evaluation_, call.type, value))
        << function.name << " of " << text_of(types) << "gives " << type_name(value) << ", not "
        << describe(call.type);
  }

  Evaluation& evaluation_;
  std::vector<Value> samples_;
  std::map<std::vector<Kind>, bool> accepted_;
};

TEST(TypeLaws, a_function_refuses_exactly_what_its_signature_refuses) {
  auto program = compile("1", {}).program;
  NoRoots nothing;
  Limits limits;
  limits.cost_max = 1'000'000'000;
  limits.result_size_max = 1'000'000'000;
  for (auto family :
       {operator_functions(), conversion_functions(), string_functions(),
        string_extension_functions(), format_functions(), time_functions(), math_functions(),
        list_functions(), set_functions(), optional_functions(), encoder_functions()}) {
    for (const Function& function : family) {
      Evaluation evaluation(*program, nothing, limits);
      CallLaw(evaluation).check(function);
    }
  }
}

// Makes expressions at random, most of which are wrong, and some right.
class ExpressionMaker {
 public:
  // Strict expressions evaluate all their parts.
  ExpressionMaker(std::uint64_t seed, bool strict) : state_(seed), kinds_(strict ? 9 : 16) {}

  std::string make(int depth) {
    if (depth == 0) return pick(leaves);
    std::string a = make(depth - 1);
    switch (next() % kinds_) {
      case 0: return "(" + a + pick(operators) + make(depth - 1) + ")";
      case 1: return "[" + a + ", " + make(depth - 1) + "]";
      case 2: return "{'a': " + a + ", 'b': " + make(depth - 1) + "}";
      case 3: return a + "[" + make(depth - 1) + "]";
      case 4: return a + pick(members);
      case 5: return pick(functions) + "(" + a + ")";
      case 6: return a + pick(methods);
      case 7: return "cel.bind(x, " + a + ", " + make(depth - 1) + ")";
      case 8: return "{?'a': " + a + ".?a, " + make(depth - 1) + ": 1}";
      case 9: return a + ".transformMap(k, x, " + make(depth - 1) + ")";
      case 10: return a + ".map(x, " + make(depth - 1) + ")";
      case 11: return "(input.t ? " + a + " : " + make(depth - 1) + ")";
      case 12: return "default(" + a + ", " + make(depth - 1) + ")";
      case 13: return a + ".optMap(x, " + make(depth - 1) + ")";
      case 14: return a + ".filter(x, x == " + make(depth - 1) + ")";
      default: return a + ".sortBy(x, " + make(depth - 1) + ")";
    }
  }

 private:
  using Words = std::span<const std::string_view>;
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }
  std::string pick(Words words) { return std::string(words[next() % words.size()]); }

  static constexpr std::string_view leaves[] = {"1",
                                                "2u",
                                                "1.5",
                                                "'a'",
                                                "true",
                                                "null",
                                                "input.a",
                                                "input.b",
                                                "input.l",
                                                "input.o",
                                                "input",
                                                "x",
                                                "duration('1s')",
                                                "timestamp(0)",
                                                "b'x'",
                                                "optional.none()",
                                                "[]",
                                                "{}"};
  static constexpr std::string_view operators[] = {" + ", " - ",  " * ",  " / ",  " % ",
                                                   " < ", " >= ", " == ", " != ", " in "};
  static constexpr std::string_view members[] = {".a", ".b", ".?a", ".o.a", "[0]", "[?0]", "['a']"};
  static constexpr std::string_view functions[] = {"size",        "string", "int",   "double",
                                                   "optional.of", "type",   "dyn",   "math.abs",
                                                   "-",           "!",      "bytes", "lists.range"};
  static constexpr std::string_view methods[] = {
      ".first()",   ".orValue(1)", ".value()", ".size()",     ".flatten()", ".distinct()",
      ".reverse()", ".hasValue()", ".sort()",  ".split('a')", ".last()",    ".slice(0, 1)"};
  std::uint64_t state_;
  std::uint64_t kinds_;
};

constexpr std::string_view roots[] = {"input"};

Json sample_input() {
  return parse_json(R"({"a": 1, "b": "a", "l": [1, 2], "o": {"a": [1.5]}, "t": true})").value();
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
  explicit InputType(Type type) : type_(std::move(type)) {}
  Type root(std::string_view) const override { return type_; }

 private:
  Type type_;
};

bool has_error(const TypeCheckResult& checked) {
  return std::any_of(checked.findings.begin(), checked.findings.end(),
                     [](const auto& finding) { return finding.severity == TypeSeverity::error; });
}

// How many of the expressions could be evaluated.
int check_laws(const TypeEnvironment& types, bool strict, std::uint64_t seed) {
  Input input;
  Limits limits;
  limits.cost_max = 10'000;
  int succeeded = 0;
  ExpressionMaker maker(seed, strict);
  for (int i = 0; i < 20'000; ++i) {
    std::string source = maker.make(1 + i % 4);
    auto compiled = compile(source, {.limits = limits, .roots = roots});
    if (!compiled.program) continue;
    TypeCheckResult checked = check_types(*compiled.program, types);
    Evaluation evaluation(*compiled.program, input, limits);
    Value value = evaluation.run();
    if (value.is_error()) continue;
    ++succeeded;
    EXPECT_TRUE(test::admits(evaluation, checked.type, value))
        << source << " is " << type_name(value) << ", not " << describe(checked.type);
    if (strict) {
      EXPECT_FALSE(has_error(checked)) << source << ": " << checked.findings[0].message;
    }
    Json json;
    if (to_json(evaluation, value, json).is_error()) continue;
    EXPECT_TRUE(test::admits(evaluation, type_in_json(checked.type), json_value(json)))
        << source << " is " << to_text(json) << ", not " << describe(type_in_json(checked.type));
  }
  return succeeded;
}

TEST(TypeLaws, what_an_expression_gives_its_type_admits) {
  Type exact = type_of_json(sample_input());
  Type vague = either(exact, type_of_json(parse_json(R"({"a": null, "z": [1]})").value()));
  for (const Type& type : {exact, vague, json_type(), dyn_type()}) {
    EXPECT_GT(check_laws(InputType(type), false, 1), 1000);
  }
}

TEST(TypeLaws, what_succeeds_has_no_error) {
  Type exact = type_of_json(sample_input());
  EXPECT_GT(check_laws(InputType(exact), true, 2), 1000);
  EXPECT_GT(check_laws(InputType(dyn_type()), true, 3), 1000);
}

}  // namespace
}  // namespace harmonia::expr
