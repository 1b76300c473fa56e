#include "workflow/parse.h"

#include <algorithm>

#include "workflow/compile.h"
#include "workflow/document.h"
#include "workflow/normalise.h"

namespace harmonia::workflow {
namespace {

ParseOutcome failed(const Error& error) {
  ParseOutcome outcome;
  outcome.code = error.code;
  outcome.problems = error.problems;
  if (outcome.problems.empty()) outcome.problems.push_back({.message = error.detail});
  return outcome;
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
  ProblemList(SourceDocument& source, const Normalised& normalised)
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
      if (spot.offset && is_changed(source_.value(), normalised_.value, finding, place))
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
    problems_.push_back(source_.locate(finding, std::move(place), spot));
  }

  void note_left_out(const Findings& findings) { left_out_ += findings.left_out(); }

  SourceDocument& source_;
  const Normalised& normalised_;
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
ParseOutcome compile_source(SourceDocument source, const ParseLimits& limits, const Checks& checks,
                            std::span<const std::string_view> left_out = {}) {
  Findings original;
  Findings canonical;
  Normalised normalised = left_out.empty() ? normalise(source.value(), original)
                                           : normalise(without(source.value(), left_out), original);
  DefinitionBuilder builder{.findings = canonical, .limits = limits};
  if (normalised.value.is_object()) {
    compile_definition(normalised.value.get_object(), builder);
    check_graph(builder);
    check_references(builder);
    find_undo_views(builder);
    if (checks.findings) {
      check_definition_types(builder, checks.actions);
      check_loops(builder);
      check_reachability(builder);
    }
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
                        const Checks& checks, std::span<const std::string_view> left_out) {
  auto source = SourceDocument::read(text, format, limits);
  if (!source.ok()) return failed(source.error());
  return compile_source(std::move(*source), limits, checks, left_out);
}

}  // namespace

ParseOutcome parse_definition(std::string_view text, Format format, const ParseLimits& limits,
                              const Checks& checks) {
  ParseOutcome outcome = parse_text(text, format, limits, checks, {});
  add_excerpts(outcome.problems, text);
  return outcome;
}

ParseOutcome parse_definition_without(std::span<const std::string_view> members,
                                      std::string_view text, Format format, const Checks& checks) {
  ParseOutcome outcome = parse_text(text, format, {}, checks, members);
  add_excerpts(outcome.problems, text);
  return outcome;
}

ParseOutcome parse_definition(const Json& value, const ParseLimits& limits, const Checks& checks) {
  auto source = SourceDocument::check(value, limits);
  if (!source.ok()) return failed(source.error());
  return compile_source(std::move(*source), limits, checks);
}

}  // namespace harmonia::workflow
