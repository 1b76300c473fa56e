#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/json.h"

namespace harmonia::execution::testing {

// Makes definitions of every type of task, nested up to three deep, with handlers, compensations,
// bounds and keys that runs share. The same seed gives the same definition. All of them are
// valid; many of their expressions fail when they are evaluated, on purpose.
//
// Signals that their events wait for are named `go` and `stop`; their approvals have no form.
class RandomDefinition {
 public:
  struct Options {
    std::string name = "random";
    std::vector<std::string> others = {"other"};  // names of workflows that it may start
  };
  explicit RandomDefinition(std::uint64_t seed) : RandomDefinition(seed, Options{}) {}
  RandomDefinition(std::uint64_t seed, Options options)
      : options_(std::move(options)), random_(seed) {}

  // As JSON, which workflow::parse_definition takes.
  std::string text();

 private:
  std::uint32_t pick(std::size_t count) { return static_cast<std::uint32_t>(random_() % count); }
  bool one_in(std::size_t count) { return pick(count) == 0; }

  JsonObject turns();
  JsonObject body(std::uint32_t depth);
  JsonObject task(std::uint32_t depth);
  void add_order(JsonObject& task, std::uint32_t position);
  void add_handlers(JsonObject& task, std::uint32_t depth);
  void add_retry(JsonObject& task);
  JsonObject retries();
  JsonObject compensation();
  void name_task(Json& compensation, const std::string& id);

  JsonObject leaf();
  JsonObject waiter();
  JsonObject holder(std::uint32_t depth);
  JsonObject critical(std::uint32_t depth);
  JsonObject parallel(std::uint32_t depth);
  JsonObject loop(std::uint32_t depth);
  JsonObject map(std::uint32_t depth);
  JsonObject decision(std::uint32_t position, std::uint32_t count);

  const Options options_;
  std::mt19937_64 random_;
  std::uint32_t tasks_ = 0;  // so far
};

}  // namespace harmonia::execution::testing
