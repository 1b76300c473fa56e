#pragma once

#include <array>
#include <string>
#include <string_view>

// The names of the language: what each object of a definition may hold.
namespace harmonia::workflow::fields {

inline constexpr std::array<std::string_view, 11> workflow = {
    "name",   "version", "description",      "tags",     "input_schema", "output_schema",
    "output", "timeout", "on_child_failure", "metadata", "tasks"};

// Of later versions of the language; named so that the message can say so.
inline constexpr std::array<std::string_view, 6> workflow_later = {
    "concurrency", "max_parallel", "on_failure", "parameters", "priority", "rate_limit"};

inline constexpr std::array<std::string_view, 20> task = {
    "id",        "name",   "description", "type",   "depends_on",   "join",    "when",
    "component", "action", "input",       "output", "retry_policy", "timeout", "heartbeat_timeout",
    "on_error",  "values", "duration",    "until",  "error",        "metadata"};

inline constexpr std::array<std::string_view, 38> task_later = {
    "catch",       "finally",     "compensate",      "cache",        "priority",
    "rate_limit",  "concurrency", "on_failure",      "max_parallel", "cases",
    "default",     "mode",        "branches",        "do",           "while",
    "times",       "for_each",    "max_iterations",  "break_when",   "delay",
    "items",       "as",          "max_concurrency", "max_failures", "batch_size",
    "workflow",    "version",     "detached",        "max_depth",    "event",
    "correlation", "filter",      "count",           "form",         "assignees",
    "next",        "key",         "on_child_failure"};

inline constexpr std::array<std::string_view, 6> retry_policy = {
    "max_retries", "initial_delay", "backoff_multiplier", "max_delay", "jitter", "retry_on"};

inline constexpr std::array<std::string_view, 4> types = {"standard", "set", "wait", "fail"};
inline constexpr std::array<std::string_view, 14> types_later = {
    "decision", "parallel", "join",      "loop", "map",      "subworkflow", "event",
    "approval", "webhook",  "terminate", "try",  "critical", "custom",      "callback"};

// "dependsOn" -> "depends_on"; other spellings unchanged.
std::string snake_case(std::string_view name);

template <class Names>
bool contains(const Names& names, std::string_view name) {
  for (std::string_view known : names) {
    if (known == name) return true;
  }
  return false;
}

}  // namespace harmonia::workflow::fields
