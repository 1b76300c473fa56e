#include "expr/type_check.h"

#include <gtest/gtest.h>

namespace harmonia::expr {
namespace {

// The types of an order, as its JSON Schema would give them.
class Order final : public TypeEnvironment {
 public:
  Order() {
    ObjectType customer;
    customer.fields = {{"name", {string_type(), true}}, {"email", {string_type(), false}}};
    customer.closed = true;
    ObjectType article;
    article.fields = {{"sku", {string_type(), true}}, {"price", {number_type(), true}}};
    ObjectType input;
    input.fields = {{"n", {int_type(), true}},
                    {"price", {number_type(), true}},
                    {"name", {string_type(), true}},
                    {"note", {either(string_type(), null_type()), false}},
                    {"done", {bool_type(), true}},
                    {"tags", {list_type(string_type()), true}},
                    {"articles", {list_type(object_type(std::move(article))), true}},
                    {"customer", {object_type(std::move(customer)), true}},
                    {"anything", {dyn_type(), true}}};
    input.closed = true;
    input_ = object_type(std::move(input));
  }
  Type root(std::string_view name) const override { return name == "input" ? input_ : dyn_type(); }

 private:
  Type input_;
};

constexpr std::string_view roots[] = {"input", "tasks"};

TypeCheckResult check(std::string_view source, bool is_condition = false) {
  auto compiled = compile(source, {.limits = {}, .roots = roots});
  if (!compiled.program) {
    ADD_FAILURE() << source << ": " << compiled.errors.at(0).message;
    return {};
  }
  Order order;
  return is_condition ? check_condition_types(*compiled.program, order)
                      : check_types(*compiled.program, order);
}

std::string type_text(std::string_view source) {
  TypeCheckResult result = check(source);
  for (const TypeFinding& finding : result.findings) {
    ADD_FAILURE() << source << ": " << finding.message;
  }
  return describe(result.type);
}

// "error: message (hint)" of the only finding; "" without one.
std::string finding(std::string_view source, bool is_condition = false) {
  TypeCheckResult result = check(source, is_condition);
  if (result.findings.empty()) return "";
  if (result.findings.size() > 1) return "several";
  const TypeFinding& found = result.findings[0];
  std::string text = found.severity == TypeSeverity::error ? "error: " : "warning: ";
  text += found.message;
  return found.hint.empty() ? text : text + " (" + found.hint + ")";
}

TEST(Types, of_an_expression_follow_from_those_of_its_roots) {
  EXPECT_EQ(type_text("input.n + 1"), "int");
  EXPECT_EQ(type_text("input.name"), "string");
  EXPECT_EQ(type_text("input.note"), "string or null");
  EXPECT_EQ(type_text("input.price"), "number");
  EXPECT_EQ(type_text("input.price * 2.0"), "double");
  EXPECT_EQ(type_text("input.articles.map(a, a.sku)"), "list(string)");
  EXPECT_EQ(type_text("input.articles.filter(a, a.price > 1)[0].sku"), "string");
  EXPECT_EQ(type_text("input.articles[0].unknown"), "dyn");
  EXPECT_EQ(type_text("input.tags.first()"), "optional(string)");
  EXPECT_EQ(type_text("input.tags.first().orValue(0)"), "int or string");
  EXPECT_EQ(type_text("input.tags.transformList(i, t, i)"), "list(int)");
  EXPECT_EQ(type_text("{'a': input.n}.a"), "int");
  EXPECT_EQ(type_text("input.customer.?email"), "optional(string)");
  EXPECT_EQ(type_text("default(input.customer.email, 0)"), "int or string");
  EXPECT_EQ(type_text("input.done ? 1 : 'x'"), "int or string");
  EXPECT_EQ(type_text("tasks.a.output + 1"), "int");
  EXPECT_EQ(type_text("size(input.name) > 3 && has(input.note)"), "bool");
  EXPECT_EQ(type_text("cel.bind(x, input.n, [x, x])"), "list(int)");
  EXPECT_EQ(type_text("timestamp('2026-01-01T00:00:00Z') - duration('1h')"), "timestamp");
  EXPECT_EQ(type_text("[1, 'a'].map(x, x)"), "list(int or string)");
  EXPECT_EQ(type_text("input.customer.?email.optMap(e, e.size())"), "optional(int)");
}

TEST(Types, that_fit_no_overload_are_an_error) {
  EXPECT_EQ(finding("1 + 'a'"), "error: no such overload: int + string (convert with string(x))");
  EXPECT_EQ(finding("input.n * 2.5"),
            "error: no such overload: int * double (numbers of different types don't mix: convert "
            "with int(x) or double(x))");
  EXPECT_EQ(finding("input.n < input.name"),
            "error: no such overload: int < string (convert the text with int(x) or double(x))");
  EXPECT_EQ(finding("input.n.contains('x')"),
            "error: no such overload: contains(int, string) (it takes (string, string), first what "
            "stands before the dot)");
  EXPECT_EQ(finding("!input.n"),
            "error: no such overload: !int (only a bool can be negated with !)");
  EXPECT_EQ(finding("input.price * 2 + 0.5"),
            "error: no such overload: int + double (numbers of different types don't mix: convert "
            "with int(x) or double(x))");
}

TEST(Types, that_may_fit_are_none) {
  EXPECT_EQ(finding("input.price * 2"), "");
  EXPECT_EQ(finding("input.note + 'x'"), "");
  EXPECT_EQ(finding("input.anything + 1 + input.anything"), "");
  EXPECT_EQ(finding("input.price > 1 && input.price < 2.5"), "");
  EXPECT_EQ(finding("[].map(x, x + 1)"), "");
  EXPECT_EQ(finding("{}.map(k, k + 1)"), "");
  EXPECT_EQ(finding("input.tags[input.anything]"), "");
  EXPECT_EQ(finding("[1, 'a'].map(x, x + 1)"), "");
  EXPECT_EQ(finding("dyn(input.n) + 'x'"), "");
  EXPECT_EQ(finding("default(input.customer.email, null) == null"), "");
}

TEST(Types, a_member_that_a_closed_object_lacks_is_an_error_with_the_nearest_one) {
  EXPECT_EQ(finding("input.pricee"), "error: input has no member 'pricee' (did you mean 'price'?)");
  EXPECT_EQ(finding("input['customer'].mail"),
            "error: input['customer'] has no member 'mail' (did you mean 'email'?)");
  EXPECT_EQ(finding("{'a': 1}.zzzzzz"), "error: {'a': 1} has no member 'zzzzzz' (it has a)");
  EXPECT_EQ(finding("has(input.nam)"),
            "warning: input has no member 'nam', so it is never there (did you mean 'name'?)");
  EXPECT_EQ(finding("input.?nam"),
            "warning: input has no member 'nam', so it is never there (did you mean 'name'?)");
  EXPECT_EQ(finding("default(input.nam, 1)"),
            "warning: input has no member 'nam', so it is never there (did you mean 'name'?)");
  EXPECT_EQ(finding("input.articles[0].pricee"), "");
  EXPECT_EQ(finding("has(input.nam) ? input.nam : 'x'"),
            "warning: input has no member 'nam', so it is never there (did you mean 'name'?)");
}

TEST(Types, what_has_no_members_or_items_is_told_so) {
  EXPECT_EQ(finding("input.name.first"), "error: input.name is string and has no member 'first'");
  EXPECT_EQ(finding("input.n[0]"), "error: input.n is int and has no items");
  EXPECT_EQ(finding("input.tags.length"),
            "error: input.tags is a list; its index is a number, not string (its items are "
            "input.tags[0] and so on, their number is size(input.tags))");
  EXPECT_EQ(finding("input.n.map(x, x)"), "error: input.n is int, but map() needs a list or a map");
  EXPECT_EQ(finding("null.x"), "error: null is null and has no member 'x'");
  EXPECT_EQ(finding("default(null.x, 1)"), "");
  EXPECT_EQ(finding("input.customer.?email.x"),
            "warning: input.customer.?email is string and has no member 'x'");
}

TEST(Types, a_condition_must_be_a_bool) {
  EXPECT_EQ(finding("input.n", true),
            "error: input.n must be true or false here, but is int (compare it, as in x > 0)");
  EXPECT_EQ(finding("input.done", true), "");
  EXPECT_EQ(finding("input.anything", true), "");
  EXPECT_EQ(finding("input.n && input.done"),
            "error: input.n must be true or false here, but is int (compare it, as in x > 0)");
  EXPECT_EQ(finding("input.tags.filter(t, t)"),
            "error: t must be true or false here, but is string (compare it, as in x == 'yes')");
  EXPECT_EQ(finding("input.tags ? 1 : 2"),
            "error: input.tags must be true or false here, but is list(string) (ask for its size, "
            "as in size(x) > 0)");
}

TEST(Types, comparisons_that_never_change_are_warned_of) {
  EXPECT_EQ(finding("input.n == 'a'"),
            "warning: always false: int and string are never equal (convert the text with int(x) "
            "or double(x))");
  EXPECT_EQ(finding("input.n != null"),
            "warning: always true: int and null are never equal (what may be absent is asked for "
            "with has(x.y))");
  EXPECT_EQ(finding("1 == 1.0 && input.note == null").find("error"), std::string::npos);
  EXPECT_EQ(finding("input.n in input.tags"),
            "warning: always false: the items are string, never int");
  EXPECT_EQ(finding("1 in input.customer"),
            "warning: always false: the keys are string, never int");
  EXPECT_EQ(finding("true || input.done"),
            "warning: true names nothing, so it is the same every time");
  EXPECT_EQ(finding("input.customer.?email == 'a'"),
            "warning: always false: optional(string) and string are never equal (take the value "
            "out with x.orValue(...))");
}

TEST(Types, of_several_mistakes_all_are_found) {
  EXPECT_EQ(check("[1 + 'a', input.nam, !1]").findings.size(), 3u);
}

TEST(Types, of_templates_are_those_of_the_json_they_render_to) {
  auto source = parse_json(R"({
    "whole": "${input.n + 1}", "text": "n is ${input.n + 'x'}", "time": "${timestamp(0)}",
    "list": ["${input.name}", 1], "constant": {"a": [true]}, "maybe": "${input.customer.?email}",
    "deep": {"bad~/name": "no ${input.nam}"}})");
  auto compiled = compile_template(source.value(), {.limits = {}, .roots = roots});
  ASSERT_TRUE(compiled.value);
  TemplateTypeCheckResult result = check_types(*compiled.value, Order());
  auto field = [&](std::string_view name) {
    return describe(result.type.object->fields.find(name)->second.type);
  };
  EXPECT_TRUE(result.type.object->closed);
  EXPECT_EQ(field("whole"), "int");
  EXPECT_EQ(field("text"), "string");
  EXPECT_EQ(field("time"), "string");
  EXPECT_EQ(field("list"), "list(int or string)");
  EXPECT_EQ(field("constant"), "map");
  EXPECT_EQ(field("maybe"), "string or null");
  ASSERT_EQ(result.findings.size(), 2u);
  EXPECT_EQ(result.findings[0].pointer, "/text");
  EXPECT_EQ(result.findings[0].finding.range.offset, 7u);
  EXPECT_EQ(result.findings[1].pointer, "/deep/bad~0~1name");
}

TEST(Types, that_double_with_each_step_cost_no_more_than_a_bounded_effort) {
  std::string source;
  std::string previous = "1";
  for (int i = 0; i < 45; ++i) {
    std::string name = "x" + std::to_string(i);
    source += "cel.bind(" + name + ", true ? {'a': " + previous + ", 'b': " + previous +
              "} : {'b': " + previous + ", 'c': [" + previous + "]}, ";
    previous = name;
  }
  TypeCheckResult result = check(source + previous + std::string(45, ')'));
  EXPECT_TRUE(result.type.may_be(Type::map_bit));
  EXPECT_LE(result.type.depth, Type::depth_max);
  EXPECT_TRUE(type_in_json(result.type).may_be(Type::map_bit));
}

}  // namespace
}  // namespace harmonia::expr
