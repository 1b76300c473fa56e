#include "workflow/json_schema.h"

#include <gtest/gtest.h>

namespace harmonia::workflow {
namespace {

Json json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? std::move(*value) : Json();
}

std::vector<Problem> check(std::string_view schema, std::string_view instance) {
  auto compiled = JsonSchema::compile(json(schema));
  EXPECT_TRUE(compiled.ok()) << compiled.error().detail;
  if (!compiled.ok()) return {{.message = "no schema"}};
  return compiled->validate(json(instance));
}

Problem schema_fault(std::string_view schema) {
  auto compiled = JsonSchema::compile(json(schema));
  EXPECT_FALSE(compiled.ok()) << schema;
  if (compiled.ok()) return {};
  EXPECT_EQ(compiled.error().code, error_code::schema);
  return compiled.error().problems.front();
}

constexpr std::string_view order = R"({
  "type": "object", "required": ["id", "lines"], "additionalProperties": false,
  "properties": {
    "id": {"type": "string", "pattern": "^o-[0-9]+$"},
    "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
    "note": {"type": ["string", "null"], "maxLength": 3}
  },
  "$defs": {"line": {"type": "object", "required": ["sku"], "properties": {
    "sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1}}}}
})";

TEST(JsonSchema, a_valid_instance_has_no_problems) {
  EXPECT_TRUE(check(order, R"({"id": "o-1", "lines": [{"sku": "a", "count": 2.0}], "note": null})")
                  .empty());
}

TEST(JsonSchema, every_problem_names_instance_and_keyword) {
  auto problems = check(
      order, R"({"id": "x", "lines": [{"sku": 1}, {"count": 0}], "extra": 1, "note": "long"})");
  std::vector<std::pair<std::string, std::string>> found;
  for (const Problem& problem : problems) found.emplace_back(problem.pointer, problem.hint);
  using Found = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(
      found,
      (Found{{"/id", "required by /properties/id/pattern of the schema"},
             {"/lines/0/sku", "required by /$defs/line/properties/sku/type of the schema"},
             {"/lines/1", "required by /$defs/line/required of the schema"},
             {"/lines/1/count", "required by /$defs/line/properties/count/minimum of the schema"},
             {"/extra", "required by /additionalProperties of the schema"},
             {"/note", "required by /properties/note/maxLength of the schema"}}));
}

TEST(JsonSchema, messages_say_what_was_wanted_and_what_was_there) {
  EXPECT_EQ(check(R"({"type": "string"})", "5")[0].message, "must be a string, not an integer");
  EXPECT_EQ(check(R"({"type": ["number", "null"]})", "\"x\"")[0].message,
            "must be null or a number, not a string");
  EXPECT_EQ(check(R"({"enum": ["a", 1]})", "2")[0].message, "must be one of \"a\", 1, not 2");
  EXPECT_EQ(check(R"({"exclusiveMaximum": 3})", "3")[0].message, "must be less than 3, not 3");
  EXPECT_EQ(check(R"({"minProperties": 2})", "{}")[0].message,
            "must have at least 2 properties, not 0");
  EXPECT_EQ(check(R"({"required": ["a", "b"]})", "{}")[0].message,
            "the required properties 'a', 'b' are missing");
  EXPECT_EQ(check(R"({"anyOf": [{"type": "string"}, {"minimum": 5}]})", "2")[0].message,
            "matches none of the 2 alternatives (must be a string, not an integer; must be at "
            "least 5, not 2)");
}

TEST(JsonSchema, the_number_of_problems_is_bounded) {
  std::string items = "[";
  for (int i = 0; i < 1000; ++i) items += "1,";
  auto schema = JsonSchema::compile(json(R"({"items": {"type": "string"}})"));
  EXPECT_EQ(schema->validate(json(items + "1]"), 10).size(), 10u);
}

TEST(JsonSchema, multiples_are_judged_in_decimal) {
  EXPECT_TRUE(check(R"({"multipleOf": 0.01})", "19.99").empty());
  EXPECT_TRUE(check(R"({"multipleOf": 0.0001})", "0.0075").empty());
  EXPECT_FALSE(check(R"({"multipleOf": 0.0001})", "0.00751").empty());
  EXPECT_TRUE(check(R"({"multipleOf": 3})", "9007199254740993").empty());
  EXPECT_FALSE(check(R"({"multipleOf": 3})", "9007199254740994").empty());
  EXPECT_FALSE(check(R"({"multipleOf": 0.123456789})", "1e308").empty());
}

TEST(JsonSchema, large_integers_are_compared_exactly) {
  EXPECT_FALSE(check(R"({"maximum": 9223372036854775806})", "9223372036854775807").empty());
  EXPECT_TRUE(check(R"({"maximum": 18446744073709551615})", "18446744073709551615").empty());
}

TEST(JsonSchema, length_counts_characters) {
  EXPECT_TRUE(check(R"({"maxLength": 2})", "\"\u20ac\U0001F600\"").empty());
}

TEST(JsonSchema, equal_items_are_found_in_any_spelling) {
  EXPECT_FALSE(
      check(R"({"uniqueItems": true})", R"([{"a": 1, "b": 2}, {"b": 2.0, "a": 1}])").empty());
  EXPECT_TRUE(check(R"({"uniqueItems": true})", R"([0, false, null, "", [], {}, "0"])").empty());
}

TEST(JsonSchema, a_pattern_cannot_be_slow) {
  std::string text = "\"" + std::string(300'000, 'a') + "!\"";
  EXPECT_FALSE(check(R"({"pattern": "^([a-z]|[0-9])*$"})", text).empty());
  EXPECT_FALSE(check(R"({"pattern": "^(a+)+$"})", text).empty());
}

TEST(JsonSchema, ecma_spellings_of_patterns_work) {
  EXPECT_TRUE(check(R"({"pattern": "^\\u00e9\\cA?\\p{Letter}$"})", "\"\u00e9x\"").empty());
  EXPECT_TRUE(check(R"({"pattern": "^(?<year>\\d{4})$"})", "\"2026\"").empty());
  EXPECT_TRUE(check(R"({"pattern": "^\\s$"})", "\"\\u00a0\"").empty());
  EXPECT_TRUE(check(R"({"pattern": "^[[a]$"})", "\"[\"").empty());
}

TEST(JsonSchema, faults_of_the_schema_are_all_told_with_pointers) {
  auto compiled = JsonSchema::compile(
      json(R"x({"type": "strng", "properties": {"a": {"minimum": "1"}, "b/c": 5},
      "required": true, "pattern": "(?=x)", "items": [1], "$ref": "#/$defs/none",
      "minLength": -1})x"));
  ASSERT_FALSE(compiled.ok());
  std::vector<std::string> pointers;
  for (const Problem& problem : compiled.error().problems) pointers.push_back(problem.pointer);
  for (const char* expected : {"/type", "/properties/a/minimum", "/properties/b~1c", "/required",
                               "/pattern", "/items", "/$ref", "/minLength"}) {
    EXPECT_NE(std::find(pointers.begin(), pointers.end(), expected), pointers.end()) << expected;
  }
}

TEST(JsonSchema, what_is_no_schema_is_refused) {
  EXPECT_EQ(schema_fault("5").message, "a schema is an object or a boolean");
  EXPECT_NE(schema_fault(R"({"$schema": "http://json-schema.org/draft-04/schema#"})")
                .message.find("not supported"),
            std::string::npos);
}

TEST(JsonSchema, recursion_over_the_instance_works_and_without_end_is_refused) {
  std::string_view tree = R"({"properties": {"next": {"$ref": "#"}, "v": {"type": "integer"}}})";
  EXPECT_TRUE(check(tree, R"({"v": 1, "next": {"v": 2, "next": {}}})").empty());
  EXPECT_FALSE(check(tree, R"({"next": {"next": {"v": "x"}}})").empty());
  EXPECT_NE(check(R"({"$ref": "#"})", "1")[0].message.find("too deeply"), std::string::npos);
  EXPECT_FALSE(check(R"({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]})", "1").empty());
}

TEST(JsonSchema, doubling_schemas_end_in_bounded_time) {
  std::string schema = R"({"$ref": "#/$defs/d40", "$defs": {"d0": {"minimum": 5})";
  for (int i = 1; i <= 40; ++i) {
    std::string below = std::to_string(i - 1);
    schema += ", \"d" + std::to_string(i) + "\": {\"anyOf\": [{\"$ref\": \"#/$defs/d" + below +
              "\"}, {\"$ref\": \"#/$defs/d" + below + "\"}]}";
  }
  EXPECT_FALSE(check(schema + "}}", "1").empty());
}

TEST(JsonSchema, a_deep_schema_is_refused) {
  Json schema = true;
  for (int i = 0; i < 500; ++i) {
    JsonObject outer;
    outer["not"] = std::move(schema);
    schema = std::move(outer);
  }
  EXPECT_FALSE(JsonSchema::compile(schema).ok());
}

TEST(JsonSchema, the_meta_schema_itself_judges_schemas) {
  std::string_view meta = R"({"$ref": "https://json-schema.org/draft/2020-12/schema"})";
  EXPECT_TRUE(check(meta, order).empty());
  EXPECT_FALSE(check(meta, R"({"properties": {"a": {"type": 5}}})").empty());
}

TEST(JsonSchema, draft_7_is_what_its_schemas_mean) {
  std::string_view tuple = R"({"$schema": "http://json-schema.org/draft-07/schema#",
      "items": [{"type": "string"}], "additionalItems": false, "dependencies": {"a": ["b"]}})";
  EXPECT_TRUE(check(tuple, R"(["a"])").empty());
  EXPECT_FALSE(check(tuple, R"(["a", 1])").empty());
  EXPECT_FALSE(check(tuple, R"({"a": 1})").empty());
}

TEST(JsonSchema, references_lead_to_the_documents_given_and_nowhere_else) {
  SchemaDocuments registry{
      {"https://example.org/money", json(R"({"$defs": {"amount": {"minimum": 0}}})")},
      {"https://example.org/wrong", json(R"({"minimum": "0"})")}};
  auto schema = JsonSchema::compile(
      json(R"({"$id": "https://example.org/order", "items": {"$ref": "money#/$defs/amount"}})"),
      registry);
  ASSERT_TRUE(schema.ok()) << schema.error().detail;
  auto problems = schema->validate(json("[1, -1]"));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "/1");
  EXPECT_EQ(problems[0].hint,
            "required by https://example.org/money#/$defs/amount/minimum of the schema");

  auto unknown = JsonSchema::compile(json(R"({"$ref": "https://example.org/other"})"), registry);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().problems[0].pointer, "/$ref");
  auto wrong = JsonSchema::compile(json(R"({"$ref": "https://example.org/wrong"})"), registry);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().problems[0].pointer, "https://example.org/wrong#/minimum");
}

TEST(JsonSchema, copies_share_the_compiled_graph) {
  auto schema = JsonSchema::compile(json(order));
  JsonSchema copy = *schema;
  EXPECT_EQ(&copy.source(), &schema->source());
}

}  // namespace
}  // namespace harmonia::workflow
