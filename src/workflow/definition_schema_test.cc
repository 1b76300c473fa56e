#include "workflow/definition_schema.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "workflow/corpus_test.h"
#include "workflow/fields.h"
#include "workflow/findings.h"
#include "workflow/json_schema.h"
#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using Names = std::set<std::string, std::less<>>;

const Json& schema_json() {
  static const Json parsed = *parse_json(definition_schema());
  return parsed;
}

const JsonSchema& schema() {
  static const JsonSchema compiled = *JsonSchema::compile(schema_json());
  return compiled;
}

const Json& at(const std::string& pointer) {
  const Json* found = find_pointer(schema_json(), pointer);
  EXPECT_NE(found, nullptr) << pointer;
  return found == nullptr ? schema_json() : *found;
}

Names members_of(const std::string& pointer) {
  Names names;
  for (const auto& member : at(pointer).get_object()) names.emplace(text_view(member.key()));
  return names;
}

template <class List>
Names names_of(const List& list) {
  return Names(list.begin(), list.end());
}

std::string faults_of(const Json& definition) {
  std::string text;
  for (const Problem& problem : schema().validate(definition))
    text += problem.pointer + ": " + problem.message + " (" + problem.hint + ")\n";
  return text;
}

std::vector<std::string> task_types() {
  std::vector<std::string> types;
  for (const Json& type : at("/$defs/type/enum").get_array())
    types.emplace_back(text_view(type.get_string()));
  return types;
}

std::string definition_of(const std::string& type) {
  return type == "custom" ? "/$defs/task_standard" : "/$defs/task_" + type;
}

TEST(DefinitionSchema, is_a_schema) {
  auto compiled = JsonSchema::compile(schema_json());
  ASSERT_TRUE(compiled.ok()) << compiled.error().detail;
  auto metaschema =
      JsonSchema::compile(JsonObject{{"$ref", "https://json-schema.org/draft/2020-12/schema"}});
  ASSERT_TRUE(metaschema.ok());
  EXPECT_TRUE(metaschema->validate(schema_json()).empty());
}

TEST(DefinitionSchema, its_properties_are_the_fields_of_the_language) {
  EXPECT_EQ(members_of("/properties"), names_of(fields::workflow));
  EXPECT_EQ(members_of("/$defs/retry_policy/properties"), names_of(fields::retry_policy));
  EXPECT_EQ(members_of("/$defs/catch_clause/properties"), names_of(fields::catch_clause));
  Names of_tasks;
  for (const std::string& type : task_types())
    of_tasks.merge(members_of(definition_of(type) + "/properties"));
  EXPECT_EQ(of_tasks, names_of(fields::task));
}

// Every sub-schema that is a field: its pointer and itself.
void for_each_field(const Json& schema, const std::string& pointer, const auto& visit) {
  if (schema.is_array()) {
    std::size_t index = 0;
    for (const Json& item : schema.get_array())
      for_each_field(item, child_pointer(pointer, std::to_string(index++)), visit);
  }
  if (!schema.is_object()) return;
  for (const auto& member : schema.get_object()) {
    std::string inner = child_pointer(pointer, text_view(member.key()));
    bool in_condition = member.key() == "if";
    if (in_condition) continue;
    if (member.key() == "properties") {
      for (const auto& field : member.value().get_object())
        visit(child_pointer(inner, text_view(field.key())), field.value());
    }
    for_each_field(member.value(), inner, visit);
  }
}

TEST(DefinitionSchema, every_field_has_a_description) {
  std::size_t fields = 0;
  for_each_field(schema_json(), "", [&](const std::string& pointer, const Json& field) {
    ++fields;
    std::string where = pointer;
    const Json* described = &field;
    while (!described->get_object().contains("description") &&
           described->get_object().contains("$ref")) {
      where = text_view(described->at("$ref").get_string()).substr(1);
      described = &at(where);
    }
    EXPECT_FALSE(get_string(described->get_object(), "description").empty()) << pointer;
  });
  EXPECT_GT(fields, 200u);
}

TEST(DefinitionSchema, every_definition_of_the_corpus_is_valid) {
  for (const auto& file : examples::read_corpus("definitions")) {
    auto written = parse_yaml(file.text);
    ASSERT_TRUE(written.ok()) << file.name;
    EXPECT_EQ(faults_of(*written), "") << file.name;
  }
  for (const SharedDefinition& definition : examples::corpus_definitions())
    EXPECT_EQ(faults_of(definition->canonical), "") << definition->name;
}

TEST(DefinitionSchema, what_other_dialects_become_is_valid) {
  for (const examples::Example& example : examples::valid) {
    auto outcome = parse_definition(example.text);
    ASSERT_TRUE(outcome.ok()) << example.name;
    EXPECT_EQ(faults_of(outcome.definition->canonical), "") << example.name;
  }
}

