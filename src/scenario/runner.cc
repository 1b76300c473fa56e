#include "scenario/runner.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <map>

#include "scenario/command_directive.h"

namespace harmonia::scenario {
namespace {

using Lines = std::vector<std::string>;
using Words = std::vector<std::string>;

Error usage(const std::string& form) {
  return make_error(error_code::invalid_argument, "the form of this directive is `" + form + "`");
}

std::string join_lines(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append("\n");
  return text;
}

// Refusals of the engine are part of what a scenario shows.
Result<Lines> show(World& world, Result<void> answer) {
  Lines lines;
  if (!answer.ok())
    lines.push_back("refused: " + answer.error().code + ": " + answer.error().detail);
  TRY(Lines events, world.take_new_events());
  std::move(events.begin(), events.end(), std::back_inserter(lines));
  return lines;
}

Result<Lines> do_workflow(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  if (words.size() != 2) return usage("workflow NAME, then YAML");
  TRY(std::string findings, world.put_workflow(words[1], join_lines(block.body)));
  Lines lines;
  for (std::size_t begin = 0; begin < findings.size();) {
    auto end = std::min(findings.find('\n', begin), findings.size());
    lines.push_back(findings.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

Result<Lines> do_script(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  if (words.size() != 2 || block.body.empty()) return usage("script TASK, then one outcome a line");
  std::vector<ScriptedOutcome> outcomes;
  for (const std::string& line : block.body) {
    TRY(auto outcome, parse_outcome(line));
    outcomes.push_back(std::move(outcome));
  }
  world.script(words[1], std::move(outcomes));
  return Lines{};
}

Result<Lines> do_start(World& world, const Block& block) {
  auto words = split_words(block.directive, 4);
  if (words.size() < 3) return usage("start ID WORKFLOW [JSON]");
  Json input = JsonObject{};
  if (words.size() == 4) {
    TRY(input, parse_json(words[3]));
  }
  return show(world, world.start(words[1], words[2], std::move(input)));
}

Result<Lines> do_report(World& world, const Block& block) {
  auto words = split_words(block.directive, 5);
  std::uint32_t attempt = 0;
  bool numbered = words.size() == 5 && words[3].starts_with('#');
  if (numbered) std::from_chars(words[3].data() + 1, words[3].data() + words[3].size(), attempt);
  if (!numbered || attempt == 0) return usage("report ID TASK #ATTEMPT OUTCOME");
  TRY(auto outcome, parse_outcome(words[4]));
  return show(world, world.report(words[1], words[2], attempt, outcome));
}

// A directive that can't be understood is an error of the file; a task that is not there is not.
Result<Lines> do_command(World& world, const Block& block) {
  auto read = read_command(block.directive, world);
  if (read.ok()) return show(world, world.submit(read->label, read->command));
  if (read.error().code != error_code::not_found) return std::move(read).error();
  return show(world, std::move(read).error());
}

Result<Lines> do_event(World& world, const Block& block) {
  TRY(SentEvent event, read_event(block.directive));
  TRY(bool is_new, world.send_event(event));
  TRY(Lines lines, world.take_new_events());
  if (!is_new) lines.insert(lines.begin(), "repeated");
  return lines;
}

Result<Lines> do_run(World& world, const Block&) { return show(world, world.run()); }

Result<Lines> do_advance(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  if (words.size() != 2) return usage("advance DURATION");
  TRY(Duration duration, parse_short_duration(words[1]));
  return show(world, world.advance(duration));
}

Result<Lines> do_crash(World& world, const Block&) { return world.crash(); }

Result<Lines> do_show(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  if (words.size() != 2) return usage(words[0] + " ID");
  if (words[0] == "history") return world.history(words[1]);
  if (words[0] == "state") return world.state(words[1]);
  return world.owed(words[1]);
}

Result<Lines> do_effects(World& world, const Block&) { return world.take_effects(); }

// About the choice of modes, which is made before anything runs.
Result<Lines> do_nothing(World&, const Block&) { return Lines{}; }

Result<Lines> do_summary(World& world, const Block& block);

using Directive = Result<Lines> (*)(World&, const Block&);

const std::map<std::string, Directive, std::less<>>& directives() {
  static const std::map<std::string, Directive, std::less<>> table = {
      {"workflow", do_workflow}, {"script", do_script},    {"start", do_start},
      {"report", do_report},     {"pause", do_command},    {"resume", do_command},
      {"cancel", do_command},    {"signal", do_command},   {"approve", do_command},
      {"reject", do_command},    {"callback", do_command}, {"resolve", do_command},
      {"run", do_run},           {"advance", do_advance},  {"crash", do_crash},
      {"history", do_show},      {"state", do_show},       {"owed", do_show},
      {"effects", do_effects},   {"summary", do_summary},  {"uninterrupted", do_nothing},
      {"event", do_event}};
  return table;
}

Result<Lines> run_block(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  auto found = directives().find(words[0]);
  if (found == directives().end()) {
    std::string known;
    for (const auto& [name, _] : directives()) known += " " + name;
    return make_error(error_code::invalid_argument,
                      "'" + words[0] + "' is no directive; there are:" + known);
  }
  return found->second(world, block);
}

// The name of the event a line is about, without what differs between tasks; other lines as they
// are.
std::string line_kind(const std::string& line) {
  auto words = split_words(line, 5);
  auto is_number = [](const std::string& word) {
    return word.find_first_not_of("0123456789.") == std::string::npos;
  };
  for (std::size_t i = 0; i + 2 < words.size() && i < 2; ++i) {
    if (is_number(words[i]) && is_number(words[i + 1])) return words[i + 2];
  }
  return line;
}

// How many events of each kind there were, for runs that have thousands. What is said once for a
// whole run stays.
Result<Lines> do_summary(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  if (words.size() != 2) return usage("summary DIRECTIVE");
  Block inner = block;
  inner.directive = words[1];
  TRY(Lines lines, run_block(world, inner));
  std::map<std::string, std::size_t> counts;
  Lines kept;
  for (const std::string& line : lines) {
    std::string kind = line_kind(line);
    if (kind == line || kind.starts_with("execution-")) {
      kept.push_back(line);
    } else {
      ++counts[kind];
    }
  }
  Lines summary;
  for (const auto& [kind, count] : counts) summary.push_back(std::to_string(count) + " " + kind);
  std::move(kept.begin(), kept.end(), std::back_inserter(summary));
  return summary;
}

}  // namespace

Result<RunReport> run_scenario(const ScenarioFile& file, World& world) {
  RunReport report{.mismatches = {}, .updated = file};
  for (Block& block : report.updated.blocks) {
    auto lines = run_block(world, block);
    if (!lines.ok()) {
      Error error = std::move(lines).error();
      error.detail = "line " + std::to_string(block.line) + ": " + error.detail;
      return error;
    }
    if (*lines != block.expected) {
      report.mismatches.push_back({.line = block.line,
                                   .directive = block.directive,
                                   .expected = block.expected,
                                   .actual = *lines});
    }
    block.expected = std::move(*lines);
    block.has_expectation = block.has_expectation || !block.expected.empty();
  }
  return report;
}

bool runs_in(const ScenarioFile& file, Mode mode) {
  if (mode != Mode::crash_each) return true;
  return std::none_of(file.blocks.begin(), file.blocks.end(),
                      [](const Block& block) { return block.directive == "uninterrupted"; });
}

std::string render_mismatch(const Mismatch& mismatch, const std::string& file_name, Mode mode) {
  std::string text = file_name + ":" + std::to_string(mismatch.line) + ": " + mismatch.directive +
                     "  (mode " + std::string(to_string(mode)) + ")\n";
  auto differs = [](const Lines& lines, const Lines& other, std::size_t i) {
    return i >= other.size() || lines[i] != other[i];
  };
  for (std::size_t i = 0; i < std::max(mismatch.expected.size(), mismatch.actual.size()); ++i) {
    bool has_expected = i < mismatch.expected.size();
    if (has_expected && !differs(mismatch.expected, mismatch.actual, i)) {
      text += "    " + mismatch.expected[i] + "\n";
      continue;
    }
    if (has_expected) text += "  - " + mismatch.expected[i] + "\n";
    if (i < mismatch.actual.size()) text += "  + " + mismatch.actual[i] + "\n";
  }
  return text;
}

}  // namespace harmonia::scenario
