#include "cli/live_tree.h"

#include <algorithm>
#include <array>

#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

using server::RunStatus;
using server::RunView;
using server::TaskStatus;
using server::TaskView;

enum class Paint { plain, dim, bold, green, red, yellow, cyan };

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::plain: return "";
    case Paint::dim: return "\x1b[2m";
    case Paint::bold: return "\x1b[1m";
    case Paint::green: return "\x1b[32m";
    case Paint::red: return "\x1b[31m";
    case Paint::yellow: return "\x1b[33m";
    case Paint::cyan: return "\x1b[36m";
  }
  return "";
}

// One line that never grows wider than the frame.
class Line {
 public:
  explicit Line(const TreeFrame& frame)
      : colour_(frame.colour), room_(static_cast<std::size_t>(std::max(frame.width - 1, 1))) {}

  Line& add(std::string_view text, Paint paint = Paint::plain) {
    std::string shown = fit(text, room_);
    room_ -= display_width(shown);
    if (shown.empty()) return *this;
    bool is_painted = colour_ && paint != Paint::plain;
    if (is_painted) text_ += code_of(paint);
    text_ += shown;
    if (is_painted) text_ += "\x1b[0m";
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool colour_;
  std::size_t room_;
};

struct Look {
  std::string_view sign;
  std::string_view ascii;
  Paint paint;
  std::string_view word;
};

Look look_of(TaskStatus status) {
  switch (status) {
    case TaskStatus::pending: return {"·", ".", Paint::dim, "pending"};
    case TaskStatus::running: return {"▶", ">", Paint::cyan, "running"};
    case TaskStatus::waiting: return {"◷", "~", Paint::yellow, "waiting"};
    case TaskStatus::completed: return {"✔", "+", Paint::green, "completed"};
    case TaskStatus::failed: return {"✘", "x", Paint::red, "failed"};
    case TaskStatus::skipped: return {"–", "-", Paint::dim, "skipped"};
    case TaskStatus::canceled: return {"■", "#", Paint::yellow, "canceled"};
  }
  return {"?", "?", Paint::plain, ""};
}

Paint paint_of(RunStatus status) {
  switch (status) {
    case RunStatus::pending: return Paint::dim;
    case RunStatus::running: return Paint::cyan;
    case RunStatus::paused: return Paint::yellow;
    case RunStatus::completed: return Paint::green;
    case RunStatus::failed: return Paint::red;
    case RunStatus::canceled: return Paint::yellow;
  }
  return Paint::plain;
}

std::string elapsed(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to,
                    Timestamp now) {
  if (!from) return {};
  return to_human(std::max(to.value_or(now) - *from, Duration(0)));
}

// Countdowns and running times in steps a person can read.
std::string remaining(Timestamp due, Timestamp now) {
  Duration left = std::max(due - now, Duration(0));
  constexpr Duration step = std::chrono::milliseconds(100);
  return to_human((left + step - Duration(1)) / step * step);
}

struct Counts {
  std::array<std::size_t, 7> by_status{};
  std::size_t total = 0;