TEST(DefinitionSchema, every_example_is_valid) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("examples")) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    auto outcome = parse_definition(text.str());
    ASSERT_TRUE(outcome.ok()) << entry.path();
    EXPECT_EQ(faults_of(outcome.definition->canonical), "") << entry.path();
    ++files;
  }
  EXPECT_GT(files, 3u);
}

// A task with all that its type requires.
std::string smallest_task(const std::string& type) {
  static const std::map<std::string, std::string, std::less<>> required = {
      {"standard", "component: log"},
      {"custom", "component: mine"},
      {"set", "values: {}"},
      {"wait", "duration: 1"},
      {"fail", "error: {code: a, message: b}"},
      {"terminate", ""},
      {"join", ""},
      {"decision", "cases: []"},
      {"parallel", "branches: {}"},
      {"loop", "times: 1, do: {t: {type: join}}"},
      {"map", "items: [], do: {t: {type: join}}"},
      {"try", "do: {t: {type: join}}, finally: {t: {type: join}}"},
      {"critical", "key: a, do: {t: {type: join}}"},
      {"subworkflow", "workflow: a"},
      {"event", "event: a"},
      {"approval", ""},
      {"webhook", "input: {}"}};
  auto found = required.find(type);
  EXPECT_NE(found, required.end()) << type;
  return "type: " + type + (found->second.empty() ? "" : ", " + found->second);
}

std::string in_definition(const std::string& task) {
  return "{name: x, tasks: {t: {" + task + "}}}";
}

TEST(DefinitionSchema, the_smallest_task_of_each_type_is_valid) {
  for (const std::string& type : task_types()) {
    std::string text = in_definition(smallest_task(type));
    EXPECT_TRUE(parse_definition(text, Format::yaml).ok()) << text;
    EXPECT_EQ(faults_of(*parse_yaml(text)), "") << text;
  }
}

TEST(DefinitionSchema, gives_each_type_the_fields_that_the_parser_gives_it) {
  for (const std::string& type : task_types()) {
    Names fields = members_of(definition_of(type) + "/properties");
    for (std::string_view field : fields::task) {
      if (smallest_task(type).find(std::string(field) + ":") != std::string::npos) continue;
      std::string text = in_definition(smallest_task(type) + ", " + std::string(field) + ": 1");
      std::string problems = examples::show(parse_definition(text, Format::yaml));
      bool foreign = problems.find("' belongs to ") != std::string::npos;
      EXPECT_EQ(foreign, !fields.contains(field)) << text << "\n" << problems;
    }
  }
}

