#include "workflow/parse_examples_test.h"

#include <gtest/gtest.h>

namespace harmonia::workflow::examples {

const std::vector<Example> valid = {
    {"smallest", "name: x\ntasks: {a: {component: log}}\n"},
    {"no tasks", "name: x\ntasks: {}\n"},
    {"all fields", R"(
name: order-fulfilment
version: 2.1.0
description: Charge one order
tags: [shop, "2026"]
input_schema: {type: object, required: [id], properties: {id: {type: string}}}
output_schema: {$ref: "#/$defs/o", $defs: {o: {type: object}}}
output: {receipt: "${tasks.charge.output.receipt}", env: "${env.REGION}"}
timeout: PT1H30M
on_child_failure: cancel
metadata: {team: [a, b]}
tasks:
  fetch:
    name: Fetch the order
    description: reads it
    component: http
    action: request
    input: {method: GET, url: "https://shop.example/${input.id}", auth: "${secret.KEY}"}
    output: "${result.body}"
    retry_policy:
      {max_retries: 5, initial_delay: 0.5, backoff_multiplier: 1.5, max_delay: PT2M, jitter: 0.25,
       retry_on: [timeout, http_5xx]}
    timeout: 30
    heartbeat_timeout: 2.5
    on_error: continue
    metadata: {owner: x}
  plain: {component: worker, retry_policy: {}}
  pause: {type: wait, duration: PT5S, depends_on: [fetch]}
  until: {type: wait, until: "${input.at}", depends_on: [fetch]}
  sums: {type: set, values: {total: "${tasks.fetch.output.a + 1}"}, depends_on: [fetch]}
  charge:
    component: billing
    depends_on: [pause, sums, plain]
    join: {at_least: 2}
    when: tasks.fetch.output.total > 1000 && tasks.sums.status == 'completed'
  stop:
    type: fail
    error: {code: no_stock, message: "sorry ${input.id}"}
    depends_on: [charge]
    join: none_failed
)"},
    {"python map in camelCase", R"({
  "id": "2b0a8f0e-6a53-4a3f-a6fd-0123456789ab", "name": "Data", "version": "1.0.0",
  "description": null,
  "inputSchema": {}, "outputSchema": {}, "metadata": {"camelCase": 1}, "tags": [],
  "createdAt": "2025-09-27T14:03:22.123456",
  "updatedAt": "2025-09-27T14:03:22.123456",
  "tasks": {
    "extract": {"id": "extract", "name": "Extract", "type": "standard",
      "component": "ergon", "action": "run",
      "input": {"dependsOn": "stays", "n": "${param.n}"}, "dependsOn": [],
      "retryPolicy": {"maxRetries": 3, "initialDelay": 1.0, "maxDelay": 60.0,
                      "backoffMultiplier": 2.0,
                      "retryOn": ["timeout"]},
      "timeout": null, "description": null, "metadata": {}},
    "load": {"id": "load", "name": "Load", "component": "engram", "action": "store",
      "dependsOn": ["extract"],
      "input": {"rows": "${tasks.extract.rows}"},
      "metadata": {"condition": {"and": [{"gt": ["${tasks.extract.count}", 0]}, "${input.store}"]},
                   "x": 1}}
  }})"},
    {"template form", R"({
  "name": "Bug Fix Workflow", "description": "Fixes",
  "tasks": {
    "investigate": {"name": "Investigate Bug", "component": "numa", "dependencies": [],
      "parameters": {"bug_report": "{{ bug_report }}", "level": "{{ priority }}"}, "timeout": 1800},
    "fix": {"component": "numa", "dependencies": ["investigate"], "status": "pending",
      "hours": 1,
      "parameters": {"root_cause": "{{ investigate.output.root_cause }}",
                     "n": "{{ coverage | default(80) }}"}},
    "verify": {"component": "athena", "dependencies": "fix, investigate",
      "parameters": {"deep": [{"x": "{{ fix.output }}"}], "flag": true}}
  },
  "input": {"bug_report": {"type": "text", "description": "what"},
            "priority": {"type": "select", "options": ["low", "medium"], "default": "medium"},
            "coverage": {"type": "integer", "required": false}},
  "output": {"bug_fixed": {"type": "boolean", "description": "done"}},
  "version": "1.0", "metadata": {"category": "maintenance"}})"},
    {"list of tasks", R"(
name: listed
tasks:
  - {id: one, component: log}
  - {name: Fetch Data, component: http, depends_on: [one]}
  - {name: last, component: log, depends_on: [Fetch Data, one]}
)"},
};

std::string_view text_of(std::string_view name) {
  for (const Example& example : valid) {
    if (example.name == name) return example.text;
  }
  ADD_FAILURE() << "no example " << name;
  return {};
}

std::string show(const ParseOutcome& outcome) {
  std::string text;
  for (const Problem& problem : outcome.problems) {
    text += std::to_string(problem.line) + ":" + std::to_string(problem.column);
    text += problem.severity == Severity::warning ? " warning " : " ";
    text += problem.pointer + " " + problem.message + "\n";
  }
  return text;
}

std::string canonical(std::string_view text) {
  auto outcome = parse_definition(text);
  return outcome.ok() ? to_text(outcome.definition->canonical) : show(outcome);
}

ParseOutcome parse_task(std::string_view fields) {
  return parse_definition("name: x\ntasks:\n  a: {component: log}\n  t: " + std::string(fields) +
                          "\n");
}

}  // namespace harmonia::workflow::examples
