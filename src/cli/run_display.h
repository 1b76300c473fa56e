#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "server/embedded.h"

namespace harmonia::cli {

// Progress of runs on standard error: a tree redrawn in place on a terminal, one line per event
// elsewhere.
class RunDisplay {
 public:
  struct Options {
    bool shown = true;
    server::Environment environment;
  };
  RunDisplay(server::RunWatch& watch, const Options& options);
  ~RunDisplay();  // leaves the last picture
  RunDisplay(const RunDisplay&) = delete;
  RunDisplay& operator=(const RunDisplay&) = delete;

  // The run that is drawn as a tree; others get a line each.
  void set_main_run(ExecutionId id) { main_run_ = id; }
  void add_other_run(ExecutionId id) { other_runs_.push_back(id); }
  // A line that stays, above the tree.
  void say(const std::string& line);

  // While a question stands on the terminal nothing is drawn below it.
  void hold();
  void go_on() { is_held_ = false; }

  // Draws when something is due; call it often.
  void update(Timestamp now);
  // Draws the end and leaves it on the screen.
  void finish(Timestamp now);

 private:
  void print_lines();
  void draw(Timestamp now);
  std::vector<std::string> picture(Timestamp now) const;
  std::string erase() const;

  server::RunWatch& watch_;
  const Options options_;
  bool is_live_ = false;
  bool is_finished_ = false;
  bool is_held_ = false;
  std::optional<ExecutionId> main_run_;
  std::vector<ExecutionId> other_runs_;
  std::size_t lines_drawn_ = 0;
  std::optional<Timestamp> drawn_at_;
  std::optional<Timestamp> first_line_at_;
};

}  // namespace harmonia::cli
