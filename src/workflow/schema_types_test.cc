#include "workflow/schema_types.h"

#include <gtest/gtest.h>

#include "expr/type_check.h"
#include "workflow/json_schema.h"

namespace harmonia::workflow {
namespace {

expr::Type type_of(std::string_view schema) { return type_of_schema(*parse_json(schema)); }
std::string text_of(std::string_view schema) { return describe(type_of(schema)); }

TEST(SchemaTypes, names_of_types_become_kinds) {
  EXPECT_EQ(text_of(R"({"type": "string"})"), "string");
  EXPECT_EQ(text_of(R"({"type": "integer"})"), "int");
  EXPECT_EQ(text_of(R"({"type": "number"})"), "number");
  EXPECT_EQ(text_of(R"({"type": ["string", "null"]})"), "string or null");
  EXPECT_EQ(text_of(R"({"type": "array", "items": {"type": "boolean"}})"), "list(bool)");
  EXPECT_EQ(text_of(R"({})"), "any JSON");
  EXPECT_EQ(text_of("true"), "any JSON");
  EXPECT_EQ(text_of(R"({"enum": ["a", 1]})"), "int or string");
  EXPECT_EQ(text_of(R"({"const": true})"), "bool");
}

TEST(SchemaTypes, members_are_known_by_their_properties) {
  auto type = type_of(R"({"type": "object", "required": ["a", "c"], "additionalProperties": false,
                          "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}})");
  ASSERT_TRUE(type.object);
  EXPECT_TRUE(type.object->closed);
  EXPECT_TRUE(type.object->fields.at("a").required);
  EXPECT_FALSE(type.object->fields.at("b").required);
  EXPECT_FALSE(type.object->fields.contains("c")) << "no value is valid, so anything may be said";
  EXPECT_FALSE(type_of(R"({"properties": {"a": {}}})").object->closed);
  auto patterns = type_of(R"({"additionalProperties": false, "patternProperties": {"^x": {}}})");
  EXPECT_FALSE(patterns.object->closed);
  EXPECT_EQ(describe(type_of(R"({"additionalProperties": {"type": "string"}})").object->others),
            "string");
}

TEST(SchemaTypes, alternatives_unite_and_parts_intersect) {
  EXPECT_EQ(text_of(R"({"anyOf": [{"type": "string"}, {"type": "integer"}]})"), "int or string");
  EXPECT_EQ(
      text_of(R"({"type": ["string", "null"], "oneOf": [{"type": "string"}, {"minimum": 1}]})"),
      "string or null");
  EXPECT_EQ(text_of(R"({"allOf": [{"type": ["string", "null"]}, {"type": ["null", "array"]}]})"),
            "null");
  auto both = type_of(R"({"allOf": [{"properties": {"a": {"type": "string"}}},
                          {"properties": {"b": {"type": "integer"}}, "required": ["a"]}]})");
  EXPECT_EQ(both.object->fields.size(), 2u);
  EXPECT_TRUE(both.object->fields.at("a").required);
}

TEST(SchemaTypes, references_within_the_document_are_followed) {
  EXPECT_EQ(text_of(R"({"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}})"), "int");
  EXPECT_EQ(text_of(R"({"$ref": "https://x/y"})"), "any JSON");
  EXPECT_EQ(
      text_of(R"({"$ref": "#/$defs/n", "$defs": {"n": {"$id": "https://x", "type": "null"}}})"),
      "any JSON");
  EXPECT_EQ(text_of(R"({"$schema": "http://json-schema.org/draft-07/schema#", "type": "string",
                        "$ref": "#/definitions/n", "definitions": {"n": {"type": "integer"}}})"),
            "int")
      << "draft 7 passes over what stands beside $ref";
  auto tree = type_of(R"({"type": "object", "properties": {"left": {"$ref": "#"}}})");
  EXPECT_TRUE(tree.object->fields.at("left").type.object) << "and recursion ends";
}

TEST(SchemaTypes, a_hostile_schema_costs_little) {
  std::string schema = R"({"$defs": {"a": {"allOf": [)";
  for (int i = 0; i < 20; ++i) schema += R"({"$ref": "#/$defs/a"},)";
  schema += R"({"type": "string"}]}}, "$ref": "#/$defs/a"})";
  EXPECT_EQ(text_of(schema), "string");
}

// Each value that is valid must be of the type; the law all else rests on.
TEST(SchemaTypes, valid_values_are_of_the_type) {
  const std::vector<std::string> schemas = {
      R"({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]})",
      R"({"anyOf": [{"type": "string"}, {"required": ["b"]}]})",
      R"({"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]})",
      R"({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "integer"}})",
      R"({"not": {"type": "string"}})",
      R"({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}})",
      R"({"type": "object", "properties": {"a": {}}, "additionalProperties": false})",
      R"({"allOf": [{"properties": {"a": {"type": ["integer", "string"]}}},
                    {"additionalProperties": {"type": "string"}}]})",
      R"({"enum": [{"a": 1}, "x", null]})"};
  const std::vector<std::string> values = {"null",
                                           "1",
                                           "-2",
                                           R"("x")",
                                           R"("xy")",
                                           "[]",
                                           R"(["x"])",
                                           R"(["x", 1])",
                                           "{}",
                                           R"({"a": 1})",
                                           R"({"a": "x"})",
                                           R"({"b": []})",
                                           R"({"a": 1, "b": 2})",
                                           "true",
                                           "[1, 2]"};
  for (const std::string& text : schemas) {
    Json schema = *parse_json(text);
    auto compiled = JsonSchema::compile(schema);
    ASSERT_TRUE(compiled.ok());
    auto wanted = type_of_schema(schema);
    for (const std::string& value_text : values) {
      Json value = *parse_json(value_text);
      if (!compiled->validate(value).empty()) continue;
      auto misfits = find_misfits(value, expr::type_of_json(value), wanted);
      EXPECT_TRUE(misfits.empty()) << text << " " << value_text << " " << misfits.front().message;
    }
  }
}

TEST(Misfits, only_what_is_certain_is_told) {
  auto wanted = type_of(R"({"type": "object", "required": ["n"],
                            "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}})");
  Json source = *parse_json(R"({"s": "${x}"})");
  expr::ObjectType object;
  object.closed = true;
  object.fields["s"] = {expr::either(expr::int_type(), expr::string_type()), true};
  auto misfits = find_misfits(source, object_type(object), wanted);
  ASSERT_EQ(misfits.size(), 1u);
  EXPECT_EQ(misfits[0].message, "'n' is missing");
  // What an expression gives may have members that nobody knows of.
  EXPECT_TRUE(find_misfits("${x}", expr::json_type(), wanted).empty());
  EXPECT_TRUE(find_misfits("${x}", object_type(object), wanted).empty());
  EXPECT_FALSE(find_misfits("${x}", expr::string_type(), wanted).empty());
  // A double may be whole.
  EXPECT_TRUE(
      find_misfits(1.0, expr::type_of_kinds(expr::Type::double_bit), expr::int_type()).empty());
}

}  // namespace
}  // namespace harmonia::workflow
