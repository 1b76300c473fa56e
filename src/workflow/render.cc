#include <algorithm>

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

// The lines of a text by number, without their ends.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
    for (std::size_t at = 0; at != std::string_view::npos;) {
      starts_.push_back(at);
      std::size_t end = text_.find('\n', at);
      at = end == std::string_view::npos ? end : end + 1;
    }
  }

  std::string_view line(int number) const {
    auto index = static_cast<std::size_t>(number - 1);
    if (number < 1 || index >= starts_.size()) return {};
    std::string_view text = text_.substr(starts_[index]);
    text = text.substr(0, text.find('\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

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
  // A character is at most four bytes; text that is not UTF-8 may look like the inside of one.
  for (int i = 0; i < 3 && begin > 0 && continues_character(line[begin]); ++i) --begin;
  std::size_t end = std::min(begin + line_shown_max, line.size());
  for (int i = 0; i < 3 && end < line.size() && continues_character(line[end]); ++i) ++end;
  return {.text = line.substr(begin, end - begin), .column = column - begin};
}

// Whatever the source is, an excerpt can be shown: malformed UTF-8 becomes `?`, byte by byte, other
// control characters than tabs become spaces.
std::string showable(std::string_view line) {
  std::string text(line);
  while (auto invalid = find_invalid_utf8(text)) text[*invalid] = '?';
  for (char& c : text) {
    bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (is_control && c != '\t') c = ' ';
  }
  return text;
}

// The line and, below it, a caret. Tabs stay tabs, so that the caret stands right whatever their
// width.
std::string draw(std::string_view line, int column) {
  Excerpt excerpt = excerpt_of(line, static_cast<std::size_t>(column - 1));
  std::string shown = showable(excerpt.text);
  std::string caret;
  for (char c : std::string_view(shown).substr(0, excerpt.column)) {
    if (!continues_character(c)) caret += c == '\t' ? '\t' : ' ';
  }
  return shown + "\n" + caret + "^";
}

void append_indented(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    out.append("\n  ").append(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string place_of(const Problem& problem) {
  if (problem.line > 0) {
    return "line " + std::to_string(problem.line) + ", column " + std::to_string(problem.column) +
           ": ";
  }
  return problem.pointer.empty() ? "" : problem.pointer + ": ";
}

}  // namespace

std::string render_problem(const Problem& problem, std::string_view file_name) {
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
  append_indented(text, problem.excerpt);
  if (!problem.hint.empty()) text.append("\n  hint: ").append(problem.hint);
  return text += '\n';
}

void add_excerpts(std::vector<Problem>& problems, std::string_view source) {
  if (problems.empty()) return;
  Lines lines(source);
  for (Problem& problem : problems) {
    std::string_view line = lines.line(problem.line);
    if (!line.empty()) problem.excerpt = draw(line, problem.column);
  }
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
