#include "workflow/document.h"

#include "workflow/yaml.h"

namespace harmonia::workflow {
namespace {

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

Format detect(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t\r\n");
  bool json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  return json ? Format::json : Format::yaml;
}

// Why a value is too large to look at; "" when it is not. Stops at the limits.
class SizeCheck {
 public:
  explicit SizeCheck(const ParseLimits& limits) : limits_(limits) {}

  std::string run(const Json& value) {
    visit(value, 0);
    if (too_deep_)
      return "lists and objects nest deeper than " + std::to_string(limits_.depth_max) + " levels";
    if (nodes_ <= limits_.nodes_max) return {};
    return "the document has more than " + std::to_string(limits_.nodes_max) + " values";
  }

 private:
  void visit(const Json& value, std::size_t depth) {
    ++nodes_;
    if (too_deep_ || nodes_ > limits_.nodes_max || !(value.is_object() || value.is_array())) return;
    if (depth >= limits_.depth_max) {
      too_deep_ = true;
    } else if (value.is_array()) {
      for (const Json& item : value.get_array()) visit(item, depth + 1);
    } else {
      for (const auto& member : value.get_object()) visit(member.value(), depth + 1);
    }
  }

  const ParseLimits& limits_;
  std::size_t nodes_ = 0;
  bool too_deep_ = false;
};

Error too_large(std::size_t size, std::size_t size_max) {
  return make_error(error_code::payload_too_large, "the text has " + std::to_string(size) +
                                                       " bytes, more than the limit of " +
                                                       std::to_string(size_max));
}

}  // namespace

Result<SourceDocument> SourceDocument::check(Json value, const ParseLimits& limits) {
  if (auto fault = SizeCheck(limits).run(value); !fault.empty())
    return make_error(error_code::invalid_definition, fault);
  return SourceDocument(std::move(value));
}

Result<SourceDocument> SourceDocument::read(std::string_view text, Format format,
                                            const ParseLimits& limits) {
  if (text.size() > limits.size_max) return too_large(text.size(), limits.size_max);
  text = without_mark(text);
  if (format == Format::automatic) format = detect(text);
  if (format == Format::yaml) {
    TRY(auto yaml, read_yaml(text, limits));
    TRY(SourceDocument document, check(std::move(yaml.value), limits));
    document.text_ = text;
    document.nodes_ = std::move(yaml.nodes);
    return document;
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    Error error = make_error(error_code::malformed_json, "the text is empty");
    error.problems.push_back({.message = "the text is empty", .line = 1, .column = 1});
    return error;
  }
  TRY(Json value, parse_json(text, {.depth_max = limits.depth_max, .size_max = limits.size_max}));
  TRY(SourceDocument document, check(std::move(value), limits));
  document.text_ = text;
  document.is_json_ = true;
  return document;
}

Problem SourceDocument::locate(const Finding& finding, std::string pointer,
                               const SourceSpot& spot) {
  Problem problem{.severity = finding.severity,
                  .pointer = std::move(pointer),
                  .message = finding.message,
                  .hint = finding.hint};
  if (text_.empty()) return problem;
  if (!map_) {
    if (is_json_) nodes_ = locate_json(text_);
    map_.emplace(text_, value_, nodes_);
  }
  TextPosition position = map_->find(problem.pointer, spot);
  problem.line = position.line;
  problem.column = position.column;
  return problem;
}

}  // namespace harmonia::workflow
