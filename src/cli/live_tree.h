#pragma once

#include <string>
#include <vector>

#include "server/run_view.h"

namespace harmonia::cli {

// The space and means a run is drawn with.
struct TreeFrame {
  int width = 80;
  int height = 24;  // at most so many lines are drawn
  bool colour = false;
  bool unicode = false;
  Timestamp now;
};

// A run as lines for people, each at most `width` columns wide: a title with status and time, and
// the tasks with their states, attempts, countdowns and errors. A run that is too tall is drawn in
// groups: what runs, what waits, what failed, counts and a progress bar.
std::vector<std::string> draw_run(const server::RunView& run, const TreeFrame& frame);

// A run as one line: name, status, how many tasks are done, time.
std::string draw_run_line(const server::RunView& run, const TreeFrame& frame);

}  // namespace harmonia::cli
