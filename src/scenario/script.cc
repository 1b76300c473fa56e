#include "scenario/script.h"

#include <charconv>
#include <cmath>

namespace harmonia::scenario {
namespace {

constexpr std::string_view separator = "----";

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    while (lines.back().ends_with('\r')) lines.back().pop_back();
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

std::string_view trim(std::string_view text) {
  auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  if (text.size() > word.size() && text[word.size()] != ' ') return false;
  text = trim(text.substr(word.size()));
  return true;
}

std::string take_any_word(std::string_view& text) {
  auto end = std::min(text.find(' '), text.size());
  std::string word(text.substr(0, end));
  text = trim(text.substr(end));
  return word;
}

Error bad_outcome(std::string_view text) {
  return make_error(error_code::invalid_argument,
                    "'" + std::string(trim(text)) +
                        "' is no outcome; write `ok [JSON]`, `fail CODE \"message\" [permanent] " +
                        "[retry-after 5s]` or `hang`, optionally behind `after 5s`");
}

// Behind the quote that ends a text as JSON writes it; npos: there is none.
std::size_t end_of_quoted(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

Result<ScriptedOutcome> parse_failure(std::string_view text, ScriptedOutcome outcome) {
  std::string_view rest = text;
  outcome.kind = ScriptedOutcome::Kind::fail;
  outcome.error.code = take_any_word(rest);
  if (outcome.error.code.empty()) return bad_outcome(text);
  if (rest.starts_with('"')) {
    std::size_t end = end_of_quoted(rest);
    if (end == std::string_view::npos) return bad_outcome(text);
    TRY(Json message, parse_json(rest.substr(0, end)));
    outcome.error.detail = std::string(text_view(message.get_string()));
    rest = trim(rest.substr(end));
  }
  while (!rest.empty()) {
    if (take_word(rest, "permanent")) {
      outcome.retryable = false;
    } else if (take_word(rest, "retry-after")) {
      TRY(outcome.error.retry_after, parse_short_duration(take_any_word(rest)));
    } else {
      return bad_outcome(text);
    }
  }
  return outcome;
}

// The lines of a text as blocks, one after the other.
class Reader {
 public:
  Reader(std::string_view text, const Source& source)
      : lines_(split_lines(text)),
        file_(std::make_shared<const std::string>(source.file)),
        first_line_(source.first_line) {}

  Result<ScenarioFile> read() {
    ScenarioFile file;
    std::vector<std::string> comments;
    while (next_ < lines_.size()) {
      if (is_blank(lines_[next_]) || lines_[next_].starts_with('#')) {
        comments.push_back(lines_[next_++]);
        continue;
      }
      Block block = read_block();
      block.comments = std::exchange(comments, {});
      TRY_DO(check(block));
      file.blocks.push_back(std::move(block));
    }
    file.trailing = std::move(comments);
    return file;
  }

 private:
  Block read_block() {
    Block block;
    block.line = static_cast<int>(next_) + first_line_;
    block.file = file_;
    block.directive = lines_[next_++];
    while (next_ < lines_.size() && !is_blank(lines_[next_]) && lines_[next_] != separator)
      block.body.push_back(lines_[next_++]);
    if (next_ == lines_.size() || lines_[next_] != separator) return block;
    block.has_expectation = true;
    for (++next_; next_ < lines_.size() && !is_blank(lines_[next_]); ++next_)
      block.expected.push_back(lines_[next_]);
    return block;
  }

  // Mistakes that would else be shown as another one, or not at all.
  static Result<void> check(const Block& block) {
    const std::string& line = block.directive;
    if (line == separator)
      return error_at(block, "`----` must follow a directive; delete the blank line above it");
    if (line.starts_with(' ') || line.starts_with('\t')) {
      return error_at(block,
                      "a directive begins at the margin. If this belongs to a definition: a blank "
                      "line ends a block, so write it without one, or keep it in a file of its own "
                      "(`workflow NAME from FILE`)");
    }
    bool takes_lines = line.starts_with("workflow ") || line.starts_with("script ");
    if (!takes_lines && !block.body.empty()) {
      return error_at(block, "`" + split_words(line, 2).front() +
                                 "` takes no lines; write `----` between it and what it prints, or "
                                 "a blank line before the next directive");
    }
    return {};
  }

  std::vector<std::string> lines_;
  std::shared_ptr<const std::string> file_;
  int first_line_;
  std::size_t next_ = 0;
};

bool opens_loop(const Block& block) {
  std::string_view line = block.directive;
  take_word(line, "summary");
  return take_word(line, "loop") || take_word(line, "foreach");
}

// Finds the `end` of each loop.
Result<void> pair_loops(std::vector<Block>& blocks) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Block& block = blocks[i];
    if (block.directive == "end") {
      if (open.empty()) return error_at(block, "there is no `loop` or `foreach` that this ends");
      blocks[open.back()].end = i;
      open.pop_back();
    }
    if (!open.empty() && block.has_expectation) {
      return error_at(block,
                      "within a loop nothing is expected of a single directive: what all of them "
                      "print stands once, after the `end` of the outermost loop");
    }
    if (!opens_loop(block)) continue;
    if (block.has_expectation)
      return error_at(block, "what a loop prints is expected after its `end`");
    if (open.size() == loop_nesting_max) {
      return error_at(block,
                      "loops may be nested " + std::to_string(loop_nesting_max) + " deep only");
    }
    open.push_back(i);
  }
  if (open.empty()) return {};
  return error_at(blocks[open.back()], "this loop has no `end`; write it after its last directive");
}

}  // namespace