// One fault each: refused by the schema as well as by the parser.
constexpr std::string_view faulty[] = {
    "{tasks: {}}",
    "{name: x}",
    "{name: '', tasks: {}}",
    "{name: x, tasks: 1}",
    "{name: x, tasks: {}, colour: red}",
    "{name: x, tasks: {}, tags: a}",
    "{name: x, tasks: {}, tags: ['']}",
    "{name: x, tasks: {}, version: 1}",
    "{name: x, tasks: {}, timeout: soon}",
    "{name: x, tasks: {}, timeout: 0}",
    "{name: x, tasks: {}, timeout: P1Y}",
    "{name: x, tasks: {}, timeout: P}",
    "{name: x, tasks: {}, timeout: '${input.t}'}",
    "{name: x, tasks: {}, on_child_failure: stop}",
    "{name: x, tasks: {}, max_parallel: 0}",
    "{name: x, tasks: {}, max_parallel: 1.5}",
    "{name: x, tasks: {}, input_schema: text}",
    "{name: x, tasks: {}, concurrency: {limit: 1}}",
    "{name: x, tasks: {}, concurrency: {key: a, policy: wait}}",
    "{name: x, tasks: {}, on_failure: {t: {}}}",
    "{name: x, tasks: {}, metadata: a}",
    "{name: x, tasks: {1a: {component: log}}}",
    "{name: x, tasks: {t: log}}",
    "{name: x, tasks: {t: {}}}",
    "{name: x, tasks: {t: {type: sett, values: {}}}}",
};
constexpr std::string_view faulty_tasks[] = {
    "component: ''",
    "component: log, colour: red",
    "component: log, values: {}",
    "component: log, input: text",
    "component: log, depends_on: a",
    "component: log, join: some",
    "component: log, join: {at_least: 0}",
    "component: log, join: {at_most: 1}",
    "component: log, join: all",
    "component: log, when: 1",
    "component: log, on_error: ignore",
    "component: log, timeout: -1",
    "component: log, retry_policy: 3",
    "component: log, retry_policy: {retries: 3}",
    "component: log, retry_policy: {max_retries: -1}",
    "component: log, retry_policy: {max_retries: 1001}",
    "component: log, retry_policy: {backoff_multiplier: 0.5}",
    "component: log, retry_policy: {jitter: 2}",
    "component: log, retry_policy: {initial_delay: now}",
    "component: log, retry_policy: {retry_on: timeout}",
    "component: log, cache: {key: a}",
    "component: log, cache: {key: a, ttl: 0}",
    "component: log, rate_limit: {per: 1}",
    "component: log, rate_limit: {limit: 0}",
    "component: log, priority: 1001",
    "component: log, priority: high",
    "component: log, concurrency: {key: a, policy: queue}",
    "component: log, catch: text",
    "component: log, catch: [{codes: [a]}]",
    "component: log, catch: [{errors: timeout}]",
    "component: log, catch: [{as: a-b}]",
    "component: log, finally: [a]",
    "component: log, compensate: {}",
    "component: log, compensate: {a: {component: log}}",
    "type: set",
    "type: set, values: [1]",
    "type: set, values: {}, component: log",
    "type: set, values: {}, timeout: 1",
    "type: wait",
    "type: wait, duration: 1, until: '2030-01-01T00:00:00Z'",
    "type: wait, duration: soon",
    "type: wait, until: tomorrow",
    "type: fail",
    "type: fail, error: text",
    "type: fail, error: {code: a}",
    "type: fail, error: {code: Not Snake, message: b}",
    "type: fail, error: {code: a, message: b}, compensate: {component: log}",
    "type: terminate, values: {}",
    "type: join, component: log",
    "type: decision",
    "type: decision, cases: {a: b}",
    "type: decision, cases: [{next: [t]}]",
    "type: decision, cases: [{when: 'input.a', then: [t]}]",
    "type: decision, cases: [], mode: some",
    "type: decision, cases: [], default: t",
    "type: parallel",
    "type: parallel, branches: [a]",
    "type: parallel, branches: {a b: {t: {component: log}}}",
    "type: parallel, branches: {}, join: some",
    "type: loop, do: {t: {component: log}}",
    "type: loop, times: 1",
    "type: loop, times: 1, while: 'input.a', do: {t: {component: log}}",
    "type: loop, times: -1, do: {t: {component: log}}",
    "type: loop, times: many, do: {t: {component: log}}",
    "type: loop, for_each: text, do: {t: {component: log}}",
    "type: loop, times: 1, as: x, do: {t: {component: log}}",
    "type: loop, times: 1, max_iterations: 0, do: {t: {component: log}}",
    "type: loop, times: 1, delay: soon, do: {t: {component: log}}",
    "type: map, do: {t: {component: log}}",
    "type: map, items: text, do: {t: {component: log}}",
    "type: map, items: [], max_concurrency: 0, do: {t: {component: log}}",
    "type: map, items: [], batch_size: 0, do: {t: {component: log}}",
    "type: map, items: [], max_failures: some, do: {t: {component: log}}",
    "type: map, items: [], do: {t: {}}",
    "type: try",
    "type: try, do: {t: {component: log}}, key: a",
    "type: critical, do: {t: {component: log}}",
    "type: subworkflow",
    "type: subworkflow, workflow: 1",
    "type: subworkflow, workflow: a, version: latest",
    "type: subworkflow, workflow: a, detached: 'yes'",
    "type: subworkflow, workflow: a, max_depth: 101",
    "type: subworkflow, workflow: a, input: text",
    "type: event",
    "type: event, event: 1",
    "type: event, event: a, count: 0",
    "type: event, event: a, filter: 1",
    "type: event, event: a, timeout: 1, on_timeout: approve",
    "type: event, event: a, retry_policy: {}",
    "type: approval, assignees: ada",
    "type: approval, form: text",
    "type: approval, title: 1",
    "type: approval, timeout: 1, on_timeout: continue",
    "type: approval, on_reject: ignore",
    "type: webhook",
    "type: webhook, input: text",
};

TEST(DefinitionSchema, refuses_one_fault_in_a_definition_as_the_parser_does) {
  auto expect_refused = [](const std::string& text) {
    auto written = parse_yaml(text);
    ASSERT_TRUE(written.ok()) << text;
    EXPECT_FALSE(parse_definition(text, Format::yaml).ok()) << text;
    EXPECT_NE(faults_of(*written), "") << text;
  };
  for (std::string_view text : faulty) expect_refused(std::string(text));
  for (std::string_view task : faulty_tasks) expect_refused(in_definition(std::string(task)));
}

}  // namespace
}  // namespace harmonia::workflow
