#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "workflow/source_map.h"

namespace harmonia::workflow {

// One finding about a definition, before its place in the author's text is looked up.
struct Finding {
  std::string pointer;
  std::string message;
  std::string hint = {};
  Severity severity = Severity::error;
  SourceSpot spot = {};
};

// Collects findings, a bounded number of them.
class Findings {
 public:
  static constexpr std::size_t findings_max = 500;

  void add(Finding finding) {
    errors_ += finding.severity == Severity::error;
    if (list_.size() < findings_max) {
      list_.push_back(std::move(finding));
    } else {
      ++left_out_;
    }
  }
  // About a value.
  void error(std::string pointer, std::string message, std::string hint = {}) {
    add({.pointer = std::move(pointer), .message = std::move(message), .hint = std::move(hint)});
  }
  // About the name of a member.
  void error_at_key(std::string pointer, std::string message, std::string hint = {}) {
    add({.pointer = std::move(pointer),
         .message = std::move(message),
         .hint = std::move(hint),
         .spot = {.at_key = true}});
  }
  void warning(std::string pointer, std::string message, std::string hint = {}) {
    add({.pointer = std::move(pointer),
         .message = std::move(message),
         .hint = std::move(hint),
         .severity = Severity::warning});
  }

  bool has_errors() const { return errors_ > 0; }
  // Nobody will see further findings: no need to think of hints.
  bool full() const { return list_.size() >= findings_max; }
  std::size_t left_out() const { return left_out_; }
  const std::vector<Finding>& list() const { return list_; }

 private:
  std::vector<Finding> list_;
  std::size_t errors_ = 0;
  std::size_t left_out_ = 0;
};

// `pointer` extended by one token, escaped.
std::string child_pointer(std::string_view pointer, std::string_view token);

// The known name that differs least from `name`, if it is near enough to be a slip of the pen; else
// "".
std::string nearest_name(std::string_view name, std::span<const std::string_view> known);
// "did you mean 'x'?", or "" for an empty name.
std::string did_you_mean(std::string_view name);

}  // namespace harmonia::workflow
