#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "workflow/findings.h"

namespace harmonia::workflow {

// The longest time a definition may name. Sums of it with a date stay far from overflow.
inline constexpr Duration duration_max = std::chrono::hours(24 * 365 * 100);

struct NumberRange {
  double minimum = 0;
  double maximum = 0;
};

// Reads the members of one object with their types. What is wrong becomes a finding, and nothing is
// returned then; an absent member and one that is null give nothing too, without a finding.
class FieldReader {
 public:
  FieldReader(const JsonObject& object, std::string pointer, Findings& findings)
      : object_(object), pointer_(std::move(pointer)), findings_(findings) {}

  const std::string& pointer() const { return pointer_; }
  std::string pointer_to(std::string_view name) const { return child_pointer(pointer_, name); }
  Findings& findings() { return findings_; }

  const Json* find(std::string_view name) const;
  std::optional<std::string> text(std::string_view name);
  std::optional<std::uint32_t> count(std::string_view name, std::uint32_t minimum,
                                     std::uint32_t maximum);
  std::optional<double> number(std::string_view name, NumberRange range);
  // More than 0: seconds as a number, or ISO 8601 text such as PT1M30S.
  std::optional<Duration> duration(std::string_view name);
  // Absent or wrong: empty.
  std::vector<std::string> texts(std::string_view name);
  const JsonObject* object(std::string_view name);

  template <class Value, std::size_t size>
  std::optional<Value> choice(std::string_view name,
                              const std::array<std::pair<std::string_view, Value>, size>& choices) {
    auto given = text(name);
    if (!given) return std::nullopt;
    std::vector<std::string_view> names;
    for (const auto& [known, value] : choices) {
      if (known == *given) return value;
      names.push_back(known);
    }
    refuse_choice(name, *given, names);
    return std::nullopt;
  }

  // A finding that the member has a wrong type: "timeout must be ..., not ...".
  void refuse_type(std::string_view name, std::string_view wanted);
  void refuse_choice(std::string_view name, std::string_view given,
                     std::span<const std::string_view> choices);

 private:
  const JsonObject& object_;
  std::string pointer_;
  Findings& findings_;
};

// "a list", "text", "a number" ...
std::string_view describe_type(const Json& value);

// Seconds or ISO 8601 text as a duration of more than 0 and at most duration_max; an error's detail
// says what is wrong.
Result<Duration> read_duration(const Json& value);

}  // namespace harmonia::workflow
