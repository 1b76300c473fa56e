#include "workflow/export.h"

#include <gtest/gtest.h>

#include "workflow/corpus_test.h"
#include "workflow/parse_examples_test.h"
#include "workflow/random_definition_test.h"

namespace harmonia::workflow {
namespace {

constexpr std::uint64_t seeds = 400;

void expect_round_trip(const Definition& definition) {
  for (ExportFormat format : {ExportFormat::json, ExportFormat::yaml}) {
    std::string text = export_definition(definition, format);
    auto again = parse_definition(text);
    ASSERT_TRUE(again.ok()) << examples::show(again) << text;
    EXPECT_EQ(to_text(again.definition->canonical), to_text(definition.canonical)) << text;
    EXPECT_TRUE(again.translations.empty());
  }
}

TEST(Export, what_is_exported_imports_as_the_same) {
  for (const SharedDefinition& definition : examples::corpus_definitions())
    expect_round_trip(*definition);
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    auto outcome = parse_definition(examples::random_definition(seed));
    ASSERT_TRUE(outcome.ok()) << "seed " << seed << "\n" << examples::show(outcome);
    SCOPED_TRACE(seed);
    expect_round_trip(*outcome.definition);
    if (HasFailure()) return;
  }
}

TEST(Export, yaml_of_any_value_is_read_as_the_same) {
  for (std::uint64_t seed = 0; seed < 10 * seeds; ++seed) {
    Json value = examples::random_value(seed);
    std::string text = to_yaml(value);
    auto again = parse_yaml(text);
    ASSERT_TRUE(again.ok()) << "seed " << seed << " " << again.error().detail << "\n" << text;
    ASSERT_EQ(to_text(*again), to_text(value)) << "seed " << seed << "\n" << text;
  }
}

TEST(Export, keys_of_any_length_are_read_back) {
  for (std::size_t size : {900u, 1'000u, 1'001u, 1'024u, 3'000u}) {
    for (std::string_view part : {"a", "\"", "\u20ac", "b:", "\x7f"}) {
      std::string key;
      while (key.size() < size) key += part;
      JsonObject inner{{key, "x\ny\n"}, {"n", 1}};
      Json value = JsonObject{{key, inner}, {key + "2", {1, inner}}, {key + "3", {"a"}}};
      auto again = parse_yaml(to_yaml(value));
      ASSERT_TRUE(again.ok()) << size << part << "\n" << again.error().detail;
      EXPECT_EQ(to_text(*again), to_text(value));
    }
  }
}

TEST(Export, yaml_is_plain_where_it_can_be) {
  EXPECT_EQ(to_yaml(*parse_json(
                R"({"name": "x", "say": "two words", "yes": "no", "version": "1.0", "n": 5,
                    "empty": {}, "none": [], "ids": ["a", "b-c"], "texts": ["a b", "1"],
                    "when": "${input.a == 'b'}", "lines": "one\n  two\n", "tail": "a\nb",
                    "list": [{"a": 1, "b": [2]}, [3, [4]]], "nothing": null})")),
            R"(name: x
say: two words
"yes": "no"
version: "1.0"
n: 5
empty: {}
none: []
ids: [a, b-c]
texts:
  - a b
  - "1"
when: ${input.a == 'b'}
lines: |
  one
    two
tail: |-
  a
  b
list:
  - a: 1
    b:
      - 2
  - - 3
    - - 4
nothing: null
)");
  EXPECT_EQ(to_yaml(Json(1e-7)), "1.0e-07\n");
  EXPECT_EQ(to_yaml(Json("x")), "x\n");
  EXPECT_EQ(to_yaml(JsonArray()), "[]\n");
}

constexpr const char* drawn = R"(
name: "order #1 \"x\""
tasks:
  check:
    type: decision
    cases: [{name: big, when: input.n > 5, next: [ask]}, {when: input.n > 1, next: [pay]}]
    default: {next: [stop]}
  ask: {type: approval}
  pay: {component: bank, action: pay, depends_on: [ask], join: any_success,
        catch: {errors: [timeout], do: {tell: {component: log}}},
        finally: {clean: {component: log}}, compensate: {component: bank, action: refund}}
  stop: {type: terminate, when: input.stop}
  many:
    type: map
    depends_on: [pay]
    items: [1]
    do: {one: {component: noop}, two: {component: noop, depends_on: [one]}}
on_failure: {alarm: {component: log}}
)";

