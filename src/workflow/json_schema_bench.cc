#include <benchmark/benchmark.h>

#include "workflow/json_schema.h"

namespace harmonia::workflow {
namespace {

// An order as a shop would check it: 1.6 KB of document, nested objects, references, patterns,
// enumerations, bounds, alternatives.
constexpr std::string_view schema_text = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["id", "placed_at", "customer", "items", "payment", "totals"],
  "additionalProperties": false,
  "properties": {
    "id": { "type": "string", "pattern": "^ord_[0-9a-f]{16}$" },
    "placed_at": { "type": "string", "format": "date-time", "minLength": 20, "maxLength": 35 },
    "channel": { "enum": ["web", "app", "phone", "partner"] },
    "customer": {
      "type": "object",
      "required": ["id", "name", "email"],
      "properties": {
        "id": { "type": "integer", "minimum": 1 },
        "name": { "type": "string", "minLength": 1, "maxLength": 200 },
        "email": { "type": "string", "pattern": "^[^@ ]+@[^@ ]+[.][a-z]{2,}$" },
        "phone": { "type": ["string", "null"] },
        "vip": { "type": "boolean" }
      },
      "additionalProperties": false
    },
    "shipping_address": { "$ref": "#/$defs/address" },
    "billing_address": { "$ref": "#/$defs/address" },
    "items": {
      "type": "array", "minItems": 1, "maxItems": 100, "items": { "$ref": "#/$defs/item" }
    },
    "payment": {
      "oneOf": [
        {
          "properties": {
            "method": { "const": "card" },
            "last4": { "type": "string", "pattern": "^[0-9]{4}$" },
            "brand": { "enum": ["visa", "mastercard", "amex"] }
          },
          "required": ["method", "last4"]
        },
        {
          "properties": {
            "method": { "const": "transfer" },
            "iban": { "type": "string", "minLength": 15, "maxLength": 34 }
          },
          "required": ["method", "iban"]
        }
      ]
    },
    "totals": {
      "type": "object",
      "required": ["net", "tax", "gross", "currency"],
      "properties": {
        "net": { "type": "number", "minimum": 0 },
        "tax": { "type": "number", "minimum": 0 },
        "gross": { "type": "number", "minimum": 0 },
        "currency": { "type": "string", "minLength": 3, "maxLength": 3 }
      }
    },
    "coupon": { "type": "string", "pattern": "^[A-Z0-9-]+$" },
    "notes": { "type": "string", "maxLength": 2000 },
    "tags": { "type": "array", "uniqueItems": true, "items": { "type": "string", "maxLength": 30 } }
  },
  "$defs": {
    "address": {
      "type": "object",
      "required": ["street", "city", "postcode", "country"],
      "properties": {
        "street": { "type": "string", "minLength": 1 },
        "city": { "type": "string", "minLength": 1 },
        "postcode": { "type": "string", "pattern": "^[0-9A-Z -]{3,10}$" },
        "country": { "type": "string", "minLength": 2, "maxLength": 2 }
      },
      "additionalProperties": false
    },
    "item": {
      "type": "object",
      "required": ["sku", "quantity", "price"],
      "properties": {
        "sku": { "type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$" },
        "title": { "type": "string", "maxLength": 200 },
        "quantity": { "type": "integer", "minimum": 1, "maximum": 999 },
        "price": { "type": "number", "exclusiveMinimum": 0 },
        "gift": { "type": "boolean", "default": false }
      },
      "additionalProperties": false
    }
  }
})json";

constexpr std::string_view document_text = R"json({
  "id": "ord_0123456789abcdef",
  "placed_at": "2026-03-14T09:26:53.589Z",
  "channel": "web",
  "customer": {
    "id": 48151623,
    "name": "Augusta Ada King, Countess of Lovelace",
    "email": "ada.lovelace@analytical.example.org",
    "phone": null,
    "vip": true
  },
  "coupon": "SPRING-2026-ANALYTICAL-ENGINES-TEN-PERCENT-OFF",
  "shipping_address": {
    "street": "12 St James's Square", "city": "London", "postcode": "SW1Y 4JH", "country": "GB"
  },
  "billing_address": {
    "street": "Ockham Park, Ockham Lane", "city": "Woking", "postcode": "GU23 6NQ", "country": "GB"
  },
  "items": [
    { "sku": "ENG-0001", "title": "Difference engine, brass, hand cranked",
      "quantity": 1, "price": 17000.5 },
    { "sku": "CRD-0300", "title": "Punched cards, pack of three hundred",
      "quantity": 12, "price": 9.99 },
    { "sku": "BOK-0007", "title": "Sketch of the Analytical Engine, with notes",
      "quantity": 2, "price": 35, "gift": true },
    { "sku": "OIL-0042", "title": "Watchmaker's oil, 20 ml",
      "quantity": 5, "price": 7.25 },
    { "sku": "GEA-1815", "title": "Spare gear wheel, 64 teeth",
      "quantity": 40, "price": 3.5 },
    { "sku": "LMP-0100", "title": "Oil lamp with a green shade",
      "quantity": 2, "price": 12.75, "gift": false },
    { "sku": "PAP-2000", "title": "Graph paper, two thousand sheets",
      "quantity": 1, "price": 18.4 },
    { "sku": "PEN-0009", "title": "Steel nibs, nine dozen",
      "quantity": 3, "price": 4.2 },
    { "sku": "INK-0011", "title": "Iron gall ink in a stone bottle",
      "quantity": 3, "price": 2.8 }
  ],
  "payment": { "method": "card", "last4": "1852", "brand": "visa" },
  "totals": { "net": 17366.63, "tax": 3473.33, "gross": 20839.96, "currency": "GBP" },
  "notes": "Please ring twice, the butler hardly hears. Engine to the library, oil to the kitchen.",
  "tags": ["vip", "heavy", "fragile", "export"]
})json";

void compile_schema(benchmark::State& state) {
  Json source = parse_json(schema_text).value();
  for (auto _ : state) benchmark::DoNotOptimize(JsonSchema::compile(source));
}
BENCHMARK(compile_schema);

void validate_document(benchmark::State& state) {
  auto schema = JsonSchema::compile(parse_json(schema_text).value()).value();
  Json document = parse_json(document_text).value();
  if (!schema.validate(document).empty()) state.SkipWithError("the document is not valid");
  state.counters["document_bytes"] = static_cast<double>(to_text(document).size());
  for (auto _ : state) benchmark::DoNotOptimize(schema.validate(document));
}
BENCHMARK(validate_document);

void refuse_document(benchmark::State& state) {
  auto schema = JsonSchema::compile(parse_json(schema_text).value()).value();
  Json document = parse_json(document_text).value();
  document.as_object()["items"].as_array()[2].as_object()["quantity"] = 0;
  document.as_object()["colour"] = "red";
  if (schema.validate(document).size() != 2) state.SkipWithError("two problems were expected");
  for (auto _ : state) benchmark::DoNotOptimize(schema.validate(document));
}
BENCHMARK(refuse_document);

}  // namespace
}  // namespace harmonia::workflow
