#include "workflow/parse.h"

#include <algorithm>

#include "workflow/compile.h"
#include "workflow/normalise.h"
#include "workflow/source_map.h"
#include "workflow/yaml.h"

namespace harmonia::workflow {
namespace {

// A document and, when its text is known, what tells the places of its values.
struct Source {
  Json document;
  std::string_view text = {};
  std::vector<SourceNode> nodes = {};  // of JSON: filled only when there is a problem to place
  bool is_json = false;
};

ParseOutcome failed(const Error& error) {
  ParseOutcome outcome;
  outcome.code = error.code;
  outcome.problems = error.problems;
  if (outcome.problems.empty()) outcome.problems.push_back({.message = error.detail});
  return outcome;
}

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

Result<Source> read_source(std::string_view text, Format format, const ParseLimits& limits) {
  text = without_mark(text);
  if (format == Format::automatic) format = detect(text);
  if (format == Format::yaml) {
    TRY(auto document, read_yaml(text, limits));
    return Source{
        .document = std::move(document.value), .text = text, .nodes = std::move(document.nodes)};
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    Error error = make_error(error_code::malformed_json, "the text is empty");
    error.problems.push_back({.message = "the text is empty", .line = 1, .column = 1});
    return error;
  }
  TRY(auto document,
      parse_json(text, {.depth_max = limits.depth_max, .size_max = limits.size_max}));
  return Source{.document = std::move(document), .text = text, .nodes = {}, .is_json = true};
}

// Whether a string was translated, so that offsets in it say nothing about the author's text.
bool is_changed(const Json& original, const Json& normalised, const Finding& finding,
                std::string_view place) {
  const Json* before = find_pointer(original, place);
  const Json* after = find_pointer(normalised, finding.pointer);
  return before == nullptr || after == nullptr || !before->is_string() || *before != *after;
}

class ProblemList {
 public:
  ProblemList(Source& source, const Normalised& normalised)
      : source_(source), normalised_(normalised) {}

  // Findings whose pointers are into the original.
  void add_original(const Findings& findings) {
    for (const Finding& finding : findings.list()) add(finding, finding.pointer, finding.spot);
    note_left_out(findings);
  }
  // Findings whose pointers are into the canonical form.
  void add_canonical(const Findings& findings) {
    for (const Finding& finding : findings.list()) {
      std::string place = normalised_.pointers.original(finding.pointer);
      SourceSpot spot = finding.spot;
      if (spot.offset && is_changed(source_.document, normalised_.value, finding, place))
        spot.offset.reset();
      add(finding, std::move(place), spot);
    }
    note_left_out(findings);
  }

  std::vector<Problem> take() {
    std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    if (left_out_ > 0) {
      problems_.push_back({.severity = Severity::warning,
                           .message = "and " + std::to_string(left_out_) + " more, not shown"});
    }
    return std::move(problems_);
  }

 private:
  void add(const Finding& finding, std::string place, const SourceSpot& spot) {
    Problem problem{.severity = finding.severity,
                    .pointer = std::move(place),
                    .message = finding.message,
                    .hint = finding.hint};
    if (!source_.text.empty()) {
      TextPosition position = map().find(problem.pointer, spot);
      problem.line = position.line;
      problem.column = position.column;
    }
    problems_.push_back(std::move(problem));
  }

  void note_left_out(const Findings& findings) { left_out_ += findings.left_out(); }

  const SourceMap& map() {
    if (!map_) {
      if (source_.is_json) source_.nodes = locate_json(source_.text);
      map_.emplace(source_.text, source_.document, source_.nodes);
    }
    return *map_;
  }

  Source& source_;
  const Normalised& normalised_;
  std::optional<SourceMap> map_;
  std::vector<Problem> problems_;
  std::size_t left_out_ = 0;
};

void sort_by_id(Definition& definition) {
  for (Body& body : definition.bodies) {
    body.by_id = body.tasks;
    std::sort(body.by_id.begin(), body.by_id.end(), [&](TaskNumber a, TaskNumber b) {
      return definition.tasks[a].id < definition.tasks[b].id;
    });
  }
}

Json without(Json document, std::span<const std::string_view> members) {
  if (!document.is_object()) return document;
  for (std::string_view name : members) document.get_object().stable_erase(json_view(name));
  return document;
}

// `left_out` are members of the document that are no part of the definition.
ParseOutcome compile_source(Source source, const ParseLimits& limits,
                            std::span<const std::string_view> left_out = {}) {
  Findings original;
  Findings canonical;
  Normalised normalised = left_out.empty()
                              ? normalise(source.document, original)
                              : normalise(without(source.document, left_out), original);
  DefinitionBuilder builder{.findings = canonical, .limits = limits};
  if (normalised.value.is_object()) {
    compile_definition(normalised.value.get_object(), builder);
    check_graph(builder);
    check_references(builder);
  }
  ProblemList problems(source, normalised);
  problems.add_original(original);
  problems.add_canonical(canonical);
  ParseOutcome outcome;
  outcome.problems = problems.take();
  outcome.translations = std::move(normalised.translations);
  if (original.has_errors() || canonical.has_errors()) return outcome;
  Definition& definition = builder.definition;
  sort_by_id(definition);
  definition.canonical = make_canonical(definition);
  outcome.definition = std::make_shared<const Definition>(std::move(definition));
  return outcome;
}

ParseOutcome parse_text(std::string_view text, Format format, const ParseLimits& limits,
                        std::span<const std::string_view> left_out) {
  if (text.size() > limits.size_max) {
    return failed(make_error(error_code::payload_too_large, "the text has " +
                                                                std::to_string(text.size()) +
                                                                " bytes, more than the limit of " +
                                                                std::to_string(limits.size_max)));
  }
  auto source = read_source(text, format, limits);
  if (!source.ok()) return failed(source.error());
  if (auto fault = SizeCheck(limits).run(source->document); !fault.empty()) {
    return failed(make_error(error_code::invalid_definition, fault));
  }
  return compile_source(std::move(*source), limits, left_out);
}

}  // namespace

ParseOutcome parse_definition(std::string_view text, Format format, const ParseLimits& limits) {
  ParseOutcome outcome = parse_text(text, format, limits, {});
  add_excerpts(outcome.problems, text);
  return outcome;
}

ParseOutcome parse_definition_without(std::span<const std::string_view> members,
                                      std::string_view text, Format format) {
  ParseOutcome outcome = parse_text(text, format, {}, members);
  add_excerpts(outcome.problems, text);
  return outcome;
}

ParseOutcome parse_definition(const Json& value, const ParseLimits& limits) {
  if (auto fault = SizeCheck(limits).run(value); !fault.empty()) {
    return failed(make_error(error_code::invalid_definition, fault));
  }
  return compile_source({.document = value}, limits);
}

}  // namespace harmonia::workflow
