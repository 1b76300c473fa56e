#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "workflow/findings.h"
#include "workflow/parse.h"
#include "workflow/source_map.h"

namespace harmonia::workflow {

// A document and, when its text is known, what tells the places of its values. The text is
// borrowed.
class SourceDocument {
 public:
  explicit SourceDocument(Json value) : value_(std::move(value)) {}

  // Within the limits; the error has code malformed_json, malformed_yaml, payload_too_large or
  // invalid_definition, and usually the place as its only problem.
  static Result<SourceDocument> read(std::string_view text, Format format,
                                     const ParseLimits& limits);
  static Result<SourceDocument> check(Json value, const ParseLimits& limits);

  const Json& value() const { return value_; }
  // A finding as a problem, whose place in this document is `pointer`.
  Problem locate(const Finding& finding, std::string pointer, const SourceSpot& spot);

 private:
  Json value_;
  std::string_view text_ = {};
  std::vector<SourceNode> nodes_ = {};  // of JSON: filled only when there is a problem to place
  bool is_json_ = false;
  std::optional<SourceMap> map_;  // borrows from the members above: made when they stay
};

}  // namespace harmonia::workflow