TEST(Export, mermaid_draws_tasks_cases_bodies_and_handlers) {
  auto outcome = parse_definition(drawn);
  ASSERT_TRUE(outcome.ok()) << examples::show(outcome);
  EXPECT_EQ(export_definition(*outcome.definition, ExportFormat::mermaid), R"(---
title: "order #1 \"x\""
---
flowchart TD
  t0{"check<br/>decision"}
  t1[/"ask<br/>approval"/]
  t2["pay<br/>bank.pay<br/>join: any_success"]
  t3(["stop<br/>terminate"])
  t4{{"many<br/>map"}}
  subgraph b2["pay: catch timeout"]
    t6["tell<br/>log"]
  end
  subgraph b3["pay: finally"]
    t7["clean<br/>log"]
  end
  subgraph b4["pay: compensate"]
    t8["compensate<br/>bank.refund"]
  end
  subgraph b5["many: each"]
    t9["one<br/>noop"]
    t10["two<br/>noop"]
  end
  subgraph b1["on_failure"]
    t5["alarm<br/>log"]
  end
  t0 -->|"big"| t1
  t1 --> t2
  t0 -->|"input.n #gt; 1"| t2
  t2 -.->|"catch timeout"| t6
  t2 -.->|"finally"| t7
  t2 -.->|"compensate"| t8
  t0 -->|"default"| t3
  t2 --> t4
  t4 -->|"each"| t9
  t9 --> t10
)");
}

TEST(Export, dot_draws_the_same) {
  auto outcome = parse_definition(drawn);
  ASSERT_TRUE(outcome.ok());
  std::string text = export_definition(*outcome.definition, ExportFormat::dot);
  for (const char* part :
       {"digraph \"order #1 \\\"x\\\"\" {\n", "  t0 [label=\"check\\ndecision\", shape=diamond];\n",
        "  subgraph cluster_b5 {\n    label=\"many: each\";\n    t9 [label=\"one\\nnoop\"];\n",
        "  t2 -> t6 [style=dotted, label=\"catch timeout\"];\n",
        "  t0 -> t2 [label=\"input.n > 1\"];\n", "  t9 -> t10;\n}\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(Export, drawings_of_any_definition_hold_its_tasks_and_stay_on_their_lines) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    auto outcome = parse_definition(examples::random_definition(seed));
    ASSERT_TRUE(outcome.ok());
    std::string mermaid = export_definition(*outcome.definition, ExportFormat::mermaid);
    std::string dot = export_definition(*outcome.definition, ExportFormat::dot);
    for (std::size_t i = 0; i < outcome.definition->tasks.size(); ++i) {
      std::string id = " t" + std::to_string(i);
      EXPECT_NE(dot.find(id + " [label="), std::string::npos) << "seed " << seed;
      EXPECT_NE(mermaid.find(id), std::string::npos) << "seed " << seed;
    }
    auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
    auto groups = [](const std::string& text, std::string_view sign) {
      std::ptrdiff_t count = 0;
      for (std::size_t at = text.find(sign); at != std::string::npos; at = text.find(sign, at + 1))
        ++count;
      return count;
    };
    // Both have a line for each node and edge; a group has one line more in DOT, for its label.
    EXPECT_EQ(lines(mermaid) - 4 + groups(dot, "subgraph cluster_"), lines(dot) - 4)
        << "seed " << seed << "\n"
        << mermaid << dot;
  }
}

}  // namespace
}  // namespace harmonia::workflow
