#include "cli/run_display.h"

#include <cstdio>
#include <unistd.h>

#include "cli/live_tree.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

constexpr Duration frame_time = std::chrono::milliseconds(100);
constexpr std::size_t other_runs_shown_max = 5;

constexpr std::string_view hide_cursor = "\x1b[?25l";
constexpr std::string_view show_cursor = "\x1b[?25h";

// `+   1.204 s`: since the first line, so that durations can be read off.
std::string stamp(Duration since_start) {
  char text[32];
  std::snprintf(text, sizeof text, "%9.3f s  ", to_seconds(since_start));
  return text;
}

std::string short_id(ExecutionId id) {
  // The front of a version 7 id is the time; its end tells runs apart.
  std::string text = to_string(id);
  return text.substr(text.size() - 6);
}

}  // namespace

RunDisplay::RunDisplay(server::RunWatch& watch, const Options& options)
    : watch_(watch), options_(options) {
  auto terminal = examine_terminal(STDERR_FILENO, options_.environment);
  bool can_move = server::variable(options_.environment, "TERM") != "dumb";
  is_live_ = options_.shown && terminal.is_terminal && can_move;
  if (is_live_) print_error(hide_cursor);
}

RunDisplay::~RunDisplay() {
  if (is_live_) print_error(show_cursor);
}

void RunDisplay::say(const std::string& line) {
  print_error(erase() + line + "\n");
  lines_drawn_ = 0;
  drawn_at_.reset();
}

void RunDisplay::hold() {
  if (is_held_) return;
  is_held_ = true;
  if (is_live_) print_error(erase() + std::string(show_cursor));
  lines_drawn_ = 0;
  drawn_at_.reset();
}

void RunDisplay::update(Timestamp now) {
  if (!options_.shown || is_held_) return;
  if (!is_live_) return print_lines();
  for (const server::RunLine& line : watch_.take_lines()) {
    if (line.is_message) say(printable(line.text));
  }
  if (drawn_at_ && now - *drawn_at_ < frame_time) return;
  drawn_at_ = now;
  draw(now);
}

void RunDisplay::finish(Timestamp now) {
  if (is_finished_) return;
  drawn_at_.reset();
  is_held_ = false;
  update(now);
  is_finished_ = true;
}

void RunDisplay::print_lines() {
  std::string text;
  for (const server::RunLine& line : watch_.take_lines()) {
    if (!first_line_at_) first_line_at_ = line.at;
    text += stamp(std::max(line.at - *first_line_at_, Duration(0)));
    if (main_run_ != line.execution) text += "[" + short_id(line.execution) + "] ";
    text += printable(line.text) + "\n";
  }
  if (!text.empty()) print_error(text);
}

std::vector<std::string> RunDisplay::picture(Timestamp now) const {
  Terminal terminal = examine_terminal(STDERR_FILENO, options_.environment);
  std::size_t others = std::min(other_runs_.size(), other_runs_shown_max);
  TreeFrame frame{.width = terminal.width,
                  .height = terminal.height - 1 - static_cast<int>(others) - 1,
                  .colour = terminal.colour,
                  .unicode = terminal.unicode,
                  .now = now};
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < others; ++i) {
    if (auto run = watch_.find(other_runs_[i])) {
      lines.push_back("resumed: " + draw_run_line(*run, frame));
    }
  }
  if (other_runs_.size() > others) {
    lines.push_back("and " + std::to_string(other_runs_.size() - others) + " more");
  }
  if (!main_run_) return lines;
  if (auto run = watch_.find(*main_run_)) {
    for (std::string& line : draw_run(*run, frame)) lines.push_back(std::move(line));
  }
  return lines;
}

// Back to the first line of the picture, and everything below it away.
std::string RunDisplay::erase() const {
  if (lines_drawn_ == 0) return {};
  return "\x1b[" + std::to_string(lines_drawn_) + "A\r\x1b[J";
}

void RunDisplay::draw(Timestamp now) {
  std::vector<std::string> lines = picture(now);
  // Written over the old picture in one piece, so that it does not flicker.
  std::string text(hide_cursor);
  if (lines_drawn_ > 0) text += "\x1b[" + std::to_string(lines_drawn_) + "A\r";
  for (const std::string& line : lines) text += line + "\x1b[K\n";
  print_error(text + "\x1b[J");
  lines_drawn_ = lines.size();
}

}  // namespace harmonia::cli
