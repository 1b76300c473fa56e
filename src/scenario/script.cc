#include "scenario/script.h"

#include <charconv>

namespace harmonia::scenario {
namespace {

constexpr std::string_view separator = "----";

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
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
                    "'" + std::string(text) +
                        "' is no outcome; write `ok [JSON]`, `fail CODE \"message\" [permanent] " +
                        "[retry-after 5s]` or `hang`, optionally behind `after 5s`");
}

Result<ScriptedOutcome> parse_failure(std::string_view text, ScriptedOutcome outcome) {
  std::string_view rest = text;
  outcome.kind = ScriptedOutcome::Kind::fail;
  outcome.error.code = take_any_word(rest);
  if (outcome.error.code.empty()) return bad_outcome(text);
  if (rest.starts_with('"')) {
    auto end = rest.find('"', 1);
    if (end == std::string_view::npos) return bad_outcome(text);
    outcome.error.detail = std::string(rest.substr(1, end - 1));
    rest = trim(rest.substr(end + 1));
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

}  // namespace

Result<ScenarioFile> parse_scenario(std::string_view text) {
  ScenarioFile file;
  auto lines = split_lines(text);
  std::vector<std::string> comments;
  std::size_t i = 0;
  while (i < lines.size()) {
    if (is_blank(lines[i]) || lines[i].starts_with('#')) {
      comments.push_back(lines[i++]);
      continue;
    }
    Block block{.line = static_cast<int>(i) + 1,
                .comments = std::move(comments),
                .directive = lines[i++],
                .body = {},
                .expected = {}};
    comments.clear();
    while (i < lines.size() && !is_blank(lines[i]) && lines[i] != separator)
      block.body.push_back(lines[i++]);
    if (i < lines.size() && lines[i] == separator) {
      block.has_expectation = true;
      for (++i; i < lines.size() && !is_blank(lines[i]); ++i) block.expected.push_back(lines[i]);
    }
    file.blocks.push_back(std::move(block));
  }
  file.trailing = std::move(comments);
  if (file.blocks.empty())
    return make_error(error_code::invalid_argument, "the scenario holds no directive");
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
  if (status != std::errc{} || scale == 0 || value < 0) {
    return make_error(error_code::invalid_argument,
                      "'" + std::string(text) + "' is no duration; write 250ms, 5s, 2m, 1h or 3d");
  }
  return from_seconds(value * scale);
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
