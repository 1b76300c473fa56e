#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "expr/template.h"
#include "expr/type_check.h"

// Expressions that try to cost more than they say. Each ends within the budget: with an error, or
// with a value when it was cheaper than it looks.
namespace harmonia::expr {
namespace {

constexpr std::string_view roots[] = {"input"};

// A megabyte of text twice, many numbers, and an object with many members.
class Large final : public Activation {
 public:
  Large() {
    JsonObject input;
    input["big"] = json_view(std::string(1 << 20, 'a'));
    input["same"] = json_view(std::string(1 << 20, 'a'));
    input["digits"] = json_view(std::string(1 << 20, '1'));
    JsonArray numbers;
    for (int i = 0; i < 100'000; ++i) numbers.push_back(i);
    input["numbers"] = std::move(numbers);
    JsonObject members;
    for (int i = 0; i < 100'000; ++i) members[json_view("m" + std::to_string(i))] = i;
    input["members"] = std::move(members);
    json_ = std::move(input);
  }
  std::optional<LazyObject::Member> root(std::string_view) const override {
    return LazyObject::Member{.json = &json_};
  }

 private:
  Json json_;
};

struct Hostile {
  std::string_view name;
  std::string source;
  bool succeeds = false;
};

// `body` a hundred thousand times, whatever it gives.
std::string repeated(const std::string& body) {
  return "input.numbers.all(i, input.numbers.all(k, (" + body + ") || true))";
}

std::string nested(std::size_t levels, const std::string& before, const std::string& middle,
                   const std::string& after) {
  std::string source;
  for (std::size_t i = 0; i < levels; ++i) source += before;
  source += middle;
  for (std::size_t i = 0; i < levels; ++i) source += after;
  return source;
}

// x under as many lists as an expression can put around it.
std::string deep_value(const std::string& name, const std::string& body,
                       std::size_t levels = 3000) {
  std::string source = "cel.bind(" + name + "0, 1, ";
  std::size_t binds = 0;
  for (; binds < 60 && levels > 0; ++binds) {
    std::string before = name + std::to_string(binds);
    std::string after = name + std::to_string(binds + 1);
    std::size_t here = std::min(levels, 85 - binds);
    source += "cel.bind(" + after + ", " + nested(here, "[", before, "]") + ", ";
    levels -= here;
  }
  return source + "cel.bind(" + name + ", " + name + std::to_string(binds) + ", " + body + ")" +
         std::string(binds + 1, ')');
}

std::vector<Hostile> hostile_expressions() {
  std::vector<Hostile> all = {
      {"equality of long texts", repeated("input.big == input.same")},
      {"order of long texts", repeated("input.big < input.same")},
      {"a long text in a list", repeated("input.big in [input.same]")},
      {"a long key",
       "cel.bind(m, input.numbers.transformMap(i, v, v), " + repeated("m[input.big] == 1") + ")"},
      {"a long member name", repeated("input[input.big] == 1")},
      {"a long text as a number", repeated("int(input.digits) == 1")},
      {"a long text as a duration", repeated("duration(input.digits) == duration('1s')")},
      {"a long text as a double", repeated("double(input.digits) == 1.0")},
      {"a long text as a timestamp", repeated("timestamp(input.big) == timestamp(0)")},
      {"long bytes as text", "cel.bind(b, bytes(input.big), " + repeated("string(b) == 'a'") + ")"},
      {"long base64", repeated("base64.decode(input.big) == b''")},
      {"a long text in hexadecimal", repeated("'%x'.format([input.big]) == ''")},
      {"a long format", repeated("input.big.format([]) == ''")},
      {"sorting long texts", "input.numbers.map(i, input.big).sort().size()"},
      {"sorting by long texts", "input.numbers.sortBy(i, input.big).size()"},
      {"names of many members", repeated("input.members.none == 1")},
      {"optional absent members", repeated("input.members.?none.hasValue()")},
      {"default of absent members", repeated("default(input.members.none, 1) == 2")},
      {"size of many members", repeated("size(input.members) == 1")},
      {"equality of many members", repeated("input.members == input.members")},
      {"a pattern that explodes", repeated("input.big.matches('(a?){500}(a?){500}b')")},
      {"a pattern made each time", repeated("'b'.matches('x{1000}y{1000}z{1000}' + string(i))")},
      {"a pattern of a long text", repeated("'b'.matches(input.big)")},
      {"searching", repeated("input.big.contains('aaaaaaaab')")},
      {"replacing by more", "input.big.replace('a', input.big)"},
      {"replacing nothing by more", "input.big.replace('', input.big)"},
      {"splitting", repeated("input.big.split('').size() == 1")},
      {"joining", "input.numbers.map(i, input.big).join(input.big)"},
      {"slicing texts", repeated("input.big.substring(500000) == ''")},
      {"reversing", repeated("input.big.reverse() == ''")},
      {"trimming", repeated("input.big.trim() == ''")},
      {"a range", "lists.range(9223372036854775807)"},
      {"ranges", repeated("lists.range(500000).size() == 1")},
      {"flattening", "input.numbers.map(i, input.numbers).flatten(1000)"},
      {"distinct", "input.numbers.distinct().size()"},
      {"sets", "sets.equivalent(input.numbers, input.numbers.reverse())"},
      {"copies of a list", "input.numbers.map(i, input.numbers + input.numbers).size()"},
      {"maps of maps", "input.numbers.map(i, input.members.transformMap(k, v, v)).size()"},
      {"equality of deep values", deep_value("x", "x == x")},
      {"printing a deep value", deep_value("x", "'%s'.format([x])")},
      {"flattening a deep value", deep_value("x", "x.flatten(100000)")},
      {"a deep result", deep_value("x", "x")},
      {"equality as deep as may be", deep_value("x", "x == x", 128), true},
      {"printing as deep as may be", deep_value("x", "'%s'.format([x.flatten(90)])", 128), true},
      {"an optional in an optional", "cel.bind(x, " + nested(90, "optional.of(", "1", ")") +
                                         ", cel.bind(y, " + nested(80, "optional.of(", "x", ")") +
                                         ", y == y))"},
      {"precision", "'%.99999999999999999999f'.format([1.5])"},
      {"shifts", "math.bitShiftLeft(1, 9223372036854775807)", true},
  };
  return all;
}

TEST(Hostile, expressions_end_within_their_budget) {
  Large large;
  for (const Hostile& hostile : hostile_expressions()) {
    auto compiled = compile(hostile.source, {.limits = {}, .roots = roots});
    if (!compiled.program) {
      ADD_FAILURE() << hostile.name << ": " << compiled.errors.at(0).message;
      continue;
    }
    auto begin = std::chrono::steady_clock::now();
    auto value = evaluate(*compiled.program, large);
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(value.ok(), hostile.succeeds)
        << hostile.name << ": " << (value.ok() ? "" : value.error().detail);
    // A third of a second at most; with sanitizers on a busy machine more, but never minutes.
    EXPECT_LT(took.count(), 20.0) << hostile.name;
  }
}

TEST(Hostile, sources_are_compiled_within_bounds) {
  auto many = [](std::string_view part) {
    std::string source = "[";
    while (source.size() + part.size() < 65'000) source += part;
    return source + "1]";
  };
  for (std::string_view part :
       {"sizee(1), ", "inptu, ", "input.a.b.c.d, ", "'a'.matches('x{1000}'), ", "1 + 'a', ",
        "[1].map(x, [x]), ", "{'a': {'b': 1}}, ", "1 ? 2 : 3, "}) {
    auto begin = std::chrono::steady_clock::now();
    auto compiled = compile(many(part), {.limits = {}, .roots = roots});
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took.count(), 10.0) << part;
    EXPECT_LE(compiled.errors.size(), 100u) << part;
  }
}

class Unknown final : public TypeEnvironment {
 public:
  Type root(std::string_view) const override { return dyn_type(); }
};

TEST(Hostile, types_are_checked_within_bounds) {
  std::string objects = "[";
  for (int i = 0; objects.size() < 60'000; ++i) objects += "{'a" + std::to_string(i) + "': 1}, ";
  std::string mistakes = "[";
  while (mistakes.size() < 60'000) mistakes += "1 + 'a', input.x.map(y, [y]), ";
  for (const std::string& source : {objects + "1]", mistakes + "1]"}) {
    auto compiled = compile(source, {.limits = {}, .roots = roots});
    ASSERT_TRUE(compiled.program);
    auto begin = std::chrono::steady_clock::now();
    TypeCheckResult checked = check_types(*compiled.program, Unknown());
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took.count(), 5.0);
    EXPECT_LE(checked.findings.size(), 100u);
  }
}

TEST(Hostile, expressions_of_one_template_share_a_budget) {
  JsonArray array;
  for (int i = 0; i < 1000; ++i) {
    array.emplace_back(json_view("${input.numbers.all(i, i >= 0)}"));
  }
  auto compiled = compile_template(Json(array), {.limits = {}, .roots = roots});
  auto rendered = render(*compiled.value, Large());
  ASSERT_FALSE(rendered.ok());
  EXPECT_NE(rendered.error().detail.find("together"), std::string::npos) << rendered.error().detail;
}

}  // namespace
}  // namespace harmonia::expr