Error error_at(const Block& block, std::string_view message) {
  return make_error(error_code::invalid_argument,
                    *block.file + ":" + std::to_string(block.line) + ": " + std::string(message));
}

Result<ScenarioFile> parse_scenario(std::string_view text, const Source& source) {
  auto refuse = [&source](const std::string& what) {
    return make_error(error_code::invalid_argument,
                      source.file + ":" + std::to_string(source.first_line) + ": " + what);
  };
  if (text.size() > scenario_size_max)
    return refuse("a scenario may have " + std::to_string(scenario_size_max >> 20) + " MiB only");
  TRY(ScenarioFile file, Reader(text, source).read());
  if (file.blocks.empty()) return refuse("the scenario holds no directive");
  TRY_DO(pair_loops(file.blocks));
  return file;
}

std::string render_scenario(const ScenarioFile& file) {
  std::string text;
  auto append = [&text](const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text.append(line).append("\n");
  };
  for (const Block& block : file.blocks) {
    append(block.comments);
    text.append(block.directive).append("\n");
    append(block.body);
    if (!block.expected.empty() || block.has_expectation) {
      text.append(separator).append("\n");
      append(block.expected);
    }
  }
  append(file.trailing);
  return text;
}

Result<Duration> parse_short_duration(std::string_view text) {
  double value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  double scale = unit == "ms"  ? 1e-3
                 : unit == "s" ? 1
                 : unit == "m" ? 60
                 : unit == "h" ? 3600
                 : unit == "d" ? 86400
                               : 0;
  constexpr double seconds_max = 36'525.0 * 86'400;
  double seconds = value * scale;
  bool is_number = status == std::errc{} && scale > 0 && std::isfinite(seconds);
  if (!is_number || seconds < 0 || seconds > seconds_max) {
    return make_error(
        error_code::invalid_argument,
        "'" + std::string(text) +
            "' is no duration; write 250ms, 5s, 2m, 1h or 3d, at most a hundred years");
  }
  return from_seconds(seconds);
}

Result<ScriptedOutcome> parse_outcome(std::string_view text) {
  std::string_view rest = trim(text);
  ScriptedOutcome outcome;
  if (take_word(rest, "after")) {
    TRY(outcome.after, parse_short_duration(take_any_word(rest)));
  }
  if (rest == "hang") {
    outcome.kind = ScriptedOutcome::Kind::hang;
    return outcome;
  }
  if (take_word(rest, "ok")) {
    if (!rest.empty()) {
      TRY(outcome.output, parse_json(rest));
    }
    return outcome;
  }
  if (take_word(rest, "fail")) return parse_failure(rest, std::move(outcome));
  return bad_outcome(text);
}

std::vector<std::string> split_words(std::string_view line, std::size_t count_max) {
  std::vector<std::string> words;
  std::string_view rest = trim(line);
  while (!rest.empty() && words.size() + 1 < count_max) words.push_back(take_any_word(rest));
  if (!rest.empty()) words.emplace_back(rest);
  return words;
}

}  // namespace harmonia::scenario
