#include "scenario/directives.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <map>

#include "scenario/command_directive.h"
#include "scenario/files.h"
#include "workflow/evaluate.h"
#include "workflow/findings.h"

namespace harmonia::scenario {
namespace {

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

Lines split_findings(const std::string& findings) {
  Lines lines;
  for (std::size_t begin = 0; begin < findings.size();) {
    auto end = std::min(findings.find('\n', begin), findings.size());
    lines.push_back(findings.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

Result<Lines> do_workflow(World& world, const Block& block) {
  auto words = split_words(block.directive, 4);
  bool from_file = words.size() == 4 && words[2] == "from" && block.body.empty();
  if (!from_file && (words.size() != 2 || block.body.empty()))
    return usage("workflow NAME`, then YAML, or `workflow NAME from FILE");
  std::string text = join_lines(block.body);
  if (from_file) {
    TRY(text, read_file(beside(*block.file, words[3])));
  }
  TRY(std::string findings, world.put_workflow(words[1], text));
  return split_findings(findings);
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

Result<Lines> do_step(World& world, const Block&) { return show(world, world.step()); }

// `crash`: now, while nothing is being decided. `crash POINT [DIRECTIVE]`: at the first commit that
// the directive makes.
Result<Lines> do_crash(World& world, const Block& block) {
  constexpr std::pair<std::string_view, CrashPoint> points[] = {
      {"before-commit", CrashPoint::before_commit},
      {"after-commit", CrashPoint::after_commit},
      {"after-effect", CrashPoint::after_effect}};
  auto words = split_words(block.directive, 3);
  if (words.size() == 1) return world.crash();
  auto point = std::find_if(std::begin(points), std::end(points),
                            [&words](const auto& one) { return one.first == words[1]; });
  if (point == std::end(points))
    return usage("crash [before-commit|after-commit|after-effect [DIRECTIVE]]");
  Block inner = block;
  inner.directive = words.size() == 3 ? words[2] : "step";
  world.die_at_next_commit(point->second);
  TRY(Lines lines, run_directive(world, inner));
  if (!world.has_died()) {
    return make_error(error_code::invalid_argument,
                      "`" + inner.directive + "` commits nothing, so that the process can't die " +
                          "there; `crash` alone dies while nothing happens");
  }
  TRY(Lines recovered, world.crash());
  std::move(recovered.begin(), recovered.end(), std::back_inserter(lines));
  return lines;
}

// `eval EXPR with JSON`: the last ` with ` that an object follows.
Result<Lines> do_eval(World&, const Block& block) {
  constexpr std::string_view separator = " with ";
  auto words = split_words(block.directive, 2);
  if (words.size() != 2) return usage("eval EXPRESSION [with JSON]");
  std::string text = words[1];
  Json roots = JsonObject{};
  if (auto at = text.rfind(separator); at != std::string::npos) {
    auto given = parse_json(std::string_view(text).substr(at + separator.size()));
    if (given.ok() && given->is_object()) {
      roots = std::move(*given);
      text.resize(at);
    }
  }
  bool is_template = text.find("${") != std::string::npos;
  auto value = is_template ? workflow::evaluate_template(Json(text), roots.get_object())
                           : workflow::evaluate_expression(text, roots.get_object());
  if (value.ok()) return Lines{to_text(*value)};
  if (value.error().problems.empty()) return Lines{"error: " + value.error().detail};
  Lines lines;
  for (const Problem& problem : value.error().problems)
    lines.push_back("error: " + problem.message);
  return lines;
}

// What the runs that are started from now on find in their root of this name.
Result<Lines> do_root(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  if (words.size() != 2) return usage(words[0] + " JSON");
  TRY(Json value, parse_json(words[1]));
  if (!value.is_object()) return usage(words[0] + " {\"NAME\": ...}");
  if (words[0] == "env") {
    world.set_env(std::move(value.get_object()));
  } else {
    world.set_context(std::move(value.get_object()));
  }
  return Lines{};
}

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

const std::map<std::string_view, Directive>& directives() {
  static const std::map<std::string_view, Directive> table = {
      {"workflow", do_workflow}, {"script", do_script},    {"start", do_start},
      {"report", do_report},     {"pause", do_command},    {"resume", do_command},
      {"cancel", do_command},    {"signal", do_command},   {"approve", do_command},
      {"reject", do_command},    {"callback", do_command}, {"resolve", do_command},
      {"run", do_run},           {"advance", do_advance},  {"crash", do_crash},
      {"history", do_show},      {"state", do_show},       {"owed", do_show},
      {"effects", do_effects},   {"summary", do_summary},  {"uninterrupted", do_nothing},
      {"step", do_step},         {"eval", do_eval},        {"env", do_root},
      {"context", do_root},      {"event", do_event}};
  return table;
}

// What people write who mean a directive of another name.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {
    {"retry", "resolve ID TASK retry"},
    {"wait", "advance DURATION"},
    {"sleep", "advance DURATION"},
    {"kill", "crash"},
    {"restart", "crash"},
    {"execute", "start ID WORKFLOW [JSON]"},
    {"skip", "resolve ID TASK skip"},
    {"assert", "eval EXPRESSION with JSON"}};

Error unknown_directive(const std::string& name) {
  std::vector<std::string_view> known = {"loop", "foreach", "end", "include"};
  for (const auto& [one, _] : directives()) known.push_back(one);
  std::string hint;
  for (const auto& [other, form] : other_names) {
    if (name == other) hint = "; did you mean `" + std::string(form) + "`?";
  }
  std::string near = workflow::nearest_name(name, known);
  if (hint.empty() && !near.empty()) hint = "; did you mean `" + near + "`?";
  if (hint.empty()) {
    std::sort(known.begin(), known.end());
    hint = "; there are";
    for (std::string_view one : known) hint.append(" ").append(one);
  }
  return make_error(error_code::invalid_argument, "'" + name + "' is no directive" + hint);
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

Result<Lines> do_summary(World& world, const Block& block) {
  auto words = split_words(block.directive, 2);
  if (words.size() != 2) return usage("summary DIRECTIVE");
  Block inner = block;
  inner.directive = words[1];
  TRY(Lines lines, run_directive(world, inner));
  return summarise(lines);
}

}  // namespace

Result<Lines> run_directive(World& world, const Block& block) {
  std::string name = split_words(block.directive, 2).front();
  auto found = directives().find(name);
  if (found == directives().end()) return unknown_directive(name);
  return found->second(world, block);
}

Lines summarise(const Lines& lines) {
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

}  // namespace harmonia::scenario
