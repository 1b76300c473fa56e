#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "base/json.h"

namespace harmonia::execution {

// Makes definitions of every type of task that runs without others, nested up to three deep, with
// handlers, compensations and bounds. The same seed gives the same definition. All of them are
// valid; many of their expressions fail when they are evaluated, on purpose.
//
// Signals that their events wait for are named `go` and `stop`; their approvals have no form.
class RandomDefinition {
 public:
  explicit RandomDefinition(std::uint64_t seed) : random_(seed) {}

  // As JSON, which workflow::parse_definition takes.
  std::string text();

 private:
  std::uint32_t pick(std::size_t count) { return static_cast<std::uint32_t>(random_() % count); }
  bool one_in(std::size_t count) { return pick(count) == 0; }

  JsonObject body(std::uint32_t depth);
  JsonObject task(std::uint32_t depth);
  void add_order(JsonObject& task, std::uint32_t position);
  void add_handlers(JsonObject& task, std::uint32_t depth);
  void add_retry(JsonObject& task);
  JsonObject compensation();
  void name_task(Json& compensation, const std::string& id);

  JsonObject leaf();
  JsonObject waiter();
  JsonObject holder(std::uint32_t depth);
  JsonObject parallel(std::uint32_t depth);
  JsonObject loop(std::uint32_t depth);
  JsonObject map(std::uint32_t depth);
  JsonObject decision(std::uint32_t position, std::uint32_t count);

  std::mt19937_64 random_;
  std::uint32_t tasks_ = 0;  // so far
};

}  // namespace harmonia::execution
