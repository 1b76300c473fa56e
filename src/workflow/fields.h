#pragma once

#include <array>
#include <string>
#include <string_view>

// The names of the language: what each object of a definition may hold.
namespace harmonia::workflow::fields {

inline constexpr auto workflow = std::to_array<std::string_view>(
    {"name", "version", "description", "tags", "input_schema", "output_schema", "output", "timeout",
     "on_child_failure", "on_failure", "max_parallel", "concurrency", "metadata", "tasks"});

// Of later versions of the language; named so that the message can say so.
inline constexpr auto workflow_later = std::to_array<std::string_view>({"priority", "rate_limit"});

inline constexpr auto task = std::to_array<std::string_view>({"id",
                                                              "name",
                                                              "description",
                                                              "type",
                                                              "depends_on",
                                                              "join",
                                                              "when",
                                                              "component",
                                                              "action",
                                                              "input",
                                                              "output",
                                                              "retry_policy",
                                                              "timeout",
                                                              "heartbeat_timeout",
                                                              "on_error",
                                                              "values",
                                                              "duration",
                                                              "until",
                                                              "error",
                                                              "cases",
                                                              "default",
                                                              "mode",
                                                              "branches",
                                                              "do",
                                                              "while",
                                                              "times",
                                                              "for_each",
                                                              "as",
                                                              "max_iterations",
                                                              "break_when",
                                                              "delay",
                                                              "collect",
                                                              "items",
                                                              "max_concurrency",
                                                              "max_failures",
                                                              "batch_size",
                                                              "key",
                                                              "workflow",
                                                              "version",
                                                              "detached",
                                                              "max_depth",
                                                              "event",
                                                              "correlation",
                                                              "filter",
                                                              "count",
                                                              "on_timeout",
                                                              "form",
                                                              "title",
                                                              "assignees",
                                                              "on_reject",
                                                              "on_child_failure",
                                                              "catch",
                                                              "finally",
                                                              "compensate",
                                                              "cache",
                                                              "priority",
                                                              "rate_limit",
                                                              "concurrency",
                                                              "metadata"});

inline constexpr auto retry_policy = std::to_array<std::string_view>(
    {"max_retries", "initial_delay", "backoff_multiplier", "max_delay", "jitter", "retry_on"});
inline constexpr auto catch_clause =
    std::to_array<std::string_view>({"errors", "when", "as", "retry", "do"});

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