  std::size_t of(TaskStatus status) const { return by_status[static_cast<std::size_t>(status)]; }
  std::size_t done() const {
    return of(TaskStatus::completed) + of(TaskStatus::failed) + of(TaskStatus::skipped) +
           of(TaskStatus::canceled);
  }
};

Counts count(const RunView& run) {
  Counts counts;
  for (const TaskView& task : run.tasks) ++counts.by_status[static_cast<std::size_t>(task.status)];
  counts.total = run.tasks.size();
  return counts;
}

// The widths of the columns, so that they stand below each other.
struct Columns {
  std::size_t name = 0;
  std::size_t work = 0;
};

std::string name_of(const TaskView& task) {
  return std::string(2 * std::size_t{task.depth}, ' ') + printable(task.path);
}

Columns measure(const std::vector<const TaskView*>& tasks, const TreeFrame& frame) {
  Columns columns;
  for (const TaskView* task : tasks) {
    columns.name = std::max(columns.name, display_width(name_of(*task)));
    columns.work = std::max(columns.work, display_width(task->work));
  }
  auto width = static_cast<std::size_t>(std::max(frame.width, 20));
  columns.name = std::min(columns.name, width / 2);
  columns.work = width < 60 ? 0 : std::min(columns.work, width / 4);
  return columns;
}

// What stands behind name and kind of work: attempt, time or countdown, and why.
std::string detail_of(const TaskView& task, Timestamp now) {
  std::string attempts;
  if (task.attempt > 1 || (task.attempt == 1 && !task.error.empty() && task.attempts_max > 1)) {
    attempts = "attempt " + std::to_string(task.attempt) + "/" + std::to_string(task.attempts_max);
  }
  auto join = [](std::string left, const std::string& right) {
    if (left.empty() || right.empty()) return left + right;
    return left + "  " + right;
  };
  switch (task.status) {
    case TaskStatus::pending: return {};
    case TaskStatus::running: return join(elapsed(task.started_at, {}, now), attempts);
    case TaskStatus::waiting: {
      if (!task.due) return attempts;
      if (task.attempt == 0) return "ends in " + remaining(*task.due, now);
      std::string next = "attempt " + std::to_string(task.attempt + 1) + "/" +
                         std::to_string(task.attempts_max) + " in " + remaining(*task.due, now);
      return join(next, printable(task.error));
    }
    case TaskStatus::completed: return join(elapsed(task.started_at, task.ended_at, now), attempts);
    case TaskStatus::failed:
      return join(join(elapsed(task.started_at, task.ended_at, now), attempts),
                  printable(task.error));
    case TaskStatus::skipped:
    case TaskStatus::canceled: return printable(task.reason);
  }
  return {};
}

std::string draw_task(const TaskView& task, const Columns& columns, const TreeFrame& frame) {
  Look look = look_of(task.status);
  Paint detail = task.status == TaskStatus::failed ? Paint::red : Paint::dim;
  if (task.status == TaskStatus::waiting) detail = Paint::yellow;
  Line line(frame);
  line.add("  ");
  line.add(frame.unicode ? look.sign : look.ascii, look.paint).add(" ");
  line.add(pad(fit(name_of(task), columns.name), columns.name),
           task.status == TaskStatus::running ? Paint::bold : Paint::plain);
  if (columns.work > 0) {
    line.add("  ").add(pad(fit(printable(task.work), columns.work), columns.work), Paint::dim);
  }
  std::string text = detail_of(task, frame.now);
  if (!text.empty()) line.add("  ").add(text, detail);
  return line.take();
}

std::string draw_title(const RunView& run, const Counts& counts, const TreeFrame& frame) {
  Line line(frame);
  line.add(printable(run.workflow_name), Paint::bold).add("  ");
  line.add(to_string(run.status), paint_of(run.status)).add("  ");
  line.add(elapsed(run.created_at, run.ended_at, frame.now) + "  ");
  line.add(std::to_string(counts.done()) + " of " + std::to_string(counts.total) + " tasks done",
           Paint::dim);
  return line.take();
}

std::string draw_bar(const Counts& counts, const TreeFrame& frame) {
  auto width = static_cast<std::size_t>(std::clamp(frame.width - 20, 10, 50));
  std::size_t filled = counts.total == 0 ? 0 : counts.done() * width / counts.total;
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) {
    bool is_filled = i < filled;
    if (frame.unicode) {
      bar += is_filled ? "█" : "░";
    } else {
      bar += is_filled ? '#' : '.';
    }
  }
  std::size_t percent = counts.total == 0 ? 0 : counts.done() * 100 / counts.total;
  Line line(frame);
  line.add("  [").add(bar, Paint::green).add("] " + std::to_string(percent) + " %");
  return line.take();
}

std::string draw_counts(const Counts& counts, const TreeFrame& frame) {
  Line line(frame);
  line.add("  ");
  bool is_first = true;
  for (TaskStatus status :
       {TaskStatus::completed, TaskStatus::running, TaskStatus::waiting, TaskStatus::pending,
        TaskStatus::failed, TaskStatus::skipped, TaskStatus::canceled}) {
    if (counts.of(status) == 0) continue;
    Look look = look_of(status);
    if (!is_first) line.add(", ");
    is_first = false;
    line.add(std::to_string(counts.of(status)) + " " + std::string(look.word), look.paint);
  }
  return line.take();
}

// What matters most while it does not all fit: what runs, then what waits, then what failed.
std::vector<const TaskView*> choose_tasks(const RunView& run, std::size_t room) {
  std::vector<const TaskView*> chosen;
  for (TaskStatus status : {TaskStatus::running, TaskStatus::waiting, TaskStatus::failed}) {
    for (const TaskView& task : run.tasks) {
      if (chosen.size() >= room) return chosen;
      if (task.status == status) chosen.push_back(&task);
    }
  }
  return chosen;
}

}  // namespace

std::vector<std::string> draw_run(const RunView& run, const TreeFrame& frame) {
  Counts counts = count(run);
  std::vector<std::string> lines{draw_title(run, counts, frame)};
  auto height = static_cast<std::size_t>(std::max(frame.height, 4));
  bool fits = run.tasks.size() + 1 <= height;
  std::vector<const TaskView*> shown;
  if (fits) {
    for (const TaskView& task : run.tasks) shown.push_back(&task);
  } else {
    shown = choose_tasks(run, height - 3);
  }
  Columns columns = measure(shown, frame);
  for (const TaskView* task : shown) lines.push_back(draw_task(*task, columns, frame));
  if (!fits) {
    lines.push_back(draw_counts(counts, frame));
    lines.push_back(draw_bar(counts, frame));
  }
  return lines;
}

std::string draw_run_line(const RunView& run, const TreeFrame& frame) {
  return draw_title(run, count(run), frame);
}

}  // namespace harmonia::cli
