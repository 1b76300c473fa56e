#include "base/utf8.h"
#include "workflow/parse.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t line_shown_max = 120;  // bytes of a source line

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
  }
  return {};
}

std::string_view line_of(std::string_view source, int line) {
  for (int i = 1; i < line; ++i) {
    std::size_t end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  std::string_view text = source.substr(0, source.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The part of a long line around a column, whole characters only.
struct Excerpt {
  std::string_view text;
  std::size_t column = 0;  // from 0, in bytes of `text`
};

Excerpt excerpt_of(std::string_view line, std::size_t column) {
  column = std::min(column, line.size());
  std::size_t begin = column > line_shown_max / 2 ? column - line_shown_max / 2 : 0;
  if (line.size() <= line_shown_max) begin = 0;
  while (begin > 0 && continues_character(line[begin])) --begin;
  std::size_t end = std::min(begin + line_shown_max, line.size());
  while (end < line.size() && continues_character(line[end])) ++end;
  return {.text = line.substr(begin, end - begin), .column = column - begin};
}

// The line and, below it, a caret. Tabs stay tabs, so that the caret stands right whatever their
// width.
void append_source(std::string& out, std::string_view line, int column) {
  Excerpt excerpt = excerpt_of(line, static_cast<std::size_t>(column - 1));
  out.append("\n  ").append(excerpt.text).append("\n  ");
  for (char c : excerpt.text.substr(0, excerpt.column)) {
    if (!continues_character(c)) out += c == '\t' ? '\t' : ' ';
  }
  out += '^';
}

std::string place_of(const Problem& problem) {
  if (problem.line > 0) {
    return "line " + std::to_string(problem.line) + ", column " + std::to_string(problem.column) +
           ": ";
  }
  return problem.pointer.empty() ? "" : problem.pointer + ": ";
}

}  // namespace

std::string render_problem(const Problem& problem, std::string_view source,
                           std::string_view file_name) {
  std::string text(file_name);
  if (problem.line > 0) {
    text.append(":")
        .append(std::to_string(problem.line))
        .append(":")
        .append(std::to_string(problem.column));
  }
  text.append(text.empty() ? "" : ": ").append(severity_name(problem.severity)).append(": ");
  text += problem.message;
  if (problem.line == 0 && !problem.pointer.empty())
    text.append(" (at ").append(problem.pointer).append(")");
  if (source.starts_with("\xef\xbb\xbf")) source.remove_prefix(3);
  std::string_view line = problem.line > 0 ? line_of(source, problem.line) : std::string_view{};
  if (!line.empty()) append_source(text, line, problem.column);
  if (!problem.hint.empty()) text.append("\n  hint: ").append(problem.hint);
  return text += '\n';
}

Error to_error(const ParseOutcome& outcome) {
  std::size_t errors = 0;
  const Problem* first = nullptr;
  for (const Problem& problem : outcome.problems) {
    if (problem.severity != Severity::error) continue;
    if (errors++ == 0) first = &problem;
  }
  Error error = make_error(outcome.code, "the definition has no errors");
  if (first != nullptr) {
    error.detail = place_of(*first) + first->message;
    if (!first->hint.empty()) error.detail += " (" + first->hint + ")";
    if (errors > 1) error.detail += "; and " + std::to_string(errors - 1) + " more";
    error.instance = first->pointer;
  }
  error.problems = outcome.problems;
  return error;
}

}  // namespace harmonia::workflow
